"""A program does what its key does not allow, by every address there is, or comes with something that is no key.

Everything is made of the tables of routes and of `desk/domain/act.py`: a new address is attacked from its first day.
What must never be possible: a refusal that has changed something, a GET that changes more than that the key was used.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any

import boto3
import pytest

from newsletter.control import api
from newsletter.control.api import lists, people, routes
from newsletter.control.api.request import ApiRoute
from newsletter.core.team import Role
from newsletter.desk.api_keys.api_key import make
from newsletter.desk.api_keys.change_keys import revoke_key
from newsletter.desk.domain.act import roles_may
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import Send
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.api_program import Answer, Program
from tests.functions.conftest import Deployment, deployed
from tests.moto_aws import REGION, TABLES

ROUTES: tuple[ApiRoute, ...] = (*routes.ROUTES, *people.ROUTES, *lists.ROUTES)
BODIES: dict[str, Any] = {
    "approve_issue": {"content_hash": "a" * 64}, "mail_test": {"email": "x@example.net"},
    "write_draft": {"text": "x"}, "hand_in_issue": {"version": "1"}, "pause_send": {"because": "An attack."},
    "cancel_send": {"because": "An attack."}, "change_day": {"day": "2031-01-07", "change": "extra"},
    "find_subscriber": {"email": "x@example.net"}, "add_subscriber": {"email": "x@example.net"},
    "change_subscriber": {"name": "X"}, "suppress_subscriber": {"because": "An attack."},
}  # fmt: skip
"""Something for every address that takes a body."""


def path_of(route: ApiRoute) -> str:
    names = {"slug": SLUG, "name": SLUG, "id": an_id(1)}
    return re.sub(r"<(\w+)>", lambda part: names[part[1]], route.path)


def sends(program: Program, route: ApiRoute, **headers: str) -> Answer:
    """Ask for a route with this program's key."""
    body = BODIES.get(route.answer.__name__)
    if route.method == "POST":
        return program.post(path_of(route), body, **headers)
    return program.ask(route.method, path_of(route), body, **headers)


def stored(deployment: Deployment) -> str:
    """Return everything that tables, buckets and queues hold but that keys were used, and how many emails left."""
    dynamodb: Any = boto3.client("dynamodb", region_name=REGION)
    s3: Any = boto3.client("s3", region_name=REGION)
    items = [(name, item) for name in TABLES for item in dynamodb.scan(TableName=name)["Items"]]
    counted = [item for _, item in items if item.get("counter_key", {"S": ""})["S"].startswith("api-requests#")]
    kept = sorted(str({**item, "used_on": ""}) + name for name, item in items if item not in counted)
    versions = []
    for name in ("content", "site"):
        listed = s3.list_object_versions(Bucket=name)
        both = listed.get("Versions", []) + listed.get("DeleteMarkers", [])
        versions += sorted((name, each["Key"], each["VersionId"]) for each in both)
    queues = {name: deployment.in_queue(name) for name in deployment.queue_urls}
    return json.dumps([kept, versions, queues, len(deployment.ses.messages())], sort_keys=True)


@contextmanager
def filled(environment: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Put up a stack with something to look at and to change for every route."""
    with deployed(environment, REQUIRE_APPROVAL="anyone") as deployment:
        app, now = deployment.app, deployment.now()
        deployment.put(f"issues/{SLUG}.md", b"---\ntitle: x\n---\n\nx\n")
        app.content.put_rendered(rendered())
        app.content.put_report(SLUG, "{}")
        app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
        app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now))
        deployment.save(subscriber(1))
        yield deployment


def test_every_table_of_routes_is_served_and_no_address_twice() -> None:
    names = [each.name for each in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")]
    written = {route for name in names for route in getattr(importlib.import_module(name), "ROUTES", ())}

    assert written == set(ROUTES)
    addresses = [(route.method, re.sub("<.+?>", "<>", route.path)) for route in ROUTES]
    assert len(addresses) == len(set(addresses))
    assert all(route.changes == (route.method != "GET") for route in ROUTES if route.path != "/subscribers/find")


@pytest.mark.parametrize("role", Role)
def test_a_key_opens_what_its_acts_say_and_a_refusal_has_changed_nothing(
    monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    with filled(monkeypatch) as deployment:
        program = Program(deployment, {role})
        before, refused, opened = stored(deployment), 0, []
        for route in ROUTES:
            if roles_may({role}, route.act):
                opened.append(route)
                continue
            answer = sends(program, route)
            assert (answer.status, answer.json["type"]) == (403, "urn:fortnightly:problem:not-allowed"), route.path
            refused += 1
        assert stored(deployment) == before
        assert (refused == 0) == (role is Role.OWNER)
        for route in sorted(opened, key=lambda each: each.method):  # what changes something, last
            assert sends(program, route).status not in (401, 403, 405), route.path


def test_looking_changes_nothing_at_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with filled(monkeypatch) as deployment:
        program = Program(deployment, list(Role))
        before = stored(deployment)
        for route in ROUTES:
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = program.ask(method, path_of(route))
                assert answer.status in (200, 404, 405), (method, route.path)
        assert stored(deployment) == before


@pytest.mark.parametrize("what", ["revoked", "made up", "the hash", "another's id", "nothing", "in the address"])
def test_what_is_no_key_opens_no_address_and_changes_nothing(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    with filled(monkeypatch) as deployment:
        program, keys = Program(deployment, list(Role)), deployment.app.api_keys
        other = Program(deployment, {Role.WRITER}, "Other")
        key_id, secret = program.written.split("_")[2:]
        shown = {
            "revoked": program.written,
            "made up": make("X", list(Role), "x", deployment.now())[1],
            "the hash": f"fn_live_{key_id}_{program.api_key.secret_hash}",
            "another's id": f"fn_live_{other.api_key.key_id}_{secret}",
            "nothing": "",
            "in the address": "",
        }[what]
        if what == "revoked":
            revoke_key(key_id, api_keys=keys)
        before = stored(deployment)
        for route in ROUTES:
            if what == "in the address":
                path = f"{path_of(route)}?api_key={program.written}"
                answer = program.ask(route.method, path, BODIES.get(route.answer.__name__), idempotency_key="x")
                assert answer.status == 400, route.path
                continue
            answer = sends(program, route, authorization=f"Bearer {shown}" if shown else "")
            assert answer.status == 401, route.path
            assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert stored(deployment) == before
        assert other.api_key.used_on is None
        assert keys.find(other.api_key.key_id) == other.api_key


@pytest.mark.parametrize("body", ['{"x": 1}', "[]", "{", "\x00", '"' + "x" * 1_600_000 + '"', '{"a":' * 10_000])
def test_a_body_that_nobody_asked_for_changes_nothing_at_any_address(
    monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    with filled(monkeypatch) as deployment:
        program = Program(deployment, list(Role))
        before = stored(deployment)
        for route in ROUTES:
            if route.method != "GET":
                answer = program.ask(route.method, path_of(route), body, idempotency_key="x")
                assert answer.status in (400, 413, 422), route.path
        assert stored(deployment) == before


def test_two_at_once_with_one_name_and_different_bodies_are_one_request(deployment: Deployment) -> None:
    program = Program(deployment, {Role.KEEPER})

    def add(number: int) -> int:
        return program.ask("POST", "/subscribers", {"email": f"x{number}@example.net"}, idempotency_key="one").status

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(add, range(8)))

    assert statuses == [200, *[422] * 7]
    assert len(deployment.queued("greet")) == 1


def test_a_key_is_not_used_on_a_day_on_which_it_was_not(deployment: Deployment) -> None:
    program = Program(deployment, {Role.WRITER})
    deployment.app.api_keys.note_use(program.api_key.key_id, date(2026, 1, 1))
    program.get("/key", authorization=f"Bearer {program.written[:-1]}")

    kept = deployment.app.api_keys.find(program.api_key.key_id)
    assert kept is not None
    assert kept.used_on == date(2026, 1, 1)
