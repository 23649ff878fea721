"""The API on the laptop stack: the Python client from end to end, and requests that nobody would think of."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fortnightly_client import ApiError, Client
from local.reader import wait_for
from newsletter.core.team import Role
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

SLUG = "2027-03-02-written-by-a-program"
TEXT = "---\ntitle: Written by a program\ndate: 2027-03-02\nstatus: ready\n---\n\nHello {{ name | there }},\n\nnews.\n"
SPEC: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())
OPERATIONS = {
    operation["operationId"]: (method, path)
    for path, methods in SPEC["paths"].items()
    for method, operation in methods.items()
    if path.startswith("/api/v1/")
}
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, negative_data_rejection,
]  # fmt: skip
EXAMPLES = 6
"""Of each kind and operation: some 350 requests in all, of which each takes the laptop a few hundredths of a second."""


NO_SHRINKING = (Phase.explicit, Phase.generate)
"""A request that fails says enough; a smaller one would be looked for over minutes."""


def takes_anything(operation: dict[str, Any]) -> bool:
    """Tell whether there is something in a request that can be wrong."""
    return bool(operation.get("parameters") or operation.get("requestBody"))


@pytest.fixture(scope="module")
def url(stack: Laptop) -> str:
    return str(stack.where["api_url"])


@pytest.fixture(scope="module")
def client(stack: Laptop, url: str) -> Iterator[Client]:
    with Client(url, stack.api_key(Role.OWNER, now=datetime.now(UTC))) as client:
        yield client


@pytest.fixture(scope="module")
def written(client: Client) -> str:
    """An issue that a program handed in, and that `publish` has taken."""
    saved = client.write_draft(SLUG, {"text": TEXT})
    assert saved["findings"] == [] or saved["result"] == "saved"
    client.hand_in_issue(SLUG, {"version": saved["draft"]["version"]})

    def taken() -> bool:
        return SLUG in {each["slug"] for each in client.each(client.list_issues, limit=100)}

    wait_for("the issue", taken)
    return SLUG


def test_an_issue_is_written_handed_in_held_and_released_by_a_program(client: Client, written: str) -> None:
    assert client.get_issue(written)["uploaded_by"] == "ada@example.org", "whoever made the key"
    assert client.hold_issue(written)["outcome"] == "held"
    assert client.release_issue(written)["outcome"] == "released"
    assert written in {each["slug"] for each in client.each(client.list_issues, limit=1)}
    assert client.get_calendar(limit=2)["slots"][0]["at"]
    assert list(client.each(client.list_results, limit=50)) is not None
    with pytest.raises(ApiError, match="409"):
        client.hand_in_issue(written, {"version": "of yesterday"})


def test_somebody_is_added_by_a_program_confirms_and_is_forgotten(client: Client, stack: Laptop) -> None:
    email = "api-ada@example.org"
    added = client.add_subscriber({"email": email, "name": "Ada"}, idempotency_key="ada")
    assert client.add_subscriber({"email": email, "name": "Ada"}, idempotency_key="ada") == added
    assert httpx.post(stack.link(stack.mail(email, "confirmation"), "confirm"), timeout=30).status_code == 200
    stack.mail(email, "welcome")

    assert added["id"] == stack.who(email)
    assert added["id"] in {each["id"] for each in client.each(client.list_subscribers, status="confirmed", limit=100)}
    assert client.change_subscriber(added["id"], {"lang": "de"})["result"] == "changed"
    assert client.unsubscribe_subscriber(added["id"])["result"] == "unsubscribed"
    assert client.erase_subscriber(added["id"])["result"] == "erased"
    assert client.get_subscriber(added["id"])["subscriber"] is None
    assert added["id"] in {each["id"] for each in client.each(client.list_suppressions, limit=100)}


def test_a_test_is_mailed_for_a_program(client: Client, stack: Laptop, written: str) -> None:
    client.mail_test(written, {"email": "api-test@example.org", "name": "Ben"})

    found = wait_for("the test", lambda: stack.inbox.messages(to="api-test@example.org"))
    assert "A program of the tests (API key)" in found[0]["text"]


def test_the_front_door_leads_to_the_api_too(stack: Laptop) -> None:
    key = stack.api_key(Role.WRITER, now=datetime.now(UTC), name="At the front door")
    with Client(stack.url, key) as client:
        assert client.get_key()["rights"] == ["look", "write"]
    answer = httpx.get(f"{stack.url}/api/v1/issues", timeout=30)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@cache
def described(mode: GenerationMode) -> Any:
    """Return the description that requests are made from.

    Where good requests are asked for, things are called as those are that there are. Where bad ones are, names stay as
    described, since a name that nobody has is none that the API must refuse; nor is a key left out, for each has one.
    """
    spec = deepcopy(SPEC)
    named = {"slug": [SLUG, "no-such-issue"], "name": [SLUG, "list_growth"], "id": ["0" * 32, "x"]}
    if mode is GenerationMode.NEGATIVE:
        named = {}
        del spec["components"]["securitySchemes"]
    for methods in spec["paths"].values():
        for operation in methods.values():
            for each in operation.get("parameters", ()):
                if each["in"] == "path" and each["name"] in named:
                    each["schema"] = {"type": "string", "enum": named[each["name"]]}
            if mode is GenerationMode.NEGATIVE:
                operation.pop("security", None)
    for schema in spec["components"]["schemas"].values():
        if "email" in schema.get("properties", {}):
            schema["properties"]["email"] = {"type": "string", "format": "email"}
    del spec["components"]["schemas"]["DraftText"]["properties"]["text"]["maxLength"]  # it would send millions of them
    return schemathesis.openapi.from_dict(spec)


@pytest.fixture(scope="module")
def keys(stack: Laptop) -> Iterator[str]:
    """Keys in turn: one has 120 requests a minute."""
    now = datetime.now(UTC)
    return cycle([stack.api_key(*Role, now=now, name=f"Fuzz {number}") for number in range(20)])


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name, (method, path) in OPERATIONS.items()
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or takes_anything(SPEC["paths"][path][method])
    ],
)
def test_no_request_gets_an_answer_that_is_not_described(
    name: str, mode: GenerationMode, url: str, keys: Iterator[str], written: str
) -> None:
    method, path = OPERATIONS[name]

    @given(case=described(mode)[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=NO_SHRINKING,
    )
    def ask(case: Any) -> None:
        answer = case.call(base_url=url, headers={"Authorization": f"Bearer {next(keys)}"})
        if "fortnightly-version" in answer.headers:
            case.validate_response(answer, checks=CHECKS)
        else:  # the gateway's own, to a path that is none of its routes, such as one with the end of a line in it
            assert answer.status_code == 404

    ask()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"[" * 10_000, "application/json", 400),
        (b'{"email": "' + b"x" * 10_000_000 + b'"}', "application/json", 413),
        (b"\xff\xfe", "application/json", 400),
        (b"email=a%40example.org", "application/x-www-form-urlencoded", 415),
        (b'{"email": "a@example.org", "admin": true}', "application/json", 422),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(
    url: str, keys: Iterator[str], body: bytes, content_type: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {next(keys)}", "Idempotency-Key": "x", "Content-Type": content_type}

    assert httpx.post(f"{url}/api/v1/subscribers", content=body, headers=headers, timeout=60).status_code == status


def test_no_key_and_no_address_stands_in_a_log(stack: Laptop, url: str) -> None:
    key = stack.api_key(Role.OWNER, now=datetime.now(UTC), name="Careless")
    secret = key.rpartition("_")[2]
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{url}/api/v1/issues?api_key={key}", headers=headers, timeout=30).status_code == 400
    assert httpx.get(f"{url}/api/v1/issues?limit=1", headers=headers, timeout=30).status_code == 200

    written = "\n".join(line for function, line in stack.log_lines() if function.startswith("api_"))
    assert '"path":"/api/v1/issues"' in written
    assert secret not in written
    assert "@example.org" not in written
