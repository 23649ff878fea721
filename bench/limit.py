"""The limit: an issue to SES over raw sockets, by hand-written requests: `python -m bench.limit <host> <recipients>`.

Nothing is asked of a store and nothing is written down; only what differs from reader to reader is made, two signed
links among it, and each call is signed (SigV4). A worker in the same language, with as many calls under way, cannot be
faster, so that its figure is a share of this one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import sys
import time
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from bench.loopback_aws import BULK
from bench.memory import peak_rss_mb
from bench.worker import AT_ONCE, an_issue
from newsletter.sending.domain.batch import ONE_CALL
from tests.factories import an_id

REGION = "eu-west-2"
SCOPE = "ses/aws4_request"
MADE = "%READER%", "%LEAVE%", "%REST%", "%NUMBER%"
"""What is put into the entry of each reader."""


class Sender:
    """One connection that is kept, and what it signs with."""

    def __init__(self, host: str) -> None:
        address, _, port = host.partition(":")
        self._host = host
        self._socket = socket.create_connection((address, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._day = f"{datetime.now(UTC):%Y%m%d}"
        key = b"AWS4bench"
        for word in (self._day, REGION, *SCOPE.split("/")):
            key = hmac.digest(key, word.encode(), "sha256")
        self._key = key
        shared, self._entry = _shared(), _entry()
        self._shared, self._shared_hash = shared, hashlib.sha256(shared)

    def hand_over(self, first: int, last: int) -> None:
        """Make one call for these readers, and read the answer to its end."""
        entries = ", ".join([self._entry_of(number) for number in range(first, last)]).encode() + b"]}"
        digest = self._shared_hash.copy()
        digest.update(entries)
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        names = "content-type;host;x-amz-date"
        canonical = (
            f"POST\n{BULK}\n\ncontent-type:application/json\nhost:{self._host}\nx-amz-date:{now}\n\n{names}\n"
            + digest.hexdigest()
        )
        scope = f"{self._day}/{REGION}/{SCOPE}"
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._key, to_sign.encode(), "sha256").hex()
        head = (
            f"POST {BULK} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\nX-Amz-Date: {now}\r\n"
            f"Authorization: AWS4-HMAC-SHA256 Credential=bench/{scope}, SignedHeaders={names}, "
            f"Signature={signature}\r\nContent-Length: {len(self._shared) + len(entries)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + self._shared + entries)
        results = json.loads(self._answer())["BulkEmailEntryResults"]
        assert [each["Status"] for each in results] == ["SUCCESS"] * (last - first)

    def _answer(self) -> bytes:
        said = bytearray()
        while (end := said.find(b"\r\n\r\n")) < 0:
            said += self._socket.recv(65536)
        length = int(said[:end].lower().rpartition(b"content-length: ")[2].partition(b"\r")[0])
        while len(said) < end + 4 + length:
            said += self._socket.recv(65536)
        return bytes(said[end + 4 :])

    def _entry_of(self, number: int) -> str:
        reader = an_id(number)
        content = int(time.time()).to_bytes(4, "big") + bytes.fromhex(reader)
        made = reader, _token(b"unsubscribe", content), _token(b"preferences", content), str(number)
        entry = self._entry
        for name, value in zip(MADE, made, strict=True):
            entry = entry.replace(name, value)
        return entry


def _token(purpose: bytes, content: bytes) -> str:
    return urlsafe_b64encode(content + hmac.digest(b"a key", purpose + b"\0" + content, "sha256")[:16]).decode()


def _shared() -> bytes:
    issue = an_issue()
    content = {"Subject": issue.subject, "Html": issue.html, "Text": issue.text}
    call: dict[str, Any] = {
        "FromEmailAddress": "Fortnightly Briefing <briefing@example.org>",
        "ReplyToAddresses": ["hello@example.org"],
        "ConfigurationSetName": "issues",
        "DefaultContent": {"Template": {"TemplateContent": content, "TemplateData": "{}"}},
        "BulkEmailEntries": [],
    }
    return json.dumps(call).encode()[:-2]


def _entry() -> str:
    page = "https://briefing.example.org"
    leave, rest = f"{page}/unsubscribe?token=%LEAVE%&lang=en", f"{page}/preferences?token=%REST%&lang=en"
    values = {"unsubscribe_url": leave, "preferences_url": rest, "brace": "{", "closing_brace": "}", "backslash": "\\"}
    values |= {"name_0_text": "Ada", "name_0_html": "Ada"}
    headers = {
        "List-Unsubscribe": f"<{leave}>, <mailto:leave+%LEAVE%@leave.example.org?subject=Unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "<briefing.example.org>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
    }
    tags = {"kind": "issue", "issue": an_issue().slug, "batch": "0", "subscriber": "%READER%"}
    entry = {
        "Destination": {"ToAddresses": ["reader%NUMBER%@example.org"]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps(values)}},
        "ReplacementHeaders": [{"Name": name, "Value": value} for name, value in headers.items()],
        "ReplacementTags": [{"Name": name, "Value": value} for name, value in tags.items()],
    }
    return json.dumps(entry)


def main(host: str, recipients: int) -> None:
    """Hand the issue over to so many, and print what that took."""
    firsts = iter(range(1, recipients + 1, ONE_CALL))

    def work(sender: Sender) -> None:
        for first in firsts:  # the next of an iterator of ranges goes to one thread alone
            sender.hand_over(first, min(first + ONE_CALL, recipients + 1))

    senders = [Sender(host) for _ in range(AT_ONCE)]
    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(work, senders))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "peak_rss_mb": peak_rss_mb()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
