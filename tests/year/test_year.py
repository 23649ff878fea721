"""A winter on the virtual clock: the promises hold, and each of them can be broken."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.issues.jobs.refresh_archive import FEEDS
from newsletter.reports.domain.metrics import Metric
from tests.year.__main__ import day
from tests.year.cast import Habit, Person
from tests.year.clocks import Clock, clocks
from tests.year.editors import Plan
from tests.year.page import lines, verdict
from tests.year.promises import PROMISES, broken
from tests.year.story import Story, told

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def winter() -> Iterator[Story]:
    """Fourteen weeks, seven slots: one is skipped, one finds nothing ready, one an issue on hold."""
    with told(date(2027, 2, 24)) as story:
        story.run()
        yield story


def test_a_winter_keeps_every_promise(winter: Story) -> None:
    assert broken(winter) == []
    assert [slot.plan for slot in winter.past_slots] == [
        Plan.IN_TIME, Plan.MENDED, Plan.SKIPPED, Plan.LAST_MINUTE, Plan.NONE, Plan.HELD, Plan.CARRIED,
    ]  # fmt: skip
    assert {person.habit for person in winter.cast} == set(Habit)


def test_it_is_drawn_as_a_calendar_for_a_terminal(winter: Story) -> None:
    drawn = [*lines(winter), *verdict(winter)]

    assert max(map(len, drawn)) <= 80
    assert any(" 1*" in line for line in drawn)
    assert any("29-" in line for line in drawn)
    assert any("26!" in line for line in drawn)
    assert any(" 9h" in line for line in drawn)


def test_each_promise_is_told_with_what_broke_it_in_80_columns(winter: Story) -> None:
    assert [line[:5] for line in verdict(winter)] == ["  yes"] * len(PROMISES)

    winter.stack.failures.append(f"2026-12-01 09:00 BatchQueue: {'x' * 30} {'y' * 50}")
    told_of = list(verdict(winter))
    winter.stack.failures.clear()

    assert [line[:5] for line in told_of].count("  NO ") == 1
    assert any("BatchQueue" in line for line in told_of)
    assert max(map(len, told_of)) <= 80


def test_a_clock_that_rested_and_then_finds_work_is_a_broken_promise(winter: Story) -> None:
    stack = winter.stack
    tick = Clock("Late", "PublishQueue", '{"refresh": "archive"}', None, timedelta(hours=1))
    stack._tick(tick, overdue=True)
    found_nothing = list(stack.overslept)

    stack.deployment.put(FEEDS, b"[]", bucket="site")  # somebody wrote over a list
    stack._tick(tick, overdue=True)
    found = list(stack.overslept)
    stack.overslept.clear()

    assert found_nothing == []
    assert len(found) == 1


def a_reader(story: Story, *, issues: int = 3) -> Person:
    return next(each for each in story.cast if sum(kind == "issue" for _, kind, _ in each.mails) >= issues)


def _lose_a_mail(story: Story) -> None:
    person = a_reader(story)
    person.mails.remove(next(each for each in person.mails if each[1] == "issue"))


def _send_one_twice(story: Story) -> None:
    person = a_reader(story)
    person.mails.append(next(each for each in person.mails if each[1] == "issue"))


def _send_one_to_a_stranger(story: Story) -> None:
    stranger = next(each for each in story.cast if not each.joined)
    stranger.mails.append(next(each for each in a_reader(story).mails if each[1] == "issue"))


def _send_late(story: Story) -> None:
    slot = story.past_slots[0]
    for person in story.cast:
        person.mails = [
            (at + timedelta(hours=1) if name == slot.slug else at, kind, name) for at, kind, name in person.mails
        ]


def _warn_nobody(story: Story) -> None:
    next(slot for slot in story.past_slots if slot.plan is Plan.NONE).warnings.clear()


def _report_nothing(story: Story) -> None:
    story.past_slots[0].reports.clear()


def _remind_a_reader(story: Story) -> None:
    person = a_reader(story)
    person.mails.append((person.mails[0][0] + timedelta(days=3), "reminder", ""))


def _keep_who_never_confirmed(story: Story) -> None:
    next(each for each in story.cast if each.joined).joined.clear()


def _forget_a_reader(story: Story) -> None:
    a_reader(story).left.append(story.end - timedelta(days=60))


def _send_although_held(story: Story) -> None:
    slot = next(each for each in story.past_slots if each.plan is Plan.HELD)
    a_reader(story).mails.append((slot.moment, "issue", slot.slug))


def _ring(story: Story) -> None:
    story.watch.emit({Metric.DEAD_LETTERS: 1})


def _oversleep(story: Story) -> None:
    story.stack.overslept.append("2026-12-01 09:00 ArchiveClock")


def _fail(story: Story) -> None:
    story.stack.failures.append("2026-12-01 09:00 BatchQueue: {}")


@pytest.mark.parametrize(
    "breaks",
    [
        _lose_a_mail, _send_one_twice, _send_one_to_a_stranger, _send_late, _warn_nobody, _report_nothing,
        _remind_a_reader, _keep_who_never_confirmed, _forget_a_reader, _fail,
        _send_although_held, _ring, _oversleep,
    ],
)  # fmt: skip
def test_a_broken_promise_is_told(winter: Story, breaks: Callable[[Story], None]) -> None:
    told_of = [(list(each.mails), list(each.joined), list(each.left)) for each in winter.cast]
    slots = [(list(slot.warnings), list(slot.reports)) for slot in winter.slots]

    breaks(winter)
    found = broken(winter)
    for person, (mails, joined, left) in zip(winter.cast, told_of, strict=True):
        person.mails, person.joined, person.left = mails, joined, left
    for slot, (warnings, reports) in zip(winter.slots, slots, strict=True):
        slot.warnings, slot.reports = warnings, reports
    for noted in (winter.stack.failures, winter.stack.overslept, winter.watch.rang):
        noted.clear()

    assert found


def test_a_daily_clock_keeps_its_hour_when_the_clocks_change() -> None:
    clock = Clock("Day", "", "{}", (9, 0))
    eve = datetime(2027, 3, 27, 12, tzinfo=LONDON)

    assert clock.next_after(eve, LONDON) == datetime(2027, 3, 28, 9, tzinfo=LONDON)


def test_a_clock_that_nobody_can_read_is_an_error() -> None:
    target = {"Arn": {"Fn::GetAtt": "PlanQueue.Arn"}, "Input": "{}"}
    schedule = {"ScheduleExpression": "cron(0 9 ? * TUE *)", "Target": target}

    with pytest.raises(ValueError, match="Weekly"):
        list(clocks({"Weekly": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule}}, {}))


@pytest.mark.parametrize("text", ["tomorrow", "2026-12-01", "2026-02-30", "2099-01-01"])
def test_a_day_that_is_none_or_out_of_reach_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        day(text)
