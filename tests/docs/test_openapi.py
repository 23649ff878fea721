"""docs/openapi.json says what the handlers do: every recorded request gets an answer that is described there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from local.documents.api_description import API_ROUTES
from local.documents.openapi import FILE, FOR_PEOPLE_ONLY, as_text
from newsletter.control.api.request import BASE
from newsletter.core.link_token import Purpose, sign
from newsletter.desk.adapters.decide_links import subject_of
from newsletter.desk.domain.decision import Decision, Verb
from newsletter.feedback.domain.hold_link import HoldLink
from newsletter.readers.domain.limits import Lane
from tests import report_samples as reports
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.conftest import EVENTS, KEYS, Deployment, deployment
from tests.moto_aws import TEMPLATE, template

__all__ = ["deployment"]

FUNCTIONS = (
    "subscribe",
    "confirm",
    "unsubscribe",
    "preferences",
    "decide",
    "release",
    "show_report",
    "preview",
    "vote",
)
SINCE = datetime.now(UTC).replace(microsecond=0)  # the handler reads the real clock
CASES = [f"{name}/{path.stem}" for name in FUNCTIONS for path in sorted((EVENTS / name).glob("*.json"))]


def spec() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def test_the_file_is_what_the_handlers_say() -> None:
    assert FILE.read_text(encoding="utf-8") == as_text(), "run: make documents"


def test_it_is_openapi() -> None:
    validate(spec())


def test_every_route_of_the_template_is_described() -> None:
    routes = {
        each["Properties"]["RouteKey"].split()[1].replace("+}", "}")  # greedy, for the slash at the end
        for each in template()["Resources"].values()
        if each["Type"] == "AWS::ApiGatewayV2::Route"
    }
    for_people_only = {route for route in routes if f"/{route.split('/')[1]}" in FOR_PEOPLE_ONLY}
    of_programs = {route for route in routes if route.startswith(f"{BASE}/")}  # by tables of their own
    described = {path for path in spec()["paths"] if not path.startswith(f"{BASE}/")}
    assert routes - for_people_only - of_programs == described


def test_every_address_of_programs_is_described_with_what_it_takes() -> None:
    described = {
        (method.upper(), path): operation
        for path, operations in spec()["paths"].items()
        if path.startswith(f"{BASE}/")
        for method, operation in operations.items()
    }
    addresses = {(each.method, BASE + re.sub(r"<(\w+)>", r"{\1}", each.path)) for each in API_ROUTES}

    assert set(described) == addresses
    names = [operation["operationId"] for operation in described.values()]
    assert len(names) == len(set(names))
    for (method, _), operation in described.items():
        takes = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
        assert takes == ({"Idempotency-Key"} if method == "POST" and "409" in operation["responses"] else set())
        assert operation["security"] == [{"key": []}]


def request(case: str, deployment: Deployment, accept: str | None) -> dict[str, Any]:
    text = (EVENTS / f"{case}.json").read_text()
    function = case.split("/")[0]
    if function == "decide":
        text = text.replace("VERB", "hold").replace("CONTENT", "a" * 64)
        token = sign(Purpose.DECIDE, subject_of(Decision(SLUG, "a" * 64, Verb.HOLD)), KEYS, now=deployment.now())
    elif function == "release":
        hold_link = HoldLink(Lane.SLOW, NOW)
        url = deployment.app.hold_notice_ports.links.to_release(hold_link, now=deployment.now())
        text, token = text.replace("SINCE", NOW.isoformat()), url.partition("token=")[2]
    elif function == "show_report":
        links = deployment.app.report_links
        now = deployment.now()
        url = links.to_growth(now=now) if case.endswith("growth") else links.to_report(SLUG, now=now)
        token = url.partition("token=")[2]
    elif function == "preview":
        token, link = "", deployment.app.preview_links.to_page(SLUG, since=SINCE)
        text = text.replace("SIGNED", link.split("/")[-2])
    elif function == "vote":
        url = deployment.app.links.to_vote(SLUG, an_id(1), now=deployment.now())
        text, token = text.replace("SLUG", SLUG), url.partition("token=")[2].partition("&")[0]
    elif function == "subscribe":
        token = ""
    else:
        token = sign(Purpose(function), an_id(1), KEYS, now=deployment.now())
    event: dict[str, Any] = json.loads(text.replace("TOKEN", token))
    if accept:
        event["headers"]["accept"] = accept
    return event


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("case", CASES)
def test_every_recorded_request_is_answered_as_described(deployment: Deployment, case: str, accept: str) -> None:
    deployment.save(subscriber(1))
    deployment.app.issues.put(record(preview_since=SINCE), before=None)
    deployment.app.content.put_rendered(rendered())
    deployment.app.content.put_report(SLUG, json.dumps(reports.report()))
    event = request(case, deployment, accept)
    method, path = event["requestContext"]["http"]["method"].lower(), event["rawPath"]
    path = "/preview/{signed}" if path.startswith("/preview/") else path

    answer = import_module(f"functions.{case.split('/')[0]}.handler").lambda_handler(event, deployment.context)

    status = str(answer["statusCode"])
    described = spec()["paths"][path].get("get" if method == "head" else method)
    if described is None:
        assert status == "405"
        return
    assert status in described["responses"], (status, answer["body"])
    content = described["responses"][status].get("content")
    content_type = next(value for name, value in answer["headers"].items() if name.lower() == "content-type")
    if content is None:
        assert answer["headers"]["Location"]
        return
    kind = content_type.partition(";")[0]
    assert kind in content
    if kind == "application/json" and method != "head":
        jsonschema.validate(json.loads(answer["body"]), content[kind]["schema"])


def test_the_description_lies_where_the_docs_say() -> None:
    assert Path(FILE).relative_to(TEMPLATE.parent).as_posix() in (TEMPLATE.parent / "docs/data.md").read_text()
