"""Tags: words by which editors tell parts of the list apart, such as `members` or `press`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from newsletter.core.audience.tag import LONGEST_TAG, tag_of
from newsletter.errors import InvalidRequestError
from newsletter.readers.domain.subscriber import Subscriber

MOST_TAGS = 50
"""Of one reader. All of them are read for every reader when a part of the list is planned."""

_SEPARATORS = re.compile(r"[,;|\n]")


def checked_tag(text: str) -> str:
    """Return the tag that somebody typed, as it is kept.

    Raises:
        InvalidRequestError: It has no letter or digit, or is too long to be what they meant.
    """
    if len(text.strip()) > LONGEST_TAG:
        raise InvalidRequestError(f"a tag has {LONGEST_TAG} characters at most; shorten it")
    tag = tag_of(text)
    if not tag:
        raise InvalidRequestError("a tag is a word of letters and digits, such as members")
    return tag


def checked_tags(text: str) -> frozenset[str]:
    """Return the tags that somebody typed into one line, separated by commas.

    Raises:
        InvalidRequestError: One of them can be none, or they are more than one reader may have.
    """
    tags = frozenset(checked_tag(each) for each in _SEPARATORS.split(text) if each.strip())
    if len(tags) > MOST_TAGS:
        raise InvalidRequestError(f"a reader has {MOST_TAGS} tags at most; take some out")
    return tags


def tags_in_cell(cell: str) -> frozenset[str]:
    """Return the tags in a cell of a list: separated by commas, in quotation marks or not, or as JSON.

    Of an object of JSON what stands under `tags`, `labels` and `lists` is taken. What can be no tag is left out, and
    so is everything beyond the most that one reader may have.
    """
    words: Iterable[object] = _SEPARATORS.split(cell)
    if cell.lstrip().startswith(("{", "[")):
        try:
            held = json.loads(cell)
        except (ValueError, RecursionError):
            held = []
        if isinstance(held, dict):
            held = [each for name in ("tags", "labels", "lists") for each in _listed(held.get(name))]
        words = _listed(held)
    found = dict.fromkeys(tag_of(each) for each in words if isinstance(each, str))
    return frozenset([each for each in found if each][:MOST_TAGS])


def _listed(held: object) -> list[object]:
    if isinstance(held, str):
        return [*_SEPARATORS.split(held)]
    return held if isinstance(held, list) else []


def with_tags(subscriber: Subscriber, tags: Iterable[str]) -> Subscriber:
    """Return the subscriber with these tags besides their own.

    Raises:
        InvalidRequestError: They would have too many.
    """
    together = subscriber.tags | frozenset(tags)
    if len(together) > MOST_TAGS:
        raise InvalidRequestError(f"a reader has {MOST_TAGS} tags at most; take others off first")
    return replace(subscriber, tags=together)


def with_tags_that_fit(subscriber: Subscriber, tags: Iterable[str]) -> Subscriber:
    """Return the subscriber with as many of these tags as there is room for, in the order of the alphabet."""
    new = sorted(frozenset(tags) - subscriber.tags)
    return replace(subscriber, tags=subscriber.tags | frozenset(new[: MOST_TAGS - len(subscriber.tags)]))


def without_tags(subscriber: Subscriber, tags: Iterable[str]) -> Subscriber:
    """Return the subscriber without these tags."""
    return replace(subscriber, tags=subscriber.tags - frozenset(tags))
