"""What the second place of evidence promises, checked on the one in memory and on S3 alike."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import pytest

from newsletter.errors import MalformedMessageError, StoreBusyError
from newsletter.feedback.adapters.s3_evidence_archive import S3EvidenceArchive
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind, Reason
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.sending.domain.send import rehearsal_name
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryEvidenceArchive

Archive = MemoryEvidenceArchive | S3EvidenceArchive
ADA, BEN, CLEO, DAN = map(an_id, range(1, 5))
NAME = f"evidence/{SLUG}/20261201T0900-0123456789abcdef.jsonl.gz"


@pytest.fixture(params=["memory", "s3"])
def archive(request: pytest.FixtureRequest) -> Archive:
    if request.param == "memory":
        return MemoryEvidenceArchive()
    return S3EvidenceArchive(request.getfixturevalue("s3"), "content")


def event(kind: FeedbackKind, subscriber_id: str = ADA, slug: str = SLUG, part: str = "00") -> FeedbackEvent:
    return FeedbackEvent(
        kind=kind, message_id="m-1", happened_at=NOW + timedelta(seconds=9), mailed_at=NOW, mail="issue",
        subscriber_id=subscriber_id, slug=slug, part=part, reason=Reason.MAILBOX_FULL, provider=Provider.GOOGLE,
    )  # fmt: skip


def body_of(archive: Archive, name: str) -> str:
    return name if isinstance(archive, MemoryEvidenceArchive) else f'{{"replay": "{name}"}}'


def test_what_is_kept_comes_back_as_it_was_and_by_send(archive: Archive) -> None:
    other = rehearsal_name(SLUG, 1)
    kept = [event(FeedbackKind.SENT), event(FeedbackKind.SOFT_BOUNCE, BEN, part="00-1")]
    archive.keep([*kept, event(FeedbackKind.SENT, CLEO, other)], now=NOW)

    (name,) = archive.names(SLUG, NOW)
    assert archive.replayed(body_of(archive, name)) == kept
    assert len(archive.names(other, NOW)) == 1
    assert archive.names("2026-12-01", NOW) == []  # a slug that another one begins with


def test_opens_and_clicks_and_what_is_about_no_send_of_anybodys_stay_nowhere(archive: Archive) -> None:
    to_one = FeedbackEvent(kind=FeedbackKind.HARD_BOUNCE, message_id="m", happened_at=NOW, mailed_at=NOW)
    foreign = event(FeedbackKind.SENT, slug="../issues/x")
    archive.keep([event(FeedbackKind.OPENED), event(FeedbackKind.CLICKED), to_one, foreign], now=NOW)

    assert archive.names(SLUG, NOW) == []
    assert archive.accepted(SLUG, NOW) == frozenset()


def test_whom_ses_took_and_did_not_take_back_is_accepted_whatever_the_order(archive: Archive) -> None:
    archive.keep([event(FeedbackKind.REJECTED, CLEO)], now=NOW)
    archive.keep([event(FeedbackKind.SENT), event(FeedbackKind.DELIVERED, BEN, part="00-1")], now=NOW)
    archive.keep([event(FeedbackKind.SENT, CLEO), event(FeedbackKind.UNKNOWN, DAN)], now=NOW)
    archive.keep([event(FeedbackKind.SENT)], now=NOW)

    assert archive.accepted(SLUG, NOW) == {("00", ADA), ("00-1", BEN)}


def test_only_what_came_since_is_read_with_room_for_clocks_that_differ(archive: Archive) -> None:
    archive.keep([event(FeedbackKind.SENT)], now=NOW)
    archive.keep([event(FeedbackKind.SENT, BEN)], now=NOW + timedelta(hours=2))

    assert archive.accepted(SLUG, NOW + timedelta(minutes=5)) == {("00", ADA), ("00", BEN)}
    assert archive.accepted(SLUG, NOW + timedelta(hours=1)) == {("00", BEN)}


def test_no_address_and_no_more_than_ids_kinds_and_moments_is_kept(s3: Any) -> None:
    S3EvidenceArchive(s3, "content").keep([event(FeedbackKind.HARD_BOUNCE)], now=NOW)

    (key,) = (each["Key"] for each in s3.list_objects_v2(Bucket="content")["Contents"])
    text = gzip.decompress(s3.get_object(Bucket="content", Key=key)["Body"].read()).decode()
    assert "@" not in key + text
    assert text.count("\n") == 1
    assert text.startswith('{"kind":"hard_bounce","message":"m-1","at":"')


@pytest.mark.parametrize(
    "body",
    [b"not gzip", gzip.compress(b"no json\n", mtime=0), gzip.compress(b'{"kind": "sent"}\n', mtime=0)],
    ids=["no gzip", "no json", "no event"],
)
def test_an_object_that_holds_no_events_is_malformed(s3: Any, body: bytes) -> None:
    s3.put_object(Bucket="content", Key=NAME, Body=body)
    archive = S3EvidenceArchive(s3, "content")

    with pytest.raises(MalformedMessageError, match="holds no events"):
        archive.replayed(f'{{"replay": "{NAME}"}}')


@pytest.mark.parametrize("name", ["", "issues/a.md", f"{NAME}/..", "evidence/../20261201T0900-0123456789abcdef.jsonl"])
def test_a_message_cannot_have_anything_else_read(s3: Any, name: str) -> None:
    with pytest.raises(MalformedMessageError, match="does not name"):
        S3EvidenceArchive(s3, "content").replayed(f'{{"replay": "{name}"}}')


@pytest.mark.parametrize("body", ["", "[1]", '{"Type": "Notification"}', '{"replay": 1, "more": 2}', "[" * 100_000])
def test_a_message_that_asks_for_no_replay_is_left_to_the_reader_of_reports(s3: Any, body: str) -> None:
    assert S3EvidenceArchive(s3, "content").replayed(body) is None


def test_a_bucket_that_does_not_answer_is_busy(s3: Any) -> None:
    archive = S3EvidenceArchive(s3, "no-such-bucket")

    with pytest.raises(StoreBusyError):
        archive.keep([event(FeedbackKind.SENT)], now=NOW)
    with pytest.raises(StoreBusyError):
        archive.accepted(SLUG, NOW)
    with pytest.raises(StoreBusyError):
        archive.replayed(f'{{"replay": "{NAME}"}}')
