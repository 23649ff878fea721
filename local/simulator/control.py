"""The simulator's own switches, under `/_simulator`: faults, the account's limits, what was counted."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.account import Account
from local.simulator.faults import FaultSource, parse_faults
from local.simulator.inbox.store import Inbox
from local.simulator.publishing import EventQueue
from local.simulator.readers import touched
from local.simulator.stats import Stats


def control_routes(
    *,
    account: Account,
    faults: FaultSource,
    stats: Stats,
    events: EventQueue,
    inbox: Inbox,
    clock: Callable[[], datetime],
    seed: int,
) -> list[Route]:
    """Return the routes: GET and PUT `faults` and `account`, GET and DELETE `stats`, POST `open` and `click`."""

    async def change_faults(request: Request) -> Response:
        try:
            faults.set(parse_faults(await _object(request), seed=seed))
        except ValueError as exc:
            return _wrong(exc)
        return JSONResponse(faults.describe())

    async def show_faults(_: Request) -> Response:
        return JSONResponse(faults.describe())

    async def change_account(request: Request) -> Response:
        try:
            account.change(await _object(request))
        except ValueError as exc:
            return _wrong(exc)
        return await show_account(request)

    async def show_account(_: Request) -> Response:
        return JSONResponse(vars(account.limits))

    async def show_stats(_: Request) -> Response:
        return JSONResponse(stats.describe(events_waiting=len(events)))

    async def reset_stats(_: Request) -> Response:
        stats.reset()
        return Response(status_code=204)

    def reader(kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def touch(request: Request) -> Response:
            try:
                return touched(kind, await _object(request), inbox=inbox, events=events, now=clock)
            except ValueError as exc:
                return _wrong(exc)

        return touch

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return [
        Route("/_simulator/health", health),
        Route("/_simulator/faults", show_faults, methods=["GET"]),
        Route("/_simulator/faults", change_faults, methods=["PUT"]),
        Route("/_simulator/account", show_account, methods=["GET"]),
        Route("/_simulator/account", change_account, methods=["PUT"]),
        Route("/_simulator/stats", show_stats, methods=["GET"]),
        Route("/_simulator/stats", reset_stats, methods=["DELETE"]),
        Route("/_simulator/open", reader("Open"), methods=["POST"]),
        Route("/_simulator/click", reader("Click"), methods=["POST"]),
    ]


async def _object(request: Request) -> dict[str, Any]:
    given = json.loads(await request.body() or b"{}")
    if not isinstance(given, dict):
        raise ValueError("a JSON object is wanted")
    return given


def _wrong(exc: ValueError) -> JSONResponse:
    return JSONResponse({"message": str(exc)}, status_code=400)
