"""`accountability`: what the pack says is what the tables hold, and no address is in it."""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.retention import kept_receipt, tombstone
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.reports.domain.report_name import GROWTH
from newsletter.reports.domain.retention_run import RetentionRun
from newsletter.sending.domain.batch import Batch, BatchState
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send, SendState
from newsletter.wiring import App
from tests.cli.people.conftest import Command
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record, subscriber

DAY = timedelta(days=1)
OLD_SLUG = "2026-03-03-older"


def receipt(app: App, at: datetime = NOW - 20 * DAY, **changes: Any) -> Consent:
    return replace(Consent(asked_at=at, page="/about", words="Yes.", confirmed_at=at), **changes).sealed(
        app.address_key
    )


def put(app: App, number: int, **changes: Any) -> Subscriber:
    person = subscriber(number, **changes)
    assert app.subscribers.save(person)
    return replace(person, version=1)


def sent(app: App, slug: str, ids: dict[int, Outcome], *, at: datetime, **changes: Any) -> None:
    """Put a closed send there, whose batch was last written at this moment."""
    app.issues.put(record(slug=slug, status=IssueStatus.SENT), before=None)
    books = Books(len(ids), sent=len(ids))
    send = Send(slug=slug, content_hash="a" * 64, shards=16, opened_at=at)
    app.sends.open(replace(send, state=SendState.CLOSED, closed_at=at, books=books, **changes))
    batch = Batch.of(slug, "00", tuple(map(an_id, ids)), now=at)
    app.sends.add_batch(replace(batch, outcomes=tuple(ids.values()), state=BatchState.DONE))


@pytest.fixture
def stack(list_app: App) -> App:
    """A small list with something of everything, good and bad."""
    app = list_app
    put(app, 1, consent=receipt(app))
    put(app, 2, consent=receipt(app, page="Old system", form_version="imported"))
    put(app, 3, consent=replace(receipt(app), words="Changed."))
    put(app, 4)
    put(app, 5, status=Status.UNSUBSCRIBED, left_at=NOW - 5 * DAY, consent=receipt(app))  # mailed 40 minutes later
    put(app, 6, status=Status.UNSUBSCRIBED, left_at=NOW - 6 * DAY, consent=receipt(app))  # skipped
    put(app, 7, status=Status.UNSUBSCRIBED, left_at=NOW - 33 * DAY, consent=receipt(app))  # overdue
    put(app, 8, status=Status.UNCONFIRMED, signed_up_at=NOW - 40 * DAY, confirmed_at=None)  # overdue
    forgotten = put(app, 9, status=Status.UNSUBSCRIBED, left_at=NOW - 90 * DAY, consent=receipt(app))
    assert app.leavers.forget(tombstone(forgotten), kept_receipt(forgotten, app.retention_policy))
    put(app, 10, email="", status=Status.UNSUBSCRIBED, left_at=NOW - DAY, moved_to=an_id(1))  # a signpost is nobody
    of_all = {1: Outcome.SENT, 5: Outcome.SENT, 6: Outcome.LEFT, 7: Outcome.LEFT, 9: Outcome.LEFT}
    sent(app, SLUG, of_all, at=NOW - 5 * DAY + timedelta(minutes=40))
    sent(app, OLD_SLUG, {6: Outcome.SENT}, at=NOW - 60 * DAY, outcomes_forgotten_at=NOW - DAY)
    events = {"events": {"hard_bounce": 1, "soft_bounce": 2, "complaint": 0}}
    app.content.put_report(SLUG, json.dumps(events))
    days = [
        {"day": "2025-12-31", "joined": 99, "left": {}, "suppressed": {}},
        {"day": "2026-11-29", "joined": 3, "left": {"too_many": 1, "not_said": 1}, "suppressed": {"complaint": 1}},
        {"day": "2026-11-30", "joined": 1, "left": {"too_many": 1}, "suppressed": {}},
    ]
    app.content.put_report(GROWTH, json.dumps({"days": days}))
    app.retention_log.keep(RetentionRun(forgotten=4, sends=1), now=NOW - DAY)
    return app


def test_the_pack_says_what_the_tables_hold(newsletter: Command, stack: App, tmp_path: Path) -> None:  # noqa: ARG001
    folder = tmp_path / "pack"

    said = newsletter("accountability", folder, "--year", "2026")

    assert said.code == 0
    facts = json.loads((folder / "accountability.json").read_text())
    assert facts["receipts"]["readers"] == {
        "good": 2, "of_them_imported": 1, "broken": 1, "missing": 1,
        "broken_ids": [an_id(3)], "missing_ids": [an_id(4)],
    }  # fmt: skip
    assert facts["receipts"]["kept_after_leaving"]["good"] == 1
    leavings = facts["leavings"]
    assert (leavings["left_and_stayed_away"], leavings["mailed_afterwards"]) == (4, 1)
    assert leavings["mails"] == [{"subscriber_id": an_id(5), "issue": SLUG, "at_most_seconds": 2400.0}]
    assert leavings["longer_than_a_day"] == 0
    assert (leavings["sends_looked_through"], leavings["sends_forgotten"]) == (1, 1)
    assert facts["retention"]["overdue"] == {
        "people who left": 1, "sign-ups nobody confirmed": 1, "kept receipts": 0, "outcomes of old sends": 0,
    }  # fmt: skip
    assert facts["retention"]["last_night"]["forgotten"] == 4
    figures = facts["figures"]
    assert (figures["joined"], figures["left"], figures["days_counted"]) == (4, 3, 2)
    assert figures["left_by_reason"] == {"too_many": 2, "not_said": 1}
    assert figures["kept_out_by_reason"] == {"complaint": 1}
    assert (figures["sends"], figures["mails_sent"], figures["hard_bounce"]) == (2, 6, 1)
    assert (figures["sign_ups_on_record"], figures["confirmations_on_record"]) == (7, 7)
    assert (
        "3 receipts hold, 2 are broken or missing; 1 people may have been mailed after unsubscribing; 2 overdue."
        in said.words
    )


def test_no_address_and_no_name_is_in_any_file_and_nobody_else_can_read_them(
    newsletter: Command,
    stack: App,
    tmp_path: Path,  # noqa: ARG001
) -> None:
    folder = tmp_path / "pack"
    newsletter("accountability", folder, "--year", "2026")

    names = {path.name for path in folder.iterdir()}
    assert names == {"accountability.md", "accountability.json", "sends.csv", "months.csv", "findings.csv"}
    for path in folder.iterdir():
        text = path.read_text()
        assert "@" not in text, path.name
        assert "Ada" not in text, path.name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_text_is_a_text_and_the_tables_are_tables(newsletter: Command, stack: App, tmp_path: Path) -> None:  # noqa: ARG001
    folder = tmp_path / "pack"
    newsletter("accountability", folder, "--year", "2026")

    text = (folder / "accountability.md").read_text()
    for words in (
        "## Proof of consent", "| the seal is broken | 1 | 0 |", f"To be looked at, broken: `{an_id(3)}`.",
        "## Leaving", "Looked through, reader by reader: 1 send. Of 1 send more",
        "at most 40 min 0 s", "| `ForgetAfterDays` | 30 |", "| people who left | 1 |", "## Processors", "Amazon SES",
        f"| {SLUG} | 5 | 5 | 0 | 0 | 1 | 0 |", f"| {OLD_SLUG} | 1 | 1 | 0 | 0 | – | – |",
    ):  # fmt: skip
        assert words in text, words
    findings = list(csv.DictReader((folder / "findings.csv").open()))
    assert [(each["finding"], each["subscriber_id"]) for each in findings] == [
        ("receipt broken (readers)", an_id(3)), ("receipt missing (readers)", an_id(4)),
        ("mailed after leaving", an_id(5)),
    ]  # fmt: skip
    assert [row["issue"] for row in csv.DictReader((folder / "sends.csv").open())] == [OLD_SLUG, SLUG]
    assert [row["left"] for row in csv.DictReader((folder / "months.csv").open())] == ["3"]


def test_an_empty_stack_and_another_year_give_a_pack_too(newsletter: Command, list_app: App, tmp_path: Path) -> None:  # noqa: ARG001
    assert newsletter("accountability", tmp_path / "empty").code == 0
    text = (tmp_path / "empty/accountability.md").read_text()
    assert ", 2026\n" in text
    assert "The nightly forgetting has not run yet." in text


def test_another_year_holds_nothing_of_this_one(newsletter: Command, stack: App, tmp_path: Path) -> None:  # noqa: ARG001
    newsletter("accountability", tmp_path / "before", "--year", "2025")

    facts = json.loads((tmp_path / "before/accountability.json").read_text())
    assert (facts["figures"]["joined"], facts["figures"]["sends"], facts["leavings"]["left_and_stayed_away"]) == (
        99,
        0,
        0,
    )


def test_a_folder_that_holds_something_is_left_alone(newsletter: Command, list_app: App, tmp_path: Path) -> None:  # noqa: ARG001
    (tmp_path / "mine").write_text("mine")

    said = newsletter("accountability", tmp_path)

    assert (said.code, "not empty" in said.err) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_show_finds_the_receipt_of_somebody_who_was_forgotten(newsletter: Command, list_app: App) -> None:
    mailbox = list_app.addresses.mailbox("ada@example.org")
    person = subscriber(
        1, subscriber_id=list_app.addresses.subscriber_id(mailbox), email=mailbox.email, status=Status.UNSUBSCRIBED,
        left_at=NOW - 40 * DAY, consent=receipt(list_app),
    )  # fmt: skip
    assert list_app.subscribers.save(person)
    assert list_app.leavers.forget(
        tombstone(replace(person, version=1)), kept_receipt(person, list_app.retention_policy)
    )  # fmt: skip

    shown = newsletter("subscribers", "show", "ada@example.org", "--json").json

    assert shown["receipt_kept_1"]["words"] == "Yes."
    assert shown["receipt_kept_1"]["holds"] == "True"
    assert "email" not in shown
