"""Around the slots: what is missed is made up for, and editors hear in time, once at each step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.calendar.domain.choice import Choice, SlotVerdict
from newsletter.calendar.jobs.conclude_slot import conclude_slot
from newsletter.calendar.jobs.missed_slots import missed_slots
from newsletter.calendar.jobs.warn_editors import warn_editors
from newsletter.calendar.ports import SlotPorts
from newsletter.core.editors import Editors
from newsletter.core.slot import Calendar, Rhythm
from newsletter.errors import SendThrottledError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from tests.calendar.fakes import MemoryCalendar, MemorySlots
from tests.core.fakes import TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, record
from tests.issues.fakes import MemoryIssues

RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
SLOT = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY = SLOT.date()
LONG_AGO = SLOT - timedelta(days=365)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Office:
    """An editors' office: issues come and go, the clock looks in, and mails arrive."""

    issues: MemoryIssues = field(default_factory=MemoryIssues)
    slots: MemorySlots = field(default_factory=MemorySlots)
    calendar: MemoryCalendar = field(default_factory=MemoryCalendar)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    needs_approval: bool = False
    rhythm: Rhythm = RHYTHM

    @property
    def ports(self) -> SlotPorts:
        return SlotPorts(
            issues=self.issues,
            slots=self.slots,
            calendar=self.calendar,
            editors=Editors(self.mailer, PlainMails(), TEAM),
            needs_approval=self.needs_approval,
        )

    def put(self, issue: IssueRecord) -> None:
        self.issues.by_slug[issue.slug] = issue

    def look(self, before: timedelta) -> list[str]:
        """Look in at this long before the slot, and return the steps that were mailed about it."""
        return [*warn_editors(ports=self.ports, rhythm=self.rhythm, now=SLOT - before).values()]

    def conclude(self, verdict: SlotVerdict, now: datetime = SLOT) -> None:
        conclude_slot(DAY, Choice(verdict), ports=self.ports, rhythm=self.rhythm, now=now)

    def missed(self, now: datetime) -> list[datetime]:
        return missed_slots(rhythm=self.rhythm, calendar=self.calendar, now=now)


def test_nobody_is_warned_earlier_than_two_days_before() -> None:
    assert Office().look(48 * HOUR + MINUTE) == []


def test_while_nothing_is_ready_the_editors_hear_once_at_each_step() -> None:
    office = Office()
    heard = [(hours, office.look(hours * HOUR - 3 * MINUTE)) for hours in (48, 47, 30, 24, 23, 3, 2, 1)]

    assert [(hours, steps) for hours, steps in heard if steps] == [(48, ["48h"]), (24, ["24h"]), (2, ["2h"])]
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_nothing_ready"] * 3
    assert "left: 48 hours" in office.mailer.outbox[0].mail.text
    assert "slot: Tuesday 1 December 2026 at 09:00" in office.mailer.outbox[0].mail.text


def test_with_an_issue_ready_all_the_time_nobody_hears_anything() -> None:
    office = Office(MemoryIssues(record()))

    assert [office.look(hours * HOUR) for hours in (48, 24, 2, 0.1)] == [[], [], [], []]
    assert office.mailer.outbox == []


def test_a_clock_that_slept_warns_for_the_step_that_counts_and_for_no_earlier_one() -> None:
    office = Office()

    assert office.look(90 * MINUTE) == ["2h"]
    assert "left: 90 minutes" in office.mailer.outbox[0].mail.text
    assert office.look(HOUR) == []


def test_all_is_well_is_said_once_and_only_to_whoever_was_warned() -> None:
    office = Office()
    office.look(48 * HOUR)
    office.put(record())

    assert office.look(40 * HOUR) == ["48h ready"]
    assert office.look(39 * HOUR) == office.look(24 * HOUR) == office.look(2 * HOUR) == []
    last = office.mailer.outbox[-1].mail
    assert (last.subject, "title: More for more" in last.text) == ("editors_slot_ready", True)


def test_an_issue_that_is_taken_back_after_all_was_well_is_warned_about_at_the_next_step() -> None:
    office = Office()
    office.look(48 * HOUR)
    office.put(record())
    office.look(40 * HOUR)
    office.put(record(status=IssueStatus.DRAFT))

    assert office.look(30 * HOUR) == []
    assert office.look(24 * HOUR) == ["24h"]
    office.put(record())
    assert office.look(20 * HOUR) == ["24h ready"]


@pytest.mark.parametrize(
    ("issue", "state"), [(record(held=True, approved="a" * 64), "on hold"), (record(approved="b" * 64), "not approved")]
)
def test_an_issue_that_waits_for_a_person_is_named_in_the_warning(issue: IssueRecord, state: str) -> None:
    office = Office(MemoryIssues(issue), needs_approval=True)

    assert office.look(24 * HOUR) == ["24h"]
    assert f"waiting: [('More for more', '{state}')]" in office.mailer.outbox[0].mail.text
    office.put(record(approved="a" * 64))
    assert office.look(23 * HOUR) == ["24h ready"]


def test_an_issue_whose_date_is_behind_the_slot_is_not_ready_for_it() -> None:
    assert Office(MemoryIssues(record(date=date(2026, 12, 2)))).look(24 * HOUR) == ["24h"]


def test_one_issue_is_not_enough_for_two_slots_in_two_days() -> None:
    office = Office(
        MemoryIssues(record()), rhythm=replace(RHYTHM, calendar=Calendar(extra=frozenset({date(2026, 12, 2)})))
    )

    assert warn_editors(ports=office.ports, rhythm=office.rhythm, now=SLOT - 20 * HOUR) == {date(2026, 12, 2): "48h"}
    office.put(record(slug="second"))
    assert warn_editors(ports=office.ports, rhythm=office.rhythm, now=SLOT - 19 * HOUR) == {
        date(2026, 12, 2): "48h ready"
    }


def test_a_skipped_slot_worries_nobody() -> None:
    office = Office(rhythm=replace(RHYTHM, calendar=Calendar(skipped=frozenset({DAY}))))

    assert office.look(24 * HOUR) == []
    assert office.missed(SLOT + HOUR) == []


def test_a_slot_that_was_given_away_early_worries_nobody() -> None:
    office = Office()
    office.slots.take(DAY, SLUG)

    assert office.look(24 * HOUR) == []


def test_a_warning_that_could_not_be_mailed_is_tried_again() -> None:
    office = Office()
    office.mailer.failure = SendThrottledError("later")
    assert office.look(24 * HOUR) == [], "no error, which the clock would repeat, and put among its dead letters"
    office.mailer.failure = None

    assert office.look(24 * HOUR) == ["24h"]


def test_a_slot_without_a_strike_of_the_clock_is_found_five_minutes_later() -> None:
    office = Office()
    office.calendar.since = LONG_AGO

    assert office.missed(SLOT + 4 * MINUTE) == []
    assert office.missed(SLOT + 5 * MINUTE) == [SLOT]
    office.conclude(SlotVerdict.SEND, now=SLOT + 5 * MINUTE)
    assert office.missed(SLOT + 15 * MINUTE) == []


def test_a_slot_in_the_hour_that_the_clocks_jump_over_is_found() -> None:
    """EventBridge Scheduler skips it without a word."""
    sunday = date(2027, 3, 28)
    office = Office(rhythm=replace(RHYTHM, anchor=sunday, hour=1, minute=30))
    office.calendar.since = LONG_AGO
    slot = datetime(2027, 3, 28, 1, tzinfo=UTC)

    assert office.missed(slot + 5 * MINUTE) == [slot]
    conclude_slot(sunday, Choice(SlotVerdict.SEND), ports=office.ports, rhythm=office.rhythm, now=slot + 5 * MINUTE)
    assert office.missed(slot + 6 * MINUTE) == []


def test_a_slot_from_before_the_first_look_or_two_days_ago_is_left_alone() -> None:
    office = Office()

    assert office.missed(SLOT + HOUR) == []
    assert office.missed(SLOT + 2 * HOUR) == []
    office.calendar.since = LONG_AGO
    assert office.missed(SLOT + timedelta(days=2)) == []


def test_an_empty_slot_is_told_once_however_often_it_is_fired() -> None:
    office = Office()
    for minutes in (0, 1, 30):
        office.conclude(SlotVerdict.NOTHING_READY, now=SLOT + minutes * MINUTE)

    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_nothing_ready"]


def test_an_empty_slot_whose_mail_failed_is_missed_and_told_the_next_time() -> None:
    office = Office()
    office.calendar.since = LONG_AGO
    office.mailer.failure = SendThrottledError("later")
    office.conclude(SlotVerdict.NOTHING_READY)
    office.mailer.failure = None

    assert office.missed(SLOT + 6 * MINUTE) == [SLOT]
    office.conclude(SlotVerdict.NOTHING_READY, now=SLOT + 6 * MINUTE)
    assert len(office.mailer.outbox) == 1


def test_a_slot_that_somebody_fires_a_day_early_is_fired_again_at_its_time() -> None:
    office = Office()
    office.calendar.since = LONG_AGO
    office.conclude(SlotVerdict.NOTHING_READY, now=SLOT - 24 * HOUR)

    assert office.missed(SLOT + 5 * MINUTE) == [SLOT]


def test_a_clock_that_is_a_little_fast_has_fired_the_slot() -> None:
    office = Office()
    office.calendar.since = LONG_AGO
    office.conclude(SlotVerdict.SEND, now=SLOT - 2 * MINUTE)

    assert office.missed(SLOT + 5 * MINUTE) == []
    assert office.mailer.outbox == []


def test_a_day_before_the_slot_the_editors_hear_once_which_language_of_the_last_issue_is_missing() -> None:
    last = record(slug="2026-11-17-last", status=IssueStatus.SENT, listed=True, date=DAY - timedelta(days=14))
    office = Office(MemoryIssues(record(), replace(last, translated_into=("cy", "pt-BR"))))

    assert [office.look(hours * HOUR) for hours in (48, 25, 24, 23, 2)] == [[], [], ["24h language"], [], []]

    (sent,) = office.mailer.outbox
    assert sent.mail.subject == "editors_language_missing"
    assert "names: Cymraeg, pt-BR" in sent.mail.text
    assert f"issues/{SLUG}.cy.md" in sent.mail.text


def test_nobody_hears_of_languages_that_the_issue_has_or_the_last_one_had_not() -> None:
    last = record(slug="2026-11-17-last", status=IssueStatus.SENT, listed=True, date=DAY - timedelta(days=14))
    bilingual = replace(last, translated_into=("cy",))

    for own, before in ((record(translated_into=("cy-GB",)), bilingual), (record(translated_into=("cy",)), last)):
        office = Office(MemoryIssues(own, before))
        assert office.look(23 * HOUR) == []


def test_an_issue_that_is_translated_after_all_is_no_news() -> None:
    last = record(slug="2026-11-17-last", status=IssueStatus.SENT, listed=True, date=DAY - timedelta(days=14))
    office = Office(MemoryIssues(record(), replace(last, translated_into=("cy",))))
    office.look(24 * HOUR)
    office.put(record(translated_into=("cy",)))

    assert office.look(2 * HOUR) == []
