"""Requests to the API: the key, the name under which each goes out, trying again, and problems as errors."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

TRIES = 4
"""Of one request. What is busy has a minute in each."""

LONGEST_WAIT = 60
"""Units: seconds. The API never asks for more."""

AGAIN = frozenset({429, 502, 503, 504})
"""Answers after which the same request is sent again; 409 as well, while the first is under way."""

ON_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
"""Hosts that may be asked without TLS."""

UNDER_WAY = "urn:fortnightly:problem:under-way"


class ApiError(Exception):
    """The API did not do what it was asked for.

    Attributes:
        status: The HTTP status code.
        type: Which problem, such as `urn:fortnightly:problem:refused`; empty where something in between answered.
        detail: A sentence: what is wrong, and what to do about it.
        errors: The fields that cannot be what they say, each with `field` and `message`.
    """

    def __init__(self, status: int, type: str, detail: str, errors: list[dict[str, str]]) -> None:  # noqa: A002 - RFC 9457's word
        self.status = status
        self.type = type
        self.detail = detail
        self.errors = errors
        super().__init__(f"{status}: {detail}")


class Transport:
    """A connection to the API of one stack."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect with a key.

        Args:
            url: The stack's output `ApiUrl`.
            key: Of this program, as the desk showed it.
            timeout: Seconds to wait for an answer.
            sleep: Waits for so many seconds.
            transport: In place of the network.

        Raises:
            ValueError: The address or the key cannot be one; the key is in no message.
        """
        if not _keeps_secrets(url):
            raise ValueError("the address of the API begins with https://, or is one of this machine")
        if not re.fullmatch(r"[\x21-\x7e]+", key):
            raise ValueError("the key is empty, or holds what no key of the API holds")
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers=headers,
            timeout=timeout,
            transport=transport,
            follow_redirects=False,  # it might lead the key to somebody else
            trust_env=urlsplit(url).scheme == "https",  # a proxy would read the key on its way to this very machine
        )
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def each(self, listing: Callable[..., Any], **query: Any) -> Iterator[Any]:
        """Yield the items of every page of a list, such as `client.each(client.list_issues, status="sent")`."""
        cursor = ""
        while cursor is not None:
            page = listing(**query, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        idempotency_key: str | None = None,
        named: bool = False,
    ) -> Any:
        """Send one request, again under the same name where no answer comes, and return what was answered.

        Args:
            method: In capital letters.
            path: Below the address of the API.
            query: What stands behind the question mark; None and empty texts are left out.
            body: Sent as JSON.
            idempotency_key: The name of the request; one of chance if there is none.
            named: Whether the request goes out under a name.

        Raises:
            ApiError: It was refused.
            httpx.TransportError: No answer came, however often it was sent.
        """
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())} if named else {}
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        for left in reversed(range(TRIES)):
            try:
                answer = self._http.request(method, path, params=given, json=body, headers=headers)
            except httpx.TransportError:
                if not left:
                    raise
                self._sleep(1)
                continue
            if answer.is_success:
                return _read(answer)
            problem = _problem(answer)
            if not left or not (answer.status_code in AGAIN or problem.type == UNDER_WAY):
                raise problem
            self._sleep(_wait(answer))
        raise AssertionError("the last try returns or raises")


def _keeps_secrets(url: str) -> bool:
    """Return whether nobody on the way to an address can read the key."""
    parts = urlsplit(url)
    if not parts.hostname or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ON_THIS_MACHINE)


def _wait(answer: httpx.Response) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(LONGEST_WAIT, int(asked)) if asked.isdecimal() else 1


def _read(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise ApiError(answer.status_code, "", "this is no answer of the API; is the address right?", []) from None


def _problem(answer: httpx.Response) -> ApiError:
    try:
        plain = answer.json()
    except ValueError:
        plain = None
    if answer.is_redirect:
        return ApiError(answer.status_code, "", "this leads to another address; name the one where the API is", [])
    if not isinstance(plain, dict) or "detail" not in plain:  # a page of CloudFront, or API Gateway's own words
        return ApiError(answer.status_code, "", answer.reason_phrase or "no answer of the API", [])
    return ApiError(answer.status_code, plain.get("type", ""), plain["detail"], plain.get("errors", []))
