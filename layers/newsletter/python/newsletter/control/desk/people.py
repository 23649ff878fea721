"""Readers: how many there are, one of them with all we hold, and what can be done for somebody who asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from newsletter.control.desk import people_export, people_import
from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.desk.domain.act import Act
from newsletter.desk.people.add_reader import Added, NewReader, add_reader
from newsletter.errors import InvalidRequestError
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.jobs.preferences import erase
from newsletter.readers.jobs.suppress import suppress
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.readers.ports import SignUpPorts
from newsletter.reports.domain.report_name import GROWTH

PEOPLE = "/desk/people/"
SOURCE = "added at the desk"
ID = "id"

LABELS = {
    "email": "Address", "name": "Name", "status": "Status", "lang": "Language", "source": "Where they signed up",
    "signed_up_at": "Signed up", "confirmation_sent_at": "Asked to confirm", "reminded_at": "Reminded",
    "confirmed_at": "Confirmed", "left_at": "Left", "left_because": "Why they left", "told_at": "Last notice to them",
    "renewal_asked_at": "Asked to renew", "paused_until": "Wants nothing before", "muted_topics": "Topics they muted",
    "soft_bounces": "Issues that bounced for a while", "consent": "Receipt of their consent",
    "address_change": "Change of address they asked for",
}  # fmt: skip
"""What a page calls the fields of `Subscriber.as_held`."""


def show(request: DeskRequest) -> Answer:
    """Show how many readers there are, as the last night counted them, and where to find one."""
    return _front(request)


def find(request: DeskRequest) -> Answer:
    """Find somebody by their exact address. It is posted, so that no address stands in a log."""
    addresses = request.app.addresses
    subscriber_id = addresses.subscriber_id(addresses.mailbox(request.fields.get("email", "")))
    return Go(f"{PEOPLE}{subscriber_id}/")


def add(request: DeskRequest) -> Answer:
    """Add somebody: with evidence of their consent at once, else they are asked by email."""
    app, fields = request.app, request.fields
    new = NewReader(
        fields.get("email", ""), fields.get("name", ""), fields.get("lang", ""), SOURCE,
        " ".join(fields.get("evidence", "").split()), _moment(fields.get("consented_on", "")),
    )  # fmt: skip
    added = add_reader(
        new,
        addresses=app.addresses,
        sign_up_ports=SignUpPorts(app.subscribers, app.suppressions, app.greet_queue),
        import_ports=app.import_ports,
        seal_key=app.address_key,
        now=request.now,
    )
    subscriber_id = app.addresses.subscriber_id(app.addresses.mailbox(new.email))
    if added is not Added.ALREADY:
        request.note("added a reader", subscriber_id, str(added))
    return Go(f"{PEOPLE}{subscriber_id}/?done={added}")


def show_one(request: DeskRequest) -> Answer:
    """Show all we hold about somebody."""
    app, subscriber_id = request.app, request.parts[ID]
    subscriber, suppression = app.subscribers.get(subscriber_id), app.suppressions.get(subscriber_id)
    return Show(
        "person",
        {
            "id": subscriber_id,
            "held": list(_lines(subscriber.as_held())) if subscriber else [],
            "suppression": suppression,
            "on_list": subscriber is not None and subscriber.status is Status.CONFIRMED,
            "waits": subscriber is not None and subscriber.status is Status.UNCONFIRMED,
            "untouched": _receipt_holds(subscriber, app.address_key),
            "done": request.query.get("done", ""),
        },
        200 if subscriber or suppression else 404,
    )


def take_off(request: DeskRequest) -> Answer:
    """Take somebody off the list; only they themselves can come back."""
    subscriber_id = request.parts[ID]
    unsubscribe(subscriber_id, subscribers=request.app.subscribers, now=request.now)
    return _done(request, "took a reader off the list", "off")


def forget(request: DeskRequest) -> Answer:
    """Erase all we hold about somebody, but that they must not be mailed."""
    app, subscriber_id = request.app, request.parts[ID]
    erase(subscriber_id, subscribers=app.subscribers, suppressions=app.suppressions, now=request.now)
    return _done(request, "erased a reader", "erased")


def keep_out(request: DeskRequest) -> Answer:
    """Never mail this address again, whoever signs it up."""
    app, because = request.app, request.fields.get("because", "")
    suppress(
        request.parts[ID], because=because, subscribers=app.subscribers, suppressions=app.suppressions, now=request.now
    )
    return _done(request, "suppressed an address", "suppressed", because)


def _done(request: DeskRequest, did: str, done: str, details: str = "") -> Answer:
    request.note(did, request.parts[ID], details)
    return Go(f"{PEOPLE}{request.parts[ID]}/?done={done}")


def _front(request: DeskRequest) -> Show:
    text = request.app.content.report(GROWTH)
    growth = json.loads(text) if text else None
    return Show("people", {"growth": growth, "weeks": _weeks(growth) if growth else []})


def _weeks(growth: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return how many were on the list at the end of each of the last thirteen weeks, oldest first."""
    counted = [(day["day"], day["on_list"]) for day in growth["days"] if day["on_list"] is not None]
    return counted[::-1][::7][:13][::-1]


def _lines(held: Mapping[str, Any]) -> list[tuple[str, str]]:
    lines = []
    for name, value in held.items():
        if isinstance(value, dict):
            said = "; ".join(f"{key.replace('_', ' ')}: {each}" for key, each in value.items() if each)
        else:
            said = ", ".join(value) if isinstance(value, list) else str(value)
        lines.append((LABELS[name], said))
    return lines


def _receipt_holds(subscriber: Subscriber | None, key: str) -> bool | None:
    if subscriber is None or subscriber.consent is None:
        return None
    return bool(subscriber.consent.holds(key))


def _moment(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC) if day else None
    except ValueError as exc:
        raise InvalidRequestError("the day of the consent should look like 2026-12-31") from exc


ROUTES = (
    Route("GET", PEOPLE, Act.PEOPLE, show),
    Route("POST", f"{PEOPLE}find", Act.PEOPLE, find),
    Route("POST", f"{PEOPLE}add", Act.PEOPLE, add),
    *people_import.ROUTES,
    *people_export.ROUTES,
    Route("GET", f"{PEOPLE}<{ID}>/", Act.PEOPLE, show_one),
    Route("POST", f"{PEOPLE}<{ID}>/take-off", Act.PEOPLE, take_off),
    Route("POST", f"{PEOPLE}<{ID}>/erase", Act.PEOPLE, forget),
    Route("POST", f"{PEOPLE}<{ID}>/suppress", Act.PEOPLE, keep_out),
)
