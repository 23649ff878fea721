"""A program with a key, in front of the three functions of the API, as API Gateway would tell them apart."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema

from functions.api_issues.handler import lambda_handler as api_issues
from functions.api_lists.handler import lambda_handler as api_lists
from functions.api_people.handler import lambda_handler as api_people
from newsletter.core.team import Role
from newsletter.desk.api_keys.change_keys import make_key
from tests.functions.conftest import Deployment

OWNER = "editors@example.org"


def function_for(method: str, path: str) -> Any:
    """Return the function that the routes of template.yaml name."""
    if path == "/api/v1/suppressions" or (method, path) == ("GET", "/api/v1/subscribers"):
        return api_lists
    return api_people if path.startswith("/api/v1/subscribers") else api_issues


def request(method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the event of a request, in the shape of API Gateway's payload 2.0."""
    path, _, query = path.partition("?")
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    return {
        "version": "2.0", "routeKey": "ANY /api/v1/{rest+}", "rawPath": path, "rawQueryString": query,
        "headers": headers or {}, **({"queryStringParameters": pairs} if pairs else {}),
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.10"}, "stage": "$default",
        },
        "body": body if isinstance(body, str) else body.decode(), "isBase64Encoded": False,
    }  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, str]
    json: Any


SPEC = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())


def held_to_the_description(method: str, path: str, answer: Answer) -> Answer:
    """Return the answer, which docs/openapi.json describes if it knows the address at all."""
    for pattern, operations in SPEC["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path) and method.lower() in operations:
            responses = operations[method.lower()]["responses"]
            assert str(answer.status) in responses, (method, path, answer)
            described = responses[str(answer.status)]
            if "$ref" in described:
                described = SPEC["components"]["responses"][described["$ref"].rpartition("/")[2]]
            schema = described["content"][answer.headers["content-type"]]["schema"]
            jsonschema.validate(answer.json, schema | {"components": SPEC["components"]})
            return answer
    assert answer.status in (400, 401, 404, 405, 429)
    return answer


def answered(result: dict[str, Any]) -> Answer:
    """Return an answer of a function as a program reads it."""
    body = result["body"]
    if result["isBase64Encoded"]:
        body = gzip.decompress(b64decode(body)).decode()
    headers = {name.lower(): value for name, value in result["headers"].items()}
    return Answer(result["statusCode"], headers, json.loads(body))


class Program:
    """One program, with a key of its own."""

    def __init__(self, deployment: Deployment, roles: Collection[Role], name: str = "Website") -> None:
        self._deployment = deployment
        self.api_key, self.written = make_key(
            name, roles, made_by=OWNER, api_keys=deployment.app.api_keys, now=deployment.now()
        )
        self._asked = 0

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for something below `/api/v1`."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Post something, under an Idempotency-Key of its own unless one is given."""
        self._asked += 1
        return self.ask("POST", path, body, **{"idempotency_key": f"request-{self._asked}", **headers})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request; a header that is given empty is left out."""
        given = {"authorization": f"Bearer {self.written}"}
        if body is not None:
            given["content-type"] = "application/json"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        event = request(method, f"/api/v1{path}", sent, {name: value for name, value in given.items() if value})
        plain_path = event["rawPath"]
        answer = answered(function_for(method, plain_path)(event, self._deployment.context))
        return held_to_the_description(method, plain_path, answer)
