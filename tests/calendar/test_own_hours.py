"""Issues that go out at an hour of their own: on time and once, whatever becomes of messages, clocks and minds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.calendar.domain.choice import SlotVerdict
from newsletter.calendar.domain.hour import HourRules, HourVerdict
from newsletter.calendar.jobs.choose_issue import choose_issue
from newsletter.calendar.jobs.fire_hour import HourPorts, fire_hour
from newsletter.calendar.jobs.unstarted_hours import unstarted_hours
from newsletter.calendar.jobs.watch_hours import watch_hours
from newsletter.calendar.ports import SlotPorts
from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import WallTime
from newsletter.errors import SendThrottledError, StoreBusyError
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.jobs.open_send import Opening
from tests.calendar.fakes import MemoryCalendar, MemorySlots
from tests.core.fakes import TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, record
from tests.issues.fakes import MemoryIssues
from tests.sending.fakes import MemoryQueues, MemorySends

LONDON = ZoneInfo("Europe/London")
HALF_PAST_TWO = WallTime(date(2026, 12, 3), 14, 30)
MOMENT = datetime(2026, 12, 3, 14, 30, tzinfo=UTC)
LONG_AGO = MOMENT - timedelta(days=365)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WORDS = "Thursday 3 December 2026 at 14:30"


def at_its_hour(**changes: Any) -> IssueRecord:
    return record(**{"send": SendPolicy.AT, "send_at": HALF_PAST_TWO, **changes})


@dataclass
class Office:
    """An editors' office with a watch every ten minutes, and a queue that keeps messages back."""

    issues: MemoryIssues = field(default_factory=lambda: MemoryIssues(at_its_hour()))
    calendar: MemoryCalendar = field(default_factory=lambda: MemoryCalendar(since=LONG_AGO))
    sends: MemorySends = field(default_factory=MemorySends)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    needs_approval: bool = False
    zone: ZoneInfo = LONDON

    @property
    def ports(self) -> HourPorts:
        opening = Opening(
            issues=self.issues, sends=self.sends, queues=self.queues, publish_queue=self.queues,
            needs_approval=self.needs_approval, shards=16,
        )  # fmt: skip
        slots = SlotPorts(
            issues=self.issues, slots=MemorySlots(), calendar=self.calendar,
            editors=Editors(self.mailer, PlainMails(), TEAM), needs_approval=self.needs_approval,
        )  # fmt: skip
        return HourPorts(HourRules(self.zone, timedelta(hours=6), self.needs_approval), slots, opening)

    def fire(self, now: datetime = MOMENT, slug: str = SLUG) -> HourVerdict:
        return fire_hour(slug, ports=self.ports, now=now)

    def look(self, now: datetime) -> dict[str, HourVerdict]:
        return watch_hours(ports=self.ports, now=now)

    @property
    def opened(self) -> list[str]:
        return [slug for slug in self.issues.by_slug if self.sends.get(slug) is not None]

    @property
    def mails(self) -> list[tuple[str, str]]:
        return [(sent.mail.subject, sent.mail.text) for sent in self.mailer.outbox]

    @property
    def subjects(self) -> list[str]:
        return [subject for subject, _ in self.mails]


def test_the_issue_goes_out_at_its_hour_and_once_however_often_it_is_asked_for() -> None:
    office = Office()

    assert [office.fire(), office.fire(), office.fire(MOMENT + HOUR)] == [HourVerdict.SEND] * 3
    assert office.opened == [SLUG]
    assert office.issues.by_slug[SLUG].status is IssueStatus.SENDING
    assert office.mails == []


def test_what_is_asked_for_before_its_hour_waits_to_the_second() -> None:
    office = Office()

    assert office.fire(MOMENT - timedelta(seconds=90.2)) is HourVerdict.NOT_YET
    assert office.queues.hours == [(SLUG, 91)]
    assert office.fire(MOMENT - HOUR) is HourVerdict.NOT_YET
    assert office.queues.hours == [(SLUG, 91)], "farther than SQS keeps a message back: the watch asks in time"
    assert office.opened == []


def test_every_hour_is_asked_for_before_it_comes_wherever_the_looks_fall() -> None:
    for offset in range(10):
        office = Office()
        for minutes in range(60, 0, -10):
            office.look(MOMENT - (minutes + offset) * MINUTE)
        office.look(MOMENT - offset * MINUTE)

        assert 1 <= len(office.queues.hours) <= 2, offset
        assert all(0 <= delay <= 900 for _, delay in office.queues.hours)


def test_an_issue_that_was_moved_after_its_message_left_goes_at_its_new_hour_alone() -> None:
    office = Office()
    office.look(MOMENT - 10 * MINUTE)
    office.issues.by_slug[SLUG] = at_its_hour(send_at=WallTime(date(2026, 12, 3), 16, 0))

    assert office.fire(MOMENT) is HourVerdict.NOT_YET
    assert office.opened == []
    assert office.fire(MOMENT + 90 * MINUTE) is HourVerdict.SEND


@pytest.mark.parametrize(
    "now_is",
    [{"send": SendPolicy.SCHEDULED, "send_at": None}, {"withdrawn": True, "status": IssueStatus.DRAFT}],
    ids=["given back to the slots", "withdrawn"],
)
def test_an_issue_that_has_no_hour_any_more_is_left_alone(now_is: dict[str, Any]) -> None:
    office = Office(MemoryIssues(at_its_hour(**now_is)))

    assert office.fire() is HourVerdict.NO_HOUR
    assert office.look(MOMENT + HOUR) == {}
    assert (office.opened, office.mails) == ([], [])


def test_an_issue_that_is_moved_after_its_send_began_is_not_sent_again() -> None:
    office = Office()
    office.fire()
    office.issues.by_slug[SLUG] = replace(
        office.issues.by_slug[SLUG], status=IssueStatus.SENT, send_at=WallTime(date(2026, 12, 4), 9, 0)
    )

    assert office.fire(MOMENT + DAY) is HourVerdict.NO_HOUR
    assert office.look(MOMENT + DAY) == {}


def test_two_issues_of_one_minute_both_go() -> None:
    office = Office(MemoryIssues(at_its_hour(), at_its_hour(slug="other", content_hash="b" * 64)))

    assert [office.fire(), office.fire(slug="other")] == [HourVerdict.SEND] * 2
    assert sorted(office.opened) == sorted([SLUG, "other"])


def test_a_lost_message_is_made_good_by_the_watch() -> None:
    office = Office()

    assert office.look(MOMENT + 4 * MINUTE) == {}
    assert office.look(MOMENT + 5 * MINUTE) == {SLUG: HourVerdict.SEND}
    assert office.look(MOMENT + 15 * MINUTE) == {}


def test_an_hour_that_passed_too_long_ago_is_refused_and_told_once() -> None:
    office = Office()

    assert office.fire(MOMENT + 6 * HOUR + MINUTE) is HourVerdict.TOO_LATE
    assert office.look(MOMENT + 7 * HOUR) == {}
    ((subject, text),) = office.mails
    assert subject == "editors_hour"
    assert "why: too_late" in text
    assert office.opened == []


def test_nobody_approved_it_in_time_and_the_editors_hear_so_at_the_moment() -> None:
    office = Office(needs_approval=True)

    assert [office.fire(), office.fire(MOMENT + MINUTE)] == [HourVerdict.WAITS] * 2
    ((subject, text),) = office.mails
    assert subject == "editors_hour"
    assert {f"hour: {WORDS}", "state: not approved", "until: Thursday 3 December 2026 at 20:30"} <= {*text.splitlines()}
    assert office.opened == []


def test_an_approval_one_minute_after_the_moment_sends_at_once_and_one_too_late_does_not() -> None:
    office = Office(needs_approval=True)
    office.fire()
    approved = at_its_hour(approved="a" * 64)

    office.issues.by_slug[SLUG] = approved
    assert office.fire(MOMENT + MINUTE) is HourVerdict.SEND

    late = Office(needs_approval=True)
    late.fire()
    late.issues.by_slug[SLUG] = approved
    assert late.fire(MOMENT + 6 * HOUR + MINUTE) is HourVerdict.TOO_LATE
    assert late.opened == []


def test_an_approval_whose_message_is_lost_is_found_by_the_watch() -> None:
    office = Office(needs_approval=True)
    office.fire()
    office.issues.by_slug[SLUG] = at_its_hour(approved="a" * 64)

    assert office.look(MOMENT + 20 * MINUTE) == {SLUG: HourVerdict.SEND}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"held": True}, "on hold"),
        ({"status": IssueStatus.DRAFT}, "a draft"),
        ({"status": IssueStatus.DRAFT, "preflight": {"errors": 1}}, "held up by what the checks found"),
    ],
    ids=["held", "draft", "mistakes"],
)
def test_whatever_keeps_it_is_said_before_and_after(changes: dict[str, Any], state: str) -> None:
    office = Office(MemoryIssues(at_its_hour(**changes)))

    for left in (49 * HOUR, 48 * HOUR, 47 * HOUR, 24 * HOUR, 2 * HOUR, HOUR):
        office.look(MOMENT - left)
    assert office.look(MOMENT + 6 * MINUTE) == {SLUG: HourVerdict.WAITS}
    assert office.look(MOMENT + 16 * MINUTE) == {}

    assert office.subjects == ["editors_hour"] * 4
    assert all(f"state: {state}" in text.splitlines() for _, text in office.mails)
    assert [line for _, text in office.mails for line in text.splitlines() if line.startswith("left: ")] == [
        "left: 48 hours", "left: 24 hours", "left: 2 hours", "left: ",
    ]  # fmt: skip


def test_who_was_warned_hears_that_all_is_well_and_nobody_else_does() -> None:
    office = Office(needs_approval=True)
    office.look(MOMENT - 20 * HOUR)
    office.issues.by_slug[SLUG] = at_its_hour(approved="a" * 64)
    office.look(MOMENT - 19 * HOUR)
    office.look(MOMENT - 2 * HOUR)

    assert office.subjects == ["editors_hour", "editors_slot_ready"]

    calm = Office()
    calm.look(MOMENT - 20 * HOUR)
    assert calm.mails == []


def test_an_issue_that_came_after_a_step_is_warned_about_at_the_next_one_alone() -> None:
    """Its preview has just said what it waits for."""
    came = MOMENT - 40 * HOUR
    office = Office(MemoryIssues(at_its_hour(preview_since=came)), needs_approval=True)

    office.look(came + 10 * MINUTE)
    assert office.mails == []
    office.look(MOMENT - 24 * HOUR)
    assert office.subjects == ["editors_hour"]


def test_another_hour_is_warned_about_anew() -> None:
    office = Office(MemoryIssues(at_its_hour(held=True)))
    office.look(MOMENT - HOUR)
    office.issues.by_slug[SLUG] = at_its_hour(held=True, send_at=WallTime(date(2026, 12, 3), 14, 45))
    office.look(MOMENT - HOUR)

    assert office.subjects == ["editors_hour"] * 2


def test_a_mail_that_cannot_leave_is_mailed_by_the_next_look() -> None:
    office = Office(MemoryIssues(at_its_hour(held=True)))
    office.mailer.failure = SendThrottledError("later")
    office.look(MOMENT - HOUR)
    office.fire()
    office.mailer.failure = None

    office.look(MOMENT - HOUR)
    assert office.look(MOMENT + 6 * MINUTE) == {SLUG: HourVerdict.WAITS}
    assert office.subjects == ["editors_hour"] * 2


def test_an_issue_that_fails_holds_up_none_of_the_others() -> None:
    class Stubborn(MemoryIssues):
        """One record changes at every look."""

        def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
            return slug != "stubborn" and super().begin_sending(slug, content_hash, needs_approval=needs_approval)

    office = Office(Stubborn(at_its_hour(slug="stubborn"), at_its_hour()))

    with pytest.raises(StoreBusyError, match="stubborn"):
        office.look(MOMENT + 6 * MINUTE)

    assert office.opened == [SLUG]


def test_hours_from_before_the_first_look_and_of_days_ago_are_left_alone() -> None:
    assert Office(calendar=MemoryCalendar()).look(MOMENT + HOUR) == {}
    assert Office().look(MOMENT + 2 * DAY) == {}


def test_an_issue_cut_off_behind_its_lock_is_finished() -> None:
    office = Office()
    office.issues.begin_sending(SLUG, "a" * 64, needs_approval=False)

    assert office.fire(MOMENT + DAY) is HourVerdict.SEND
    assert office.opened == [SLUG]


def test_without_approvals_an_upload_in_the_last_minute_waits_until_an_editor_could_hold_it() -> None:
    office = Office(MemoryIssues(at_its_hour(leaves_at=MOMENT + 8 * MINUTE)))

    assert office.fire() is HourVerdict.NOT_YET
    assert office.queues.hours == [(SLUG, 480)]
    assert office.fire(MOMENT + 8 * MINUTE) is HourVerdict.SEND


def test_an_hour_that_the_clocks_jump_over_is_the_first_moment_behind() -> None:
    office = Office(MemoryIssues(at_its_hour(send_at=WallTime(date(2027, 3, 28), 1, 30))))
    behind = datetime(2027, 3, 28, 1, tzinfo=UTC)

    assert office.fire(behind - MINUTE) is HourVerdict.NOT_YET
    assert office.fire(behind) is HourVerdict.SEND


def test_an_hour_that_comes_twice_counts_the_first_time() -> None:
    office = Office(MemoryIssues(at_its_hour(send_at=WallTime(date(2027, 10, 31), 1, 30))))
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)

    assert office.fire(first - MINUTE) is HourVerdict.NOT_YET
    assert office.fire(first) is HourVerdict.SEND
    assert office.fire(first + HOUR) is HourVerdict.SEND
    assert office.opened == [SLUG]


def test_an_hour_of_its_own_takes_no_slot_not_even_at_the_same_moment() -> None:
    issues = MemoryIssues(
        at_its_hour(slug="own", date=date(2026, 11, 3), send_at=WallTime(date(2026, 12, 1), 9, 0)), record()
    )
    slot = datetime(2026, 12, 1, 9, tzinfo=UTC)

    choice = choose_issue(
        slot, rhythm=Rhythm(date(2026, 12, 1), LONDON), late_after=6 * HOUR, issues=issues, slots=MemorySlots(),
        needs_approval=False, now=slot,
    )  # fmt: skip

    assert choice.verdict is SlotVerdict.SEND
    assert choice.record is not None
    assert choice.record.slug == SLUG


def test_an_hour_without_a_send_rings_for_a_day_and_not_before_the_watch_had_its_chance() -> None:
    office = Office(MemoryIssues(at_its_hour(held=True), record(slug="in-turn")))

    def unstarted(now: datetime) -> list[datetime]:
        return unstarted_hours(issues=office.issues, calendar=office.calendar, zone=LONDON, now=now)

    assert unstarted(MOMENT + 14 * MINUTE) == []
    assert unstarted(MOMENT + 15 * MINUTE) == [MOMENT]
    assert unstarted(MOMENT + DAY) == []
    office.issues.by_slug[SLUG] = at_its_hour()
    office.fire(MOMENT + 20 * MINUTE)
    assert unstarted(MOMENT + 21 * MINUTE) == []


@pytest.mark.parametrize("name", ["Europe/London", "America/Nuuk", "Australia/Lord_Howe", "UTC"])
def test_through_a_year_of_changing_clocks_each_hour_goes_once_and_to_the_second(name: str) -> None:
    """A watch every ten minutes, messages that come when they are due, and the half hours around changes of clocks."""
    zone, new_year = ZoneInfo(name), datetime(2027, 1, 1, tzinfo=UTC)
    offsets = [
        (new_year + number * DAY, (new_year + number * DAY).astimezone(zone).utcoffset()) for number in range(365)
    ]
    changes = [day for (day, offset), (_, then) in pairwise(offsets) if offset != then]
    days = {(day + number * DAY).astimezone(zone).date() for day in [new_year, *changes] for number in range(2)}

    for wall in (WallTime(day, hour, minute) for day in days for hour in range(24) for minute in (0, 30)):
        office, moment = Office(MemoryIssues(at_its_hour(send_at=wall)), zone=zone), wall.moment(zone).astimezone(UTC)
        looks = [moment - moment.minute % 10 * MINUTE - 20 * MINUTE + number * 10 * MINUTE for number in range(5)]
        went: list[datetime] = []
        while looks:
            now = looks.pop(0)
            asked = len(office.queues.hours)
            office.look(now)
            for _, delay in office.queues.hours[asked:]:
                if office.fire(now + timedelta(seconds=delay)) is HourVerdict.SEND:
                    went.append(now + timedelta(seconds=delay))
        assert (went[0], len(office.opened)) == (moment, 1), wall
