"""Whether a link to leave works: asked of the real page, for nobody, so that nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from newsletter.core.link_token import Purpose, SigningKeys
from newsletter.core.links import Links
from newsletter_cli.stack import Stack

NOBODY = "0" * 32
"""The id of nobody: no keyed hash of an address is all zeros. Whoever is unknown has left already."""

ONE_CLICK = b"List-Unsubscribe=One-Click"
"""The body that a mail program posts, RFC 8058."""

PATIENCE = 20
"""Seconds; a function that sleeps takes two or three to wake."""


def leaving_answers(stack: Stack, keys: SigningKeys, key: str, *, now: datetime) -> int:
    """Press the one-click link that this key signed for nobody; return the HTTP status, 0 if there was no answer."""
    address = Links(stack.url, replace(keys, current=key)).to(Purpose.UNSUBSCRIBE, NOBODY, now=now)
    if not address.startswith(("https://", "http://")):
        return 0
    content = {"Content-Type": "application/x-www-form-urlencoded"}
    request = Request(address, data=ONE_CLICK, headers=content, method="POST")  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as answer:
        return answer.code
    except (URLError, TimeoutError, OSError):
        return 0
