"""Requests to endpoints: one POST, to a public address, within ten seconds, whose answer is not read."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from newsletter.desk.webhook_ports import DeliveryRequest
from newsletter.desk.webhooks.delivery import DeliveryAttempt
from newsletter.web.public_connection import NO_ANSWER, PublicConnections, cut, failure_of, request_target

LIMIT_SECONDS = 10.0
"""From looking up the name to the status line. The specification asks receivers to answer at once and work later."""


class HttpsPost:
    """Sends requests; a redirect is an answer like any other, and is not followed."""

    def __init__(
        self,
        agent: str,
        connections: PublicConnections,
        *,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._agent = agent
        self._connections = connections
        self._limit = limit_seconds

    def __call__(self, request: DeliveryRequest, now: datetime) -> DeliveryAttempt:
        """Return what came of it. Whoever keeps the connection busy and never answers is cut off."""
        began = time.monotonic()
        open_now: list[http.client.HTTPConnection] = []
        # In a thread, since looking up a name has no time limit of its own.
        thread = ThreadPoolExecutor(1)
        asked = thread.submit(self._status, request, open_now)
        thread.shutdown(wait=False)
        status, failure = 0, ""
        try:
            status = asked.result(timeout=self._limit)
        except NO_ANSWER as error:
            failure = failure_of(error)
        finally:
            for connection in open_now:
                cut(connection)
        return DeliveryAttempt(now, status, round((time.monotonic() - began) * 1000), failure)

    def _status(self, request: DeliveryRequest, open_now: list[http.client.HTTPConnection]) -> int:
        connection = self._connections.to(request.url, seconds=self._limit)
        open_now.append(connection)
        try:
            headers = {"User-Agent": self._agent, **request.headers}
            connection.request("POST", request_target(request.url), request.body.encode(), headers)
            return connection.getresponse().status
        finally:
            connection.close()
