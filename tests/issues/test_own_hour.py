"""An hour of its own in the file of an issue: read, checked, stored, said in words, and asked for when it is near."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import WallTime
from newsletter.errors import InvalidIssueError
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import Issue, IssueStatus, Problem, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.own_links import Neighbour, why_not_there
from newsletter.issues.domain.send_time import expected_hours, expected_slots, goes_out, send_time_sentence
from newsletter.issues.writing.front_matter import parse_issue, read_translation
from newsletter.issues.writing.markdown import Markdown
from tests.factories import record
from tests.issues.test_preflight import look

RHYTHM = Rhythm(anchor=datetime.date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
DAY = datetime.date(2026, 12, 3)
HALF_PAST_TWO = WallTime(DAY, 14, 30)
MOMENT = datetime.datetime(2026, 12, 3, 14, 30, tzinfo=datetime.UTC)
FILE = "---\ntitle: More for more\ndate: 2026-12-01\nsend: {}\n---\n\nThe text.\n"


def parsed(send: str) -> Issue:
    return parse_issue("2026-12-01-more", FILE.format(send).encode())


def problem_of(send: str) -> Problem:
    with pytest.raises(InvalidIssueError) as refusal:
        parsed(send)
    (problem,) = refusal.value.problems
    assert isinstance(problem, Problem)
    return problem


def at_its_hour(**changes: Any) -> IssueRecord:
    return record(**{"send": SendPolicy.AT, "send_at": HALF_PAST_TWO, **changes})


@pytest.mark.parametrize(
    "written",
    ["2026-12-03 14:30", '"2026-12-03 14:30"', "2026-12-03T14:30", "2026-12-03  14:30", "2026-12-3, 14.30"],
)
def test_an_hour_is_read_as_people_and_programs_write_it(written: str) -> None:
    issue = parsed(written)

    assert (issue.send, issue.send_at) == (SendPolicy.AT, HALF_PAST_TWO)
    assert issue.send_at is not None
    assert WallTime.parse(str(issue.send_at)) == issue.send_at


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("2026-12-03", "send: 2026-12-03 14:30"),
        ("14:30", "year, month, day and time"),
        ("2026-12-03 14:30:00", "Leave the seconds out: send: 2026-12-03 14:30"),
        ("2026-12-03T14:30:00.000Z", "Leave out what follows the time"),
        ("2026-12-03 14:30 UTC", "Leave out what follows the time"),
        ("2026-12-03 14:30+01:00", "Leave out what follows the time"),
        ("2026-12-03 2:30 pm", "24 hours"),
        ("2026-12-03 24:00", "send: 2026-12-04 00:00"),
        ("9999-12-31 24:00", "00:00 to 23:59"),
        ("2026-12-03 25:00", "00:00 to 23:59"),
        ("2026-12-03 14:60", "00:00 to 23:59"),
        ("2026-02-30 09:00", "There is no such day"),
        ("9999-12-03 14:30", "Use a year from 1900 to 2199"),
        ("0000-12-03 14:30", "There is no such day"),
        ("3/12/2026 14:30", "year, month, day and time"),
        ("2026-11-30 09:00", "Write date: 2026-11-30, or a later hour"),
    ],
)
def test_an_hour_that_cannot_be_meant_is_refused_with_its_line_and_what_to_write(written: str, remedy: str) -> None:
    problem = problem_of(written)

    assert problem.line == 4
    assert remedy in problem.remedy


@pytest.mark.parametrize("written", ["at", "later", "tomorrow at 9"])
def test_another_word_is_refused_and_the_hour_is_among_what_is_offered(written: str) -> None:
    assert problem_of(written).remedy == "Use scheduled, now or never, or an hour such as 2026-12-03 14:30."


def test_a_translation_has_the_hour_of_its_original_and_names_no_other() -> None:
    original = parsed("2026-12-03 14:30")

    def translated(line: str) -> Issue:
        source = f"---\ntitle: Mwy am fwy\n{line}---\n\nY testun.\n".encode()
        return read_translation(original, "cy", source, Markdown())[0]

    assert translated("").send_at == translated("send: 2026-12-03 14:30\n").send_at == HALF_PAST_TWO
    with pytest.raises(InvalidIssueError, match="2026-12-01-more.cy.md"):
        translated("send: 2026-12-03 16:00\n")


def found(others: tuple[IssueRecord, ...] = (), today: datetime.date = DAY, **changes: Any) -> list[str]:
    """Return the codes of findings about the hour, at midnight of a day."""
    preflight = look(send=SendPolicy.AT, others=others, today=today, **{"send_at": HALF_PAST_TWO, **changes})
    return [each.code for each in preflight.findings if each.check in ("hour", "date")]


def test_an_hour_to_come_is_not_remarked_on_and_one_that_is_over_holds_the_issue_up() -> None:
    assert found() == []
    assert found(today=DAY + datetime.timedelta(days=1)) == ["hour-past"]
    assert found(send_at=WallTime(DAY, 0, 0)) == ["hour-past"], "this very minute is over"


def test_a_correction_of_what_waits_since_its_hour_or_is_sent_needs_no_other_hour() -> None:
    tomorrow, own = DAY + datetime.timedelta(days=1), {"slug": "2026-12-01-words"}
    assert found((at_its_hour(**own),), tomorrow) == []
    assert found((record(**own, status=IssueStatus.SENT),), tomorrow) == []
    assert found((record(**own),), tomorrow) == ["hour-past"], "it waited for a slot"
    assert found((at_its_hour(**own, status=IssueStatus.DRAFT),), tomorrow) == ["hour-past"]


def test_a_year_that_is_a_slip_of_the_keyboard_is_refused() -> None:
    assert found(send_at=WallTime(datetime.date(2036, 12, 3), 14, 30)) == ["hour-far"]


def test_two_emails_of_one_minute_are_pointed_out() -> None:
    assert found((at_its_hour(slug="other"),)) == ["hour-shared"]
    assert found((at_its_hour(slug="other", status=IssueStatus.SENT), record(slug="another"))) == []


def test_what_has_its_own_hour_takes_no_slot_and_is_listed_at_its_hour() -> None:
    ready = [at_its_hour(slug="own", date=datetime.date(2026, 11, 3)), record()]
    now = MOMENT - datetime.timedelta(days=7)

    assert expected_slots(ready, RHYTHM, now=now) == {
        ready[1].slug: datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC)
    }
    assert expected_hours(ready, RHYTHM) == {"own": MOMENT}
    assert goes_out(ready[0], ready, RHYTHM, now=now) == MOMENT


@pytest.mark.parametrize(
    ("changes", "needs_approval", "said"),
    [
        ({}, False, "It goes out on Thursday 3 December 2026 at 14:30 (Europe/London)."),
        ({}, True, "It goes out on Thursday 3 December 2026 at 14:30 (Europe/London), if somebody has approved"),
        ({"held": True}, True, "It is on hold"),
        ({"status": IssueStatus.DRAFT}, False, "This is a draft"),
    ],
    ids=["free", "not approved", "held", "draft"],
)
def test_the_preview_says_the_moment(changes: dict[str, Any], needs_approval: bool, said: str) -> None:
    sentence = send_time_sentence(
        at_its_hour(**changes), [], RHYTHM, needs_approval=needs_approval, now=MOMENT - datetime.timedelta(days=1)
    )

    assert said in sentence


def test_the_preview_says_the_moment_that_the_clocks_have_where_they_jump_over_the_hour() -> None:
    jumped = at_its_hour(send_at=WallTime(datetime.date(2027, 3, 28), 1, 30))

    sentence = send_time_sentence(jumped, [], RHYTHM, needs_approval=False, now=MOMENT)

    assert sentence == "It goes out on Sunday 28 March 2027 at 02:00 (Europe/London)."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Approved until Thursday 3 December 2026 at 20:30, it goes out at once"),
        ({"held": True}, "Released until Thursday 3 December 2026 at 20:30, it goes out at once"),
        ({"approved": "a" * 64}, "It goes out in a moment"),
    ],
    ids=["not approved", "held", "approved"],
)
def test_once_the_hour_is_over_the_sentence_says_what_a_press_would_do(changes: dict[str, Any], said: str) -> None:
    sentence = send_time_sentence(at_its_hour(**changes), [], RHYTHM, needs_approval=True, now=MOMENT)

    assert sentence.startswith("It was to go out on Thursday 3 December 2026 at 14:30")
    assert said in sentence


def test_an_hour_that_is_over_for_too_long_needs_another() -> None:
    for waits in (at_its_hour(), at_its_hour(approved="a" * 64)):
        sentence = send_time_sentence(
            waits, [], RHYTHM, needs_approval=True, now=MOMENT + datetime.timedelta(hours=6, seconds=1)
        )
        assert sentence.endswith("To send it after all, give it another hour in “send”, or write “send: now”.")


def test_an_issue_may_link_to_one_that_went_out_by_its_own_hour() -> None:
    later, earlier = at_its_hour(slug="own"), at_its_hour(slug="own", send_at=WallTime(DAY, 9, 0))

    assert why_not_there(Neighbour(later), parsed("2026-12-03 12:00")) == "goes out later"
    assert why_not_there(Neighbour(earlier), parsed("2026-12-03 12:00")) == ""
    assert why_not_there(Neighbour(later), parsed("scheduled")) == "goes out later"
    assert why_not_there(Neighbour(record()), parsed("2026-12-03 12:00")) == ""


def test_an_earlier_release_reads_the_record_and_takes_the_issue_for_one_of_the_slots(dynamodb: Any) -> None:
    """It knows three words in `send`, and stops at any other."""
    assert DynamoIssues(dynamodb, "IssuesTable").put(at_its_hour(), before=None)

    (item,) = dynamodb.scan(TableName="IssuesTable")["Items"]

    assert (item["send"], item["send_at"]) == ({"S": "scheduled"}, {"S": "2026-12-03 14:30"})
