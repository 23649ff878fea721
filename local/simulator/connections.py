"""Connections that can be dropped: an answer SES never gave, as a client meets it."""

import asyncio
from collections.abc import MutableMapping

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local.simulator.errors import AnswerLostError

Transports = MutableMapping[tuple[str, int], asyncio.Transport]


def droppable_protocol(transports: Transports) -> type[HttpToolsProtocol]:
    """Return an HTTP protocol that notes each open connection by its peer; ASGI itself has no way to hang up."""

    class DroppableProtocol(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            transports[transport.get_extra_info("peername")] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            transports.pop(self.transport.get_extra_info("peername"), None)
            super().connection_lost(exc)

    return DroppableProtocol


class DropUnanswered:
    """Hangs up on the caller whose answer is lost. Without connections, in process, the error goes through."""

    def __init__(self, app: ASGIApp, transports: Transports) -> None:
        self._app = app
        self._transports = transports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            await self._app(scope, receive, send)
        except AnswerLostError:
            transport = self._transports.get(tuple(scope.get("client") or ()))
            if transport is None:
                raise
            transport.abort()
            # uvicorn answers 500 for an application that says nothing, unless it knows the peer is gone.
            while (await receive())["type"] != "http.disconnect":
                pass
