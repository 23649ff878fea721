"""A browser at the desk, in front of the two functions that answer it: it keeps cookies, and posts what pages hold."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3

from functions.desk.handler import lambda_handler as desk
from functions.sign_in.handler import lambda_handler as sign_in
from functions.sign_in_mail.handler import lambda_handler as sign_in_mail
from tests.desk.authenticator import Device
from tests.functions.conftest import Deployment, load
from tests.moto_aws import REGION

OWNER = "editors@example.org"
SESSION, ATTEMPT = "__Host-desk", "__Host-sign-in"


class Browser:
    """One browser; what it posts comes from a page of ours, unless a test says otherwise."""

    def __init__(self, deployment: Deployment, network: str = "192.0.2.10") -> None:
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []
        """What the last answer said about cookies."""
        self._deployment = deployment
        self._network = network

    def send(
        self, event: str, *, token: str = "", path: str = "", headers: dict[str, str] | None = None, **fields: str
    ) -> Any:
        """Send the event in `events/<event>.json` with this browser's cookies; return the answer.

        Args:
            event: Which one.
            token: In place of TOKEN in its query.
            path: In place of its path.
            headers: In place of its own; an empty one is left out.
            fields: Of the form; none leaves the form as it is in the file.
        """
        loaded = json.loads(json.dumps(load(event)).replace("TOKEN", token))
        loaded["cookies"] = [f"{name}={value}" for name, value in self.cookies.items()]
        if path:
            loaded["rawPath"], _, loaded["rawQueryString"] = path.partition("?")
            loaded["queryStringParameters"] = dict(
                pair.split("=") for pair in path.partition("?")[2].split("&") if pair
            )
            loaded["requestContext"]["http"]["path"] = loaded["rawPath"]
        given = {**loaded["headers"], **(headers or {})}
        loaded["headers"] = {name: value for name, value in given.items() if value}
        loaded["requestContext"]["http"]["sourceIp"] = self._network
        if fields:
            loaded["body"] = b64encode(urlencode(fields).encode()).decode()
        handler = desk if event.startswith("desk/") else sign_in
        answer = handler(loaded, self._deployment.context)
        if answer["isBase64Encoded"]:  # compressed, as a browser asks for it
            answer |= {"body": gzip.decompress(b64decode(answer["body"])).decode(), "isBase64Encoded": False}
        self.set_cookies = answer.get("cookies", [])
        for line in self.set_cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    def asks(self, email: str = OWNER) -> Any:
        """Ask for the email."""
        return self.send("sign_in/ask", email=email)

    def presses(self, token: str) -> Any:
        """Press the button behind the link in the email."""
        return self.send("sign_in/press", token=token, press="yes")

    def signs_in(self, email: str = OWNER) -> Any:
        """Ask for the email, open its link and press the button."""
        self.asks(email)
        return self.presses(mailed(self._deployment, email)[0])

    def form_token(self) -> str:
        """Return what the forms of this browser's pages carry."""
        found = re.search(r'name="form_token" value="([0-9a-f]{32})"', self.send("desk/today")["body"])
        assert found is not None
        return found[1]

    def posts(self, event: str, *, path: str = "", headers: dict[str, str] | None = None, **fields: str) -> Any:
        """Press a button on a page of this session."""
        return self.send(event, path=path, headers=headers, form_token=self.form_token(), **fields)

    def asks_device(self) -> Any:
        """Press "Sign in with a passkey"; return what the browser is to ask its device."""
        answer = self.send("sign_in/challenge")
        assert answer["statusCode"] == 200
        return json.loads(answer["body"])

    def shows(self, credential: str) -> Any:
        """Send what the device answered."""
        return self.send("sign_in/passkey", credential=credential)

    def asks_device_for_new(self) -> Any:
        """Press "Add a passkey" on the page of the account; return what the browser is to ask its device."""
        headers = {"accept": "application/json"}
        answer = self.posts("sign_in/invite", path="/desk/account/challenge", headers=headers)
        assert answer["statusCode"] == 200, answer["body"]
        return json.loads(answer["body"])

    def keeps(self, credential: str, name: str = "") -> Any:
        """Send the passkey that the device has made."""
        return self.posts("sign_in/invite", path="/desk/account/passkeys", credential=credential, name=name)

    def adds_passkey(self, device: Device, name: str = "") -> None:
        """Add a passkey from the page of the account."""
        answer = self.keeps(device.makes(self.asks_device_for_new()), name)
        assert answer["headers"]["Location"] == "/desk/account/?done=added"

    def comes_by_passkey(self, device: Device) -> Any:
        """Sign in with the passkey of this device."""
        return self.shows(device.uses(self.asks_device()))

    @property
    def is_in(self) -> bool:
        """Whether the desk lets this browser in."""
        return bool(self.send("desk/today")["statusCode"] == 200)


def mail_all(deployment: Deployment) -> None:
    """Have the emails written that wait in the queue."""
    for message in deployment.drain("sign_in"):
        event = load("sign_in_mail/attempt")
        event["Records"][0]["body"] = json.dumps(message)
        assert sign_in_mail(event, deployment.context) == {"batchItemFailures": []}


def mailed(deployment: Deployment, email: str = OWNER) -> tuple[str, str]:
    """Have the email written; return the token of its link, and its code."""
    mail_all(deployment)
    mail = deployment.ses.messages(to=email)[0]  # the newest
    link = re.search(r"https://briefing\.example\.org/desk/sign-in\?\S+", mail["text"])
    code = re.search(r"type this code: (\d{3}) (\d{3})", mail["text"])
    assert link is not None
    assert code is not None
    assert mail["subject"].startswith(code[1] + code[2])
    (token,) = parse_qs(urlsplit(link[0]).query)["token"]
    return token, code[1] + code[2]


def age(deployment: Deployment, kind: str, attribute: str, by: timedelta) -> None:
    """Make every session or attempt on record older: the functions read the real clock."""
    client: Any = boto3.client("dynamodb", region_name=REGION)
    table = deployment.app.settings.sessions_table
    for item in client.scan(TableName=table)["Items"]:
        if item["item_key"]["S"].startswith(f"{kind}#"):
            item[attribute] = {"S": (datetime.fromisoformat(item[attribute]["S"]) - by).isoformat()}
            client.put_item(TableName=table, Item=item)


def stored(deployment: Deployment) -> dict[str, list[Any]]:
    """Return every item of the tables that the desk writes, to compare before and after."""
    client: Any = boto3.client("dynamodb", region_name=REGION)
    settings = deployment.app.settings
    tables = (settings.team_table, settings.sessions_table, settings.activities_table, settings.issues_table)
    return {table: client.scan(TableName=table)["Items"] for table in tables}
