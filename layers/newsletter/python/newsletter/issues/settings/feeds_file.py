"""`settings/feeds.yaml`: the feeds of websites that drafts are made of, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.core.text import one_line
from newsletter.errors import InvalidSettingsError
from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.settings_file import FEEDS
from newsletter.issues.settings.settings_text import fields_of, in_order
from newsletter.issues.writing.yaml_fields import Field

MOST_FEEDS = 8
"""Each is asked at the same time, while somebody waits for a page of the desk."""

LONGEST_NAME = 60
LONGEST_FEED_ADDRESS = 500

NAME_AND_ADDRESS = re.compile(r"(?:(?P<name>.*?\S)\s+)?<?(?P<address>\S+?)>?")
EXAMPLE = "Write its name, then its address: Our blog https://www.example.org/feed.xml"


def read_feeds_file(source: bytes) -> dict[str, str]:
    """Return the addresses of a file, by the names of their feeds.

    Raises:
        InvalidSettingsError: With every problem, its line and its remedy.
    """
    problems: list[Problem] = []
    fields = fields_of(source, problems)
    for name, field in fields.items():
        if name != "feeds":
            problems.append(
                Problem(field.line, f"`{name}` is not a name we know.", "Write `feeds:`, and below it a list.")
            )
    feeds = fields.get("feeds")
    found = dict[str, str]()
    if feeds is None and not problems:
        problems.append(Problem(None, "The file names no feeds.", "Write `feeds:`, and below it a list."))
    if feeds is not None:
        problems += _read(feeds, found)
    if problems:
        raise InvalidSettingsError(FEEDS, in_order(problems))
    return found


def _read(feeds: Field, found: dict[str, str]) -> Iterator[Problem]:
    """Fill in the feeds; what is wrong with one is a problem."""
    items = [item for text in feeds.value for line in text.splitlines() if (item := one_line(line))]
    if not items:
        yield Problem(feeds.line, "`feeds` is empty.", EXAMPLE)
    if len(items) > MOST_FEEDS:
        yield Problem(feeds.line, f"`feeds` has {len(items)} feeds.", f"{MOST_FEEDS} are the most. Take one out.")
    for item in items:
        said = NAME_AND_ADDRESS.fullmatch(item)
        address = said["address"] if said else ""
        host = _host(address)
        name = (said["name"] if said else "") or host
        if not host:
            yield Problem(feeds.line, f"“{item[:80]}” is no feed.", EXAMPLE)
        elif len(name) > LONGEST_NAME or len(address) > LONGEST_FEED_ADDRESS:
            most = f"The name may have {LONGEST_NAME} characters, the address {LONGEST_FEED_ADDRESS}."
            yield Problem(feeds.line, f"“{item[:80]}” is too long.", most)
        elif name in found or address in found.values():
            yield Problem(feeds.line, f"“{item[:80]}” is there twice.", "Keep one, or give it another name.")
        else:
            found[name] = address


def _host(address: str) -> str:
    """Return the host of an address that a feed can have; of any other, nothing."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return (parts.hostname or "") if good and re.fullmatch(r"[!-~]+", address) else ""
