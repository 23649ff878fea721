"""The SES v2 REST API: the operations that are simulated, and a way on to MiniStack for the rest of SES."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.account import Account
from local.simulator.addresses import BadAddressError, bare
from local.simulator.authorization import Authorizer, Http, Permission, forward, needed
from local.simulator.drafts import raw_author
from local.simulator.errors import AnswerLostError, SesError, bad_request
from local.simulator.faults import FaultSource
from local.simulator.outbound import TOO_MANY_CALLS, Call, Outbound, not_verified
from local.simulator.resources import Resources
from local.simulator.stats import Stats
from local.simulator.suppression import SuppressionList

logger = logging.getLogger(__name__)
Answer = dict[str, Any]


class Api:
    """Answers SES v2 calls."""

    def __init__(
        self,
        *,
        outbound: Outbound,
        account: Account,
        faults: FaultSource,
        suppression: SuppressionList,
        stats: Stats,
        resources: Resources,
        authorizer: Authorizer,
        clock: Callable[[], datetime],
        region: str,
        account_id: str,
        aws_endpoint: str | None,
        http_client: httpx.AsyncClient | None,
    ) -> None:
        self._outbound = outbound
        self._account = account
        self._faults = faults
        self._suppression = suppression
        self._stats = stats
        self._resources = resources
        self._authorizer = authorizer
        self._clock = clock
        self._region = region
        self._account_id = account_id
        self._aws_endpoint = httpx.URL(aws_endpoint) if aws_endpoint else None
        self._http_client = http_client

    def routes(self) -> list[Route]:
        """Return the routes, the way on to MiniStack last."""
        listed = "/v2/email/suppression/addresses"
        return [
            Route("/v2/email/outbound-emails", self._sending("SendEmail"), methods=["POST"]),
            Route("/v2/email/outbound-bulk-emails", self._sending("SendBulkEmail"), methods=["POST"]),
            Route("/v2/email/account", self._simple("GetAccount", self._get_account), methods=["GET"]),
            Route(
                "/v2/email/account/sending",
                self._simple("PutAccountSendingAttributes", self._put_sending),
                methods=["PUT"],
            ),
            Route(listed, self._simple("ListSuppressedDestinations", self._list_suppressed), methods=["GET"]),
            Route(listed, self._simple("PutSuppressedDestination", self._put_suppressed), methods=["PUT"]),
            Route(
                f"{listed}/{{email}}",
                self._simple("GetSuppressedDestination", self._get_suppressed),
                methods=["GET"],
            ),
            Route(
                f"{listed}/{{email}}",
                self._simple("DeleteSuppressedDestination", self._delete_suppressed),
                methods=["DELETE"],
            ),
            Route("/v2/email/{rest:path}", self._elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ]

    # --- Sending --------------------------------------------------------------------------------------------

    def _sending(self, operation: str) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            http = await _http(request)
            self._stats.call(operation)
            try:
                return JSONResponse(await self._send(operation, http))
            except SesError as exc:
                self._stats.count("refused_calls")
                return error_response(exc)
            finally:
                if self._faults.faults.latency_ms:
                    # After the work and before the answer: whoever gives up waiting has sent all the same.
                    await asyncio.sleep(self._faults.faults.latency_ms / 1000)

        return endpoint

    async def _send(self, operation: str, http: Http) -> Answer:
        call = await self._call(operation, http)
        if self._faults.throttle():
            self._stats.count("throttled_calls")
            self._stats.count("throttled_by_fault")
            raise SesError("TooManyRequestsException", TOO_MANY_CALLS, 429)
        broken = self._faults.error_5xx()
        if broken:
            self._stats.count("errors_5xx")
            if not self._faults.accepted_despite_5xx():
                raise SesError("InternalFailure", "The request processing has failed.", 500)
            self._stats.count("errors_5xx_accepted")
        if operation == "SendEmail":
            answer = self._outbound.send_email(call)
        else:
            answer = self._outbound.send_bulk_email(call, size=len(http.body))
        if broken:
            raise SesError("InternalFailure", "The request processing has failed.", 500)
        if self._faults.lose_answer():
            self._stats.count("lost_answers")
            raise AnswerLostError
        return answer

    async def _call(self, operation: str, http: Http) -> Call:
        """Find out who calls and what for; refuse who may not, as AWS does before it looks any further."""
        request = _json(http.body)
        region = http.region(self._region)
        caller_arn = await self._authorizer.authenticate(http, operation)
        author = raw_author(request)
        try:
            address = bare(author)
        except BadAddressError as exc:
            raise bad_request(str(exc)) from exc
        identity = await self._resources.sender_identity(region, address)
        set_name = str(request.get("ConfigurationSetName") or "")
        arn = f"arn:aws:ses:{region}:{self._account_id}"
        identity_arn = f"{arn}:identity/{identity or address}"
        content = request.get("Content")
        await self._authorizer.authorize(
            caller_arn,
            needed(
                operation,
                content=next(iter(content), "") if isinstance(content, dict) else "",
                identity_arn=identity_arn,
                template_arn=f"{arn}:template/{_template_name(request)}",
                configuration_set_arn=f"{arn}:configuration-set/{set_name}" if set_name else "",
                author=author,
                bare_author=address,
                recipients=_recipients(request),
            ),
        )
        if identity is None:
            raise SesError("MessageRejected", not_verified(region, [address]))
        barred = [
            each
            for each in self._account.limits.barred(_well_formed(_recipients(request)))
            if await self._resources.sender_identity(region, each) is None
        ]
        found = await self._resources.configuration_set(region, set_name) if set_name else None
        caller = caller_arn.rpartition("/")[2]
        return Call(operation, request, region, caller, set_name, found, identity_arn, frozenset(barred))

    # --- The account and its suppression list ---------------------------------------------------------------

    def _simple(
        self, operation: str, answer: Callable[[Request, Http], Answer]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                http = await _http(request)
                caller = await self._authorizer.authenticate(http, operation)
                # None of these has a resource of its own in IAM.
                await self._authorizer.authorize(
                    caller, [Permission(f"ses:{operation}", "*", {"ses:ApiVersion": ("2",)})]
                )
                return JSONResponse(answer(request, http))
            except SesError as exc:
                return error_response(exc)

        return endpoint

    def _get_account(self, request: Request, http: Http) -> Answer:  # noqa: ARG002
        return self._account.describe(self._clock())

    def _put_sending(self, request: Request, http: Http) -> Answer:  # noqa: ARG002
        self._account.change({"sending_enabled": bool(_json(http.body).get("SendingEnabled", False))})
        return {}

    def _list_suppressed(self, request: Request, http: Http) -> Answer:  # noqa: ARG002
        return self._suppression.list(parse_qs(http.query.decode("latin-1")))

    def _put_suppressed(self, request: Request, http: Http) -> Answer:  # noqa: ARG002
        return self._suppression.put(_json(http.body), self._clock())

    def _get_suppressed(self, request: Request, http: Http) -> Answer:  # noqa: ARG002
        return self._suppression.get(request.path_params["email"])

    def _delete_suppressed(self, request: Request, http: Http) -> Answer:  # noqa: ARG002
        return self._suppression.delete(request.path_params["email"])

    # --- The rest of SES ------------------------------------------------------------------------------------

    async def _elsewhere(self, request: Request) -> Response:
        """Let MiniStack answer: it keeps configuration sets and identities, and checks who may touch them."""
        if self._aws_endpoint is None or self._http_client is None:
            return error_response(SesError("NotFoundException", f"{request.url.path} is not simulated.", 404))
        answer = await forward(self._http_client, self._aws_endpoint, await _http(request))
        kept = ("content-type", "x-amzn-errortype", "x-amzn-requestid")
        headers = {name: value for name, value in answer.headers.items() if name in kept}
        return Response(answer.content, answer.status_code, headers)


def error_response(error: SesError) -> Response:
    """Return an error in the form SES v2 gives it."""
    return Response(
        json.dumps({"message": error.message}),
        error.status,
        {"x-amzn-errortype": error.code},
        media_type="application/json",
    )


async def _http(request: Request) -> Http:
    return Http(
        method=request.method,
        raw_path=request.scope.get("raw_path") or request.url.path.encode(),
        query=request.scope.get("query_string", b""),
        headers=request.scope["headers"],
        body=await request.body(),
    )


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError as exc:
        raise SesError("SerializationException", "The request is not valid JSON.") from exc
    if not isinstance(found, dict):
        raise SesError("SerializationException", "The request is not a JSON object.")
    return found


def _well_formed(addresses: Iterable[str]) -> Iterator[str]:
    for each in addresses:
        with suppress(BadAddressError):
            yield bare(each)


def _template_name(request: Mapping[str, Any]) -> str:
    """Return how the template is named in an ARN; of one that the call brings along, our own guess."""
    content = request.get("DefaultContent") or request.get("Content")
    template = content.get("Template") if isinstance(content, dict) else None
    return str(template.get("TemplateName") or "inline") if isinstance(template, dict) else "inline"


def _recipients(request: Mapping[str, Any]) -> Sequence[str]:
    """Return everybody named in a request, as condition keys see them; what is malformed is found out later."""
    entries = request.get("BulkEmailEntries") or [request]
    named = (each.get("Destination") or {} for each in entries if isinstance(each, dict))
    return [
        str(address)
        for destination in named
        if isinstance(destination, dict)
        for name in ("ToAddresses", "CcAddresses", "BccAddresses")
        for address in destination.get(name) or []
    ]
