"""The clock: which days are slots, which issue goes, and only once however often the clock fires."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.calendar.domain.choice import Choice, SlotVerdict
from newsletter.calendar.jobs.choose_issue import choose_issue
from newsletter.calendar.jobs.fire_slot import fire_slot
from newsletter.calendar.ports import SlotPorts
from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.errors import StoreBusyError
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.domain.send import PausedBy, SendState
from newsletter.sending.jobs.open_send import Opening, open_send
from tests.calendar.fakes import MemoryCalendar, MemorySlots
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, record
from tests.issues.fakes import MemoryIssues
from tests.sending.fakes import MemoryQueues, MemorySends

RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
SLOT = datetime(2026, 12, 1, 9, tzinfo=UTC)


def choose(
    issues: MemoryIssues,
    slots: MemorySlots | None = None,
    slot: datetime = SLOT,
    now: datetime = NOW,
    *,
    needs_approval: bool = False,
) -> Choice:
    return choose_issue(
        slot,
        rhythm=RHYTHM,
        late_after=timedelta(hours=6),
        issues=issues,
        slots=slots or MemorySlots(),
        needs_approval=needs_approval,
        now=now,
    )


def opening(issues: MemoryIssues, sends: MemorySends, queues: MemoryQueues, *, needs_approval: bool = False) -> Opening:
    return Opening(
        issues=issues, sends=sends, queues=queues, publish_queue=queues, needs_approval=needs_approval, shards=16
    )


def test_the_oldest_ready_issue_whose_date_has_come_goes() -> None:
    issues = MemoryIssues(
        record(slug="later", date=date(2026, 12, 15)),
        record(slug="newer", date=date(2026, 11, 30)),
        record(slug="older", date=date(2026, 11, 17)),
        record(slug="draft", date=date(2026, 11, 1), status=IssueStatus.DRAFT),
        record(slug="archive-only", date=date(2026, 11, 1), send=SendPolicy.NEVER),
        record(slug="waited-for-its-date", date=date(2026, 11, 24), send=SendPolicy.NOW),
    )

    chosen = choose(issues).record

    assert chosen is not None
    assert chosen.slug == "older"


def test_the_week_between_two_slots_sends_nothing() -> None:
    week_between = SLOT + timedelta(days=7)

    assert choose(MemoryIssues(record()), slot=week_between, now=week_between) == Choice(SlotVerdict.NOT_A_SLOT)


def test_the_daily_clock_sends_nothing_on_any_other_day_of_the_fortnight() -> None:
    for day in range(1, 14):
        tick = SLOT + timedelta(days=day)
        assert choose(MemoryIssues(record()), slot=tick, now=tick) == Choice(SlotVerdict.NOT_A_SLOT)


def test_a_clock_that_is_wrong_by_minutes_means_the_same_slot() -> None:
    for seconds in (-240, -2, 3, 240):
        issues = MemoryIssues(record())
        assert (
            choose(issues, slot=SLOT + timedelta(seconds=seconds), now=SLOT - timedelta(seconds=1)).record == record()
        )


def test_an_issue_that_wanted_to_go_at_once_but_had_to_wait_for_its_date_goes_in_the_next_slot() -> None:
    chosen = choose(MemoryIssues(record(send=SendPolicy.NOW))).record

    assert chosen is not None


@pytest.mark.parametrize(("withdrawn", "because"), [(True, "file was removed"), (False, "held the issue")])
def test_what_is_taken_back_between_the_lock_and_the_header_holds_the_send(withdrawn: bool, because: str) -> None:
    class TakenBack(MemoryIssues):
        """The file is removed, or the issue held, right after the lock, when there is no send to hold yet."""

        def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
            locked = super().begin_sending(slug, content_hash, needs_approval=needs_approval)
            self.by_slug[slug] = replace(self.by_slug[slug], status=IssueStatus.PAUSED, withdrawn=withdrawn)
            return locked

    issues, sends, queues = TakenBack(record()), MemorySends(), MemoryQueues()

    assert open_send(record(), opening=opening(issues, sends, queues), now=NOW) is None
    assert (queues.openings, queues.plans) == ([], [])
    held = sends.get(SLUG)
    assert held is not None
    assert held.state is SendState.PAUSED
    assert because in held.paused_because


def test_a_slot_without_a_ready_issue_says_so() -> None:
    assert choose(MemoryIssues()) == Choice(SlotVerdict.NOTHING_READY)


def test_a_slot_that_fires_too_late_is_refused() -> None:
    assert choose(MemoryIssues(record()), now=SLOT + timedelta(hours=6)).verdict is SlotVerdict.SEND
    assert choose(MemoryIssues(record()), now=SLOT + timedelta(hours=6, seconds=1)) == Choice(SlotVerdict.TOO_LATE)


def test_a_late_repetition_of_a_slot_whose_send_is_begun_is_not_too_late() -> None:
    issues, slots = MemoryIssues(record()), MemorySlots()
    choose(issues, slots)
    much_later = SLOT + timedelta(days=1)
    assert choose(issues, slots, now=much_later) == Choice(SlotVerdict.TOO_LATE)

    issues.set_status(SLUG, IssueStatus.SENDING)

    assert choose(issues, slots, now=much_later).verdict is SlotVerdict.SEND


def test_a_slot_that_fires_twice_sends_one_issue_even_when_the_first_is_sent_already() -> None:
    issues = MemoryIssues(record(slug="first", date=date(2026, 11, 17)), record(slug="second"))
    sends, slots = MemorySends(), MemorySlots()
    choose(issues, slots)
    issues.set_status("first", IssueStatus.SENT)

    again = choose(issues, slots).record

    assert again is not None
    assert again.slug == "first"
    assert open_send(again, opening=opening(issues, sends, MemoryQueues()), now=NOW) is None


def test_a_retried_tick_does_not_send_what_the_editors_moved_meanwhile() -> None:
    issues, slots = MemoryIssues(record()), MemorySlots()
    choose(issues, slots)
    issues.by_slug[SLUG] = record(date=date(2027, 1, 12))

    assert choose(issues, slots) == Choice(SlotVerdict.NOTHING_READY)


def test_opening_locks_the_issue_and_wakes_the_planners_behind_its_page() -> None:
    issues, sends, queues = MemoryIssues(record()), MemorySends(), MemoryQueues()

    send = open_send(record(), opening=opening(issues, sends, queues), now=NOW)

    assert send is not None
    assert send.content_hash == record().content_hash
    assert issues.by_slug[SLUG].status is IssueStatus.SENDING
    assert issues.by_slug[SLUG].listed
    assert (queues.openings, queues.plans) == ([SLUG], [])
    assert queues.settles == [(SLUG, 0)]


def test_an_opening_that_was_cut_off_is_finished_by_the_next_try() -> None:
    issues, sends, queues = MemoryIssues(record()), MemorySends(), MemoryQueues()
    issues.begin_sending(SLUG, record().content_hash, needs_approval=False)

    assert open_send(record(), opening=opening(issues, sends, queues), now=NOW) is not None
    assert (queues.openings, queues.plans) == ([SLUG], [])


def test_an_opening_that_was_cut_off_sends_what_was_locked_and_no_correction_that_came_since() -> None:
    issues, sends = MemoryIssues(record(approved="a" * 64)), MemorySends()
    issues.begin_sending(SLUG, "a" * 64, needs_approval=True)
    corrected = replace(issues.by_slug[SLUG], content_hash="b" * 64)
    assert issues.put(corrected, before=issues.by_slug[SLUG])

    send = open_send(corrected, opening=opening(issues, sends, MemoryQueues(), needs_approval=True), now=NOW)

    assert send is not None
    assert send.content_hash == "a" * 64


def test_an_opening_that_was_cut_off_and_held_meanwhile_gets_a_header_that_somebody_can_resume() -> None:
    issues, sends, queues = MemoryIssues(record()), MemorySends(), MemoryQueues()
    issues.begin_sending(SLUG, record().content_hash, needs_approval=False)
    issues.set_status(SLUG, IssueStatus.PAUSED)

    assert open_send(record(), opening=opening(issues, sends, queues), now=NOW) is None
    assert (queues.openings, queues.plans) == ([], [])
    held = sends.get(SLUG)
    assert held is not None
    assert (held.state, held.paused_by) == (SendState.PAUSED, PausedBy.PERSON)


@pytest.mark.parametrize("status", [IssueStatus.DRAFT, IssueStatus.SENT, IssueStatus.PAUSED, IssueStatus.CANCELLED])
def test_only_a_ready_issue_is_opened(status: IssueStatus) -> None:
    issues, queues = MemoryIssues(record(status=status)), MemoryQueues()

    assert open_send(record(), opening=opening(issues, MemorySends(), queues), now=NOW) is None
    assert (queues.openings, queues.plans) == ([], [])


def test_content_uploaded_at_the_last_moment_is_not_sent_under_the_old_choice() -> None:
    issues, queues = MemoryIssues(record(content_hash="b" * 64)), MemoryQueues()

    assert open_send(record(content_hash="a" * 64), opening=opening(issues, MemorySends(), queues), now=NOW) is None


def test_an_issue_that_waits_for_approval_does_not_go_and_is_named() -> None:
    other = record(approved="b" * 64)

    assert choose(MemoryIssues(other), needs_approval=True) == Choice(SlotVerdict.NOTHING_READY, waiting=(other,))
    assert choose(MemoryIssues(record(approved="a" * 64)), needs_approval=True).verdict is SlotVerdict.SEND
    assert choose(MemoryIssues(other)).verdict is SlotVerdict.SEND


def test_a_held_issue_lets_the_next_one_pass() -> None:
    issues = MemoryIssues(record(slug="held", date=date(2026, 11, 17), held=True), record())

    chosen = choose(issues).record

    assert chosen is not None
    assert chosen.slug == SLUG


def test_an_issue_held_after_it_got_the_slot_is_not_sent_by_a_retry_and_is_named() -> None:
    issues, slots = MemoryIssues(record()), MemorySlots()
    choose(issues, slots)
    held = issues.hold(SLUG, held=True, noted="held")
    assert held is not None

    assert choose(issues, slots) == Choice(SlotVerdict.NOTHING_READY, waiting=(held,))


@pytest.mark.parametrize("waiting", [record(held=True, approved="a" * 64), record(approved="b" * 64)])
def test_nothing_held_or_unapproved_is_ever_opened(waiting: IssueRecord) -> None:
    issues, sends = MemoryIssues(waiting), MemorySends()

    assert open_send(waiting, opening=opening(issues, sends, MemoryQueues(), needs_approval=True), now=NOW) is None
    assert issues.by_slug[SLUG].status is IssueStatus.READY
    assert sends.get(SLUG) is None


@pytest.mark.parametrize(("uploads", "sent"), [(1, True), (100, False)])
def test_an_issue_that_is_replaced_between_choice_and_lock_goes_with_its_new_content(uploads: int, sent: bool) -> None:
    class Busy(MemoryIssues):
        """Somebody uploads the issue again right before it is locked."""

        def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
            nonlocal uploads
            if uploads:
                uploads -= 1
                self.by_slug[slug] = record(content_hash=f"{uploads:064}")
            return super().begin_sending(slug, content_hash, needs_approval=needs_approval)

    issues, sends, queues, calendar = Busy(record()), MemorySends(), MemoryQueues(), MemoryCalendar()
    editors = Editors(MemoryMailer(), PlainMails(), TEAM)
    ports = SlotPorts(issues=issues, slots=MemorySlots(), calendar=calendar, editors=editors, needs_approval=False)

    def fire() -> Choice:
        return fire_slot(
            SLOT, rhythm=RHYTHM, late_after=timedelta(hours=6), ports=ports, opening=opening(issues, sends, queues),
            now=NOW,
        )  # fmt: skip

    if sent:
        assert fire().verdict is SlotVerdict.SEND
        send = sends.get(SLUG)
        assert send is not None
        assert send.content_hash == "0" * 64
    else:
        with pytest.raises(StoreBusyError, match="replaced"):
            fire()
        assert not calendar.notices(SLOT.date())  # so that the watch fires it again
