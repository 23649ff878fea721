"""The page of a send: what it says of each state, and what each button does, with numbers that are true then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.core.team import Role
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import Forecast
from newsletter.sending.domain.live_count import LiveCount
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.wiring import App
from tests.core.fakes import NOW
from tests.desk.desk_browser import DeskBrowser
from tests.factories import SLUG, an_id, record

URL = f"/desk/sends/{SLUG}/"


@pytest.fixture
def app(owner: DeskBrowser) -> App:
    """Eight readers: three have it, two are in a worker's hands, two wait, one failed; one more has no batch yet."""
    app, now = owner.deployment.app, owner.deployment.now()
    app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
    opened = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now - timedelta(minutes=2))
    forecast = Forecast(recipients=9, duration=timedelta(minutes=3), beyond_quota=0, ses_fee=0, own_fee=0)
    foreseen = opened.foreseen(forecast)
    assert foreseen is not None
    app.sends.open(foreseen)
    done = Batch.of(SLUG, "00", tuple(map(an_id, (1, 2, 3, 4))), now=now)
    outcomes = dict.fromkeys(done.ids[:3], Outcome.SENT) | {done.ids[3]: Outcome.REJECTED}
    app.sends.add_batch(done.claimed("w", now=now).recorded(outcomes, now=now))
    app.sends.add_batch(Batch.of(SLUG, "05", tuple(map(an_id, (5, 6))), now=now).claimed("w", now=now))
    app.sends.add_batch(Batch.of(SLUG, "07", tuple(map(an_id, (7, 8))), now=now))
    return app


def close(app: App) -> None:
    books = Books(audience=5, sent=3, skipped={"cancelled": 1}, failed={"rejected": 1})
    closed = app.sends.change(SLUG, lambda send: replace(send, state=SendState.CLOSED, books=books, closed_at=NOW))
    assert closed is not None
    app.issues.set_status(SLUG, IssueStatus.SENT)


def state(app: App) -> SendState:
    send = app.sends.get(SLUG)
    assert send is not None
    return send.state


def test_an_open_send_says_who_has_it_who_is_on_the_way_and_what_was_forecast(owner: DeskBrowser, app: App) -> None:
    words = owner.get(URL).words

    assert "3 of 9 have it" in words
    assert "Sent 3 Waiting 3 On their way 2" in words
    assert "Failed 1 1 refused by SES" in words
    assert "0.05 a second in the last minute; at this pace it takes about 2 minutes more." in words
    assert "The forecast was about 3 minutes for 9 readers" in words


def test_a_pause_takes_a_reason_and_says_at_once_what_it_means(owner: DeskBrowser, app: App) -> None:
    asked = owner.post(f"{URL}pause", because=" ")
    assert (asked.status, state(app)) == (409, SendState.OPEN)
    assert "Please say why" in asked.words
    assert (
        "3 have it. Up to 2 more are on their way, and may still get it. 3 wait until somebody resumes it."
        in asked.words
    )

    done = owner.post(f"{URL}pause", because="A wrong number in the table")

    assert (done.status, done.location, state(app)) == (303, f"{URL}?done=pause", SendState.PAUSED)
    words = owner.get(done.location).words
    assert "Paused. Nothing more is handed over until somebody resumes it." in words
    assert "Ada paused it. A wrong number in the table" in words
    assert owner.log() == [("paused the send of", SLUG)]


def test_a_paused_send_is_resumed(owner: DeskBrowser, app: App) -> None:
    owner.post(f"{URL}pause", because="A wrong number")
    assert "5 more get it." in owner.get(URL).words
    owner.deployment.drain("publish")

    assert owner.post(f"{URL}resume").location == f"{URL}?done=resume"
    assert state(app) is SendState.OPEN
    assert owner.deployment.in_queue("publish") == 1


def test_who_stops_a_send_reads_before_who_has_it_who_may_and_who_does_not(owner: DeskBrowser, app: App) -> None:
    words = owner.get(f"{URL}cancel/").words
    assert "3 have it, and keep it." in words
    assert "Up to 2 more are on their way, and may get it too." in words
    assert "3 do not get it." in words

    assert owner.post(f"{URL}cancel").status == 409
    assert state(app) is SendState.OPEN
    done = owner.post(f"{URL}cancel", because="The wrong issue")

    assert (done.location, state(app)) == (f"{URL}?done=cancel", SendState.CANCELLING)
    after = owner.get(done.location).words
    assert "Ada stopped it" in after
    assert "The wrong issue" in after
    (line,) = app.activities.month(f"{owner.deployment.now():%Y-%m}", most=5)
    assert line.details == "The wrong issue (3 had it, 2 more were on their way)"
    assert "there is nothing left to stop" in owner.get(f"{URL}cancel/").words


def test_those_for_whom_it_failed_are_tried_again(owner: DeskBrowser, app: App) -> None:
    close(app)
    assert "1 for whom it failed is tried again." in owner.get(URL).words

    assert owner.post(f"{URL}retry").location == f"{URL}?done=retry"
    assert state(app) is SendState.OPEN
    assert owner.log() == [("tried the failed ones again of", SLUG)]


def test_a_closed_send_goes_to_the_rest(owner: DeskBrowser, app: App) -> None:
    close(app)
    assert "1 who was skipped is asked for again" in owner.get(URL).words

    assert owner.post(f"{URL}rest").location == f"{URL}?done=rest"
    send = app.sends.get(SLUG)
    assert send is not None
    assert (send.state, send.round) == (SendState.OPEN, 2)


@pytest.mark.parametrize("act", ["resume", "retry", "rest"])
def test_what_a_send_cannot_do_in_its_state_is_refused_in_a_sentence(owner: DeskBrowser, app: App, act: str) -> None:
    owner.post(f"{URL}cancel", because="The wrong issue")

    refused = owner.post(f"{URL}{act}")

    assert refused.status == 409
    assert "Nothing was changed." in refused.words
    assert state(app) is SendState.CANCELLING


def test_a_pause_by_the_circuit_breaker_says_so_and_names_nobody(owner: DeskBrowser, app: App) -> None:
    app.sends.pause(SLUG, "5 of 60 bounced.", by=PausedBy.BREAKER, now=owner.deployment.now())

    assert "Too many emails bounced, or too many readers complained. 5 of 60 bounced." in owner.get(URL).words


def test_a_writer_looks_and_an_approver_steers(owner: DeskBrowser, writer: DeskBrowser, app: App) -> None:
    assert "What you can do" not in writer.get(URL).words
    assert writer.get(f"{URL}cancel/").status == 403
    for act in ("pause", "resume", "cancel", "retry", "rest"):
        assert writer.post(f"{URL}{act}", because="I want to").status == 403
    assert state(app) is SendState.OPEN

    approver = DeskBrowser(owner.deployment, {Role.APPROVER}, "ben@example.org")
    assert approver.post(f"{URL}pause", because="A wrong number").status == 303


def test_an_old_session_may_pause_and_signs_in_again_for_the_rest(owner: DeskBrowser, app: App) -> None:
    old = replace(owner.session, opened_at=owner.deployment.now() - timedelta(hours=1))
    app.sessions.open(old)

    assert owner.post(f"{URL}pause", because="A wrong number").status == 303
    assert "Sign in once more" in owner.get(URL).words
    refused = owner.post(f"{URL}cancel", because="The wrong issue")
    assert (refused.status, refused.location) == (303, f"/desk/sign-in?next={URL}cancel/&again=yes")
    assert owner.post(f"{URL}resume").location == f"/desk/sign-in?next={URL}&again=yes"
    assert state(app) is SendState.PAUSED


@pytest.mark.parametrize("path", ["/desk/sends/no-such-send/", "/desk/sends/no-such-send/cancel/"])
def test_there_is_no_page_of_a_send_that_never_was(owner: DeskBrowser, path: str) -> None:
    assert owner.get(path).status == 404
    assert owner.post("/desk/sends/no-such-send/resume").status == 404


def test_who_is_in_the_hands_of_a_worker_counts_apart_from_who_waits() -> None:
    ids = tuple(map(an_id, range(3)))
    planned = Batch.of(SLUG, "00", ids, now=NOW)

    assert LiveCount.of([planned], now=NOW).untouched == 3
    claimed = LiveCount.of([planned.claimed("w", now=NOW)], now=NOW)
    assert (claimed.untouched, claimed.in_hand, claimed.books.waiting) == (0, 3, 3)
    done = planned.claimed("w", now=NOW).recorded(dict.fromkeys(ids, Outcome.SENT), now=NOW)
    later = LiveCount.of([done], now=NOW + timedelta(minutes=2))
    assert (later.in_hand, later.sent_lately, LiveCount.of([done], now=NOW).sent_lately) == (0, 0, 3)
