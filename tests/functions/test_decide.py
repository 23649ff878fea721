"""/decide: GET changes nothing, POST decides, a link speaks for one content of one issue."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.decide.handler import lambda_handler
from functions.publish.handler import lambda_handler as publish
from newsletter.core.editors import Editors
from newsletter.core.link_token import Purpose, sign
from newsletter.core.team import Editor, Role
from newsletter.desk.adapters.decide_links import subject_of
from newsletter.desk.domain.decision import Decision, Verb
from newsletter.desk.jobs.ask_for_test import TESTS_PER_HOUR, TestAnswer, ask_for_test
from newsletter.desk.ports import TestPorts
from newsletter.desk.sessions.change_team import invite, remove
from newsletter.issues.domain.issue_record import IssueRecord
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, PlainMails
from tests.core.fakes import TEAM as TEAM_OF_ONE
from tests.factories import SLUG, record, rendered
from tests.functions.conftest import EDITOR_KEYS, Deployment, deployed, load
from tests.issues.fakes import MemoryIssues
from tests.sending.fakes import MemoryQueues

KEY = f"issues/{SLUG}.md"


def press(
    deployment: Deployment,
    verb: str,
    *,
    event: str = "decide/post",
    content: str = "a" * 64,
    signed_for: str = "a" * 64,
    slug: str = SLUG,
    age: timedelta = timedelta(0),
    accept: str = "text/html",
) -> Any:
    subject = subject_of(Decision(SLUG, signed_for, Verb.HOLD))
    token = sign(Purpose.DECIDE, subject, EDITOR_KEYS, now=deployment.now() - age)
    text = json.dumps(load(event)).replace("VERB", verb).replace("CONTENT", content).replace("TOKEN", token)
    loaded = json.loads(text.replace(f'"{SLUG}"', f'"{slug}"'))
    loaded["headers"]["accept"] = accept
    return lambda_handler(loaded, deployment.context)


def stands(deployment: Deployment) -> IssueRecord:
    found = deployment.app.issues.get(SLUG)
    assert found is not None
    return found


@pytest.mark.parametrize("verb", Verb)
def test_looking_at_an_editors_link_shows_what_can_be_done_and_changes_nothing(
    deployment: Deployment, verb: Verb
) -> None:
    deployment.app.issues.put(record(), before=None)
    deployment.put(KEY, b"the file")

    answer = press(deployment, verb, event="decide/get")

    assert answer["statusCode"] == 200
    assert re.findall(r"do=([a-z]+)", answer["body"]) == (
        ["withdraw", "hold"] if verb is Verb.WITHDRAW else ["hold", "withdraw"]
    )
    assert answer["body"].count("<form") == answer["body"].count("<button") == 2
    assert "More for more" in answer["body"]
    assert stands(deployment) == record()
    assert deployment.read(KEY, bucket="content") == "the file"
    assert deployment.ses.messages() == []


def test_hold_offers_release_at_once_on_the_page_and_in_the_mail(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)

    page = press(deployment, "hold")["body"]

    assert "<h1>On hold: More for more</h1>" in page
    assert "<strong>On hold.</strong> Put on hold on " in page
    assert re.findall(r"do=([a-z]+)", page) == ["release", "withdraw"]
    (mail,) = deployment.ses.messages(to="editors@example.org")
    link = re.search(r"https://briefing\.example\.org/decide\?\S+", mail["text"])
    assert link is not None
    assert parse_qs(urlsplit(link[0]).query)["do"] == ["release"]
    assert follow(deployment, link[0])["statusCode"] == 200
    assert not stands(deployment).held


def follow(deployment: Deployment, link: str, event: str = "decide/post") -> Any:
    """Open the address of a mail, or press its button."""
    loaded = load(event)
    loaded["rawQueryString"] = urlsplit(link).query
    loaded["queryStringParameters"] = {name: value for name, (value,) in parse_qs(urlsplit(link).query).items()}
    return lambda_handler(loaded, deployment.context)


TEAM = "Ann Lee <ann@example.org> approver; Ben Fox <ben@example.org> writer"


def test_a_link_of_ones_own_says_who_decided_and_ends_when_its_owner_leaves_the_team(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with deployed(monkeypatch, EDITORS=TEAM, REQUIRE_APPROVAL="anyone") as deployment:
        deployment.app.issues.put(record(), before=None)
        ann, ben = deployment.app.settings.team
        to = deployment.app.decide_links.to_decide
        links = {
            each.name: to(Decision(SLUG, "a" * 64, Verb.APPROVE, each), now=deployment.now()) for each in (ann, ben)
        }
        gone = to(Decision(SLUG, "a" * 64, Verb.HOLD, Editor("Eve", "eve@example.org")), now=deployment.now())
        borrowed = links["Ben Fox"].replace(ben.editor_id, ann.editor_id)
        unnamed = links["Ben Fox"].replace(f"&by={ben.editor_id}", "")

        assert follow(deployment, links["Ben Fox"])["statusCode"] == 409
        assert [follow(deployment, link)["statusCode"] for link in (gone, borrowed, unnamed)] == [400] * 3
        assert stands(deployment) == record()
        assert re.findall(r"do=([a-z]+)", follow(deployment, links["Ben Fox"], "decide/get")["body"]) == ["hold"]

        page = follow(deployment, links["Ann Lee"])["body"]

        assert "by Ann Lee." in page
        assert stands(deployment).decisions[0].endswith("Ann Lee")
        mails = {mail["to"]: mail["text"] for mail in deployment.ses.messages()}
        assert set(mails) == {"ann@example.org", "ben@example.org"}
        assert "Ann Lee decided this with a link" in mails["ben@example.org"]
        assert ann.editor_id not in mails["ben@example.org"]


def test_the_button_approves_and_the_editors_hear_of_it_once(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)

    first, second = press(deployment, "approve"), press(deployment, "approve")

    assert (first["statusCode"], second["statusCode"]) == (200, 200)
    assert stands(deployment).approved == "a" * 64
    (mail,) = deployment.ses.messages(to="editors@example.org")
    assert mail["subject"] == "Approved: More for more"


def test_a_newer_version_is_not_approved_by_an_older_mail_and_the_page_says_so(deployment: Deployment) -> None:
    deployment.app.issues.put(record(content_hash="b" * 64), before=None)

    page = press(deployment, "approve", event="decide/get")
    pressed = press(deployment, "approve", accept="application/json")

    assert "do=approve" not in page["body"]
    assert "A newer version has been uploaded" in page["body"]
    assert (pressed["statusCode"], json.loads(pressed["body"])) == (409, {"status": "replaced"})
    assert stands(deployment).approved == ""


def test_hold_and_release_answer_programs_in_json(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)

    answers = [press(deployment, verb, accept="application/json") for verb in ("hold", "hold", "release")]

    assert [json.loads(each["body"])["status"] for each in answers] == ["held", "already", "released"]
    assert [line.split()[1] for line in stands(deployment).decisions] == ["hold", "release"]


def test_withdraw_removes_the_file_and_keeps_its_versions(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    deployment.put(KEY, b"the file")

    assert press(deployment, "withdraw")["statusCode"] == 200
    assert deployment.read(KEY, bucket="content") is None
    assert deployment.app.content.read(KEY) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"signed_for": "b" * 64},
        {"slug": "another-issue"},
        {"slug": "../secrets"},
        {"verb": "delete-everything"},
        {"content": ""},
        {"age": timedelta(days=61)},
    ],
)
def test_a_link_that_was_altered_or_is_too_old_decides_nothing(deployment: Deployment, changes: dict[str, Any]) -> None:
    deployment.app.issues.put(record(), before=None)

    answer = press(deployment, **{"verb": "approve", **changes})

    assert answer["statusCode"] == 400
    assert stands(deployment) == record()


def test_the_link_of_a_reader_decides_nothing(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    subject = subject_of(Decision(SLUG, "a" * 64, Verb.HOLD))
    for purpose in (Purpose.CONFIRM, Purpose.UNSUBSCRIBE, Purpose.PREFERENCES):
        token = sign(purpose, subject, EDITOR_KEYS, now=deployment.now())
        text = json.dumps(load("decide/post")).replace("VERB", "hold").replace("CONTENT", "a" * 64)
        assert lambda_handler(json.loads(text.replace("TOKEN", token)), deployment.context)["statusCode"] == 400

    assert stands(deployment) == record()


def ask(deployment: Deployment, body: str) -> Any:
    link = deployment.app.decide_links.to_test(Decision(SLUG, "a" * 64, Verb.HOLD), now=deployment.now())
    loaded = load("decide/post")
    loaded["rawQueryString"] = urlsplit(link).query
    query = {name: value for name, (value,) in parse_qs(urlsplit(link).query).items()}
    loaded["queryStringParameters"] = query | {"do": "test"}
    loaded["headers"] |= {"content-type": "application/x-www-form-urlencoded"}
    return lambda_handler(loaded | {"body": body, "isBase64Encoded": False}, deployment.context)


def test_a_test_goes_to_an_editor_and_to_nobody_else_and_changes_nothing(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    deployment.app.content.put_rendered(rendered())
    (editor,) = deployment.app.settings.team

    assert "Your test email is on its way" in ask(deployment, f"to={editor.editor_id}")["body"]
    assert ask(deployment, "to=0123456789abcdef")["statusCode"] == 409
    assert ask(deployment, "")["statusCode"] == 409
    assert ask(deployment, "to=1&to=2")["statusCode"] == 400
    assert stands(deployment) == record()
    assert deployment.queued("publish") == [{"test": SLUG, "to": editor.editor_id}]

    event = load("publish/look_again")
    event["Records"][0]["body"] = json.dumps({"test": SLUG, "to": editor.editor_id})
    assert publish(event, deployment.context) == {"batchItemFailures": []}

    (mail,) = deployment.ses.messages(to=editor.email)
    assert mail["subject"] == "More for more, reader"
    assert "Dear reader" in mail["text"]
    assert "/unsubscribe" not in mail["text"]


def test_the_team_of_the_desk_decides_by_link_as_soon_as_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, EDITORS=TEAM, REQUIRE_APPROVAL="another") as deployment:
        app, now = deployment.app, deployment.now()
        app.issues.put(record(uploaded_by="dee"), before=None)
        ann, ben = app.settings.team
        dee = Editor("Dee", "dee@example.org")
        links = {
            each.name: app.decide_links.to_decide(Decision(SLUG, "a" * 64, Verb.APPROVE, each), now=now)
            for each in (ann, ben, dee)
        }
        assert [follow(deployment, link, "decide/get")["statusCode"] for link in links.values()] == [200, 200, 400]

        invite("dee@example.org", "Dee", [Role.APPROVER], members=app.members, now=now)
        invite("ben@example.org", "", [Role.KEEPER], members=app.members, now=now)
        assert [follow(deployment, link, "decide/get")["statusCode"] for link in links.values()] == [200, 400, 200]
        assert follow(deployment, links["Dee"])["statusCode"] == 409  # AWS knows her as who uploaded it
        remove(dee.editor_id, members=app.members, passkeys=app.passkeys)
        assert follow(deployment, links["Dee"])["statusCode"] == 400
        assert stands(deployment).decisions == ()

        assert follow(deployment, links["Ann Lee"])["statusCode"] == 200
        assert {mail["to"] for mail in deployment.ses.messages()} == {"ann@example.org", "editors@example.org"}


def test_nobody_decides_while_the_team_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, EDITORS=TEAM, TEAM_TABLE="gone") as deployment:
        deployment.app.issues.put(record(), before=None)
        ann, _ = deployment.app.settings.team
        link = deployment.app.decide_links.to_decide(Decision(SLUG, "a" * 64, Verb.HOLD, ann), now=deployment.now())

        answer = follow(deployment, link)

        assert (answer["statusCode"], stands(deployment)) == (503, record())
        assert "try again in a minute" in answer["body"]


def test_there_are_twenty_tests_of_an_issue_in_an_hour() -> None:
    team = Editors(MemoryMailer(), PlainMails(), TEAM_OF_ONE)
    ports = TestPorts(MemoryIssues(record()), MemoryCounters(), MemoryQueues(), team)
    asked = [
        ask_for_test(Decision(SLUG, "a" * 64, Verb.HOLD), TEAM_OF_ONE[0].editor_id, ports=ports, now=NOW)
        for _ in range(TESTS_PER_HOUR + 1)
    ]

    assert asked == [TestAnswer.ASKED] * TESTS_PER_HOUR + [TestAnswer.TOO_MANY]


def test_no_test_is_made_of_what_was_withdrawn(deployment: Deployment) -> None:
    deployment.app.issues.put(record(withdrawn=True), before=None)

    assert ask(deployment, f"to={deployment.app.settings.team[0].editor_id}")["statusCode"] == 409
    assert deployment.queued("publish") == []
