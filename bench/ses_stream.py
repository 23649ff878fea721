"""What SES reports of a send, as SQS hands it to a function: recorded notifications, in the order of a send."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Any

from tests.factories import SLUG

EVENTS = Path(__file__).parent.parent / "events" / "feedback"

DELIVERY = 300
"""Mails that leave between a mail and its delivery: a second and a half at 200 a second."""

COMPLAINT = 2_000
"""The same, until somebody presses the spam button."""

EVERY = {"bounce_no_email": 200, "bounce_transient": 200, "delivery_delay": 100, "complaint": 3_000}
"""A list in good order: half a percent bounces for good, half for now, one comes late, three in 10,000 complain."""

PART = 50
"""Mails of one part of a batch."""


def report_names(mails: int) -> Iterator[tuple[int, str]]:
    """Return mail and name of each report in the order in which SES makes them; the names are those of files."""

    def later(mails_later: int, named: Callable[[int], str]) -> Iterator[tuple[int, int, str]]:
        return ((mail + mails_later, mail, named(mail)) for mail in range(mails) if named(mail))

    moments = merge(
        later(0, _beginning), later(DELIVERY // 2, _passing), later(DELIVERY, _end), later(COMPLAINT, _complaint)
    )
    return ((mail, name) for _, mail, name in moments)


def _beginning(mail: int) -> str:
    del mail  # SES takes every one
    return "send"


def _passing(mail: int) -> str:
    return "delivery_delay" if mail % EVERY["delivery_delay"] == 1 else ""


def _end(mail: int) -> str:
    if mail % EVERY["bounce_no_email"] == 2:  # noqa: PLR2004 - any remainder, another for each kind
        return "bounce_no_email"
    return "bounce_transient" if mail % EVERY["bounce_transient"] == 3 else "delivery"  # noqa: PLR2004 - as above


def _complaint(mail: int) -> str:
    return "complaint" if mail % EVERY["complaint"] == EVERY["complaint"] // 2 else ""


def bodies(names: list[tuple[int, str]], ids: Callable[[str], str], now: datetime) -> list[str]:
    """Return the bodies of these reports, as if they came at this moment.

    Args:
        names: Of `report_names`.
        ids: Returns the id of an address.
        now: When they were mailed and reported.
    """
    return [_body(mail, name, ids, f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z") for mail, name in names]


def _body(mail: int, name: str, ids: Callable[[str], str], moment: str) -> str:
    email = f"reader{mail}@example.org"
    envelope = json.loads(_record(name)["body"])
    event = json.loads(envelope["Message"].replace("reader1@example.org", email))
    event["mail"] |= {"timestamp": moment, "messageId": f"{mail:060}"}
    tags = {"issue": [SLUG], "batch": [f"{mail // PART:04x}"], "subscriber": [ids(email)]}
    event["mail"]["tags"] |= tags
    for each in event.values():
        if isinstance(each, dict) and "timestamp" in each:
            each["timestamp"] = moment
    return json.dumps(envelope | {"Message": json.dumps(event)})


STREAMED = frozenset({"send", "delivery"})
"""What comes for every recipient, and so through the stream."""

OF_A_FILE = 2_000
"""Reports of a mail that make five megabytes, of which Firehose makes a file."""


def event_file(texts: list[str]) -> bytes:
    """Return the file that Firehose makes of what these notifications say."""
    events = "".join(json.loads(text)["Message"] + "\n" for text in texts)
    return gzip.compress(events.encode(), compresslevel=6)


def sqs_records(texts: list[str]) -> dict[str, Any]:
    """Return the event of Lambda that hands these messages over."""
    record = _record("delivery")
    return {"Records": [record | {"messageId": str(number), "body": text} for number, text in enumerate(texts)]}


RECORDED: dict[str, Any] = {}


def _record(name: str) -> Any:
    if name not in RECORDED:
        (RECORDED[name],) = json.loads((EVENTS / f"{name}.json").read_text())["Records"]
    return RECORDED[name]
