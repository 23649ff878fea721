"""Somebody of the team in front of the desk, as the function `desk` sees them: real adapters, AWS in the process."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from functions.desk.handler import lambda_handler
from functions.desk_people.handler import lambda_handler as desk_people
from functions.desk_tagged.handler import lambda_handler as desk_tagged
from newsletter.core.team import Role
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import Session, form_token, hash_of
from tests.desk.desk_request import request as request
from tests.functions.conftest import Deployment

EDGE = "edge-between-the-parts"
SECRET = "the secret in the cookie of "


@dataclass(frozen=True)
class Answered:
    """What the function answered."""

    status: int
    body: str
    headers: dict[str, str]

    @property
    def words(self) -> str:
        """What a person reads on the page: without the markup, each run of space as one."""
        main = self.body.partition("<main")[2].partition("</main>")[0]
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main.partition(">")[2])).split())

    @property
    def location(self) -> str:
        """Where it sends the browser."""
        return self.headers["Location"]


class DeskBrowser:
    """One signed-in browser."""

    def __init__(self, deployment: Deployment, roles: Iterable[Role], email: str = "ada@example.org") -> None:
        self.deployment = deployment
        now = deployment.now()
        self.member = Member(email, "Ada", frozenset(roles), added_at=now)
        deployment.app.members.put(self.member)
        self._secret = SECRET + email.replace("@", " at ")
        self.session = Session(hash_of(self._secret), self.member.member_id, now, now)
        deployment.app.sessions.open(self.session)

    def get(self, path: str) -> Answered:
        """Open a page."""
        return self._request("GET", path, "")

    def post(self, path: str, **fields: object) -> Answered:
        """Press the button of a form, with what is typed into it."""
        return self.post_unsigned(path, **self._token, **fields)

    def post_unsigned(self, path: str, **fields: object) -> Answered:
        """Post what no form of ours holds."""
        return self._request("POST", path, urlencode({name: str(value) for name, value in fields.items()}))

    def ask(self, path: str, **fields: object) -> tuple[int, Any]:
        """Ask as a script of a page does; return the status and the data of the answer."""
        answer = self._request("POST", path, urlencode({**self._token, **fields}), accept="application/json")
        return answer.status, json.loads(answer.body)

    def attach(
        self, path: str, *files: tuple[str, bytes], script: bool = True, field: str = "file", **fields: str
    ) -> Answered:
        """Send a form with files, as browsers do; all of them were chosen in one field."""
        texts = "".join(
            f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {**self._token, **fields}.items()
        )
        parts = [
            f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
            + body
            + b"\r\n"
            for name, body in files
        ]
        body = b"".join([texts.encode(), *parts, f"--{EDGE}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={EDGE}"
        return self._request("POST", path, body, accept="application/json" if script else "text/html", kind=kind)

    @property
    def cookie(self) -> str:
        """What it sends along with each request."""
        return f"__Host-desk={self._secret}"

    @property
    def _token(self) -> dict[str, str]:
        return {"form_token": form_token(self.session, self.deployment.app.editor_keys)}

    def log(self) -> list[tuple[str, str]]:
        """Return what this month's log says that people did, the oldest first."""
        month = f"{self.deployment.now():%Y-%m}"
        return [(each.did, each.what) for each in reversed(self.deployment.app.activities.month(month, most=50))]

    def _request(self, method: str, path: str, body: str | bytes, accept: str = "", kind: str = "") -> Answered:
        event = request(method, path, "" if isinstance(body, bytes) else body, cookie=self.cookie)
        if isinstance(body, bytes):
            event |= {"body": b64encode(body).decode(), "isBase64Encoded": True}
        event["headers"] |= {"accept": accept} if accept else {}
        event["headers"] |= {"content-type": kind} if kind else {}
        function = desk_people if path.startswith("/desk/people") else lambda_handler
        function = desk_tagged if path.startswith("/desk/people/tagged") else function
        answer = function(event, self.deployment.context)
        headers = {name: value for name, value in answer.get("headers", {}).items()}
        return Answered(answer["statusCode"], answer["body"], headers)
