"""The link in each mail that no reader sees: whatever follows it is a machine."""

from __future__ import annotations

HIDDEN = "ffffffff"
"""Stands for the link that no person can see."""


HIDDEN_QUERY = "not-for-readers"


def hidden_link(page_url: str) -> str:
    """Return the address behind the link that no person can see: the issue's own page, so following it is harmless."""
    return f"{page_url}?{HIDDEN_QUERY}"
