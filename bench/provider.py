"""A provider that does nothing but wait and say yes: `python -m bench.provider <port> <milliseconds>`.

The simulator renders every message and keeps it, which takes it longer for a call of fifty than the answer should
take; ten calls at once then wait for each other there. What a worker can do is measured against this one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import uvicorn

BULK = "/v2/email/outbound-bulk-emails"
STATS = "/stats"


class Provider:
    """Answers each call so long after it is there, and remembers whom it accepted."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._accepted = 0
        self._addresses: set[str] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one call, as ASGI has it."""
        if scope["path"] == STATS:
            answer: Any = {"accepted": self._accepted, "addresses": len(self._addresses)}
        else:
            body, more = b"", True
            while more:
                part = await receive()
                body, more = body + part.get("body", b""), part.get("more_body", False)
            answer = self._accept(scope["path"], body)
            await asyncio.sleep(self._latency)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _accept(self, path: str, body: bytes) -> Any:
        asked = json.loads(body)
        entries = asked["BulkEmailEntries"] if path == BULK else [asked]
        addresses = [address for entry in entries for address in entry["Destination"]["ToAddresses"]]
        ids = [f"{self._accepted + number:060}" for number in range(len(addresses))]
        self._accepted += len(addresses)
        self._addresses.update(addresses)
        if path == BULK:
            return {"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": each} for each in ids]}
        return {"MessageId": ids[0]}


def main() -> None:
    """Serve until stopped."""
    provider = Provider(int(sys.argv[2]) / 1000)
    uvicorn.run(provider, host="127.0.0.1", port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="error")


if __name__ == "__main__":
    main()
