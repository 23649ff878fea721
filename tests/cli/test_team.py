"""`newsletter team ...` and `newsletter log`, and what other verbs leave in the log, on a stack in the process."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import boto3
import pytest

from functions.control.handler import lambda_handler as control
from functions.sign_in.handler import lambda_handler as sign_in
from newsletter.control.noted import DID
from newsletter.control.table import ACTIONS
from newsletter.control.team import TEAM_ACTIONS
from newsletter.desk.domain.activity import Activity
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import Send
from tests.cli.conftest import CONTEXT, Command, StackInProcess
from tests.factories import SLUG, record, rendered
from tests.functions.conftest import Deployment
from tests.moto_aws import REGION

ME = "moto"
"""As whom moto knows every shell."""


def lines(deployment: Deployment) -> list[tuple[str, str, str, str]]:
    """Return the log, oldest first, without the moments."""
    month = deployment.app.activities.month(f"{deployment.now():%Y-%m}", most=100)
    assert {each.actor for each in month} <= {ME}
    assert {each.session for each in month} <= {"command line"}
    return [(each.actor, each.did, each.what, each.details) for each in reversed(month)]


def test_the_team_is_listed_changed_and_each_change_is_in_the_log(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    assert newsletter("team", "list", "--json", stack=stack).json == [
        {"email": "editors@example.org", "name": "", "roles": ["owner"], "added_at": None, "passkeys": 0}
    ]

    invited = newsletter(
        "team", "invite", "kim@example.org", "--name", "Kim", "--role", "writer", "--role", "keeper", stack=stack
    )
    assert invited.words == "Invited Kim: keeper, writer. An email tells them how to sign in."
    assert deployment.drain("sign_in") == [{"invited": deployment.app.members.all()[1].member_id, "by": ""}]
    assert newsletter("team", "role", "Kim@example.org", "--role", "approver", stack=stack).words == "Kim: approver."
    rows = newsletter("team", "list", stack=stack).out.splitlines()
    assert rows[2].split() == ["Kim", "kim@example.org", "approver", f"{deployment.now():%Y-%m-%d}", "0"]
    assert newsletter("team", "remove", "kim@example.org", "--yes", stack=stack).words == "Removed Kim."

    assert [each.email for each in deployment.app.members.all()] == ["editors@example.org"]
    assert deployment.in_queue("sign_in") == 0
    assert lines(deployment) == [
        (ME, "invited", "Kim", "keeper, writer"),
        (ME, "changed the roles of", "Kim", "approver"),
        (ME, "removed from the team", "Kim", ""),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["remove", "editors@example.org", "--yes"], "is the only owner; make somebody else an owner first"),
        (["role", "editors@example.org", "--role", "writer"], "is the only owner"),
        (["role", "eve@example.org", "--role", "writer"], "This person is not in the team any more."),
        (["remove", "eve@example.org", "--yes"], "This person is not in the team any more."),
        (["invite", "nobody", "--role", "writer"], "Nobody is not an email address."),
    ],
)
def test_what_cannot_be_done_with_the_team_is_a_sentence_and_changes_nothing(
    newsletter: Command, stack: StackInProcess, deployment: Deployment, arguments: list[str], sentence: str
) -> None:
    before = deployment.app.members.all()

    said = newsletter("team", *arguments, stack=stack)

    assert said.code == 1
    assert sentence in said.err
    assert deployment.app.members.all() == before
    assert (deployment.in_queue("sign_in"), lines(deployment)) == (0, [])


def test_a_role_that_nobody_knows_is_refused(newsletter: Command, stack: StackInProcess) -> None:
    assert newsletter("team", "invite", "kim@example.org", "--role", "emperor", stack=stack).code == 2
    for roles in (None, [], "owner", ["emperor"], [["owner"]], [None]):
        request = {"action": "invite_member", "email": "kim@example.org", "roles": roles}
        assert '"roles" should be a list of writer' in sign_in(request, CONTEXT)["error"]
    assert (
        "there is no action 'destroy'; there are change_member_roles"
        in sign_in({"action": "destroy"}, CONTEXT)["error"]
    )


def test_whoever_may_only_steer_sends_cannot_make_themselves_an_owner(deployment: Deployment) -> None:
    for action in TEAM_ACTIONS:
        wish = {"action": action, "email": "eve@example.org", "roles": ["owner"]}
        assert "there is no action" in control(wish, CONTEXT)["error"]
    assert [each.email for each in deployment.app.members.all()] == ["editors@example.org"]


def test_what_changes_something_is_in_the_log_with_the_identity_of_aws_and_what_looks_is_not(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    app, day = deployment.app, (deployment.now() + timedelta(days=1)).date().isoformat()
    app.content.put_rendered(rendered())
    app.issues.put(record(), before=None)
    for verb in ("approve", "hold", "hold", "release"):
        assert newsletter(verb, SLUG, *(["--yes"] if verb == "approve" else []), stack=stack).code == 0
    newsletter("schedule", stack=stack)
    newsletter("schedule", "skip", day, stack=stack)
    newsletter("schedule", "skip", "2001-01-01", stack=stack)  # refused
    app.issues.set_status(SLUG, IssueStatus.SENDING)
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=deployment.now()))
    newsletter("send", "pause", SLUG, "--because", "A mistake.", stack=stack)
    newsletter("send", "status", SLUG, stack=stack)
    newsletter("send", "resume", SLUG, stack=stack)
    newsletter("send", "repair", SLUG, stack=stack)
    newsletter("send", "cancel", SLUG, "--because", "It is old.", "--yes", stack=stack)

    assert lines(deployment) == [
        (ME, "approved", SLUG, "a" * 64),
        (ME, "held", SLUG, "a" * 64),
        (ME, "released", SLUG, "a" * 64),
        (ME, "skipped", day, ""),
        (ME, "paused the send of", SLUG, "A mistake."),
        (ME, "resumed the send of", SLUG, ""),
        (ME, "cancelled the send of", SLUG, "It is old."),
    ]


def test_every_action_that_may_be_noted_exists_and_those_that_are_not_only_look() -> None:
    actions = set(ACTIONS) | set(TEAM_ACTIONS)
    assert set(DID) <= actions
    assert actions - set(DID) == {
        "slots", "newsletter", "issues", "issue", "status", "look_up", "doubtful", "report", "team", "log",
    }  # fmt: skip


def test_a_program_that_does_not_say_who_it_is_is_somebody(deployment: Deployment) -> None:
    day = (deployment.now() + timedelta(days=1)).date().isoformat()

    assert "error" not in control({"action": "skip", "day": day}, CONTEXT)
    assert "error" not in control({"action": "unskip", "day": day, "by": "x" * 500}, CONTEXT)

    newest, oldest = deployment.app.activities.month(f"{deployment.now():%Y-%m}", most=10)
    assert (oldest.actor, newest.actor) == ("somebody with access to AWS", "x" * 120)


def test_the_log_is_shown_and_exported_month_by_month(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    now = deployment.now().replace(year=2025, month=12, day=5, hour=9, minute=30, second=0, microsecond=0)
    for minutes, what in enumerate(["one", '=HYPERLINK("x")', "three, with a comma"]):
        deployment.app.activities.note(Activity(now + timedelta(minutes=minutes), "Ann", "approved", what))

    assert "Nobody did anything in " in newsletter("log", stack=stack).words
    shown = newsletter("log", "--month", "2025-12", stack=stack).out.splitlines()
    assert [line.split()[:4] for line in shown[1:]] == [
        ["2025-12-05", f"09:3{minute}:00", "Ann", "approved"] for minute in (2, 1, 0)
    ]
    table = list(csv.reader(io.StringIO(newsletter("log", "--month", "2025-12", "--csv", stack=stack).out)))
    assert table[0] == ["at", "actor", "did", "what", "details", "session"]
    assert [row[3] for row in table[1:]] == ["three, with a comma", '\'=HYPERLINK("x")', "one"]
    assert newsletter("log", "--month", "2025-12", "--json", stack=stack).json[2]["what"] == "one"
    assert "should be a month such as" in newsletter("log", "--month", "last", stack=stack).err
    assert newsletter("log", "--csv", "--json", stack=stack).code == 2


def test_a_log_that_takes_no_line_does_not_undo_what_was_done(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer would say that nothing was changed."""
    boto3.client("dynamodb", region_name=REGION).delete_table(TableName="ActivitiesTable")
    day = (deployment.now() + timedelta(days=1)).date().isoformat()

    assert day in control({"action": "skip", "day": day, "by": "ann"}, CONTEXT)["skipped"]
    assert "the log of the desk did not take a line: something was skipped (by command line)" in caplog.text
