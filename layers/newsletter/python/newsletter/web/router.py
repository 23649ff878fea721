"""HTTP requests of API Gateway (payload format 2.0), and which function of ours answers each.

In place of Powertools' event handler, which loads the resolvers of every service and asyncio: a third of what a page
took to load. What is here behaves as that does with an HTTP API.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

GZIP = zlib.MAX_WBITS | 16
"""What tells zlib to write the header and trailer of gzip."""

_NAME = re.compile(r"<(\w+)>")
_PART = r"(?P<\1>[-\\w.~!$&'()*+,;=:@%<> \[\]{}|^]+)"
"""What one part of a path may hold: the characters of RFC 3986, section 3.3, and what browsers send without quoting."""

Answer = TypeVar("Answer", bound=Callable[..., "Response"])


class Request:
    """One request, as API Gateway hands it over.

    Shape: {"version": "2.0", "rawPath", "rawQueryString", "headers", "queryStringParameters", "cookies", "body",
    "isBase64Encoded", "requestContext": {"stage", "http": {"method", "sourceIp"}}}.
    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    def __init__(self, proxy_event: Mapping[str, Any]) -> None:
        self._raw = proxy_event
        http = proxy_event["requestContext"]["http"]
        self.method: str = http["method"].upper()
        self.source_ip: str = http["sourceIp"]
        """Of the connection; who is behind a proxy, only headers say."""
        self.raw_path: str = proxy_event["rawPath"]
        self.raw_query_string: str = proxy_event["rawQueryString"]

    @cached_property
    def headers(self) -> dict[str, str]:
        """By name in small letters; of a header that came twice, both values with a comma."""
        return {name.lower(): value for name, value in (self._raw.get("headers") or {}).items()}

    @property
    def query(self) -> dict[str, str]:
        """The parameters behind the question mark, decoded."""
        return self._raw.get("queryStringParameters") or {}

    @property
    def cookies(self) -> list[str]:
        """Each as `name=value`. API Gateway lists them; where it did not, they are in the header they came in."""
        return self._raw.get("cookies") or self.headers.get("cookie", "").split(";")

    @cached_property
    def path(self) -> str:
        """The path below the stage."""
        stage = self._raw["requestContext"]["stage"]
        return self.raw_path if stage == "$default" else self.raw_path[len(f"/{stage}") :]

    @cached_property
    def body(self) -> bytes:
        """As it was sent: API Gateway hands over in base64 whatever it does not take for text."""
        sent = self._raw.get("body") or ""
        return b64decode(sent) if self._raw.get("isBase64Encoded") else sent.encode()


@dataclass(slots=True)
class Response:
    """An answer, not yet as API Gateway takes it."""

    status_code: int
    content_type: str
    body: str | bytes
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    """Values of `Set-Cookie`."""
    may_be_compressed: bool = True
    """False for what is compressed already, such as pictures."""

    def as_proxy_result(self, *, compress: bool) -> dict[str, Any]:
        """Return what API Gateway makes the answer of; bytes go in base64.

        Shape: {"statusCode", "body", "isBase64Encoded", "headers", "cookies"}.
        """
        headers = {"Content-Type": self.content_type, **self.headers}
        body = self.body
        if compress and self.may_be_compressed:
            headers["Content-Encoding"] = "gzip"
            packer = zlib.compressobj(9, zlib.DEFLATED, GZIP)
            body = packer.compress(body.encode() if isinstance(body, str) else body) + packer.flush()
        encoded = isinstance(body, bytes)
        return {
            "statusCode": self.status_code,
            "body": b64encode(body).decode() if isinstance(body, bytes) else body,
            "isBase64Encoded": encoded,
            "headers": headers,
            "cookies": list(self.cookies),
        }


@dataclass(frozen=True, slots=True)
class _Route:
    methods: tuple[str, ...]
    rule: str
    pattern: re.Pattern[str]
    answer: Callable[..., Response]
    compress: bool


class Router:
    """The addresses of one function."""

    def __init__(
        self,
        no_route: Callable[[Request], Response],
        errors: Mapping[type[Exception], Callable[[Any], Response]],
    ) -> None:
        """Begin without routes.

        Args:
            no_route: Answers whatever no route does.
            errors: What answers in place of a route that raised such an error, or one derived from it; the nearest
                class decides. Every other error goes on to Lambda.
        """
        self._no_route = no_route
        self._errors = errors
        self._routes: list[_Route] = []
        self.request: Request
        """The one at hand."""

    def route(self, path_rule: str, *, methods: Sequence[str], compress: bool = False) -> Callable[[Answer], Answer]:
        """Return a decorator: the function answers what has one of the methods and a path like `path_rule`.

        Args:
            path_rule: A path; `<name>` in it stands for one part of any name and is given to the function under that
                name, and all else is a regular expression. The first rule that fits answers, plain ones first.
            methods: In capital letters.
            compress: Whether the body is compressed for a browser that takes it so.
        """

        def register(answer: Answer) -> Answer:
            pattern = re.compile(_NAME.sub(_PART, path_rule))
            self._routes.append(_Route(tuple(methods), path_rule, pattern, answer, compress))
            self._routes.sort(key=lambda each: "<" in each.rule)  # keeps the order within each kind
            return answer

        return register

    def get(self, path_rule: str, *, compress: bool = False) -> Callable[[Answer], Answer]:
        """Return a decorator as `route` does, for GET alone."""
        return self.route(path_rule, methods=["GET"], compress=compress)

    def post(self, path_rule: str, *, compress: bool = False) -> Callable[[Answer], Answer]:
        """Return a decorator as `route` does, for POST alone."""
        return self.route(path_rule, methods=["POST"], compress=compress)

    def rules(self) -> list[tuple[str, str]]:
        """Return method and rule of each route."""
        return [(method, route.rule) for route in self._routes for method in route.methods]

    def methods_at(self, path: str) -> list[str]:
        """Return the methods that a plain path answers to, for the header `Allow`."""
        return sorted({method for route in self._routes if route.rule == path for method in route.methods})

    def resolve(self, event: Mapping[str, Any], lambda_context: LambdaContext) -> dict[str, Any]:  # noqa: ARG002 - Lambda gives it
        """Answer a request of API Gateway.

        Raises:
            Exception: What a route raised that nothing here answers for.
        """
        request = self.request = Request(event)
        for route in self._routes:
            if request.method in route.methods and (match := route.pattern.fullmatch(request.path)):
                return self._answered(route, match).as_proxy_result(
                    compress=route.compress and "gzip" in request.headers.get("accept-encoding", "")
                )
        return self._no_route(request).as_proxy_result(compress=False)

    def _answered(self, route: _Route, match: re.Match[str]) -> Response:
        try:
            return route.answer(**match.groupdict())
        except Exception as error:
            answer = next((self._errors[kind] for kind in type(error).__mro__ if kind in self._errors), None)
            if answer is None:
                raise
            return answer(error)
