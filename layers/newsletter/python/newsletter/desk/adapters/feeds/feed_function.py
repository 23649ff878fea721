"""Feeds are read by a function of their own, whose role holds nothing: what is asked of it, and what it answers.

Strangers' bytes get far into a parser of twenty formats. So what comes back is taken for an answer only where it has
the shape of one: somebody who runs code in that function can make up entries of that feed, and do nothing else here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError

from newsletter.core.text import one_line
from newsletter.desk.feeds.feed import (
    LONGEST_ADDRESS,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    MOST_ENTRIES,
    FeedAnswer,
    FeedEntry,
    FeedOutcome,
)
from newsletter.errors import MalformedMessageError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LONGEST_PROBLEM = 400
LONGEST_HEADER = 500
"""Characters of an ETag. What is longer is forgotten, and the feed read in full the next time."""

ENTRY_ID = re.compile(r"[0-9a-f]{16}")
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"`{}\\^|]+")

UNREAD = FeedAnswer(FeedOutcome.FAILED, problem="could not be read: it took too much time or memory")


class FeedFunction:
    """Asks the function `read_feed`, and waits for its answer."""

    def __init__(self, client: LambdaClient, function: str) -> None:
        self._client = client
        self._function = function

    def read(self, address: str, *, etag: str = "", modified: str = "") -> FeedAnswer:
        """Return what a feed says. Whatever is wrong with it is an answer, too."""
        question = json.dumps({"address": address, "etag": etag, "modified": modified}).encode()
        try:
            answer = self._client.invoke(FunctionName=self._function, Payload=question)
            answered = answer["Payload"].read()
        except ReadTimeoutError:
            return UNREAD
        if "FunctionError" in answer:  # out of time, out of memory, or a crash
            return UNREAD
        return _read_answer(answered)


def read_question(event: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the address, ETag and date of change that somebody asks with.

    Raises:
        MalformedMessageError: It is no such question.
    """
    match event:
        case {"address": str(address), "etag": str(etag), "modified": str(modified)}:
            return address, etag, modified
    raise MalformedMessageError("a question about a feed has an address, an etag and a modified")


def answer_of(feed_answer: FeedAnswer) -> dict[str, Any]:
    """Return what a feed says as the function answers it."""
    plain = asdict(feed_answer)
    for entry in plain["entries"]:
        entry["published_at"] = entry["published_at"].isoformat() if entry["published_at"] else ""
    return plain


def _read_answer(answered: bytes) -> FeedAnswer:
    try:
        plain = json.loads(answered)
    except ValueError:
        return UNREAD
    match plain:
        case {
            "outcome": str(outcome), "entries": list(entries), "etag": str(etag), "modified": str(modified),
            "problem": str(problem),
        } if outcome in tuple(FeedOutcome):  # fmt: skip
            return FeedAnswer(
                FeedOutcome(outcome),
                tuple(entry for each in entries[:MOST_ENTRIES] if (entry := _read_entry(each)) is not None),
                etag if len(etag) <= LONGEST_HEADER else "",
                modified if len(modified) <= LONGEST_HEADER else "",
                one_line(problem)[:LONGEST_PROBLEM],
            )
    return UNREAD


def _read_entry(plain: object) -> FeedEntry | None:
    match plain:
        case {
            "entry_id": str(entry_id), "title": str(title), "link": str(link), "summary": str(summary),
            "picture": str(picture), "published_at": str(published),
        } if ENTRY_ID.fullmatch(entry_id) and one_line(title):  # fmt: skip
            return FeedEntry(
                entry_id,
                one_line(title)[:LONGEST_TITLE],
                _web_address(link),
                one_line(summary)[:LONGEST_SUMMARY],
                _web_address(picture),
                _moment(published),
            )
    return None


def _web_address(text: str) -> str:
    return text if WEB_ADDRESS.fullmatch(text) and len(text) <= LONGEST_ADDRESS else ""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
