"""What files of SES's events promise, checked on those in memory and on S3 alike; and what S3's may hold."""

from __future__ import annotations

import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import MalformedMessageError, StoreBusyError
from newsletter.feedback.adapters.s3_event_files import S3EventFiles
from newsletter.feedback.adapters.ses_events import read_event
from newsletter.feedback.domain.event_file import EventFile
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.readers.domain.subscriber import Mailbox
from tests.core.fakes import NOW
from tests.feedback.fakes import MemoryEventFiles

NAME = "ses-events/2026/12/01/09/fortnightly-events-1-2026-12-01-09-00-15-6f9619ff-8b86-d011-b42d-00c04fc964ff.gz"
RECORDED = Path(__file__).parent.parent.parent / "events" / "feedback"


class PlainAddresses:
    """Everybody is who the tag says; a Send event names nobody."""

    def mailbox(self, typed: str) -> Mailbox:
        return Mailbox(typed, typed.lower())

    def subscriber_id(self, mailbox: Mailbox) -> str:
        return mailbox.identity


def recorded(name: str) -> str:
    record = json.loads((RECORDED / f"{name}.json").read_text())["Records"][0]
    return str(json.loads(record["body"])["Message"])


def files_in(s3: Any, bucket: str = "content") -> S3EventFiles:
    return S3EventFiles(s3, bucket, partial(read_event, addresses=PlainAddresses()))


def read(s3: Any, text: str) -> EventFile:
    s3.put_object(Bucket="content", Key=NAME, Body=gzip.compress(text.encode(), mtime=0))
    return files_in(s3).read(NAME, now=NOW)


def kinds(file: EventFile) -> list[FeedbackKind]:
    return [event.kind for event in file.events]


@pytest.mark.parametrize("place", ["memory", "s3"])
def test_a_file_is_read_as_often_as_one_likes_and_is_gone_once_it_is_removed(
    place: str, request: pytest.FixtureRequest
) -> None:
    event = FeedbackEvent(kind=FeedbackKind.SENT, message_id="m", happened_at=NOW, mailed_at=NOW)
    files: MemoryEventFiles | S3EventFiles
    if place == "memory":
        files = MemoryEventFiles()
        files.files[NAME] = EventFile((event,), stream_units=1)
    else:
        s3 = request.getfixturevalue("s3")
        s3.put_object(Bucket="content", Key=NAME, Body=gzip.compress(b'{"an": "event"}\n'))
        files = S3EventFiles(s3, "content", lambda _event, _now: [event])

    for _ in range(2):
        assert files.read(NAME, now=NOW) == EventFile((event,), stream_units=1)
    for _ in range(2):
        files.remove(NAME)
    assert files.read(NAME, now=NOW) == EventFile()


@pytest.mark.parametrize("between", ["\n", "", "\r\n\r\n"], ids=["lines", "nothing", "empty lines"])
def test_events_are_read_however_they_are_kept_apart(s3: Any, between: str) -> None:
    file = read(s3, between.join([recorded("send"), recorded("delivery"), recorded("send")]) + between)

    assert kinds(file) == [FeedbackKind.SENT, FeedbackKind.UNKNOWN, FeedbackKind.SENT]  # delivered to nobody we know
    assert (file.problem, file.stream_units) == ("", 3)


def test_a_long_event_is_paid_for_like_several(s3: Any) -> None:
    event = json.loads(recorded("send"))
    event["mail"]["headers"] = [{"name": "X-Long", "value": "a" * 6_000}]

    assert read(s3, json.dumps(event)).stream_units == 2


@pytest.mark.parametrize(
    "broken", ['{"eventType": "Send"', "no json", "[1, 2]", '{"eventType": "Send"}', "[" * 100_000, '"\ufffd'],
    ids=["cut off", "no json", "a list", "a field is missing", "very deep", "half a string"],
)  # fmt: skip
def test_what_is_no_event_keeps_none_of_the_others_back(s3: Any, broken: str) -> None:
    file = read(s3, "\n".join([recorded("send"), broken, recorded("send"), ""]))

    assert kinds(file) == [FeedbackKind.SENT] * 2
    assert f"the file {NAME} holds 1 documents that are no events of SES" in file.problem
    assert "@" not in file.problem


def test_a_file_that_is_longer_than_the_function_has_room_for_gives_its_beginning_and_stays(s3: Any) -> None:
    event = recorded("send")
    body = gzip.compress(f"{event}\n{event}\n{event}\n".encode())
    s3.put_object(Bucket="content", Key=NAME, Body=body)
    files = S3EventFiles(s3, "content", partial(read_event, addresses=PlainAddresses()), most_bytes=len(event) + 9)

    file = files.read(NAME, now=NOW)

    assert kinds(file) == [FeedbackKind.SENT]
    assert file.problem.endswith(f"is longer than {len(event) + 9} bytes")


@pytest.mark.parametrize("body", [b"", b"no gzip", gzip.compress(b"cut off" * 100)[:-9]], ids=["empty", "plain", "cut"])
def test_a_file_that_is_no_gzip_is_a_problem_and_no_crash(s3: Any, body: bytes) -> None:
    s3.put_object(Bucket="content", Key=NAME, Body=body)

    file = files_in(s3).read(NAME, now=NOW)

    assert file.events == ()
    assert ("is no gzip" in file.problem) == bool(body)


def test_the_message_of_the_rule_names_the_file(s3: Any) -> None:
    assert files_in(s3).name_in(json.dumps({"arrived": NAME})) == NAME


@pytest.mark.parametrize("body", ["", "{}", '{"arrived": 1}', '{"arrived', '["arrived"]', '{"replay": "x"}'])
def test_any_other_message_is_left_to_the_reader_of_reports(s3: Any, body: str) -> None:
    assert files_in(s3).name_in(body) == ""


@pytest.mark.parametrize("name", ["", "issues/a.md", "evidence/a", "ses-events/", "ses-events/ä", "ses-events/a b"])
def test_a_message_cannot_have_anything_else_read_or_removed(s3: Any, name: str) -> None:
    with pytest.raises(MalformedMessageError, match="does not name a file"):
        files_in(s3).name_in(json.dumps({"arrived": name}, ensure_ascii=False))


def test_a_bucket_that_does_not_answer_is_busy(s3: Any) -> None:
    files = files_in(s3, "no-such-bucket")

    with pytest.raises(StoreBusyError):
        files.read(NAME, now=NOW)
    with pytest.raises(StoreBusyError):
        files.remove(NAME)
