"""Why setting up or tearing down stopped before its end."""

from __future__ import annotations


class StoppedError(Exception):
    """It cannot go on by itself; the sentence says why and what to do. What was done stays done."""


class UnansweredError(Exception):
    """Nobody is there to answer, and no file did."""
