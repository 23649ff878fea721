"""Waiting for a server of a benchmark to answer."""

from __future__ import annotations

from time import monotonic, sleep

import httpx


def wait_for(url: str) -> None:
    """Return as soon as something answers.

    Raises:
        RuntimeError: Nothing did within twenty seconds.
    """
    deadline = monotonic() + 20
    while monotonic() < deadline:
        try:
            httpx.get(url).raise_for_status()
        except httpx.TransportError:
            sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers at {url}")
