"""The examples of docs/connect.md: a member database, a spreadsheet and a receiver, in front of the API itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from fortnightly_client import Client
from newsletter.core.team import Role
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from tests.factories import subscriber
from tests.functions.api_network import Network
from tests.functions.api_program import Program
from tests.functions.conftest import Deployment
from tests.judges.tools import program

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples" / "connect"
API = "https://api.example.org"


def sample(name: str) -> Any:
    """Return an example as the module that it is."""
    spec = spec_from_file_location(f"sample_{name}", SAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def network(deployment: Deployment) -> Network:
    return Network(deployment)


@pytest.fixture
def key(deployment: Deployment) -> str:
    """Of the role that the page asks for, and of no other."""
    return Program(deployment, {Role.KEEPER}, "Members").written


@pytest.fixture
def newsletter(network: Network, key: str) -> Iterator[Client]:
    with Client(API, key, sleep=lambda _: None, transport=network) as client:
        yield client


def put(deployment: Deployment, email: str, **changes: Any) -> Subscriber:
    """Put somebody on the list, under the id of the address."""
    addresses = deployment.app.addresses
    reader_id = addresses.subscriber_id(addresses.mailbox(email))
    return deployment.save(subscriber(1, subscriber_id=reader_id, email=email, **changes))


def held(deployment: Deployment, email: str) -> Subscriber | None:
    """Return the record of an address."""
    addresses = deployment.app.addresses
    return deployment.app.subscribers.get(addresses.subscriber_id(addresses.mailbox(email)))


@dataclass
class Crm:
    """CiviCRM's API v4, as far as the example asks it: the history of one group, and removing somebody from it."""

    history: list[dict[str, Any]] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)

    def note(self, contact: int, email: str, status: str, day: date, method: str = "Web") -> None:
        self.history.append(
            {
                "contact_id": contact, "contact_id.email_primary.email": email, "status": status, "method": method,
                "contact_id.first_name": f"Reader {contact}", "date": f"{day} 10:00:00",
            }
        )  # fmt: skip

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert (request.headers["X-Civi-Auth"], request.headers["X-Requested-With"]) == ("Bearer k", "XMLHttpRequest")
        params = json.loads(parse_qs(request.content.decode())["params"][0])
        assert ["group_id.name", "=", "Newsletter"] in params["where"]
        if request.url.path == "/civicrm/ajax/api4/SubscriptionHistory/get":
            asked = set(params["select"])
            assert params["limit"] == 0
            assert params["orderBy"] == {"date": "ASC", "id": "ASC"}
            return httpx.Response(200, json={"values": [{name: row[name] for name in asked} for row in self.history]})
        assert request.url.path == "/civicrm/ajax/api4/GroupContact/update"
        assert params["values"] == {"status": "Removed"}
        ((_, _, contact),) = (clause for clause in params["where"] if clause[0] == "contact_id")
        self.removed.append(contact)
        return httpx.Response(200, json={"values": [{}]})

    def client(self) -> httpx.Client:
        headers = {"X-Civi-Auth": "Bearer k", "X-Requested-With": "XMLHttpRequest"}
        transport = httpx.MockTransport(self.answer)
        return httpx.Client(base_url="https://crm.example.org/", headers=headers, transport=transport)


TODAY = datetime.now(UTC).date()
"""The functions read the clock of this machine."""

LONG_AGO = TODAY - timedelta(days=400)


def in_step(crm: Crm, newsletter: Client) -> dict[str, int]:
    return dict(sample("civicrm").keep_in_step(crm.client(), newsletter, TODAY))


def test_members_are_added_with_evidence_asked_or_tagged_and_once_only(
    newsletter: Client, deployment: Deployment
) -> None:
    crm = Crm()
    crm.note(1, "web@example.org", "Added", LONG_AGO)
    crm.note(2, "staff@example.org", "Added", TODAY, "Admin")
    crm.note(3, "staff-of-old@example.org", "Added", LONG_AGO, "Admin")
    crm.note(4, "Here@Example.org", "Added", LONG_AGO)
    crm.note(5, "", "Added", LONG_AGO)
    crm.note(6, "no address", "Added", LONG_AGO)
    crm.note(7, "waiting@example.org", "Pending", TODAY)
    put(deployment, "here@example.org", tags=frozenset({"press"}))

    assert in_step(crm, newsletter) == {"added": 1, "asked": 1, "asked before": 1, "tagged": 1, "refused": 1}
    web, staff, here = (held(deployment, f"{name}@example.org") for name in ("web", "staff", "here"))
    assert web is not None
    assert web.consent is not None
    assert (web.status, web.tags, web.confirmed_at and web.confirmed_at.date()) == (
        Status.CONFIRMED, frozenset({"civicrm"}), LONG_AGO,
    )  # fmt: skip
    assert "Joined the group Newsletter in CiviCRM, contact 1" in str(web.consent.as_held())
    assert staff is not None
    assert (staff.status, staff.tags) == (Status.UNCONFIRMED, frozenset({"civicrm"}))
    assert here is not None
    assert here.tags == {"press", "civicrm"}
    asked = len(deployment.queued("greet"))

    assert in_step(crm, newsletter) == {"there already": 3, "asked before": 1, "refused": 1}
    assert (len(deployment.queued("greet")), crm.removed) == (asked, [])


def test_who_left_is_carried_over_in_both_directions(newsletter: Client, deployment: Deployment) -> None:
    crm, civicrm = Crm(), frozenset({"civicrm"})
    last_week = TODAY - timedelta(days=7)
    left = {
        "status": Status.UNSUBSCRIBED,
        "left_at": datetime(last_week.year, last_week.month, last_week.day, tzinfo=UTC),
    }
    put(deployment, "left-here@example.org", tags=civicrm, **left)
    put(deployment, "bounced@example.org", tags=civicrm, suppressed=True)
    erased = deployment.app.addresses
    erased_id = erased.subscriber_id(erased.mailbox("erased@example.org"))
    deployment.app.suppressions.add(Suppression(erased_id, SuppressionReason.ERASED, deployment.now()))
    put(deployment, "back@example.org", **left)
    put(deployment, "staff-put-back@example.org", **left)
    put(deployment, "left-there@example.org", tags=civicrm)
    put(deployment, "signed-up-again@example.org", tags=civicrm, confirmed_at=deployment.now())
    put(deployment, "not-from-there@example.org")
    for contact, name in enumerate(("left-here", "bounced", "erased"), start=1):
        crm.note(contact, f"{name}@example.org", "Added", LONG_AGO)
    crm.note(4, "back@example.org", "Added", TODAY)
    crm.note(5, "staff-put-back@example.org", "Added", TODAY, "Admin")
    crm.note(6, "left-there@example.org", "Added", LONG_AGO)
    crm.note(6, "left-there@example.org", "Removed", TODAY)
    crm.note(7, "signed-up-again@example.org", "Removed", LONG_AGO)
    crm.note(8, "not-from-there@example.org", "Removed", TODAY)

    assert in_step(crm, newsletter) == {"left here": 4, "asked": 1, "left there": 1}
    assert crm.removed == [1, 2, 3, 5]
    statuses = {
        name: found.status
        for name in ("back", "left-there", "signed-up-again", "not-from-there")
        if (found := held(deployment, f"{name}@example.org"))
    }
    assert statuses == {
        "back": Status.UNCONFIRMED, "left-there": Status.UNSUBSCRIBED, "signed-up-again": Status.CONFIRMED,
        "not-from-there": Status.CONFIRMED,
    }  # fmt: skip
    assert len(deployment.queued("greet")) == 1, "who came back by themselves is asked"


HEADINGS = ["Email", "Name", "Consent", "Consented on", "Note", "Status", "Id"]


@dataclass
class Sheet:
    """A spreadsheet with the script in it, in front of the API."""

    network: Network
    key: str
    rows: list[list[Any]]
    asked: list[dict[str, Any]] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)

    def call(self, function: str) -> str:
        """Run a function of the script, and return what it failed with."""
        given = {
            "cells": [HEADINGS, *self.rows],
            "properties": {"FORTNIGHTLY_API": API, "FORTNIGHTLY_API_KEY": self.key},
        }
        node = program("node", "nodejs")
        script = [str(Path(__file__).with_name("apps_script.js")), str(SAMPLES / "spreadsheet.gs")]
        with subprocess.Popen(
            [node, *script, function, json.dumps(given)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            for line in running.stdout:
                said = json.loads(line)
                if "url" not in said:
                    self.rows, self.waits = said["cells"][1:], said["waits"]
                    return str(said["failed"])
                self.asked.append(said)
                running.stdin.write(json.dumps(self._answer(said)) + "\n")
                running.stdin.flush()
        raise AssertionError("the script ended before it said how the sheet is")

    def _answer(self, said: dict[str, Any]) -> dict[str, Any]:
        headers = said["headers"] | ({"Content-Type": said["contentType"]} if "contentType" in said else {})
        request = httpx.Request(said["method"].upper(), said["url"], headers=headers, content=said.get("payload", ""))
        answer = self.network.handle_request(request)
        return {
            "status": answer.status_code,
            "text": answer.text,
            "headers": {"Retry-After": answer.headers.get("Retry-After", "")},
        }


def test_rows_of_a_spreadsheet_are_added_and_what_came_of_each_stands_beside_it(
    network: Network, key: str, deployment: Deployment
) -> None:
    put(deployment, "left@example.org", status=Status.UNSUBSCRIBED)
    sheet = Sheet(
        network, key,
        [
            ["ann@example.org", "Ann", "Signed at the fair", {"day": "2024-05-30T23:00:00Z"}, "", "", ""],
            [" ben@example.org ", "", "", "", "asked for it", "", ""],
            ["left@example.org", "", "Signed at the fair", "2024-05-31", "", "", ""],
            ["done@example.org", "", "", "", "", "asked", "0" * 32],
            ["", "", "", "", "", "", ""],
        ],
    )  # fmt: skip

    assert sheet.call("addNewRows") == ""
    assert [row[5] for row in sheet.rows] == [
        "on_the_list", "asked", "refused: They left; ask them by email instead, and they can come back by themselves.",
        "asked", "",
    ]  # fmt: skip
    ann, ben = held(deployment, "ann@example.org"), held(deployment, "ben@example.org")
    assert ann is not None
    assert (ann.confirmed_at and ann.confirmed_at.date(), ann.tags) == (date(2024, 5, 31), frozenset({"spreadsheet"}))
    assert ben is not None
    assert (sheet.rows[0][6], sheet.rows[1][6]) == (ann.subscriber_id, ben.subscriber_id)
    requests = len(sheet.asked)
    assert sheet.call("addNewRows") == ""
    assert len(sheet.asked) == requests, "nothing is new"
    sheet.rows[1][5] = ""
    assert sheet.call("addNewRows") == ""
    assert len(deployment.queued("greet")) == 1, "the same again on the same day mails nobody again"


def test_who_left_is_marked_by_id_through_all_pages(network: Network, key: str, deployment: Deployment) -> None:
    for number in range(105):
        put(deployment, f"left{number}@example.org", status=Status.UNSUBSCRIBED)
    put(deployment, "here@example.org")
    ids = [
        found.subscriber_id
        for name in ("left0", "left104", "here")
        if (found := held(deployment, f"{name}@example.org"))
    ]
    sheet = Sheet(network, key, [["", "", "", "", "", "on_the_list", each] for each in ids])

    assert sheet.call("markWhoLeft") == ""
    assert [row[5] for row in sheet.rows] == ["unsubscribed", "unsubscribed", "on_the_list"]
    assert len(sheet.asked) >= 2


def test_the_script_waits_where_it_is_asked_to_and_stops_at_a_key_that_is_refused(network: Network) -> None:
    network.before = [
        httpx.Response(429, headers={"Retry-After": "7"}),
        httpx.Response(503, headers={"Retry-After": "9000"}),
    ]
    sheet = Sheet(network, "fn_live_of_yesterday", [["ann@example.org", "", "", "", "", "", ""]])

    assert sheet.call("addNewRows") == "This key is none of ours, or was revoked."
    assert sheet.waits == [7000, 60000]
    assert sheet.rows[0][5] == ""
    assert {each["headers"]["Idempotency-Key"] for each in sheet.asked} == {
        sheet.asked[0]["headers"]["Idempotency-Key"]
    }


def test_a_sheet_that_lacks_a_column_says_which(network: Network, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(network, key, [])
    monkeypatch.setitem(globals(), "HEADINGS", ["Email", "Name"])
    assert sheet.call("addNewRows") == "The first row lacks: Consent, Consented on, Status, Id"


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "0" * 32


def signed(kind: str, **data: str) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a webhook, by the library of the specification."""
    webhooks = pytest.importorskip("standardwebhooks")
    body, now = json.dumps({"type": kind, "timestamp": "2026-12-01T09:00:00Z", "data": data}), datetime.now(UTC)
    signature = webhooks.Webhook(SECRET).sign("msg_1", now, body)
    headers = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(now.timestamp())), "Webhook-Signature": signature}
    return body.encode(), headers


@pytest.mark.parametrize(
    ("kind", "reader_id"),
    [("subscriber.left", ID), ("subscriber.bounced", ID), ("subscriber.erased", ID), ("subscriber.confirmed", None)],
)
def test_a_webhook_says_who_is_not_mailed_any_more(kind: str, reader_id: str | None) -> None:
    body, headers = signed(kind, subscriber_id=ID)

    assert sample("receive").who_left(SECRET, body, headers) == reader_id


def test_a_webhook_that_somebody_else_wrote_is_refused() -> None:
    webhooks = pytest.importorskip("standardwebhooks")
    body, headers = signed("subscriber.left", subscriber_id=ID)
    with pytest.raises(webhooks.WebhookVerificationError):
        sample("receive").who_left(SECRET, body.replace(b"0", b"1"), headers)


def test_the_page_shows_the_receiver_as_it_is_called() -> None:
    webhooks = pytest.importorskip("standardwebhooks")
    page = (ROOT / "docs" / "connect.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert webhooks
    body, headers = signed("subscriber.left", subscriber_id=ID)
    told: list[str] = []

    class Members:
        stop_mailing = staticmethod(told.append)

    names = {
        "who_left": sample("receive").who_left, "secret": SECRET, "members": Members,
        "request": type("Request", (), {"body": body, "headers": headers}),
    }  # fmt: skip
    exec(compile(snippet, "docs/connect.md", "exec"), names)  # noqa: S102 - our own page

    assert told == [ID]
