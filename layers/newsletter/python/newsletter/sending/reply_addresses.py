"""Whom replies to an issue go to: people, and beside them the address at which replies are counted."""

from __future__ import annotations

from collections.abc import Callable

from newsletter.core.newsletter import Newsletter


def reply_addresses(newsletter: Newsletter, slug: str, replies_at: Callable[[str], str] | None) -> list[str]:
    """Return the addresses of Reply-To; that of people first, because some mail programs answer the first alone.

    Args:
        newsletter: Its `reply_to` is that of people.
        slug: The issue.
        replies_at: Returns the second address; None where replies are not counted.
    """
    counted_at = replies_at(slug) if replies_at else ""
    return [newsletter.reply_to, counted_at] if counted_at else [newsletter.reply_to]
