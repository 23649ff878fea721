"""Programs with a key: what the API answers, and that it does what the desk does."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger

from functions.api_issues.handler import lambda_handler as api_issues
from newsletter.control.api import people
from newsletter.control.api.cursor import cursor_of
from newsletter.control.api.door import ApiDoor
from newsletter.core.team import Role
from newsletter.desk.api_keys.change_keys import revoke_key
from newsletter.desk.api_keys.enter_by_key import MOST_A_MINUTE
from newsletter.desk.api_keys.kept_answer import KeptAnswer, answer_name, fingerprint_of
from newsletter.errors import StoreBusyError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.sending.domain.send import Send
from tests.desk.api_fakes import MemoryKeptAnswers
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.api_program import OWNER, Answer, Program, answered, request
from tests.functions.conftest import Deployment, deployed

TEXT = "---\ntitle: More for more\ndate: 2026-12-01\n---\n\nHello\n"


@pytest.fixture
def owner(deployment: Deployment) -> Program:
    return Program(deployment, {Role.OWNER})


def problem(answer: Answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == answer.status
    return str(answer.json["type"]).removeprefix("urn:fortnightly:problem:")


def test_without_a_key_the_answer_says_how_to_show_one(deployment: Deployment) -> None:
    answer = answered(api_issues(request("GET", "/api/v1/issues"), deployment.context))

    assert (answer.status, problem(answer)) == (401, "no-key")
    assert answer.headers["www-authenticate"] == 'Bearer realm="Fortnightly"'


@pytest.mark.parametrize(
    "written", ["", "Basic abc", "Bearer ", "Bearer fn_live_short", f"Bearer fn_live_{'0' * 16}_{'1' * 64}"]
)
def test_whatever_is_no_key_opens_nothing(owner: Program, written: str) -> None:
    assert problem(owner.get("/issues", authorization=written)) == "no-key"


def test_a_key_with_another_secret_opens_nothing(owner: Program) -> None:
    assert owner.get("/issues", authorization=f"Bearer {owner.written[:-1]}x").status == 401
    flipped = "0" if owner.written[-1] != "0" else "1"
    assert owner.get("/issues", authorization=f"Bearer {owner.written[:-1]}{flipped}").status == 401


def test_a_key_opens_nothing_from_the_moment_it_is_revoked(owner: Program, deployment: Deployment) -> None:
    assert owner.get("/key").status == 200

    revoke_key(owner.api_key.key_id, api_keys=deployment.app.api_keys)

    assert owner.get("/key").status == 401


def test_a_key_in_the_address_is_refused_whatever_else_is_right(owner: Program, log: StringIO) -> None:
    for query in (f"?api_key={owner.written}", f"?x={owner.written}", "?access_token=y", f"/{owner.written}"):
        answer = owner.get(f"/issues{query}")
        assert (answer.status, problem(answer)) == (400, "key-in-address")
    assert owner.written not in log.getvalue()


def test_the_key_says_what_it_may_do(deployment: Deployment) -> None:
    answer = Program(deployment, {Role.WRITER}, "Editor plug-in").get("/key")

    assert answer.json["name"] == "Editor plug-in"
    assert answer.json["roles"] == ["writer"]
    assert answer.json["rights"] == ["look", "write"]


def test_its_use_is_remembered_by_the_day(owner: Program, deployment: Deployment) -> None:
    keys = deployment.app.api_keys
    assert keys.all()[0].used_on is None
    owner.get("/key")
    assert keys.all()[0].used_on == deployment.now().date()


def test_a_draft_becomes_an_issue_that_is_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, REQUIRE_APPROVAL="anyone") as deployment:
        owner = Program(deployment, {Role.OWNER})
        saved = owner.ask("PUT", f"/issues/{SLUG}/draft", {"text": TEXT})
        assert saved.status == 200
        assert saved.json["result"] == "saved"
        version = saved.json["draft"]["version"]
        assert owner.get(f"/issues/{SLUG}/draft").json["text"] == saved.json["draft"]["text"]
        handed_in = owner.post(f"/issues/{SLUG}/hand-in", {"version": version})
        assert handed_in.status == 200
        assert deployment.read(f"issues/{SLUG}.md", bucket="content") == saved.json["draft"]["text"]
        assert deployment.app.content.uploader(f"issues/{SLUG}.md") == OWNER

        deployment.app.issues.put(record(), before=None)  # what `publish` makes of the upload
        deployment.app.content.put_rendered(rendered())
        shown = owner.get(f"/issues/{SLUG}")
        assert shown.status == 200
        assert owner.post(f"/issues/{SLUG}/approve", {"content_hash": "b" * 64}).status == 409
        approved = owner.post(f"/issues/{SLUG}/approve", {"content_hash": shown.json["content_hash"]})
        assert (approved.status, approved.json["outcome"]) == (200, "approved")
        assert (
            owner.post(f"/issues/{SLUG}/approve", {"content_hash": shown.json["content_hash"]}).json["outcome"]
            == "already"
        )
        lines = deployment.app.activities.month(f"{deployment.now():%Y-%m}", most=10)
        assert [each.did for each in lines] == ["approved", "handed in", "wrote the draft of"]
        assert {each.actor for each in lines} == {"Website (API key)"}
        assert {each.session for each in lines} == {f"key {owner.api_key.key_id[:8]}"}
        assert owner.get(f"/issues/{SLUG}").json["decisions"][-1]["by"] == "Website (API key)"


def test_two_keys_of_one_owner_are_not_two_people(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, REQUIRE_APPROVAL="another") as deployment:
        deployment.app.issues.put(record(uploaded_by=OWNER), before=None)
        deployment.app.content.put_rendered(rendered())

        answer = Program(deployment, {Role.APPROVER}, "Another").post(
            f"/issues/{SLUG}/approve", {"content_hash": "a" * 64}
        )

        assert (answer.status, problem(answer)) == (409, "refused")


def test_a_key_may_be_called_what_its_maker_likes(deployment: Deployment) -> None:
    name = "Café <b>“Größe”</b> 新聞 @ 7"
    program = Program(deployment, {Role.OWNER}, name)
    deployment.app.issues.put(record(), before=None)
    deployment.app.content.put_rendered(rendered())

    version = program.ask("PUT", f"/issues/{SLUG}/draft", {"text": TEXT}).json["draft"]["version"]
    assert program.post(f"/issues/{SLUG}/hand-in", {"version": version}).status == 200
    assert program.post(f"/issues/{SLUG}/hold").json["outcome"] == "held"
    assert program.get("/key").json["name"] == name
    assert program.get(f"/issues/{SLUG}").json["decisions"][-1]["by"] == f"{name} (API key)"
    assert program.post("/subscribers", {"email": "ann@example.net"}).json["result"] == "asked"


@pytest.mark.parametrize(
    "path", ["/issues/", "/issues//draft", "/issues/a/b/c", "/issues/%2e%2e/draft", "/../desk", "//key"]
)
def test_an_odd_path_leads_nowhere(owner: Program, path: str) -> None:
    assert problem(owner.get(path)) == "not-found"


def test_pages_of_issues_hold_each_once_the_newest_first(owner: Program, deployment: Deployment) -> None:
    names = [f"2026-12-{day:02d}-issue" for day in range(1, 8)]
    for slug in names:
        deployment.app.issues.put(record(slug=slug, date=record().date), before=None)
    found, path = [], "/issues?limit=3"
    while path:
        page = owner.get(path).json
        assert len(page["items"]) <= 3
        found += [each["slug"] for each in page["items"]]
        path = f"/issues?limit=3&cursor={page['next']}" if page["next"] else ""
    assert found == names[::-1]
    assert owner.get("/issues?status=sent").json == {"items": [], "next": None}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=many", "limit=1.0", "status=lost", "page=2", "cursor=WzE"]
)
def test_a_query_that_cannot_be_is_refused_by_its_name(owner: Program, query: str) -> None:
    answer = owner.get(f"/issues?{query}")

    assert (answer.status, problem(answer)) == (422, "invalid")
    assert [each["field"] for each in answer.json["errors"]] == [query.partition("=")[0]]


def test_a_cursor_of_another_list_is_refused(owner: Program, deployment: Deployment) -> None:
    for day in (1, 2):
        deployment.app.issues.put(record(slug=f"2026-12-0{day}-issue"), before=None)
    cursor = owner.get("/issues?limit=1").json["next"]
    assert owner.get(f"/results?cursor={cursor}").status == 422
    assert owner.get(f"/issues?cursor={cursor[:-2]}").status == 422


@pytest.mark.parametrize("position", ["\ud800", "\x00", "ü", 5, None, ["x"]])
def test_a_cursor_that_somebody_made_up_asks_the_database_nothing_odd(owner: Program, position: Any) -> None:
    made_up = urlsafe_b64encode(json.dumps(["subscribers", position]).encode()).decode().rstrip("=")

    assert problem(owner.get(f"/subscribers?cursor={made_up}")) == "invalid"
    assert owner.get(f"/subscribers?cursor={cursor_of('subscribers', 'f' * 32)}").status == 200


def test_what_was_done_is_told_even_if_its_answer_cannot_be_kept(owner: Program, deployment: Deployment) -> None:
    class FullAnswers(MemoryKeptAnswers):
        def keep(self, name: str, kept_answer: KeptAnswer, *, now: datetime) -> None:
            raise StoreBusyError("the database is busy")

    busy = replace(deployment.app.api_ports, answers=FullAnswers())
    app = SimpleNamespace(**{"api_ports": busy, **{name: getattr(deployment.app, name) for name in PARTS}})
    door = ApiDoor(people.ROUTES, cast(Any, lambda: app), Logger())
    body = '{"email": "ann@example.net"}'
    headers = {"authorization": f"Bearer {owner.written}", "content-type": "application/json", "idempotency-key": "x"}

    answer = answered(door.resolve(request("POST", "/api/v1/subscribers", body, headers)))

    assert (answer.status, answer.json["result"]) == (200, "asked")


PARTS = ("addresses", "subscribers", "suppressions", "greet_queue", "import_ports", "address_key", "activities")
"""Of the app, what adding somebody touches."""


def test_a_send_is_steered_with_a_reason(owner: Program, deployment: Deployment) -> None:
    app, now = deployment.app, deployment.now()
    app.issues.put(record(status=IssueStatus.SENDING), before=None)
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now))

    assert owner.get("/sends").json["items"][0]["slug"] == SLUG
    assert owner.post(f"/sends/{SLUG}/pause", {"because": " "}).status == 422
    assert owner.post(f"/sends/{SLUG}/pause", {"because": "A typo"}).json["state"] == "paused"
    assert owner.get(f"/sends/{SLUG}").json["paused_because"] == "A typo"
    assert owner.post(f"/sends/{SLUG}/resume").json["state"] == "open"
    assert owner.post(f"/sends/{SLUG}/cancel", {"because": "Wrong"}).json["state"] == "cancelling"
    assert problem(owner.post(f"/sends/{SLUG}/resume")) == "refused"
    assert problem(owner.get("/sends/no-such-send")) == "not-found"


def test_days_are_skipped_and_added(owner: Program) -> None:
    slots = owner.get("/calendar?limit=2").json["slots"]
    day = slots[1]["at"][:10]
    changed = owner.post("/calendar/days", {"day": day, "change": "skip", "because": "Holidays"})

    assert changed.json["skipped"] == [{"day": day, "because": "Holidays"}]
    assert problem(owner.post("/calendar/days", {"day": "2001-01-01", "change": "skip"})) == "invalid"


def test_a_report_is_what_was_written(owner: Program, deployment: Deployment) -> None:
    assert problem(owner.get(f"/reports/{SLUG}")) == "not-found"
    deployment.app.content.put_report(SLUG, json.dumps({"version": 2}))
    assert owner.get(f"/reports/{SLUG}").json == {"name": SLUG, "report": {"version": 2}}


def test_a_test_goes_to_whom_it_is_for(owner: Program, deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    answer = owner.post(f"/issues/{SLUG}/test", {"email": "ann@example.net", "name": "Ann"})
    assert answer.status == 200
    assert deployment.queued("publish")
    assert problem(owner.post("/issues/none/test", {"email": "ann@example.net"})) == "not-found"


def test_a_reader_is_asked_and_another_with_evidence_is_on_the_list(owner: Program, deployment: Deployment) -> None:
    asked = owner.post("/subscribers", {"email": "ann@example.net", "name": "Ann"})
    added = owner.post(
        "/subscribers", {"email": "ben@example.net", "evidence": "Signed at the fair", "consented_on": "2026-01-02"}
    )

    assert (asked.json["result"], added.json["result"]) == ("asked", "on_the_list")
    assert len(deployment.queued("greet")) == 1
    assert "@" not in str(asked.json)
    ben = owner.get(f"/subscribers/{added.json['id']}").json["subscriber"]
    assert (ben["email"], ben["status"]) == ("ben@example.net", "confirmed")
    ann = deployment.app.subscribers.get(asked.json["id"])
    assert ann is not None
    assert (ann.status, ann.source) == (Status.UNCONFIRMED, "Website")


def test_a_reader_is_found_changed_taken_off_and_erased(owner: Program, deployment: Deployment) -> None:
    added = owner.post("/subscribers", {"email": "ben@example.net", "evidence": "Signed at the fair"}).json["id"]

    found = owner.ask("POST", "/subscribers/find", {"email": "BEN@example.net"})
    assert found.json == {"id": added, "subscriber": True, "suppressed": False}
    assert owner.ask("PATCH", f"/subscribers/{added}", {"name": "Ben", "lang": "de"}).json["result"] == "changed"
    assert owner.ask("PATCH", f"/subscribers/{added}", {"name": "Ben"}).json["result"] == "already"
    shown = owner.get(f"/subscribers/{added}").json["subscriber"]
    assert (shown["name"], shown["lang"]) == ("Ben", "de")
    assert owner.post(f"/subscribers/{added}/unsubscribe").json["result"] == "unsubscribed"
    assert owner.post(f"/subscribers/{added}/unsubscribe").json["result"] == "already"
    assert owner.post(f"/subscribers/{added}/erase").json["result"] == "erased"
    gone = owner.get(f"/subscribers/{added}").json
    assert (gone["subscriber"], gone["suppression"]["reason"]) == (None, "erased")
    assert problem(owner.post("/subscribers", {"email": "ben@example.net", "evidence": "Again"})) == "refused"


def test_single_tags_are_changed_and_the_others_stay(owner: Program) -> None:
    reader = owner.post("/subscribers", {"email": "ben@example.net", "evidence": "Signed at the fair"}).json["id"]

    def tagged(**change: str) -> tuple[str, list[str]]:
        result = owner.ask("PATCH", f"/subscribers/{reader}", change).json["result"]
        return result, owner.get(f"/subscribers/{reader}").json["subscriber"]["tags"]

    assert tagged(add_tags="Members, press") == ("changed", ["members", "press"])
    assert tagged(add_tags="members") == ("already", ["members", "press"])
    assert tagged(add_tags="staff,board", remove_tags="press, board") == ("changed", ["members", "staff"])
    assert tagged(remove_tags="nobody-has-it") == ("already", ["members", "staff"])
    assert tagged(tags="press", add_tags="board") == ("changed", ["board", "press"])
    too_many = ",".join(f"tag{number}" for number in range(49))
    assert problem(owner.ask("PATCH", f"/subscribers/{reader}", {"add_tags": too_many})) == "refused"
    assert problem(owner.ask("PATCH", f"/subscribers/{reader}", {"add_tags": "?!"})) == "refused"
    assert tagged() == ("already", ["board", "press"])


@pytest.mark.parametrize(
    "refused", [{"tags": "members, !!!"}, {"tags": "x" * 100}, {"lang": "tlh"}, {"name": "www.example.org"}]
)
def test_a_change_of_a_reader_that_is_refused_in_part_changes_nothing(
    owner: Program, deployment: Deployment, refused: dict[str, str]
) -> None:
    added = owner.post("/subscribers", {"email": "ben@example.net", "evidence": "Signed at the fair"}).json["id"]
    before = deployment.app.subscribers.get(added)

    answer = owner.ask("PATCH", f"/subscribers/{added}", {"name": "Ben", "lang": "de", "tags": "press", **refused})

    assert (answer.status, problem(answer)) == (409, "refused")
    assert deployment.app.subscribers.get(added) == before


def test_name_language_and_tags_of_a_reader_are_changed_by_one_write(owner: Program, deployment: Deployment) -> None:
    added = owner.post("/subscribers", {"email": "ben@example.net", "evidence": "Signed at the fair"}).json["id"]
    before = deployment.app.subscribers.get(added)

    owner.ask("PATCH", f"/subscribers/{added}", {"name": "Ben", "tags": "press, members"})

    after = deployment.app.subscribers.get(added)
    assert before is not None
    assert after is not None
    assert (after.name, after.lang, after.tags) == ("Ben", before.lang, frozenset({"press", "members"}))
    assert after.version == before.version + 1
    owner.ask("PATCH", f"/subscribers/{added}", {"tags": ""})
    untagged = deployment.app.subscribers.get(added)
    assert untagged is not None
    assert (untagged.name, untagged.tags) == ("Ben", frozenset())


def test_how_often_a_reader_hears_from_us_is_read_and_changed(owner: Program, deployment: Deployment) -> None:
    added = owner.post("/subscribers", {"email": "ben@example.net", "evidence": "Signed at the fair"}).json["id"]
    reader = f"/subscribers/{added}"

    assert owner.get(reader).json["subscriber"]["rhythm"] == "every_issue"
    assert problem(owner.ask("PATCH", reader, {"rhythm": "monthly"})) == "refused"
    assert problem(owner.ask("PATCH", reader, {"rhythm": "weekly"})) == "invalid"
    style = deployment.app.house_style
    style.put(replace(style.stored(), brand={"digest": "monthly"}))
    assert owner.ask("PATCH", reader, {"rhythm": "monthly"}).json["result"] == "changed"
    assert owner.ask("PATCH", reader, {"rhythm": "monthly"}).json["result"] == "already"
    assert owner.get(reader).json["subscriber"]["rhythm"] == "monthly"


def test_an_address_is_kept_out_for_good(owner: Program) -> None:
    found = owner.ask("POST", "/subscribers/find", {"email": "eve@example.net"}).json["id"]
    assert owner.post(f"/subscribers/{found}/suppress", {"because": "Asked by letter"}).json["result"] == "suppressed"
    assert problem(owner.post("/subscribers", {"email": "eve@example.net"})) == "refused"
    assert problem(owner.post("/subscribers/zz/suppress", {"because": "x"})) == "invalid"


def test_the_list_is_read_page_by_page(owner: Program, deployment: Deployment) -> None:
    for number in range(1, 8):
        deployment.save(subscriber(number))
    deployment.app.suppressions.add(Suppression(an_id(9), SuppressionReason.MANUAL, deployment.now()))
    found, path = [], "/subscribers?limit=3"
    while path:
        page = owner.get(path).json
        assert page["unreadable"] == []
        found += [each["id"] for each in page["items"]]
        path = f"/subscribers?limit=3&cursor={page['next']}" if page["next"] else ""
    assert sorted(found) == sorted(an_id(number) for number in range(1, 8))
    assert [each["id"] for each in owner.get("/suppressions").json["items"]] == [an_id(9)]
    assert owner.get("/subscribers?status=unconfirmed").json["items"] == []


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(owner: Program, deployment: Deployment) -> None:
    body = {"email": "ann@example.net"}
    first = owner.post("/subscribers", body, idempotency_key="one")
    again = owner.post("/subscribers", body, idempotency_key="one")

    assert again.json == first.json
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(deployment.queued("greet")) == 1


def test_another_request_under_the_same_name_is_refused(owner: Program, deployment: Deployment) -> None:
    owner.post("/subscribers", {"email": "ann@example.net"}, idempotency_key="one")
    other = owner.post("/subscribers", {"email": "ben@example.net"}, idempotency_key="one")

    assert (other.status, problem(other)) == (422, "another-request")
    assert len(deployment.queued("greet")) == 1


def test_two_programs_do_not_meet_in_one_name(owner: Program, deployment: Deployment) -> None:
    other = Program(deployment, {Role.KEEPER}, "Other")
    for program, email in ((owner, "ann@example.net"), (other, "ben@example.net")):
        assert program.post("/subscribers", {"email": email}, idempotency_key="one").status == 200


def test_a_request_without_a_name_is_refused_and_changes_nothing(owner: Program, deployment: Deployment) -> None:
    for name in ("", "x" * 256, "two words"):
        answer = owner.post("/subscribers", {"email": "ann@example.net"}, idempotency_key=name)
        assert (answer.status, problem(answer)) == (400, "no-idempotency-key")
    assert deployment.queued("greet") == []


def test_a_refusal_is_not_kept_because_nothing_was_changed(owner: Program, deployment: Deployment) -> None:
    body = {"content_hash": "a" * 64}
    assert owner.post(f"/issues/{SLUG}/approve", body, idempotency_key="one").status == 404
    deployment.app.issues.put(record(), before=None)
    deployment.app.content.put_rendered(rendered())
    assert owner.post(f"/issues/{SLUG}/approve", body, idempotency_key="one").status == 200


def test_a_request_that_is_under_way_is_not_carried_out_a_second_time(owner: Program, deployment: Deployment) -> None:
    body = {"email": "ann@example.net"}
    fingerprint = fingerprint_of("POST", "/api/v1/subscribers", json.dumps(body).encode())
    answers, name = deployment.app.api_ports.answers, answer_name(owner.api_key.key_id, "one")
    answers.begin(name, fingerprint, now=deployment.now())
    answer = owner.post("/subscribers", body, idempotency_key="one")
    assert (answer.status, problem(answer)) == (409, "under-way")
    assert answer.headers["retry-after"] == "2"

    answers.forget(name)
    answers.begin(name, fingerprint, now=deployment.now() - timedelta(minutes=2))  # whose function died
    assert owner.post("/subscribers", body, idempotency_key="one").status == 200


def test_how_much_is_left_stands_in_every_answer_and_too_many_are_refused(
    owner: Program, deployment: Deployment
) -> None:
    first = owner.get("/key")
    assert first.headers["ratelimit-policy"] == f'"key";q={MOST_A_MINUTE};w=60'
    assert f'"key";r={MOST_A_MINUTE - 1};t=' in first.headers["ratelimit"]
    begun = deployment.now().replace(second=0, microsecond=0)
    for minute in (begun, begun + timedelta(minutes=1)):  # the real clock may just turn
        name = f"api-requests#{owner.api_key.key_id}#{minute:%Y-%m-%dT%H:%M}"
        for _ in range(MOST_A_MINUTE):
            deployment.app.counters.bump(name, expires_at=begun + timedelta(hours=1))
    answer = owner.get("/key")
    assert (answer.status, problem(answer)) == (429, "too-many")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_an_address_or_method_that_is_none_is_said_so(owner: Program) -> None:
    assert problem(owner.get("/nothing")) == "not-found"
    answer = owner.ask("DELETE", "/issues")
    assert (problem(answer), answer.headers["allow"]) == ("no-such-method", "GET")
    answer = owner.ask("DELETE", "/subscribers")
    assert (problem(answer), answer.headers["allow"]) == ("no-such-method", "GET, POST")
    assert problem(owner.ask("POST", "/suppressions", {})) == "no-such-method"


def test_a_version_that_there_is_not_is_refused_and_each_answer_names_its_own(owner: Program) -> None:
    assert owner.get("/key").headers["fortnightly-version"] == "2026-12-01"
    assert owner.get("/key", fortnightly_version="2026-12-01").status == 200
    assert problem(owner.get("/key", fortnightly_version="2031-01-01")) == "no-such-version"


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        ("{", "application/json", "malformed"),
        ("[]", "application/json", "malformed"),
        ("3", "application/json", "malformed"),
        ("[" * 10_000, "application/json", "malformed"),
        ('{"a":' * 10_000, "application/json", "malformed"),
        ('{"email": NaN}', "application/json", "malformed"),
        (f'{{"email": {"9" * 5_000}}}', "application/json", "malformed"),
        ('{"email": "a@example.net", "email": "b@example.net"}', "application/json", "malformed"),
        ('{"email": "\\ud800@example.net"}', "application/json", "invalid"),
        ('{"email": 5}', "application/json", "invalid"),
        ('{"email": null}', "application/json", "invalid"),
        ("{}", "application/json", "invalid"),
        ('{"email": "a@example.net", "admin": true}', "application/json", "invalid"),
        ('{"email": "no address"}', "application/json", "invalid"),
        ("email=a%40example.net", "application/x-www-form-urlencoded", "not-json"),
        ('{"email": "a@example.net"}', "text/plain", "not-json"),
        ('{"email": "a@example.net"}', "", "not-json"),
        ('{"email": "' + "x" * 1_600_000 + '"}', "application/json", "too-large"),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused_and_changes_nothing(
    owner: Program, deployment: Deployment, body: str, content_type: str, kind: str
) -> None:
    answer = owner.post("/subscribers", body, content_type=content_type)

    assert problem(answer) == kind
    assert deployment.queued("greet") == []
