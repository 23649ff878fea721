"""control: operators look at the coming slots, and decide about single days."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.control.handler import lambda_handler as control
from functions.schedule.handler import lambda_handler as schedule
from functions.settle.handler import lambda_handler as settle
from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import time_zone
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.send import Send, SendState
from tests.core.fakes import NOW
from tests.factories import SLUG, record, rendered, subscriber
from tests.functions.conftest import Deployment


@pytest.fixture
def tuesday(deployment: Deployment) -> date:
    """The day of the next slot but one, from the real clock that the handler reads; a slot is at nine in London."""
    anchor = deployment.now().date() + timedelta(days=1)
    deployment.app.rhythm = Rhythm(anchor=anchor, time_zone=time_zone("Europe/London"))
    return anchor + timedelta(days=14)


def ask(deployment: Deployment, **wish: Any) -> Any:
    return control(wish, deployment.context)


def test_the_next_slots_are_listed_with_what_was_decided(deployment: Deployment, tuesday: date) -> None:
    answer = deployment.invoke(control, "control/slots")

    slots = [datetime.fromisoformat(slot) for slot in answer["next"]]
    assert [slot.date() for slot in slots] == [tuesday + timedelta(days=days) for days in (-14, 0, 14)]
    assert {slot.hour for slot in slots} == {9}
    assert (answer["skipped"], answer["extra"]) == ([], [])
    assert len(ask(deployment, action="slots")["next"]) == 26


def test_a_skipped_slot_does_not_fire_until_it_is_taken_back(deployment: Deployment, tuesday: date) -> None:
    tick = {"scheduled_time": f"{tuesday}T09:00:00Z"}

    answer = ask(deployment, action="skip", day=tuesday.isoformat(), because="Christmas break")

    assert answer["skipped"] == [tuesday.isoformat()]
    assert answer["reasons"] == {tuesday.isoformat(): "Christmas break"}
    assert not any(slot.startswith(tuesday.isoformat()) for slot in answer["next"])
    assert schedule(tick, deployment.context)["verdict"] == "not_a_slot"
    taken_back = ask(deployment, action="unskip", day=tuesday.isoformat())
    assert (taken_back["skipped"], taken_back["reasons"]) == ([], {})
    assert schedule(tick, deployment.context)["verdict"] == "nothing_ready"


def test_an_extra_day_fires_until_it_is_taken_back(deployment: Deployment, tuesday: date) -> None:
    extra = (tuesday + timedelta(days=3)).isoformat()
    tick = {"scheduled_time": f"{extra}T09:00:00Z"}

    assert ask(deployment, action="extra", day=extra)["extra"] == [extra]
    assert schedule(tick, deployment.context)["verdict"] == "nothing_ready"
    assert ask(deployment, action="unextra", day=extra)["extra"] == []
    assert schedule(tick, deployment.context)["verdict"] == "not_a_slot"


@pytest.mark.parametrize("name", ["skip", "unskip", "extra", "unextra"])
def test_a_day_that_is_over_is_refused_with_a_sentence(deployment: Deployment, name: str) -> None:
    deployment.app.rhythm = Rhythm(anchor=date(2026, 12, 1), time_zone=time_zone("Pacific/Kiritimati"))
    wish = {"action": name, "day": (deployment.now() - timedelta(days=2)).date().isoformat()}

    assert "would be over" in control(wish, deployment.context)["error"]
    assert deployment.app.calendar.get() == deployment.app.rhythm.calendar


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({}, "there is no action None; there are approve_issue, cancel, doubtful, end_preview, extra"),
        ({"action": "destroy"}, "there is no action 'destroy'"),
        ({"action": ["skip"]}, "there is no action"),
        ([], "there is no action None"),
        ({"action": "skip"}, '"day" should be a day such as'),
        ({"action": "skip", "day": "next Tuesday"}, '"day" should be a day such as'),
        ({"action": "extra", "day": 20261229}, '"day" should be a day such as'),
        ({"action": "pause", "slug": SLUG}, '"because" should be a text'),
        ({"action": "status"}, '"slug" should be a text'),
        ({"action": "status", "slug": "../x"}, "should be the name of an issue"),
        ({"action": "status", "slug": "no-such-issue"}, "there is no send of no-such-issue"),
        ({"action": "look_up", "slug": SLUG, "email": "x@example.org"}, "there is no send"),
        ({"action": "doubtful", "slug": SLUG}, "there is no send"),
        ({"action": "slots", "number": 0}, "a whole number from 1 to"),
        ({"action": "slots", "number": True}, "a whole number from 1 to"),
        ({"action": "slots", "number": 10**9}, "a whole number from 1 to"),
    ],
)
def test_what_cannot_be_understood_is_answered_with_what_can(deployment: Deployment, wish: Any, sentence: str) -> None:
    assert sentence in control(wish, deployment.context)["error"]


def test_the_days_of_the_calendar_are_shown_only_while_they_are_to_come(deployment: Deployment, tuesday: date) -> None:
    deployment.app.calendar.set_skipped(date(2020, 1, 7), skipped=True)
    deployment.app.calendar.set_extra(date(2020, 1, 8), extra=True)

    answer = ask(deployment, action="slots")

    assert (answer["skipped"], answer["extra"]) == ([], [])


def test_a_send_is_held_looked_at_resumed_and_cancelled(deployment: Deployment) -> None:
    app = deployment.app
    app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))

    held = ask(deployment, action="pause", slug=SLUG, because="A mistake in the text.")
    assert (held["state"], held["paused_by"], held["paused_because"]) == ("paused", "person", "A mistake in the text.")
    assert held["books"] == {
        "audience": 0, "sent": 0, "waiting": 0, "unknown": 0, "skipped": {}, "failed": {}, "found_late": 0,
        "perhaps_twice": 0, "balanced": True,
    }  # fmt: skip
    assert ask(deployment, action="resume", slug=SLUG)["state"] == "open"
    assert deployment.in_queue("publish") == 1  # the page, and behind it the planners
    found = ask(deployment, action="look_up", slug=SLUG, email="nobody@example.org")
    assert (found["outcome"], found["why"]) == ("not in the audience", "Nobody with this address is on the list.")
    assert ask(deployment, action="cancel", slug=SLUG, because="The wrong issue.")["state"] == "cancelling"
    assert "cannot be resumed" in ask(deployment, action="resume", slug=SLUG)["error"]
    assert "until its books are closed" in ask(deployment, action="send_to_rest", slug=SLUG)["error"]
    json.dumps(ask(deployment, action="status", slug=SLUG))


def test_what_is_expected_of_a_send_is_shown_once_it_was_looked_at(deployment: Deployment) -> None:
    app = deployment.app
    for number in (1, 2):
        deployment.save(subscriber(number))
    app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=deployment.now()))
    assert ask(deployment, action="status", slug=SLUG)["forecast"] is None

    deployment.invoke(settle, "settle/send")

    status = ask(deployment, action="status", slug=SLUG)
    assert status["forecast"] == {
        "recipients": 2, "duration": "less than a minute", "seconds": 0, "beyond_quota": 0,
        "ses_usd": 0.0, "own_usd": 0.0,
    }  # fmt: skip
    opened, expected = (datetime.fromisoformat(status[name]) for name in ("opened_at", "expected_end"))
    assert timedelta(minutes=10) < expected - opened < timedelta(minutes=11)


def test_a_test_mail_and_a_rehearsal_leave_the_issue_as_it_was(deployment: Deployment) -> None:
    app = deployment.app
    app.issues.put(record(), before=None)
    app.content.put_rendered(rendered())

    assert ask(deployment, action="test", slug=SLUG, email="me@example.org") == {
        "slug": SLUG,
        "sent": 1,
        "languages": ["en"],
    }
    (mail,) = deployment.ses.messages(to="me@example.org")
    assert mail["tags"]["kind"] == "test"
    rehearsal = ask(deployment, action="rehearse", slug=SLUG)
    assert (rehearsal["slug"], rehearsal["state"]) == (f"{SLUG}_rehearsal_1", "open")
    assert app.issues.get(SLUG) == record()
    assert app.sends.get(SLUG) is None


def test_issues_are_listed_newest_first_with_their_books_in_short(deployment: Deployment) -> None:
    app = deployment.app
    books = Books(audience=5, sent=3, skipped={"muted": 1}, failed={"gave_up": 1})
    app.issues.put(record(status=IssueStatus.SENT, sent_at=NOW), before=None)
    app.issues.put(replace(record(), slug="2026-12-15-next", date=date(2026, 12, 15), withdrawn=True), before=None)
    opened = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW)
    app.sends.open(replace(opened, state=SendState.CLOSED, books=books, closed_at=NOW))

    first, second = ask(deployment, action="issues")["issues"]

    assert (first["slug"], first["status"], first["books"]) == ("2026-12-15-next", "withdrawn", None)
    assert (second["slug"], second["status"], second["sent_at"]) == (SLUG, "sent", NOW.isoformat())
    assert second["books"] == {"audience": 5, "sent": 3, "skipped": 1, "failed": 1}
    assert [each["slug"] for each in ask(deployment, action="issues", number=1)["issues"]] == ["2026-12-15-next"]


def test_each_slot_names_the_issue_that_is_expected_in_it(deployment: Deployment, tuesday: date) -> None:
    for number, name in enumerate(["first", "second", "held"]):
        one = replace(record(), slug=f"2026-11-0{number + 1}-{name}", date=date(2026, 11, number + 1))
        deployment.app.issues.put(replace(one, held=name == "held"), before=None)

    answer = ask(deployment, action="slots", number=3)

    first, second, _ = answer["next"]
    assert answer["issues"] == {first: "2026-11-01-first", second: "2026-11-02-second"}


def test_an_issue_says_when_it_goes_out(deployment: Deployment, tuesday: date) -> None:
    deployment.app.issues.put(record(version="v1", announced="file page"), before=None)

    answer = ask(deployment, action="issue", slug=SLUG)

    assert answer["outlook"].startswith("It goes out on ")
    assert (answer["status"], answer["version"], answer["announced"]) == ("ready", "v1", "file page")
    assert "upload issues/no-such.md first" in ask(deployment, action="issue", slug="no-such")["error"]


def test_a_decision_at_the_command_line_is_mailed_to_the_editors_once(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)

    held = ask(deployment, action="hold_issue", slug=SLUG)
    assert held == {"slug": SLUG, "outcome": "held", "content": record().content_hash}
    assert ask(deployment, action="hold_issue", slug=SLUG)["outcome"] == "already"
    assert ask(deployment, action="release_issue", slug=SLUG)["outcome"] == "released"

    of_hold, of_release = reversed(deployment.ses.messages(to="editors@example.org"))
    assert "at the command line" in " ".join(of_hold["text"].split())
    assert "with a link" not in of_hold["html"] + of_release["text"]


def test_only_the_content_that_was_looked_at_is_approved(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    seen = ask(deployment, action="issue", slug=SLUG)["content_hash"]

    assert '"content" should be a text' in ask(deployment, action="approve_issue", slug=SLUG)["error"]
    refused = ask(deployment, action="approve_issue", slug=SLUG, content="f" * 64)
    assert "a newer version of" in refused["error"]
    assert ask(deployment, action="approve_issue", slug=SLUG, content=seen)["outcome"] == "approved"
    assert ask(deployment, action="issue", slug=SLUG)["approved"] is True


def test_an_issue_is_withdrawn_by_removing_its_file(deployment: Deployment) -> None:
    deployment.put(f"issues/{SLUG}.md", b"text")
    deployment.app.issues.put(record(), before=None)

    assert ask(deployment, action="withdraw_issue", slug=SLUG)["outcome"] == "withdrawn"
    assert deployment.app.content.read(f"issues/{SLUG}.md") is None
    assert "there is no issue" in ask(deployment, action="withdraw_issue", slug="no-such")["error"]


def test_what_a_desk_needs_to_check_an_issue_is_told_and_nothing_secret(deployment: Deployment) -> None:
    answer = ask(deployment, action="newsletter")

    assert (answer["name"], answer["public_url"]) == ("Fortnightly Briefing", "https://briefing.example.org")
    assert not any("key" in name or "secret" in name or "table" in name for name in answer)
