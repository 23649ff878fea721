"""A program at the other end of a webhook: it believes only what is signed, and keeps each event once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class WebhookReceiver:
    """Listens on loopback; answers 204 to what verifies, 400 to what does not, or what it is told to."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.secret, self.endpoint_id = "", ""
        self.answers: list[int] = []
        """Statuses for the next requests, before it answers by itself."""
        self.events: dict[str, dict[str, Any]] = {}
        """By `webhook-id`."""
        self.requests = 0

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Return the status for a request."""
        self.requests += 1
        try:
            event = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return 400
        assert self._by_hand(headers, body), "what docs/webhooks.md shows, without a library"
        status = self.answers.pop(0) if self.answers else 204
        if status == 204:
            self.events.setdefault(headers["webhook-id"], event)
        return status

    def of_type(self, event_type: str) -> list[dict[str, Any]]:
        """Return what it was told of one type, in the order in which it came."""
        return [event["data"] for event in list(self.events.values()) if event["type"] == event_type]

    def _by_hand(self, headers: dict[str, str], body: bytes) -> bool:
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        given = headers["webhook-signature"].split()
        return any(hmac.compare_digest(each, f"v1,{expected}") for each in given)


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """Run a receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            json.loads(body)
            self.send_response(receiver.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = WebhookReceiver(server.server_port)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()
