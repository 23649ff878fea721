"""A report is mailed once, whoever else writes it at the same moment, and it is mailed whenever a writer dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.editors import Editors
from newsletter.errors import SendThrottledError
from newsletter.reports.jobs.ask_for_due_reports import ask_for_due_reports
from newsletter.reports.jobs.write_report import write_report
from newsletter.reports.ports import ReportPorts
from newsletter.sending.adapters.dynamo_sends import header_item, read_send
from newsletter.sending.domain.send import REPORT_LEASE, Again
from tests.core.fakes import TEAM, PlainMails, Watched
from tests.factories import SLUG
from tests.reports.test_write_report import CLOSED, TWO_DAYS_LATER, Newsroom

MESSAGE_COMES_AGAIN = timedelta(hours=1)
MOST_CALLS = 60
A_CLOCK = timedelta(hours=1)


class CutOff(BaseException):
    """The writer ends here; no job can catch it."""


class Writer:
    """Writes a report, and at the n-th moment something else happens, or the writer is cut off."""

    def __init__(
        self, room: Newsroom, at: int, then: Callable[[], object] = lambda: None, *, dies: bool = False
    ) -> None:
        self.room, self.at, self.then, self.dies = room, at, then, dies
        self.moments = 0

    def write(self, now: datetime = CLOSED) -> str:
        return write_report(SLUG, ports=self.ports, zone=ZoneInfo("UTC"), now=now)

    @property
    def ports(self) -> ReportPorts:
        ports = self.room.ports
        watched = {
            each.name: Watched(getattr(ports, each.name), self.moment)
            for each in fields(ports)
            if each.name not in ("editors", "engagement")
        }
        editors: Any = Editors(Watched(self.room.mailer, self.moment), PlainMails(), TEAM[:1])
        return replace(ports, editors=editors, **watched)

    def moment(self) -> None:
        number, self.moments = self.moments, self.moments + 1
        if number != self.at:
            return
        self.then()
        if self.dies:
            raise CutOff


def moments(room: Newsroom, now: datetime) -> int:
    """Return how many moments a writer whom nobody disturbs has."""
    undisturbed = Writer(room, at=-1)
    undisturbed.write(now)
    assert 10 < undisturbed.moments < MOST_CALLS
    return undisturbed.moments


def with_the_first_mailed() -> Newsroom:
    room = Newsroom()
    room.write()
    assert room.mailed == ["number: 1"]
    return room


STORIES = [(Newsroom, CLOSED, ["number: 1"]), (with_the_first_mailed, TWO_DAYS_LATER, ["number: 1", "number: 2"])]


@pytest.mark.parametrize(("begun", "now", "mailed"), STORIES, ids=["at the closing", "two days later"])
def test_two_writers_mail_a_report_once_at_whatever_moment_of_the_one_the_other_comes(
    begun: Callable[[], Newsroom], now: datetime, mailed: list[str]
) -> None:
    for at in range(moments(begun(), now)):
        room = begun()
        first = Writer(room, at, lambda room=room: room.write(now))  # type: ignore[misc]
        first.write(now)

        assert room.mailed == mailed, at
        assert room.send.reports_mailed == len(mailed)
        assert room.send.report_claimed_at is None


@pytest.mark.parametrize(("begun", "now", "mailed"), STORIES, ids=["at the closing", "two days later"])
def test_a_writer_that_dies_is_made_good_within_the_hour_though_another_came_at_that_moment(
    begun: Callable[[], Newsroom], now: datetime, mailed: list[str]
) -> None:
    """Its message is gone: the other had the same one, delivered twice, and took it from the queue."""
    for at in range(moments(begun(), now)):
        room = begun()
        with pytest.raises(CutOff):
            Writer(room, at, lambda room=room: room.write(now), dies=True).write(now)  # type: ignore[misc]
        before = list(room.mailed)
        asked = ask_for_due_reports(due_reports=room.due_reports, report_queue=room.queues, now=now + A_CLOCK)
        for _ in asked:
            room.write(now + A_CLOCK)

        assert set(room.mailed) == set(mailed), at
        assert len(room.mailed) <= len(before) + 1  # what left before it died is mailed again, and that once


def test_a_writer_that_dies_before_the_mail_leaves_it_to_its_message_and_to_nobody_before() -> None:
    room = Newsroom()
    room.sends.change(SLUG, lambda send: send.with_report_claimed(1, now=CLOSED))

    soon = [room.write(CLOSED + REPORT_LEASE - timedelta(seconds=1)), *room.mailed]
    again = room.write(CLOSED + MESSAGE_COMES_AGAIN)

    assert (soon, again) == (["mailed by another"], "mailed")
    assert room.mailed == ["number: 1"]


def test_a_claim_ends_after_its_time_to_the_second() -> None:
    room = Newsroom()
    claimed = room.sends.change(SLUG, lambda send: send.with_report_claimed(1, now=CLOSED))
    assert claimed is not None

    assert claimed.with_report_claimed(1, now=CLOSED + REPORT_LEASE - timedelta(seconds=1)) is None
    assert claimed.with_report_claimed(1, now=CLOSED + REPORT_LEASE) is not None


def test_a_mail_that_ses_does_not_take_gives_the_claim_back() -> None:
    room = Newsroom()
    room.mailer.failure = SendThrottledError("quota")
    assert room.write() == "mail waits"
    room.mailer.failure = None

    assert room.send.report_claimed_at is None
    assert room.write(CLOSED + timedelta(minutes=1)) == "mailed"


def test_a_report_that_was_being_mailed_when_another_try_began_leaves_the_claim_to_the_next() -> None:
    room = Newsroom()
    room.sends.change(SLUG, lambda send: send.with_report_claimed(1, now=CLOSED))
    held = room.sends.change(SLUG, lambda send: send.held_for_another_try("why", whom=Again.FAILED, now=CLOSED))

    assert held is not None
    assert held.report_claimed_at is None
    assert held.with_report_claimed(1, now=CLOSED) is None


def test_a_header_of_an_earlier_version_is_claimed_by_nobody() -> None:
    item = header_item(Newsroom().send)
    item.pop("report_claimed_at", None)

    assert read_send(item).report_claimed_at is None
    assert read_send(item).with_report_claimed(1, now=CLOSED) is not None
