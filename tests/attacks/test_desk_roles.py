"""At the desk somebody does what their role does not allow, by every address there is, or comes in as somebody else.

Everything is made of the tables of routes and of `desk/domain/act.py`: a new address is attacked from its first day.
What must never be possible: a refusal that has changed something, a page that changes something when it is looked at.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from functions.desk.handler import lambda_handler as desk
from functions.desk_people.handler import lambda_handler as desk_people
from functions.desk_tagged.handler import lambda_handler as desk_tagged
from functions.sign_in.handler import lambda_handler as sign_in_function
from newsletter.control import desk as pages
from newsletter.control.desk import routes
from newsletter.control.desk.access import account, keys, team, webhooks
from newsletter.control.desk.people import everybody, tagged
from newsletter.control.desk.request import Route
from newsletter.core.link_token import Purpose, sign
from newsletter.core.team import Role
from newsletter.desk.domain.act import may
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import Session, form_token, hash_of
from newsletter.desk.domain.sign_in_attempt import GUESSES, SignInAttempt, code_of, link_token
from newsletter.desk.session_ports import SessionPorts
from newsletter.desk.sessions.change_team import change_roles
from newsletter.desk.sessions.open_session import SignInResult
from newsletter.desk.sessions.sign_in import SignInProof, sign_in
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import Send
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.conftest import EDITOR_KEYS, Deployment, deployed
from tests.functions.desk_browser import SESSION, Browser, mailed
from tests.moto_aws import REGION, TABLES

EVE, OWNER = "eve@example.org", "editors@example.org"
OURS = "https://briefing.example.org"
BY_FUNCTION: dict[Callable[..., Any], tuple[Route, ...]] = {
    desk: routes.ROUTES, desk_people: everybody.ROUTES, desk_tagged: tagged.ROUTES,
    sign_in_function: (*team.ROUTES, *keys.ROUTES, *webhooks.ROUTES, *account.ROUTES),
}  # fmt: skip
ROUTES = [(function, route) for function, served in BY_FUNCTION.items() for route in served]
POSTS = [(function, route) for function, route in ROUTES if route.method == "POST"]
FORM = {
    "content": "a" * 64, "to": "0123456789abcdef", "day": "2031-01-07", "because": "An attack.", "name": "X",
    "email": "x@example.net", "role_owner": "yes", "markdown": "x", "title": "x", "text": "x", "slug": SLUG,
}  # fmt: skip
"""Something for every field that a route may ask for."""


@dataclass
class Visit:
    """Somebody with a session, and what they can send."""

    deployment: Deployment
    member: Member
    secret: str

    @property
    def session(self) -> Session:
        found = self.deployment.app.sessions.find(hash_of(self.secret))
        assert found is not None
        return found

    @property
    def form_token(self) -> str:
        return form_token(self.session, EDITOR_KEYS)

    def sends(
        self, function: Callable[..., Any], route: Route, *, token: str | None = None, method: str = "", **headers: str
    ) -> Any:
        """Ask for a route with this session's cookie, and for a form its token if no other is named."""
        method, form = method or route.method, ""
        if method == "POST":
            form = urlencode({**FORM, "form_token": self.form_token if token is None else token})
        event = request(method, path_of(route), form, f"{SESSION}={self.secret}", headers)
        return function(event, self.deployment.context)


def request(method: str, path: str, body: str, cookie: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return the event of a request, in the shape of API Gateway's payload 2.0."""
    form = {"content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    given = {
        "accept": "text/html",
        "origin": OURS,
        **form,
        **{name.replace("_", "-"): v for name, v in headers.items()},
    }
    return {
        "version": "2.0", "rawPath": path, "rawQueryString": "", "cookies": [cookie],
        "headers": {name: value for name, value in given.items() if value},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.66"}, "stage": "$default"},
        "body": body if method == "POST" else "", "isBase64Encoded": False,
    }  # fmt: skip


def path_of(route: Route) -> str:
    """Return an address of this kind that leads to something: each route's part names a thing that there is."""
    member_id = Member(OWNER).member_id
    names = {"slug": SLUG, "name": SLUG, "file": "brand", "id": member_id if route in team.ROUTES else an_id(1)}
    return re.sub(r"<(\w+)>", lambda part: names.get(part[1], an_id(1)), route.path)


def stored(deployment: Deployment) -> str:
    """Return everything that tables, buckets and queues hold, and how many emails left."""
    dynamodb: Any = boto3.client("dynamodb", region_name=REGION)
    s3: Any = boto3.client("s3", region_name=REGION)
    tables = {name: sorted(map(str, dynamodb.scan(TableName=name)["Items"])) for name in TABLES}
    buckets = {}
    for name in ("content", "site"):
        listed = s3.list_object_versions(Bucket=name)
        both = listed.get("Versions", []) + listed.get("DeleteMarkers", [])
        buckets[name] = sorted((each["Key"], each["VersionId"]) for each in both)
    queues = {name: deployment.in_queue(name) for name in deployment.queue_urls}
    return json.dumps([tables, buckets, queues, len(deployment.ses.messages())], sort_keys=True)


@contextmanager
def filled(environment: pytest.MonkeyPatch, *roles: Role) -> Iterator[Visit]:
    """Put up a stack with something to look at and to change for every route, and sign Eve in with these roles."""
    with deployed(environment, REQUIRE_APPROVAL="anyone") as deployment:
        app, now = deployment.app, deployment.now()
        deployment.put(f"issues/{SLUG}.md", b"---\ntitle: x\n---\n\nx\n")
        app.content.put_rendered(rendered())
        app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
        app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now))
        deployment.save(subscriber(1))
        eve = Member(EVE, "Eve", frozenset(roles), added_at=now)
        app.members.put(eve, joins=True)
        visit = Visit(deployment, eve, "the secret of eve")
        app.sessions.open(Session(hash_of(visit.secret), eve.member_id, now, now))
        yield visit


def test_every_table_of_routes_is_served_by_one_function_and_no_address_twice() -> None:
    names = [each.name for each in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}.")]
    modules = [importlib.import_module(name) for name in names]
    written = {route for module in modules for route in getattr(module, "ROUTES", ())}

    assert written == {route for _, route in ROUTES}
    addresses = [(route.method, re.sub("<.+?>", "<>", route.path)) for _, route in ROUTES]
    assert len(addresses) == len(set(addresses))
    assert {route.method for _, route in ROUTES} == {"GET", "POST"}


@pytest.mark.parametrize("role", [*Role, None])
def test_a_role_opens_what_its_acts_say_and_a_refusal_has_changed_nothing(
    monkeypatch: pytest.MonkeyPatch, role: Role | None
) -> None:
    with filled(monkeypatch, *([role] if role else [])) as eve:
        before, refused, opened = stored(eve.deployment), 0, []
        for function, route in ROUTES:
            if may(eve.member, route.act):
                opened.append((function, route))
                continue
            answer = eve.sends(function, route)
            assert answer["statusCode"] == 403, route.path
            refused += 1
        assert stored(eve.deployment) == before
        assert (refused == 0) == (role is Role.OWNER)
        for function, route in opened:  # last, because these do change something
            if route.method == "GET":
                assert eve.sends(function, route)["statusCode"] != 403, route.path
        for function, route in opened:
            assert route.method == "GET" or eve.sends(function, route)["statusCode"] != 403, route.path


def test_looking_changes_nothing_at_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with filled(monkeypatch, *Role) as eve:
        before = stored(eve.deployment)
        for function, route in ROUTES:
            for method in ("GET", "HEAD"):  # also where something is to be posted to
                answer = eve.sends(function, route, method=method)
                assert answer["statusCode"] in (200, 404, 405), (method, route.path)
        assert stored(eve.deployment) == before


FOREIGN: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": f"{OURS}.evil.example"},
    {"origin": "http://briefing.example.org"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"origin": "", "sec_fetch_site": "cross-site"},
]


def test_a_form_of_another_website_changes_nothing_at_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with filled(monkeypatch, *Role) as eve:
        before = stored(eve.deployment)
        for function, route in POSTS:
            # The door is the same for all: the first address meets every kind, the others two each.
            for headers in FOREIGN if route is POSTS[0][1] else (FOREIGN[0], FOREIGN[4]):
                answer = eve.sends(function, route, **headers)
                assert answer["statusCode"] == 403, (route.path, headers)
        assert stored(eve.deployment) == before


def test_a_form_without_the_token_of_this_session_changes_nothing_at_any_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with filled(monkeypatch, *Role) as eve:
        now = eve.deployment.now()
        other = Visit(eve.deployment, eve.member, "another browser of hers")
        eve.deployment.app.sessions.open(Session(hash_of(other.secret), eve.member.member_id, now, now))
        before = stored(eve.deployment)
        for function, route in POSTS:
            for token in (other.form_token, "", eve.form_token[:-1], "é" * 32)[: 4 if route is POSTS[0][1] else 1]:
                answer = eve.sends(function, route, token=token, origin="")  # a browser that names no origin
                assert answer["statusCode"] == 403, (route.path, token)
        assert stored(eve.deployment) == before


@pytest.mark.parametrize("change", ["removed", "another role", "signed out everywhere", "idle", "forged"])
def test_a_session_that_has_ended_opens_no_address_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """The page stood open, with a form that was good; then the role is taken away, and the button pressed."""
    with filled(monkeypatch, *Role) as eve:
        app, now, token = eve.deployment.app, eve.deployment.now(), eve.form_token
        if change == "removed":
            app.members.remove(eve.member.member_id)
        elif change == "another role":
            change_roles(eve.member.member_id, list(Role), members=app.members, now=now)
        elif change == "signed out everywhere":
            app.members.end_sessions(eve.member.member_id, now)
        elif change == "idle":
            long_ago = now - timedelta(hours=13)
            app.sessions.open(replace(eve.session, opened_at=long_ago, used_at=long_ago))
        else:
            eve.secret = hash_of(eve.secret)  # what somebody would have who reads the table
        before = stored(eve.deployment)
        for function, route in ROUTES:
            answer = eve.sends(function, route, token=token)
            if route.path.endswith("/save"):  # what was typed is shown to whoever sent it, and to nobody else
                assert answer["statusCode"] == 403, route.path
                assert "Not saved yet" in answer["body"]
                continue
            assert answer["statusCode"] == 303, route.path
            assert answer["headers"]["Location"].startswith("/desk/sign-in"), route.path
        assert stored(eve.deployment) == before


def test_what_reaches_many_people_takes_a_fresh_sign_in_at_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with filled(monkeypatch, *Role) as eve:
        an_hour_ago = eve.deployment.now() - timedelta(hours=1)
        eve.deployment.app.sessions.open(replace(eve.session, opened_at=an_hour_ago))
        before, asked = stored(eve.deployment), 0
        for function, route in POSTS:
            if route.act.takes_fresh_sign_in:
                answer = eve.sends(function, route)
                assert answer["statusCode"] == 303, route.path
                assert re.fullmatch(r"/desk/sign-in\?next=/desk/[\w/.-]*&again=yes", answer["headers"]["Location"])
                asked += 1
        assert stored(eve.deployment) == before
        assert asked >= 6


ELSEWHERE = [
    "//evil.example", "https://evil.example/desk/", "/desk//evil.example", "/desk/\\evil.example", "\\/desk/",
    "/\\evil.example", "/desk/%2F%2Fevil.example", "/desk/@evil.example", "/desk/?x=//evil.example",
    "/desk/\r\nLocation: https://evil.example", "/desk/\t//evil.example", "javascript:alert(1)", "/desk",
    "/unsubscribe", "desk/", "/desk/é", "/desk/\u2044\u2044evil.example",
]  # fmt: skip


def test_no_link_to_sign_in_leads_anywhere_but_to_the_desk(deployment: Deployment) -> None:
    for asked in ELSEWHERE:
        event = request("GET", "/desk/sign-in", "", "", {})
        event["queryStringParameters"] = {"next": asked}
        actions = re.findall(
            r'<form method="post" action="([^"]*)"', sign_in_function(event, deployment.context)["body"]
        )
        assert actions == ["/desk/sign-in", "/desk/sign-in/passkey"], asked


def test_an_address_that_leads_out_of_the_desk_is_not_where_one_goes_after_signing_in(deployment: Deployment) -> None:
    for path in ("/desk//evil.example/", "/desk/\\evil.example/", '/desk/"><script>/'):
        for site in ("cross-site", "same-origin"):
            answer = desk(request("GET", path, "", "", {"sec_fetch_site": site}), deployment.context)
            said = answer["body"] + answer["headers"].get("Location", "")
            assert "<script" not in said
            led = re.findall(r"""(?:url=|href=")([^"]*)""", said) + [answer["headers"].get("Location", "")]
            for to in filter(None, led):
                assert to.startswith((f"{OURS}/", "/desk", "#")), to


def ports_of(deployment: Deployment, attempt: SignInAttempt) -> SessionPorts:
    """Return ports whose attempt is always as it was first read: so do many see it who come at the same moment."""
    ports = deployment.app.session_ports
    ports.sessions.begin(attempt)
    known, store = ports.sessions.attempt(attempt.attempt_id), ports.sessions

    class AtTheSameMoment:
        def __getattr__(self, name: str) -> Any:
            return (lambda _: known) if name == "attempt" else getattr(store, name)

    stale: Any = AtTheSameMoment()
    return replace(ports, sessions=stale)


def an_attempt(deployment: Deployment) -> SignInAttempt:
    return SignInAttempt("0f" * 16, Member(OWNER).member_id, hash_of("browser"), deployment.now(), "its secret")


def test_many_codes_at_the_same_moment_are_no_more_guesses_than_one_by_one(deployment: Deployment) -> None:
    attempt = an_attempt(deployment)
    ports, right = ports_of(deployment, attempt), code_of(attempt.attempt_id, attempt.secret)

    def guess(code: str) -> SignInResult:
        proof = SignInProof(code=code, attempt_id=attempt.attempt_id, browser_secret="browser")
        return sign_in(proof, ports=ports, now=deployment.now()).result

    wrong = [f"{(int(right) + number) % 1_000_000:06d}" for number in range(1, 9)]
    assert [guess(code) for code in wrong] == [SignInResult.WRONG_CODE] * GUESSES + [SignInResult.OVER] * 3
    assert guess(right) is SignInResult.OVER


def test_many_presses_of_one_link_at_the_same_moment_open_one_session(deployment: Deployment) -> None:
    attempt = an_attempt(deployment)
    ports = ports_of(deployment, attempt)
    proof = SignInProof(token=link_token(attempt), browser_secret="browser")
    results = [sign_in(proof, ports=ports, now=deployment.now()).result for _ in range(5)]

    assert results == [SignInResult.SIGNED_IN] + [SignInResult.OVER] * 4


def test_whoever_has_the_key_of_editors_links_is_signed_in_by_nothing_they_make_of_it(deployment: Deployment) -> None:
    thief = Browser(deployment)
    thief.asks()  # in the owner's name, and so the cookie of the browser that asked is the thief's own
    attempt_id = thief.cookies["__Host-sign-in"].partition(".")[0]

    assert thief.presses(sign(Purpose.SIGN_IN, attempt_id, EDITOR_KEYS, now=deployment.now()))["statusCode"] == 400
    assert thief.send("sign_in/code", code=code_of(attempt_id, EDITOR_KEYS.current))["statusCode"] == 400
    assert not thief.is_in


def test_a_scanner_that_opens_the_link_and_presses_its_button_gets_no_session_and_takes_nobodys(
    deployment: Deployment,
) -> None:
    person, scanner = Browser(deployment), Browser(deployment, network="198.51.100.7")
    person.asks()
    token, _ = mailed(deployment)
    before = stored(deployment)

    assert scanner.send("sign_in/link", token=token)["statusCode"] == 200
    assert scanner.send("sign_in/link_head", token=token)["statusCode"] == 200
    assert scanner.presses(token)["statusCode"] == 200  # it is asked for the code
    assert not scanner.is_in
    assert stored(deployment) == before

    assert person.presses(token)["statusCode"] == 303
    assert person.is_in


def test_a_cookie_that_somebody_else_set_before_is_not_the_session_afterwards(deployment: Deployment) -> None:
    person, attacker = Browser(deployment), Browser(deployment)
    known = "a secret that the attacker knows"
    person.cookies[SESSION] = attacker.cookies[SESSION] = known

    person.signs_in()

    assert person.is_in
    assert person.cookies[SESSION] != known
    assert not attacker.is_in


def test_an_old_session_does_not_become_fresh_when_somebody_signs_in_anew(deployment: Deployment) -> None:
    """A stolen cookie would grow stronger each time its owner proves who they are."""
    person = Browser(deployment)
    person.signs_in()
    stolen = person.cookies[SESSION]
    opened = deployment.app.sessions.find(hash_of(stolen))

    person.signs_in()

    assert person.cookies[SESSION] != stolen
    later = deployment.app.sessions.find(hash_of(stolen))
    assert opened is not None
    assert later is None or later.opened_at == opened.opened_at


def test_another_website_makes_no_browser_forget_its_session(deployment: Deployment) -> None:
    """Its form comes without our cookie (SameSite), and signs nobody out; the answer must not say "forget" either."""
    for headers in FOREIGN:
        event = request("POST", "/desk/sign-out", "everywhere=yes", "", headers)
        answer = sign_in_function(event, deployment.context)
        assert (answer["statusCode"], answer.get("cookies", [])) == (403, []), headers
