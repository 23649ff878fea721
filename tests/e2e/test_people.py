"""The list, looked after from the command line, on the laptop stack: every verb, as a person types it."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from local.reader import wait_for
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import SuppressionReason
from tests.command_line import Typed, typed
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

Newsletter = Callable[..., Typed]


@pytest.fixture
def desk(stack: Laptop, tmp_path: Path) -> Path:
    """A folder from which the stack is found."""
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(dict(stack.where)))
    return tmp_path


@pytest.fixture
def newsletter(desk: Path) -> Newsletter:
    def run(*arguments: str | Path, code: int = 0) -> Typed:
        done = typed("--local", *map(str, arguments), folder=desk, environment={"PATH": os.environ["PATH"]})
        assert done.returncode == code, done.stderr
        return done

    return run


def test_somebody_who_is_added_confirms_is_shown_removed_and_forgotten(stack: Laptop, newsletter: Newsletter) -> None:
    email = "people-ada@example.org"
    newsletter("subscribers", "add", email, "--name", "Ada")
    assert httpx.post(stack.link(stack.mail(email, "confirmation"), "confirm"), timeout=30).status_code == 200
    stack.mail(email, "welcome")

    shown = json.loads(newsletter("subscribers", "show", email, "--json").stdout)
    assert (shown["status"], shown["receipt_holds"], shown["source"]) == ("confirmed", True, "added by an operator")
    listed = json.loads(newsletter("subscribers", "list", "--status", "confirmed", "--limit", "500", "--json").stdout)
    assert email in {each["email"] for each in listed}
    assert json.loads(newsletter("subscribers", "stats", "--json").stdout)["confirmed"] >= 1

    newsletter("subscribers", "remove", email, code=2)  # nobody is there to answer
    newsletter("subscribers", "remove", email, "--yes")
    left = stack.held(email)
    assert left is not None
    assert left.status is Status.UNSUBSCRIBED
    newsletter("subscribers", "forget", email, "--yes")
    assert stack.held(email) is None
    tombstone = stack.suppressions.get(stack.who(email))
    assert tombstone is not None
    assert tombstone.reason is SuppressionReason.ERASED
    newsletter("suppressions", "remove", email, "--yes", code=1)


def test_a_list_is_imported_once_in_order_and_comes_out_again(
    stack: Laptop, newsletter: Newsletter, desk: Path
) -> None:
    rows = [f'people-{number}@example.org,"Reader, {number}",2024-01-02' for number in range(300)]
    rows[7] = "nobody at all,Nobody,2024-01-02"
    (desk / "list.csv").write_text("\n".join(["email,name,confirmed_at", *rows, rows[0]]))

    dry = json.loads(newsletter("import", "list.csv", "--dry-run", "--json").stdout)
    assert stack.held("people-1@example.org") is None
    done = json.loads(newsletter("import", "list.csv", "--yes", "--json").stdout)

    for account in (dry, done):
        assert (account["rows"], account["added"]) == (301, 299)
        assert account["refused"] == {"invalid_address": 1, "repeated": 1}
    again = json.loads(newsletter("import", "list.csv", "--yes", "--json").stdout)
    assert (again["added"], again["already_here"]) == (0, 299)
    stack.wait_until_quiet()
    assert stack.mails("people-1@example.org", "confirmation") == []
    one = stack.held("people-1@example.org")
    assert one is not None
    assert one.in_audience
    assert one.consent is not None
    assert one.consent.holds(stack.address_key)

    newsletter("export", "-o", "out.csv")
    with (desk / "out.csv").open(newline="") as file:
        out = {row["email"]: row["name"] for row in csv.DictReader(file)}
    assert {email: out[email] for email in out if email == "people-1@example.org"} == {
        "people-1@example.org": "Reader, 1"
    }
    assert newsletter("export", "-o", "out.csv", code=1).stderr.startswith("out.csv is there already.")


def test_an_address_is_suppressed_by_hand_and_mailed_again(stack: Laptop, newsletter: Newsletter) -> None:
    email = "people-kept-out@example.org"
    newsletter("subscribers", "add", email, "--consent", "Paper form at the fair")

    newsletter("suppressions", "add", email, "--because", "Asked by letter")
    kept_out = stack.held(email)
    assert kept_out is not None
    assert not kept_out.in_audience
    listed = json.loads(newsletter("suppressions", "list", "--reason", "manual", "--limit", "500", "--json").stdout)
    assert [each["note"] for each in listed if each.get("email") == email] == ["Asked by letter"]

    newsletter("suppressions", "remove", email, "--yes")
    back = stack.held(email)
    assert back is not None
    assert back.in_audience


def test_who_left_a_month_ago_is_forgotten_at_night_and_the_pack_shows_it(
    stack: Laptop, newsletter: Newsletter, desk: Path
) -> None:
    email = "people-long-gone@example.org"
    stack.confirmed(email)
    newsletter("subscribers", "remove", email, "--yes")
    left = stack.held(email)
    assert left is not None
    assert left.left_at is not None
    assert stack.subscribers.save(replace(left, left_at=left.left_at - timedelta(days=31)))

    stack.tell("settle", '{"settle": "retention of data"}')

    wait_for("the forgetting", lambda: (held := stack.held(email)) is not None and held.email == "")
    shown = json.loads(newsletter("subscribers", "show", email, "--json").stdout)
    assert "email" not in shown
    assert shown["receipt_kept_1"]["holds"] == "True"
    newsletter("accountability", "pack")
    assert email not in "".join(path.read_text() for path in (desk / "pack").iterdir())
    assert json.loads((desk / "pack/accountability.json").read_text())["receipts"]["kept_after_leaving"]["good"] >= 1
    newsletter("subscribers", "forget", email, "--yes")
    assert stack.tables()["receipts"] == []
