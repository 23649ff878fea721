"""Importing and exporting at the desk, through the function as Lambda runs it and those that do the work."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.import_people.handler import lambda_handler as import_people
from functions.report.handler import lambda_handler as report
from newsletter.core.team import Role
from newsletter.readers.importing.domain.list_import import ImportState, ListImport
from tests.desk.desk_browser import Answered, DeskBrowser
from tests.factories import subscriber
from tests.functions.conftest import Deployment, load

IMPORT, EXPORT = "/desk/people/import", "/desk/people/export"
LIST = b"E-Mail;Vorname;Nachname\nada@example.org;Ada;Lovelace\nbo@example.net;Bo;Li\nnobody;No;One\n"
EVIDENCE: dict[str, Any] = {"consent": "Signed up at the fair", "consent_date": "2024-05-06"}


@pytest.fixture
def keeper(deployment: Deployment) -> DeskBrowser:
    return DeskBrowser(deployment, {Role.KEEPER}, "kim@example.org")


def begun(keeper: DeskBrowser, name: str = "The fair") -> tuple[str, Answered]:
    page = keeper.post(IMPORT, name=name)
    assert page.status == 200
    (import_id,) = re.findall(r'name="key" value="imports/([0-9a-f]{32})\.csv"', page.body)
    return import_id, page


def work(deployment: Deployment) -> None:
    """Deliver what waits in the queues, until nothing does."""
    for queue, function, event in (
        ("import", import_people, "import_people/piece"), ("report", report, "report/export"),
    ):  # fmt: skip
        loaded = load(event)
        while bodies := deployment.drain(queue):
            for body in bodies:
                loaded["Records"][0]["body"] = json.dumps(body)
                assert function(loaded, deployment.context) == {"batchItemFailures": []}


def uploaded(keeper: DeskBrowser, content: bytes = LIST) -> str:
    """Put a file where the form puts it, and have it looked at; return the path of the import's page."""
    import_id, _ = begun(keeper)
    keeper.deployment.put(f"imports/{import_id}.csv", content)
    path = f"{IMPORT}/{import_id}/"
    assert "Your file has arrived." in keeper.get(path).words
    assert keeper.post(f"{path}read").location == f"{path}?step=read"
    assert "finding out what the columns are" in keeper.get(f"{path}?step=read").words
    work(keeper.deployment)
    return path


def chosen(page: Answered) -> dict[str, Any]:
    """Return what the selects of a page stand at."""
    selects = re.findall(r'<select id="[^"]*" name="([\w.]+)">(.*?)</select>', page.body, re.S)
    return {name: next(iter(re.findall(r'value="([^"]*)" selected', options)), "") for name, options in selects}


def known(keeper: DeskBrowser, path: str) -> ListImport:
    found = keeper.deployment.app.list_imports.get(path.split("/")[-2])
    assert found is not None
    return found


def aged(keeper: DeskBrowser) -> None:
    """Make the sign-in an hour old."""
    before = keeper.deployment.now() - timedelta(hours=1)
    keeper.deployment.app.sessions.open(replace(keeper.session, opened_at=before))


def test_a_list_is_taken_over_from_the_form_to_the_last_number(keeper: DeskBrowser) -> None:
    path = uploaded(keeper)
    page = keeper.get(path)
    assert "bo@example.net Bo Li" in page.words
    assert (chosen(page)["email"], chosen(page)["lang"]) == ("1", "0")

    assert keeper.post(f"{path}check", **(chosen(page) | EVIDENCE | {"name": "2+3"})).location == path
    assert "about to begin" in keeper.get(path).words
    work(keeper.deployment)
    page = keeper.get(path)
    assert "2 people would be added to the list." in page.words
    assert "1 Not an address that email can be sent to." in page.words
    assert keeper.deployment.app.subscribers.size() == 0

    assert keeper.post(f"{path}run", attempt=known(keeper, path).attempt).location == path
    page = keeper.get(path)
    assert "0 of 3 rows are counted." in page.words
    assert "http-equiv" not in page.body
    assert '<meta http-equiv="refresh" content="5">' in keeper.get(f"{path}?step=watch").body
    work(keeper.deployment)

    page = keeper.get(path)
    assert "2 people were added to the list." in page.words
    assert "refresh" not in keeper.get(f"{path}?step=watch").body
    assert keeper.deployment.app.subscribers.size() == 2
    addresses = keeper.deployment.app.addresses
    ada = keeper.deployment.app.subscribers.get(addresses.subscriber_id(addresses.mailbox("ada@example.org")))
    assert ada is not None
    assert ada.name == "Ada Lovelace"
    assert ada.consent is not None
    assert ada.consent.page == EVIDENCE["consent"]
    assert f"imports/{path.split('/')[-2]}-rejects.csv?" in page.body
    assert "The fair" in keeper.get(f"{IMPORT}/").words
    assert [did for did, _ in keeper.log()] == [
        "began an import", "had a list looked at", "tried out an import", "imported a list",
    ]  # fmt: skip


def test_the_form_sends_the_file_past_us_and_only_its_page_may_send_there(keeper: DeskBrowser) -> None:
    import_id, page = begun(keeper)
    (address,) = re.findall(r'<form method="post" action="(https://[^"]*)" enctype="multipart/form-data">', page.body)
    origin = "/".join(address.split("/")[:3])
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' https://briefing.example.org {origin};" in policy
    back = f"https://briefing.example.org{IMPORT}/{import_id}/"
    assert f'name="success_action_redirect" value="{back}"' in page.body
    *_, last = re.findall(r'<input [^>]*name="([^"]*)"', page.body.partition("multipart")[2].partition("</form>")[0])
    assert last == "file"  # S3 reads no field after it
    other = keeper.get(f"{IMPORT}/").headers["Content-Security-Policy"]
    assert "form-action 'self' https://briefing.example.org;" in other


def test_without_evidence_nothing_begins_and_what_was_typed_is_still_there(keeper: DeskBrowser) -> None:
    path = uploaded(keeper)

    page = keeper.post(f"{path}check", email="1", name="3", keep_out="yes")

    assert page.status == 400
    assert "The file does not say when each person confirmed." in page.words
    assert chosen(page)["name"] == "3"
    assert 'name="keep_out" value="yes" checked' in page.body
    assert known(keeper, path).state is ImportState.READ
    assert keeper.deployment.in_queue("import") == 0


def test_a_column_that_was_recognised_wrongly_can_be_left_out(keeper: DeskBrowser) -> None:
    path = uploaded(keeper, b"Email,Status\nada@example.org,purple\n")
    assert chosen(keeper.get(path))["status"] == "2"

    keeper.post(f"{path}check", email="1", status="0", **EVIDENCE)
    work(keeper.deployment)

    assert known(keeper, path).mapped == {"status": "0"}
    assert "1 person would be added to the list." in keeper.get(path).words
    assert chosen(keeper.get(f"{path}?step=change"))["status"] == "0"


def test_a_file_whose_columns_are_not_found_out_asks_for_them(keeper: DeskBrowser) -> None:
    path = uploaded(keeper, b"Whom,E\nAda,ada[at]example.org\n")
    assert "No column is headed like an address." in keeper.get(path).words

    assert "No column is headed like an address." in keeper.post(f"{path}check", email="0", **EVIDENCE).words
    keeper.post(f"{path}check", email="2", name="1", **EVIDENCE)
    work(keeper.deployment)

    assert "0 people would be added" in keeper.get(path).words
    assert "There is nobody to import" in keeper.get(path).words


def test_a_file_that_is_no_list_says_what_to_do(keeper: DeskBrowser) -> None:
    path = uploaded(keeper, b"PK\x03\x04" + b"\0" * 200)

    assert "This file cannot be imported. The file is not plain text" in keeper.get(path).words


def test_a_run_is_stopped_and_goes_on(keeper: DeskBrowser) -> None:
    path = uploaded(keeper)
    keeper.post(f"{path}check", email="1", **EVIDENCE)
    work(keeper.deployment)
    keeper.post(f"{path}run", attempt=1)

    keeper.post(f"{path}stop")
    keeper.post(f"{path}stop")
    work(keeper.deployment)
    assert "0 of 3 rows were counted." in keeper.get(path).words
    assert keeper.deployment.app.subscribers.size() == 0

    keeper.post(f"{path}resume")
    work(keeper.deployment)
    assert known(keeper, path).state is ImportState.DONE
    assert keeper.deployment.app.subscribers.size() == 2
    assert [did for did, _ in keeper.log()][-2:] == ["stopped an import", "had an import go on"]


@pytest.mark.parametrize("attempt", ["0", "2", "", "x", "٣"])
def test_a_run_needs_the_numbers_of_the_last_dry_run(keeper: DeskBrowser, attempt: str) -> None:
    path = uploaded(keeper)
    keeper.post(f"{path}check", email="1", **EVIDENCE)
    work(keeper.deployment)

    keeper.post(f"{path}run", attempt=attempt)

    assert "imported a list" not in dict(keeper.log())
    assert known(keeper, path).state is ImportState.CHECKED
    assert keeper.deployment.in_queue("import") == 0


@pytest.mark.parametrize("named", ["newest", "0" * 32, "0" * 33, "..", "0123"])
def test_an_import_that_there_is_not_is_missing(keeper: DeskBrowser, named: str) -> None:
    assert keeper.get(f"{IMPORT}/{named}/").status == 404
    for step in ("read", "check", "run", "stop", "resume"):
        assert keeper.post(f"{IMPORT}/{named}/{step}").status == 404
    assert keeper.log() == []


def test_a_heading_and_a_cell_are_words_and_no_markup(keeper: DeskBrowser) -> None:
    page = keeper.get(uploaded(keeper, b"Email,<script>x</script>\nada@example.org,<img src=x>\n"))

    assert "<script>x" not in page.body
    assert "<img src=x>" not in page.body
    assert "<img src=x>" in html.unescape(page.body)


def test_an_old_sign_in_sees_no_link_to_addresses(keeper: DeskBrowser) -> None:
    path = uploaded(keeper)
    keeper.post(f"{path}check", email="1", **EVIDENCE)
    work(keeper.deployment)
    asked = keeper.post(EXPORT, of="people").location
    work(keeper.deployment)
    assert "rejects.csv?" in keeper.get(path).body
    assert ".csv?" in keeper.get(asked).body
    aged(keeper)

    for page in (path, asked):
        assert ".csv?" not in keeper.get(page).body
        assert "Sign in once more" in keeper.get(page).words
    for post in (IMPORT, EXPORT, f"{path}run", f"{path}check"):
        assert keeper.post(post).location.startswith("/desk/sign-in?next=/desk/people/")
    assert keeper.post(IMPORT).location == f"/desk/sign-in?next={IMPORT}/&again=yes"


@pytest.mark.parametrize(("of", "heading"), [("people", "email"), ("suppressions", "subscriber_id")])
def test_an_export_is_asked_for_and_fetched(keeper: DeskBrowser, of: str, heading: str) -> None:
    keeper.deployment.save(subscriber(1))
    path = keeper.post(EXPORT, of=of).location
    assert "being written" in keeper.get(path).words

    work(keeper.deployment)

    page, export_id = keeper.get(path), path.split("/")[-2]
    assert f"exports/{export_id}.csv?" in page.body
    text = keeper.deployment.read(f"exports/{export_id}.csv", bucket="content")
    assert text is not None
    assert next(csv.reader(io.StringIO(text)))[0] == heading
    assert [did for did, _ in keeper.log()] == ["exported the list" if of == "people" else "exported the suppressions"]
    assert export_id not in str(keeper.log())


def test_whoever_does_not_look_after_the_list_carries_nothing(writer: DeskBrowser) -> None:
    for answer in (
        writer.get(f"{IMPORT}/"),
        writer.post(IMPORT),
        writer.post(EXPORT),
        writer.get(f"{EXPORT}/{'0' * 32}/"),
    ):
        assert answer.status == 403
