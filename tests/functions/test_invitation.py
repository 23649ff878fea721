"""The email to somebody who was invited to the team; and what links in emails leave in the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.decide.handler import lambda_handler as decide
from functions.sign_in_mail.handler import lambda_handler as sign_in_mail
from newsletter.core.team import Role
from newsletter.desk.domain.decision import Decision, Verb
from newsletter.desk.domain.invitation import Invitation
from newsletter.desk.sessions.change_team import invite, member_id_of, remove
from tests.factories import SLUG, record
from tests.functions.conftest import Deployment, load

KIM, OWNER = "kim@example.org", "editors@example.org"


def deliver(deployment: Deployment, body: str) -> Any:
    event = load("sign_in_mail/invited")
    event["Records"][0]["body"] = body
    return sign_in_mail(event, deployment.context)


def invited(deployment: Deployment, *roles: Role, by: str = "", name: str = "Kim") -> list[dict[str, Any]]:
    """Invite somebody and return the emails that leave."""
    member = invite(KIM, name, roles, members=deployment.app.members, now=deployment.now())
    deployment.app.sign_in_queue.invite(Invitation(member.member_id, member_id_of(by) if by else ""))
    for message in deployment.drain("sign_in"):
        assert "@" not in json.dumps(message)
        assert deliver(deployment, json.dumps(message)) == {"batchItemFailures": []}
    return deployment.ses.messages()


def test_whoever_is_invited_reads_by_whom_to_what_and_how_to_sign_in(deployment: Deployment) -> None:
    (mail,) = invited(deployment, Role.WRITER, Role.KEEPER, by=OWNER)

    assert (mail["to"], mail["subject"]) == (KIM, f"{OWNER} invited you to the team of Fortnightly Briefing")
    words = " ".join(mail["text"].split())
    assert "- Writer: writes, previews" in words
    assert "- List keeper: looks after readers" in words
    assert "Owner" not in words
    assert "https://briefing.example.org/desk/" in words
    assert f"give {KIM} there" in words
    assert "token" not in mail["text"] + mail["html"]  # it opens nothing


def test_without_somebody_of_the_team_behind_it_the_invitation_names_nobody(deployment: Deployment) -> None:
    (mail,) = invited(deployment, Role.OWNER, by="eve@example.org", name="")

    assert mail["subject"] == "You are invited to the team of Fortnightly Briefing"
    assert "You were invited to the team of Fortnightly Briefing" in " ".join(mail["text"].split())


def test_whoever_was_removed_meanwhile_is_not_mailed(deployment: Deployment) -> None:
    member = invite(KIM, "", [Role.WRITER], members=deployment.app.members, now=deployment.now())
    remove(member.member_id, members=deployment.app.members, passkeys=deployment.app.passkeys)

    assert deliver(deployment, json.dumps({"invited": member.member_id, "by": ""})) == {"batchItemFailures": []}
    assert deliver(deployment, load("sign_in_mail/invited")["Records"][0]["body"]) == {"batchItemFailures": []}
    assert deployment.ses.messages() == []


@pytest.mark.parametrize(
    "message",
    [
        {"invited": KIM, "by": ""},
        {"invited": "0123456789abcdef"},
        {"invited": "0123456789abcdef", "by": KIM},
        {"invited": ["0123456789abcdef"], "by": ""},
    ],
)
def test_a_message_of_another_shape_mails_nobody(deployment: Deployment, message: dict[str, Any]) -> None:
    invite(KIM, "", [Role.WRITER], members=deployment.app.members, now=deployment.now())

    assert deliver(deployment, json.dumps(message))["batchItemFailures"] != []
    assert deployment.ses.messages() == []


@pytest.mark.parametrize("more", [{"email": "eve@example.net"}, {"sign_in": "0123456789abcdef0123456789abcdef"}])
def test_what_a_message_says_besides_is_not_listened_to_and_addresses_come_from_the_team(
    deployment: Deployment, more: dict[str, Any]
) -> None:
    message = {"invited": "0123456789abcdef", "by": "", **more}

    assert deliver(deployment, json.dumps(message)) == {"batchItemFailures": []}
    assert deployment.ses.messages() == []


def test_what_a_mailed_link_changes_is_in_the_log_once_and_what_changes_nothing_is_not(deployment: Deployment) -> None:
    app = deployment.app
    app.issues.put(record(), before=None)
    (editor,) = app.settings.team

    def press(verb: str, event: str = "decide/post", body: str = "") -> None:
        decision = Decision(SLUG, "a" * 64, Verb.HOLD, editor)
        loaded = load(event)
        query = app.decide_links.to_decide(decision, now=deployment.now()).partition("?")[2]
        parts = dict(pair.split("=") for pair in query.split("&"))
        loaded["queryStringParameters"] = {**parts, "do": verb}
        if body:
            loaded["body"], loaded["isBase64Encoded"] = body, False
        assert decide(loaded, deployment.context)["statusCode"] in (200, 409)

    press("hold", "decide/get")
    press("hold")
    press("hold")  # already
    press("release")
    press("test", body=f"to={editor.editor_id}")
    press("test", body="to=0123456789abcdef")  # nobody

    log = [
        (each.actor, each.did, each.what, each.session)
        for each in app.activities.month(f"{deployment.now():%Y-%m}", most=9)
    ]
    assert log == [(OWNER, did, SLUG, "mailed link") for did in ("asked for a test", "released", "held")]
