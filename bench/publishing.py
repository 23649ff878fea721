"""What one issue costs to publish: a long one with pictures, and the archive around it, young and old."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from random import Random
from statistics import median
from time import perf_counter, process_time, sleep
from typing import Any

import boto3
import pytest
from PIL import Image

from bench.counting import Calls, WaitingCalls
from functions.publish.handler import lambda_handler
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.writing.front_matter import parse_issue
from tests.functions.conftest import Deployment, deployed

WORDS = 5000
PICTURES = 5
PIXELS = (2000, 1250)
"""As a camera or a chart program hands them over: wider than any mail."""

CALLS_OF_A_PICTURE = 3
"""Of the function that opens them: what it reads, and two sizes that it writes."""

LATENCY = {"s3": 0.02, "dynamodb": 0.004, "sqs": 0.008, "sesv2": 0.05, "lambda": 0.02}
"""Seconds until an answer, by service; of Lambda beside what the function itself takes."""

WITHOUT_WAITING: Mapping[str, float] = {}

ROUNDS = 5
SIZES = (10, 2000)
"""Issues in the archive: a newsletter in its first half-year, and after 77 years of fortnights."""

LARGE = 20_000
"""Issues in an archive that nobody has: what an hourly look takes must be the same even there."""

A_DAY = 40
"""Issues of a day in that one, but for the newest: few years, since the emulator takes its time to find each."""

IN_FULL = 60
"""So many of the newest issues are stored with all that belongs to them: two years, and what the feeds carry."""

ABSENT = "0" * 64
"""In the place of the hash of content that nobody reads here."""

A_WRITE = 25
"""Items that DynamoDB takes in one call."""

YEAR, TWO_YEARS = 2025, 50
"""A year that has all its issues, and the smallest archive that holds it with both its neighbours: an hourly look is at
one year, and what it costs can only be compared for years with as many issues."""

FORTNIGHT = timedelta(days=14)
NEWEST = date(2026, 11, 17)


def measure() -> dict[str, Any]:
    """Return `publish` (a long issue, warm), and by size of the archive `archive` (one more) and `hourly_look`."""
    publish = _publish(WITHOUT_WAITING) | {"with_store": _with_store()}
    archive, looks = {}, {}
    for size in sorted({*SIZES, TWO_YEARS, LARGE}):
        with _stack(WITHOUT_WAITING) as (stack, calls):
            _fill(stack, size)
            if size in SIZES:
                archive[str(size)] = _one_more(stack, calls)
            if size >= TWO_YEARS:
                looks[str(size)] = _hourly_look(stack, calls)
    return {"publish": publish, "archive": archive, "hourly_look": looks}


def _publish(latency: Mapping[str, float]) -> dict[str, Any]:
    with _stack(latency) as (stack, calls):
        times, processor, counts = [], [], {}
        for number in range(ROUNDS + 1):
            slug = f"long-{number}"
            for position in range(PICTURES):
                stack.put(f"issues/{slug}/picture-{position}.jpg", _picture(Random(number * PICTURES + position)))  # noqa: S311
            stack.put(f"issues/{slug}.md", _long_issue(slug).encode())
            calls.take()
            began = process_time()
            times.append(_wake(stack, slug))
            processor.append(1000 * (process_time() - began))
            counts = calls.take()
        rendered = _rendered(stack, f"long-{ROUNDS}")
    return {
        "words": WORDS,
        "pictures": PICTURES,
        "ms": round(median(times[1:])),
        "cpu_ms": round(median(processor[1:])),
        "cold_ms": round(times[0]),
        "aws_calls": sum(counts.values()),
        "calls": counts,
        "html_bytes": len(rendered.html.encode()),
        "note": "upload to finished pages and preview, AWS in the process, which takes part of the time",
    }


def _with_store() -> dict[str, Any]:
    """Return the same where each call takes as long as AWS takes, less what this process needs to answer it."""
    found = _publish(LATENCY)
    of_pictures = PICTURES * CALLS_OF_A_PICTURE
    return {
        "ms": found["ms"],
        "cpu_ms": found["cpu_ms"],
        "calls": found["aws_calls"] - of_pictures,
        "calls_of_pictures": of_pictures,
        "latency_ms": {name: round(1000 * seconds) for name, seconds in LATENCY.items()},
        "note": "processor time has the pictures, which a function of their own opens, and AWS in the process",
    }


def _one_more(stack: Deployment, calls: Calls) -> dict[str, Any]:
    _work(stack, [{"refresh": "archive", "slug": None, "year": str(NEWEST.year)}])
    stack.put("issues/one-more.md", _issue("one-more", NEWEST + FORTNIGHT, "One more paragraph.").encode())
    calls.take()
    return _counted(_wake(stack, "one-more"), calls)


def _hourly_look(stack: Deployment, calls: Calls) -> dict[str, Any]:
    """Return what a look at a year takes in which nothing has changed: the first one writes its pages."""
    took = 0.0
    for _ in range(2):
        calls.take()
        took = _work(stack, [{"refresh": "archive", "slug": None, "year": str(YEAR)}])
    return _counted(took, calls)


def _counted(took: float, calls: Calls) -> dict[str, Any]:
    counts = calls.take()
    return {"ms": round(took), "aws_calls": sum(counts.values()), "calls": counts}


@contextmanager
def _stack(latency: Mapping[str, float]) -> Iterator[tuple[Deployment, Calls]]:
    calls = WaitingCalls(latency) if latency else Calls()
    with pytest.MonkeyPatch.context() as environment, deployed(environment) as stack:
        stack.app.make_client = calls.counting(stack.app.make_client)
        yield stack, calls


def _wake(stack: Deployment, slug: str) -> float:
    """Let the publish function see the upload, then every wish that it queues for itself; return its milliseconds."""
    return _work(stack, [_uploaded(slug)])


def _work(stack: Deployment, bodies: list[Any]) -> float:
    took = 0.0
    while bodies:
        event = {"Records": [_record(number, body) for number, body in enumerate(bodies)]}
        started = perf_counter()
        answer = lambda_handler(event, stack.context)
        took += 1000 * (perf_counter() - started)
        assert answer == {"batchItemFailures": []}, answer
        bodies = _queued(stack)
    return took


def _queued(stack: Deployment) -> list[Any]:
    """Return what waits for the publish function; some of it waits a second, so that wishes can gather."""
    bodies = stack.drain("publish")
    while not bodies and stack.in_queue("publish"):
        sleep(0.1)
        bodies = stack.drain("publish")
    return bodies


def _uploaded(slug: str) -> dict[str, Any]:
    thing = {"key": f"issues/{slug}.md", "versionId": "1", "sequencer": "0055AED6DCD90281E5"}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": thing}}]}


def _record(number: int, body: Any) -> dict[str, Any]:
    return {"messageId": str(number), "body": json.dumps(body), "eventSource": "aws:sqs", "attributes": {}}


def _rendered(stack: Deployment, slug: str) -> Any:
    record = stack.app.issues.get(slug)
    assert record is not None
    return stack.app.content.rendered(slug, record.content_hash)


def _fill(stack: Deployment, size: int) -> None:
    """Put issues into the store as earlier publishing left them, without publishing each.

    Only those that a look or a feed reads are there as more than a record.
    """
    kept = _KeptItems()
    issues = DynamoIssues(kept, "")  # type: ignore[arg-type]  # of the client one method is called
    for number in range(size):
        slug, day = f"issue-{number:05}", _day(number, size)
        content_hash, title, text = ABSENT, f"About {slug}", f"Paragraph {number}."
        if number < IN_FULL:
            issue = parse_issue(slug, _issue(slug, day, text).encode())
            rendered = stack.app.renderer.open(issue).render({})
            stack.app.content.put_rendered(rendered)
            content_hash = rendered.content_hash
        record = IssueRecord(
            slug=slug, status=IssueStatus.SENT, title=title, subject=title, summary=text,
            date=day, content_hash=content_hash, cleared=content_hash, sent_hash=content_hash, listed=True, shown=day,
        )  # fmt: skip
        issues.put(record, before=None)
    client, table = boto3.client("dynamodb"), stack.app.settings.issues_table
    for first in range(0, size, A_WRITE):
        writes: Any = [{"PutRequest": {"Item": item}} for item in kept.items[first : first + A_WRITE]]
        assert not client.batch_write_item(RequestItems={table: writes})["UnprocessedItems"]


class _KeptItems:
    """Keeps what a store would write, item by item, in the place of a client."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def put_item(self, **asked: Any) -> None:
        self.items.append(asked["Item"])


def _day(number: int, size: int) -> date:
    """Return the day of an issue, counted from the newest: a fortnight apart, where that does not fill centuries."""
    if size <= SIZES[-1] or number < IN_FULL:
        return NEWEST - number * FORTNIGHT
    return NEWEST - IN_FULL * FORTNIGHT - (number - IN_FULL) // A_DAY * timedelta(days=1)


def _issue(slug: str, day: date, body: str) -> str:
    return f"---\ntitle: About {slug}\ndate: {day}\n---\n\n{body}\n"


def _long_issue(slug: str) -> str:
    chance = Random(slug)  # noqa: S311 - prose, not a secret
    parts, left, vocabulary = [], WORDS, PHRASE.split()
    for section in range(PICTURES):
        parts.append(f"## Part {section + 1}\n\n![A chart of part {section + 1}](picture-{section}.jpg)")
        for _ in range(WORDS // PICTURES // 100):
            words = [chance.choice(vocabulary) for _ in range(100)]
            words[40] = f"**{words[40]}**"
            words[70] = f"[{words[70]}](https://www.example.org/{words[71]})"
            parts.append(" ".join(words).capitalize() + ".")
            left -= 100
    assert left == 0
    return _issue(slug, NEWEST + FORTNIGHT, "\n\n".join(parts))


PHRASE = (
    "public services change when people who use them and people who run them plan together share evidence"
    " about what works near homes schools clinics councils and charities over many years with patience"
)


def _picture(chance: Random) -> bytes:
    """Return a photograph of sorts: soft shapes with a little noise, which compress like one."""
    small = Image.frombytes("RGB", (64, 40), bytes(chance.randrange(256) for _ in range(64 * 40 * 3)))
    buffer = BytesIO()
    small.resize(PIXELS, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
