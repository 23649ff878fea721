"""Readers: how many there are, and the ways to one of them, or to a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from newsletter.control.desk.people import export_list, import_list, person
from newsletter.control.desk.people.person import PEOPLE
from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.desk.domain.act import Act
from newsletter.desk.people.add_reader import Added, NewReader, add_reader
from newsletter.errors import InvalidRequestError
from newsletter.readers.ports import SignUpPorts
from newsletter.reports.domain.report_name import GROWTH
from newsletter.reports.tag_counts import tag_counts

SOURCE = "added at the desk"

TAGS_SHOWN = 50
"""Those that most readers have; any other can be typed."""


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


def _front(request: DeskRequest) -> Show:
    text = request.app.content.report(GROWTH)
    growth = json.loads(text) if text else None
    by_number = sorted(tag_counts(request.app.content).items(), key=lambda each: (-each[1], each[0]))
    context = {
        "growth": growth,
        "weeks": _weeks(growth) if growth else [],
        "tags": by_number[:TAGS_SHOWN],
        "more_tags": max(len(by_number) - TAGS_SHOWN, 0),
    }
    return Show("people", context)


def _weeks(growth: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return how many were on the list at the end of each of the last thirteen weeks, oldest first."""
    counted = [(day["day"], day["on_list"]) for day in growth["days"] if day["on_list"] is not None]
    return counted[::-1][::7][:13][::-1]


def _moment(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC) if day else None
    except ValueError as exc:
        raise InvalidRequestError("the day of the consent should look like 2026-12-31") from exc


ROUTES = (
    Route("GET", PEOPLE, Act.PEOPLE, show),
    Route("POST", f"{PEOPLE}find", Act.PEOPLE, find),
    Route("POST", f"{PEOPLE}add", Act.PEOPLE, add),
    *import_list.ROUTES,
    *export_list.ROUTES,
    *person.ROUTES,
)
