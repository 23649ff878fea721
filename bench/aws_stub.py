"""The least of AWS that a page asks: empty tables, queues that take everything, secrets, and a bucket without files.

It answers from memory after a few milliseconds, as AWS does. Functions see it through `AWS_ENDPOINT_URL`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LATENCY = 0.004
"""Seconds that a call takes: a write of DynamoDB within a region."""


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    secrets: Mapping[str, str] = {}
    records: Mapping[str, Any] = {}

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server looks for
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
        time.sleep(LATENCY)
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        self._answer(200, json.dumps(self._result(operation, asked)).encode(), "application/x-amz-json-1.0")

    def do_GET(self) -> None:  # noqa: N802 - "
        self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>", "application/xml")

    def _result(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        match operation:
            case "GetSecretValue":
                return {"SecretString": self.secrets[asked["SecretId"]]}
            case "GetItem" if record := self.records.get(asked["TableName"]):
                return {"Item": record}
            case "UpdateItem":
                return {"Attributes": {"count": {"N": "1"}}}
            case "BatchGetItem":
                return {"Responses": {table: [] for table in asked["RequestItems"]}, "UnprocessedKeys": {}}
        return {}

    def _answer(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def aws_stub(secrets: Mapping[str, str], records: Mapping[str, Any]) -> Iterator[str]:
    """Serve on loopback for as long as the block runs, and give the address.

    Args:
        secrets: Texts by name.
        records: The item that every GetItem of a table finds, by the table's name.
    """
    handler = type("Answers", (_Answers,), {"secrets": secrets, "records": records})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
