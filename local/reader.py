"""The people of the demo: readers who use forms, links and buttons, and editors who upload files."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from local.emulator import aws_client
from local.process import NO_TLS

T = TypeVar("T")

SOON, SELDOM = 0.05, 0.25
"""Seconds between the first two looks at what is waited for, and between two when it takes longer: on a busy machine,
looks take their time from what is waited for."""


class StoryFailedError(Exception):
    """Something a reader or an editor may expect did not happen."""


def wait_for(what: str, look: Callable[[], T | None], *, seconds: float = 30) -> T:
    """Return the first true value of `look()`.

    Raises:
        StoryFailedError: Nothing came in time; says what was waited for.
    """
    deadline, pause = time.monotonic() + seconds, SOON
    while not (found := look()):
        if time.monotonic() > deadline:
            raise StoryFailedError(f"waited {seconds:.0f} s for {what} in vain")
        time.sleep(pause)
        pause = min(pause * 1.25, SELDOM)
    return found


@dataclass(frozen=True, slots=True)
class Inbox:
    """The simulator's inbox: every message SES accepted."""

    url: str

    def messages(self, **wanted: str) -> list[dict[str, Any]]:
        """Return the messages that match, for example `messages(to="ada@example.org")`."""
        answer = httpx.get(f"{self.url}/api/messages", params=wanted, verify=NO_TLS)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found

    def issues_for(self, slug: str) -> list[dict[str, Any]]:
        """Return the messages that carry an issue."""
        return self.messages(**{"tag.issue": slug})

    def recipients_of(self, slug: str) -> list[str]:
        """Return whom an issue was mailed to, once for each message; that is asked without what they say."""
        return [message["to"] for message in self.messages(**{"tag.issue": slug, "view": "summary"})]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an address, a name and a browser."""

    email: str
    name: str
    url: str
    inbox: Inbox

    def sign_up(self, **more: str) -> httpx.Response:
        """Fill in the form and send it."""
        form = {"email": self.email, "name": self.name, "source": "subscribe", **more}
        return httpx.post(f"{self.url}/subscriptions", data=form, timeout=30, verify=NO_TLS)

    def confirm(self) -> None:
        """Open the link of the confirmation mail, and press its button."""
        link = self._link("confirm")
        page = httpx.get(link, timeout=30, verify=NO_TLS)
        if page.status_code != 200 or "<button" not in page.text:
            raise StoryFailedError(f"the confirmation link answered {page.status_code} without a button")
        answer = httpx.post(link, timeout=30, verify=NO_TLS)
        if answer.status_code != 200:
            raise StoryFailedError(f"the confirmation button answered {answer.status_code}")

    def leave(self) -> None:
        """Leave with one click, as a mail program does (RFC 8058)."""
        answer = httpx.post(
            self._link("unsubscribe"), data={"List-Unsubscribe": "One-Click"}, timeout=30, verify=NO_TLS
        )
        if answer.status_code != 200:
            raise StoryFailedError(f"one-click leaving answered {answer.status_code}")

    def leave_by_mail(self, ses_endpoint: str) -> None:
        """Leave by a mail to the address in List-Unsubscribe, as a mail program does that knows nothing else."""

        def mailbox() -> str:
            for message in self.inbox.messages(to=self.email):
                said = dict(message["headers"]).get("List-Unsubscribe", "")
                if found := re.search(r"<mailto:(leave\+[^?>]+)", said):
                    return found[1]
            return ""

        to = wait_for("a mail with an address to leave for a reader", mailbox)
        raw = f"From: {self.name} <{self.email}>\r\nTo: {to}\r\nSubject: Unsubscribe\r\n\r\n"
        answer = httpx.post(f"{ses_endpoint}/_simulator/inbound", content=raw.encode(), timeout=30, verify=NO_TLS)
        if answer.status_code != 202:
            raise StoryFailedError(f"the mail to leave was answered {answer.status_code}")

    def _link(self, path: str) -> str:
        pattern = re.compile(re.escape(f"{self.url}/{path}?token=") + r"[A-Za-z0-9._~-]+")

        def newest() -> str:
            for message in self.inbox.messages(to=self.email):  # newest first
                if found := pattern.search(message["text"]):
                    return found[0]
            return ""

        return wait_for(f"a mail with a link to /{path} for a reader", newest)


def upload(where: Mapping[str, Any], issue: Path) -> None:
    """Upload an issue file as an editor does: the pictures beside it first, then the text."""
    s3 = aws_client("s3", where["aws_endpoint"])
    pictures = issue.with_suffix("")
    for path in [*sorted(pictures.glob("*")), issue]:
        key = f"issues/{path.relative_to(issue.parent).as_posix()}"
        s3.put_object(Bucket=where["content_bucket"], Key=key, Body=path.read_bytes())
