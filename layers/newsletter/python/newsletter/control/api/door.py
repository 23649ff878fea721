"""The door of the API: whose key it is, what it may do, how often; then the route's own answer, once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from newsletter.control.api.fields import plain, read_body, read_query
from newsletter.control.api.problems import MEDIA_TYPE, ApiProblem, ProblemError, ProblemType, problem_of
from newsletter.control.api.request import BASE, ApiRequest, ApiRoute
from newsletter.desk.api_keys.api_key import PREFIX, ApiKey
from newsletter.desk.api_keys.enter_by_key import MOST_A_MINUTE, WINDOW, RequestAllowance, count_request, enter_by_key
from newsletter.desk.api_keys.kept_answer import (
    LONGEST_IDEMPOTENCY_KEY,
    KeptAnswer,
    Repetition,
    answer_name,
    fingerprint_of,
)
from newsletter.errors import PermanentError, TransientError
from newsletter.web.router import Request, Response
from newsletter.wiring import App

JSON = "application/json"

VERSION = "2026-12-01"
"""The day of the last change that an existing program could notice. docs/api.md says what changes how."""

VERSION_HEADER = "Fortnightly-Version"

LARGEST_BODY = 1_500_000
"""Bytes. A draft has a million at most, and JSON writes some characters with two."""

IN_AN_ADDRESS = frozenset({"access_token", "api_key", "apikey", "authorization", "key", "token"})
"""Parameters by which other APIs take keys. An address stays behind in logs and histories."""

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", VERSION_HEADER: VERSION}


class ApiDoor:
    """Answers every request of one function of the API."""

    def __init__(
        self,
        api_routes: Sequence[ApiRoute],
        load_app: Callable[[], App],
        logger: Logger,
        *,
        methods_elsewhere: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Answer for one function.

        Args:
            api_routes: What it answers.
            load_app: Returns the app; not called for what shows no key.
            logger: Of the function.
            methods_elsewhere: Methods that the gateway gives to another function, by path.
        """
        self.routes = api_routes
        self._load_app = load_app
        self._logger = logger
        self._elsewhere = methods_elsewhere or {}

    def resolve(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request of API Gateway."""
        request, headers = Request(event), dict(HEADERS)
        try:
            response = self._answered(request, headers)
        except ProblemError as refusal:
            response = _refused(refusal.problem)
        except (PermanentError, TransientError) as error:
            if isinstance(error, TransientError):
                self._logger.error("not done", exc_info=error)
            response = _refused(problem_of(error))
        response.headers = {**headers, **response.headers}
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        return response.as_proxy_result(compress=takes_gzip and len(response.body) > WORTH_PACKING)

    def _answered(self, request: Request, headers: dict[str, str]) -> Response:
        now = datetime.now(UTC)
        _refuse_what_cannot_be(request)
        written = _key_shown(request)
        app = self._load_app()
        ports = app.api_ports
        api_key = enter_by_key(written, api_keys=ports.api_keys, now=now)
        if api_key is None:
            raise _no_key("This key is none of ours, or was revoked.", "invalid_token")
        allowance = count_request(api_key, counters=ports.counters, now=now)
        headers |= _rate_headers(allowance)
        if allowance.exceeded:
            raise ProblemError(
                ApiProblem(
                    ProblemType.TOO_MANY,
                    f"A key has {MOST_A_MINUTE} requests a minute. Wait until the next minute begins.",
                    headers={"Retry-After": str(allowance.seconds)},
                )
            )
        route, parts = self._route(request)
        if not api_key.may(route.act):
            roles = ", ".join(sorted(api_key.roles))
            self._log(route, api_key, 403)
            raise ProblemError(
                ApiProblem(ProblemType.NOT_ALLOWED, f"This takes the right “{route.act}”, and the key is for: {roles}.")
            )
        asked: ApiRequest[Any, Any] = ApiRequest(
            app,
            api_key,
            now,
            parts,
            query=read_query(route.query, request.query),
            body=read_body(route.body, request.headers.get("content-type", ""), _body_of(request)),
        )
        response = self._once(route, asked, request) if route.changes else _given(route, asked)
        self._log(route, api_key, response.status_code)
        return response

    def _once(self, route: ApiRoute, asked: ApiRequest[Any, Any], request: Request) -> Response:
        """Carry out what changes something, unless it is asked for again: then the answer is the one of before."""
        typed = request.headers.get("idempotency-key", "")
        if request.method != "POST":  # of itself the same, however often it comes
            return _given(route, asked)
        if not re.fullmatch(rf"[\x21-\x7e]{{1,{LONGEST_IDEMPOTENCY_KEY}}}", typed):
            detail = (
                f"Send an Idempotency-Key of 1 to {LONGEST_IDEMPOTENCY_KEY} characters with each POST, such as a UUID."
            )
            raise ProblemError(ApiProblem(ProblemType.NO_IDEMPOTENCY_KEY, detail))
        answers, now = asked.app.api_ports.answers, asked.now
        name = answer_name(asked.api_key.key_id, typed)
        fingerprint = fingerprint_of(request.method, request.path, request.body)
        kept = answers.begin(name, fingerprint, now=now)
        if kept is not None:
            return _repeated(kept, fingerprint)
        try:
            response = _given(route, asked)
        except (PermanentError, TransientError, ProblemError):
            answers.forget(name)  # nothing was changed: the same may be asked for again once it can be
            raise
        try:
            answers.keep(name, KeptAnswer(fingerprint, response.status_code, str(response.body)), now=now)
        except TransientError as error:
            # It is done, and must not be told as if it were not. Asked again, it is under way for a minute.
            self._logger.error("an answer was not kept", exc_info=error)
        return response

    def _route(self, request: Request) -> tuple[ApiRoute, dict[str, str]]:
        path = request.path.removeprefix(BASE)
        there = [(route, match.groupdict()) for route in self.routes if (match := _pattern(route.path).fullmatch(path))]
        found = next((each for each in there if each[0].method == request.method), None)
        if found:
            return found
        methods = {route.method for route, _ in there}.union(self._elsewhere.get(path, ()))
        if methods:
            allowed = ", ".join(sorted(methods))
            detail = f"This address answers to {allowed}."
            raise ProblemError(ApiProblem(ProblemType.NO_SUCH_METHOD, detail, headers={"Allow": allowed}))
        raise ProblemError(ApiProblem(ProblemType.NOT_FOUND, "There is no such address; docs/openapi.json has all."))

    def _log(self, route: ApiRoute, api_key: ApiKey, status_code: int) -> None:
        said = {"path": f"{BASE}{route.path}", "method": route.method, "key": api_key.key_id, "status": status_code}
        self._logger.info("api", extra=said)


WORTH_PACKING = 1_000
"""Characters of a body. Packed, a smaller one saves no packet."""


def _refuse_what_cannot_be(request: Request) -> None:
    """Refuse what no key makes good.

    Raises:
        ProblemError: A key in the address, a version that there is not, or too large a body.
    """
    if PREFIX in f"{request.raw_path}?{request.raw_query_string}" or IN_AN_ADDRESS.intersection(request.query):
        detail = "Send the key in the header Authorization. One that stood in an address is known to logs: revoke it."
        raise ProblemError(ApiProblem(ProblemType.KEY_IN_ADDRESS, detail))
    if request.headers.get(VERSION_HEADER.lower(), VERSION) != VERSION:
        detail = f"{VERSION_HEADER} is {VERSION}, or left out."
        raise ProblemError(ApiProblem(ProblemType.NO_SUCH_VERSION, detail))
    if len(request.body) > LARGEST_BODY:
        raise ProblemError(ApiProblem(ProblemType.TOO_LARGE, f"A body has at most {LARGEST_BODY:,} bytes."))


def _body_of(request: Request) -> bytes:
    """Return the body; that of a GET means nothing (RFC 9110, section 9.3.1)."""
    return b"" if request.method == "GET" else request.body


def _key_shown(request: Request) -> str:
    kind, _, written = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not written.strip():
        raise _no_key("Send a key as “Authorization: Bearer fn_live_…”. An owner makes one at the desk, under Team.")
    return written.strip()


def _no_key(detail: str, error: str = "") -> ProblemError:
    challenge = 'Bearer realm="Fortnightly"' + (f', error="{error}"' if error else "")
    return ProblemError(ApiProblem(ProblemType.NO_KEY, detail, headers={"WWW-Authenticate": challenge}))


def _rate_headers(allowance: RequestAllowance) -> dict[str, str]:
    """Return what is left to a key.

    Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    return {
        "RateLimit-Policy": f'"key";q={MOST_A_MINUTE};w={WINDOW.seconds}',
        "RateLimit": f'"key";r={allowance.left};t={allowance.seconds}',
    }


def _given(route: ApiRoute, asked: ApiRequest[Any, Any]) -> Response:
    return Response(200, JSON, json.dumps(plain(route.answer(asked)), ensure_ascii=False))


def _repeated(kept: KeptAnswer, fingerprint: str) -> Response:
    match kept.beside(fingerprint):
        case Repetition.ANOTHER:
            detail = "This Idempotency-Key was used for something else in the last 24 hours. Take a new one."
            return _refused(ApiProblem(ProblemType.ANOTHER_REQUEST, detail))
        case Repetition.ANSWERED:
            return Response(kept.status_code or 200, JSON, kept.body, {"Idempotency-Replayed": "true"})
        case _:
            detail = "The same request is being carried out. Ask again in a moment for its answer."
            return _refused(ApiProblem(ProblemType.UNDER_WAY, detail, headers={"Retry-After": "2"}))


def _refused(api_problem: ApiProblem) -> Response:
    return Response(api_problem.status_code, MEDIA_TYPE, api_problem.to_json(), dict(api_problem.headers))


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[A-Za-z0-9][A-Za-z0-9_.-]*)", path))
