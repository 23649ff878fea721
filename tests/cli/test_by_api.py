"""The same verbs with credentials for AWS and with a key of the API: one newsletter, the same words."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from newsletter.core.team import Role
from newsletter.core.time_zones import WallTime
from newsletter.desk.api_keys.change_keys import make_key
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.reports.domain.report_name import GROWTH
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send, SendState
from newsletter_cli.backend import Backend, Choice
from newsletter_cli.issue_names import names
from newsletter_cli.main import app
from newsletter_cli.remote.connection import ApiConnection, SpeakingClient
from tests import report_samples as reports
from tests.cli.conftest import Command, Said, StackInProcess, WorkingClock
from tests.cli.test_writing import GOOD
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.api_network import Network
from tests.functions.conftest import Deployment

GOING, TO_COME, FAR = "2026-11-17-going-out", "2127-01-05-another-one", "2126-01-01-in-a-hundred-years"
LATE = "2126-01-02-late"
ADA = "ada@example.org"


@pytest.fixture
def aws(stack: StackInProcess, deployment: Deployment) -> Backend:
    stack.__dict__["app"] = deployment.app  # its ports are those of the functions
    return stack


@pytest.fixture
def network(deployment: Deployment) -> Network:
    return Network(deployment)


def by_key(deployment: Deployment, network: Network, *roles: Role) -> ApiConnection:
    """Return a connection with a key of these roles."""
    _, written = make_key("Laptop", roles, made_by="ann", api_keys=deployment.app.api_keys, now=deployment.now())
    client = SpeakingClient("https://api.example.org", written, sleep=lambda _: None, transport=network)
    return ApiConnection(client, WorkingClock())


@pytest.fixture
def api(deployment: Deployment, network: Network) -> Backend:
    return by_key(deployment, network, Role.OWNER)


@pytest.fixture(params=["aws", "api"])
def backend(request: pytest.FixtureRequest) -> Any:
    """Each way to the newsletter."""
    return request.getfixturevalue(request.param)


def unasked(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


NOBODY = ApiConnection(
    SpeakingClient("https://api.example.org", "fn_live_a", transport=httpx.MockTransport(unasked)), WorkingClock()
)
"""An API that must not be asked anything."""


def batch(slug: str, *outcomes: Outcome | None) -> Batch:
    ids = tuple(an_id(number) for number in range(1, len(outcomes) + 1))
    return Batch(slug=slug, after="", ids=ids, outcomes=outcomes, touched_at=NOW)


@pytest.fixture
def newsletter_of_a_year(deployment: Deployment) -> None:
    """One issue that was sent, one that goes out and is paused, two that wait; some readers, and reports."""
    app, opened = deployment.app, deployment.now() - timedelta(days=2)
    hour = deployment.now() + timedelta(days=30)
    slot = app.current_rhythm().next_slots(3, deployment.now())[2]
    app.calendar.set_skipped(slot.date(), skipped=True)
    app.calendar.set_extra(slot.date() + timedelta(days=1), extra=True)
    app.calendar.set_reason(slot.date(), "A holiday")
    sent = batch(SLUG, Outcome.SENT, Outcome.GAVE_UP, Outcome.LEFT)
    for each in (
        record(status=IssueStatus.SENT, listed=True, sent_at=opened),
        record(slug=GOING, status=IssueStatus.PAUSED, date=date(2026, 11, 17), title="It goes out"),
        record(slug=TO_COME, date=date(2127, 1, 5), title="Another one", held=True),
        record(slug=FAR, date=date(2126, 1, 1), status=IssueStatus.DRAFT, preflight={"errors": 2, "warnings": 1}),
        record(slug=LATE, date=hour.date(), send=SendPolicy.AT, send_at=WallTime.parse(f"{hour:%Y-%m-%d} 14:30")),
    ):
        app.issues.put(each, before=None)
    app.content.put_rendered(rendered())
    app.sends.add_batch(sent)
    closed = Send(
        slug=SLUG, content_hash="a" * 64, shards=16, opened_at=opened, state=SendState.CLOSED,
        closed_at=opened + timedelta(hours=1), books=tally([sent]), audience="tag:members",
    )  # fmt: skip
    app.sends.open(closed)
    app.sends.add_batch(batch(GOING, Outcome.SENT, None, Outcome.UNKNOWN))
    app.sends.open(Send(slug=GOING, content_hash="a" * 64, shards=16, opened_at=opened))
    for number in range(1, 5):
        deployment.save(subscriber(number, tags=frozenset({"members"} if number % 2 else set())))
    deployment.save(subscriber(5, status=Status.UNSUBSCRIBED))
    deployment.save(subscriber(6, suppressed=True, name="[bold]Bo[/bold]"))


LOOKS = [
    ["issues"],
    ["issues", "--json"],
    ["issues", "--number", "2"],
    ["decisions", SLUG],
    ["schedule"],
    ["schedule", "--json"],
    ["send", "status"],
    ["send", "status", GOING],
    ["send", "status", SLUG],
    ["send", "books", SLUG],
    ["subscribers", "list"],
    ["subscribers", "list", "--status", "unsubscribed"],
    ["subscribers", "list", "--tag", "members"],
    ["subscribers", "list", "--limit", "2"],
]


@pytest.mark.usefixtures("newsletter_of_a_year")
def test_a_verb_that_looks_says_the_same_either_way(newsletter: Command, aws: Backend, api: Backend) -> None:
    assert newsletter("schedule", "--json", stack=api).json["hours"], "of the issue with an hour of its own"
    for words in LOOKS:
        with_aws, by_api = newsletter(*words, stack=aws), newsletter(*words, stack=api)

        assert (with_aws.code, bool(with_aws.out)) == (0, True), (words, with_aws.err)
        assert (by_api.code, by_api.out, by_api.err) == (0, with_aws.out, with_aws.err), words


@pytest.mark.usefixtures("newsletter_of_a_year")
def test_a_send_for_programs_has_the_same_fields_either_way(newsletter: Command, aws: Backend, api: Backend) -> None:
    for slug in (GOING, SLUG):
        words = ("send", "status", slug, "--json")
        assert newsletter(*words, stack=api).json == newsletter(*words, stack=aws).json


@pytest.fixture
def written_reports(deployment: Deployment) -> None:
    app = deployment.app
    app.issues.put(record(status=IssueStatus.SENT, listed=True), before=None)
    app.sends.open(
        Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW, state=SendState.CLOSED, closed_at=NOW)
    )
    app.content.put_report(SLUG, json.dumps(reports.report()))
    app.content.put_report(GROWTH, json.dumps(reports.growth()))


@pytest.mark.usefixtures("written_reports")
@pytest.mark.parametrize("of", [SLUG, "--growth"])
def test_a_report_has_the_same_figures_and_by_the_api_no_address_of_its_page(
    of: str, newsletter: Command, aws: Backend, api: Backend
) -> None:
    with_aws, by_api = newsletter("report", of, stack=aws), newsletter("report", of, stack=api)

    figures, _, address = with_aws.out.rstrip("\n").rpartition("\n")
    assert by_api.out == f"{figures}\n"
    assert address.startswith("https://")


@pytest.mark.usefixtures("written_reports")
def test_a_receipt_is_the_same_either_way_and_a_report_that_is_not_there_is_said_to_be_none(
    newsletter: Command, backend: Backend
) -> None:
    assert "together" in newsletter("receipt", SLUG, stack=backend).out
    assert newsletter("receipt", SLUG, "--json", stack=backend).json == reports.report()["receipt"]
    assert "There is no report on 2026-11-17-none yet" in newsletter("receipt", "2026-11-17-none", stack=backend).err


@pytest.mark.usefixtures("newsletter_of_a_year")
def test_what_the_api_knows_of_a_reader_is_shown_and_what_it_does_not_is_said(
    newsletter: Command, aws: Backend, api: Backend, deployment: Deployment
) -> None:
    put(deployment, tags=frozenset({"press", "members"}))

    with_aws, by_api = (
        newsletter("subscribers", "show", ADA, stack=aws),
        newsletter("subscribers", "show", ADA, stack=api),
    )

    assert by_api.code == 0, by_api.err
    assert lines_of(by_api) < lines_of(with_aws)
    assert "members, press" in by_api.out
    assert "The desk also shows the receipt" in " ".join(by_api.err.split())


def lines_of(said: Said) -> set[tuple[str, ...]]:
    """Return the lines of a table, however wide its columns are."""
    return {tuple(line.split()) for line in said.out.splitlines()}


@pytest.mark.usefixtures("newsletter_of_a_year")
def test_suppressions_are_listed_by_the_api_without_addresses(
    newsletter: Command, aws: Backend, api: Backend, deployment: Deployment
) -> None:
    reader = put(deployment, suppressed=True)
    deployment.app.suppressions.add(Suppression(reader.subscriber_id, SuppressionReason.COMPLAINT, NOW, slug=SLUG))

    (with_aws,) = newsletter("suppressions", "list", "--json", stack=aws).json
    (by_api,) = newsletter("suppressions", "list", "--json", stack=api).json

    assert with_aws == by_api | {"email": ADA}
    assert newsletter("suppressions", "list", "--reason", "manual", stack=api).out == "Nobody is suppressed.\n"


def put(deployment: Deployment, **changes: Any) -> Subscriber:
    """Put Ada on the list, under the id of her address."""
    addresses = deployment.app.addresses
    ada_id = addresses.subscriber_id(addresses.mailbox(ADA))
    return deployment.save(subscriber(1, subscriber_id=ada_id, email=ADA, **changes))


def test_an_issue_is_approved_held_released_and_withdrawn(
    newsletter: Command, backend: Backend, deployment: Deployment
) -> None:
    deployment.app.issues.put(record(date=date(2126, 1, 1)), before=None)
    deployment.app.content.put_rendered(rendered())
    deployment.put(f"issues/{SLUG}.md", b"---\n---\n")

    assert newsletter("approve", SLUG, "--yes", stack=backend).out == (
        "Approved: exactly this version may be sent, in its turn.\n"
    )
    assert newsletter("hold", SLUG, stack=backend).out == "Held: it will not be sent until somebody releases it.\n"
    assert newsletter("hold", f"{SLUG}.md", stack=backend).out == "Nothing to do: it was so already.\n"
    assert newsletter("release", SLUG, stack=backend).out.startswith("Released: it goes out in its turn again.\n")
    said = newsletter("decisions", SLUG, "--json", stack=backend).json
    assert [each["verb"] for each in said] == ["approve", "hold", "release"]
    dry = newsletter("withdraw", SLUG, "--dry-run", stack=backend)
    assert dry.out == "Nothing was changed.\n"
    assert newsletter("withdraw", SLUG, "--yes", stack=backend).out.startswith("Withdrawn: its file is removed")


def test_a_send_is_paused_resumed_and_cancelled(newsletter: Command, backend: Backend, deployment: Deployment) -> None:
    app = deployment.app
    app.issues.put(record(status=IssueStatus.SENDING), before=None)
    app.content.put_rendered(rendered())
    app.sends.add_batch(batch(SLUG, Outcome.SENT, None))
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=deployment.now()))
    because = ("--because", "A mistake in the text.")

    assert "Held by person: A mistake in the text." in newsletter("send", "pause", SLUG, *because, stack=backend).words
    assert newsletter("send", "resume", SLUG, "--json", stack=backend).json["state"] == "open"
    dry = newsletter("send", "cancel", SLUG, *because, "--dry-run", stack=backend)
    assert dry.err == f"1 have got {SLUG}; 1 would not.\n"
    said = newsletter("send", "cancel", SLUG, *because, "--yes", "--json", stack=backend).json
    assert said["cancelled_because"] == "A mistake in the text."


def test_a_day_is_skipped_with_a_reason_and_taken_back(newsletter: Command, backend: Backend) -> None:
    slot = newsletter("schedule", "--json", stack=backend).json["next"][3][:10]

    said = newsletter("schedule", "skip", slot, "--because", "A holiday", "--json", stack=backend).json
    assert (said["skipped"], said["reasons"], len(said["next"])) == ([slot], {slot: "A holiday"}, 26)
    assert newsletter("schedule", "unskip", slot, "--json", stack=backend).json["skipped"] == []
    assert newsletter("schedule", "skip", "2026-02-30", stack=backend).code == 2


def test_somebody_is_added_tagged_unsubscribed_and_forgotten(newsletter: Command, backend: Backend) -> None:
    consent = ("--consent", "Signed at the fair", "--consent-date", "2024-05-31")

    assert newsletter("subscribers", "add", ADA, *consent, stack=backend).out == (
        "a…@example.org is on the list. No email was sent.\n"
    )
    assert newsletter("subscribers", "add", ADA, *consent, stack=backend).out == (
        "a…@example.org is on the list already. Nothing was changed.\n"
    )
    assert newsletter("subscribers", "tag", ADA, "press, members", stack=backend).out == (
        "Tags of a…@example.org: members, press\n"
    )
    assert newsletter("subscribers", "untag", ADA, "press", stack=backend).out == "Tags of a…@example.org: members\n"
    assert newsletter("subscribers", "remove", ADA, "--dry-run", stack=backend).out == (
        "a…@example.org would be unsubscribed. Nothing was changed.\n"
    )
    assert newsletter("subscribers", "remove", ADA, "--yes", stack=backend).out == (
        "a…@example.org is unsubscribed. No email was sent.\n"
    )
    assert newsletter("subscribers", "remove", ADA, stack=backend).out == "a…@example.org has left already.\n"
    back = newsletter("subscribers", "add", ADA, *consent, stack=backend)
    assert (back.code, "They left; ask them by email instead" in back.err) == (1, True)
    assert newsletter("subscribers", "forget", ADA, "--yes", stack=backend).out.startswith(
        "Everything about a…@example.org is erased."
    )
    assert newsletter("subscribers", "forget", ADA, stack=backend).out == (
        "Nothing is kept about a…@example.org except that it must not be mailed.\n"
    )


def test_an_address_is_kept_out_and_a_stranger_is_said_to_be_one(newsletter: Command, backend: Backend) -> None:
    because = ("--because", "Asked by letter")

    for verb in ("show", "remove", "forget"):
        nobody = newsletter("subscribers", verb, ADA, stack=backend)
        assert (nobody.code, "`su" in nobody.err) == (1, True), "with the verb that helps"
    assert newsletter("subscribers", "tag", ADA, "press", stack=backend).code == 1
    assert (
        newsletter("suppressions", "add", ADA, *because, stack=backend).out
        == "a…@example.org will not be mailed again.\n"
    )
    assert newsletter("suppressions", "add", ADA, *because, stack=backend).out == (
        "a…@example.org is suppressed already (manual).\n"
    )
    kept_out = newsletter("subscribers", "add", ADA, "--consent", "A letter", stack=backend)
    assert (kept_out.code, "The address is suppressed (manual), so it is not added" in kept_out.err) == (1, True)


def test_no_address_is_no_address_either_way(newsletter: Command, backend: Backend) -> None:
    said = newsletter("subscribers", "show", "nobody", stack=backend)
    assert said.code == 1


def test_an_issue_is_published_and_it_is_said_when_it_goes_out(
    newsletter: Command, backend: Backend, desk: Path, deployment: Deployment
) -> None:
    file = desk / f"{FAR}.md"
    file.write_text(GOOD)

    said = newsletter("publish", file, stack=backend)

    assert said.code == 0, said.err
    assert f"{FAR}: " in said.words
    assert deployment.app.issues.get(FAR) is not None
    again = newsletter("publish", file, "--json", stack=backend).json
    assert (again["slug"], again["result"], again["status"]) == (FAR, "published", "ready")


def test_an_issue_with_errors_stays_a_draft(
    newsletter: Command, api: Backend, desk: Path, deployment: Deployment
) -> None:
    file = desk / f"{FAR}.md"
    file.write_text("---\ndate: 2126-01-01\n---\n\nNo title.\n")

    said = newsletter("publish", file, stack=api)

    assert (said.code, "Nothing was published; the text is a draft at the desk." in said.err) == (1, True)
    assert f"{FAR}.md:" in said.err
    assert deployment.app.issues.get(FAR) is None


def test_an_issue_that_goes_at_once_is_asked_about(newsletter: Command, api: Backend, desk: Path) -> None:
    file = desk / f"{SLUG}.md"
    file.write_text("---\ntitle: Now\ndate: 2020-12-01\nsend: now\nstatus: ready\n---\n\nHello.\n")

    assert "Say --yes" in newsletter("publish", file, stack=api).err
    assert newsletter("publish", file, "--yes", "--no-wait", stack=api).code == 0


def test_what_the_api_does_not_take_is_said_before_anything_is_sent(newsletter: Command, desk: Path) -> None:
    (desk / f"{FAR}.cy.md").write_text(GOOD)
    (desk / "notes.txt").write_text(GOOD)

    (desk / f"{SLUG}.md").write_bytes(b"---\ntitle: Caf\xe9\n---\n")
    for name, words in {
        f"{SLUG}.md": "is not UTF-8",
        f"{FAR}.cy.md": "no translations",
        ".": "one issue at a time",
        "notes.txt": "no issue",
    }.items():
        assert words in newsletter("publish", desk / name, stack=NOBODY).err
    assert "every language" in newsletter("test-send", SLUG, ADA, "--language", "cy", stack=NOBODY).err
    assert "no fresh ones" in newsletter("report", SLUG, "--fresh", stack=NOBODY).err


def test_a_test_is_mailed(newsletter: Command, backend: Backend, deployment: Deployment) -> None:
    deployment.app.issues.put(record(send=SendPolicy.NEVER), before=None)
    deployment.app.content.put_rendered(rendered())

    assert newsletter("test-send", SLUG, ADA, stack=backend).words == (
        f"A test of {SLUG} is on its way. Its links to leave work and change nothing."
    )


WITH_AWS = "With credentials for AWS: --stack NAME in place of --api."
NOT_BY_API = [
    ("backup", ["."], WITH_AWS),
    ("dead-letters list", [], "under Health"),
    ("doctor", [], "under Health"),
    ("export", [], "The desk does it, under People"),
    ("log", [], "The desk has it, under Log"),
    ("send rehearse", [SLUG], WITH_AWS),
    ("send rest", [SLUG], "The desk does it, on the page of the send"),
    ("send retry-failed", [SLUG], "The desk does it, on the page of the send"),
    ("send outcome", [ADA, SLUG], "on the page of the reader"),
    ("settings history", ["brand.yaml"], "under Settings"),
    ("setup", [], WITH_AWS),
    ("subscribers stats", [], "report --growth"),
    ("suppressions remove", [ADA], "on the page of the reader"),
    ("team list", [], "under Team"),
]


@pytest.mark.parametrize(("verb", "arguments", "remedy"), NOT_BY_API, ids=[verb for verb, _, _ in NOT_BY_API])
def test_a_verb_that_takes_aws_says_so_in_one_sentence_with_the_way_out(
    verb: str, arguments: list[str], remedy: str, newsletter: Command
) -> None:
    said = newsletter(*verb.split(), *arguments, stack=NOBODY)

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"The API has no way to do `newsletter {verb}`. ")
    assert remedy in said.err


def test_checking_and_beginning_an_issue_ask_nothing_of_the_api(newsletter: Command) -> None:
    said = newsletter("new", "More for more", "--date", "2126-01-01", stack=NOBODY)

    assert newsletter("check", said.out.splitlines()[0], stack=NOBODY).code == 0


def test_a_key_that_may_not_do_it_says_which_role_it_takes(
    newsletter: Command, deployment: Deployment, network: Network
) -> None:
    deployment.app.issues.put(record(), before=None)
    writer = by_key(deployment, network, Role.WRITER)

    said = newsletter("approve", SLUG, "--yes", stack=writer)

    assert said.code == 1
    assert "An owner makes a key with more roles at the desk, under Team." in said.err


def test_a_shell_that_completes_a_name_asks_the_api_and_is_told_nothing_where_there_is_no_key(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORTNIGHTLY_API_KEY", raising=False)

    for key_file in (None, desk / "none"):
        context = typer.Context(
            typer.main.get_command(app), obj=Choice(api="https://x.example.org", api_key_file=key_file)
        )
        assert names(context, "2026") == []
