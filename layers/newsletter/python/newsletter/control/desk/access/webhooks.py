"""Webhooks: which endpoints are told of what, made and changed by owners; and what became of each event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.slot import in_words
from newsletter.desk.domain.act import Act
from newsletter.desk.webhooks import change_endpoints
from newsletter.desk.webhooks.delivery import Delivery
from newsletter.desk.webhooks.endpoint import LONGEST_URL, MOST, WebhookEndpoint
from newsletter.desk.webhooks.event import CHOICES, EventType
from newsletter.errors import InvalidRequestError

WEBHOOKS = "/desk/team/webhooks/"

SHOWN = 100
"""Deliveries on the page of an endpoint: of a small list the last month, of a large one the last hours."""

MEANINGS = {
    EventType.SUBSCRIBED: "somebody signed up, and has not confirmed yet",
    EventType.CONFIRMED: "somebody confirmed or was imported, and is on the list",
    EventType.LEFT: "somebody unsubscribed",
    EventType.BOUNCED: "an address bounced and gets no email any more",
    EventType.COMPLAINED: "somebody marked an email as spam and gets none any more",
    EventType.MOVED: "somebody changed their address",
    EventType.ERASED: "somebody’s record was erased",
    EventType.APPROVED: "an issue was approved",
    EventType.SENT: "a send is complete",
    EventType.REPORT: "a report was mailed to the editors",
}

DONE = {
    "tested": "A test event is on its way. Its line appears below within seconds; load the page again.",
    "again": "It is on its way again.",
    "on": "Switched on. It is told what happens from now on.",
    "off": "Switched off. What happens meanwhile is never told there.",
    "removed": "Removed.",
}


def show(request: DeskRequest) -> Answer:
    """Show the endpoints."""
    if not request.app.settings.webhooks_table:
        return Show("webhooks", {"available": False, "done": None})
    endpoints = request.app.endpoints.all()
    context = {
        "available": True,
        "lines": [(each, _state(each, request.now)) for each in endpoints],
        "choices": [(each, MEANINGS[each]) for each in CHOICES],
        "full": len(endpoints) >= MOST,
        "longest": LONGEST_URL,
        "done": DONE.get(request.query.get("done", "")),
    }
    return Show("webhooks", context)


def show_one(request: DeskRequest) -> Answer:
    """Show an endpoint, and what became of its events."""
    try:
        endpoint = _endpoint(request)
    except InvalidRequestError:
        return Show("missing", status_code=404)
    member = request.app.members.get(endpoint.made_by)
    deliveries = request.app.deliveries.newest(endpoint.endpoint_id, most=SHOWN)
    context = {
        "endpoint": endpoint,
        "state": _state(endpoint, request.now),
        "told": [(each, MEANINGS[each]) for each in CHOICES if each in endpoint.event_types],
        "made_by": member.label if member else "somebody who left the team",
        "made_at": in_words(endpoint.made_at.astimezone(request.app.rhythm.time_zone)),
        "two_secrets": len(endpoint.secrets_at(request.now)) > 1,
        "lines": _lines(request, deliveries),
        "cut": len(deliveries) == SHOWN,
        "done": DONE.get(request.query.get("done", "")),
    }
    return Show("webhook", context)


def add(request: DeskRequest) -> Answer:
    """Add an endpoint, and show its secret this once."""
    _must_be_available(request)
    endpoint = change_endpoints.add_endpoint(
        request.fields.get("url", ""),
        [each for each in CHOICES if request.fields.get(f"event_{each}")],
        with_addresses=bool(request.fields.get("with_addresses")),
        made_by=request.visitor.member.member_id,
        http_on_loopback=request.app.on_loopback,
        endpoints=request.app.endpoints,
        now=request.now,
    )
    addresses = "with addresses" if endpoint.with_addresses else "without addresses"
    request.note("added the webhook", endpoint.label, f"{', '.join(sorted(endpoint.event_types))}; {addresses}")
    return Show("webhook_secret", {"endpoint": endpoint, "rotated": False})


def rotate(request: DeskRequest) -> Answer:
    """Give an endpoint another secret, and show it this once."""
    endpoint = change_endpoints.rotate_secret(
        _endpoint(request).endpoint_id, endpoints=request.app.endpoints, now=request.now
    )
    request.note("rotated the secret of the webhook", endpoint.label)
    return Show("webhook_secret", {"endpoint": endpoint, "rotated": True})


def switch(request: DeskRequest) -> Answer:
    """Switch an endpoint on or off."""
    on = request.fields.get("to") == "on"
    endpoint = change_endpoints.switch_endpoint(_endpoint(request).endpoint_id, on=on, endpoints=request.app.endpoints)
    request.note(f"switched {'on' if on else 'off'} the webhook", endpoint.label)
    return _back(endpoint, "on" if on else "off")


def remove(request: DeskRequest) -> Answer:
    """Remove an endpoint."""
    endpoint = change_endpoints.remove_endpoint(_endpoint(request).endpoint_id, endpoints=request.app.endpoints)
    request.note("removed the webhook", endpoint.label)
    return Go(f"{WEBHOOKS}?done=removed")


def test(request: DeskRequest) -> Answer:
    """Send an endpoint a test event."""
    endpoint = change_endpoints.send_test(
        _endpoint(request).endpoint_id, ports=request.app.webhook_ports, now=request.now
    )
    request.note("tested the webhook", endpoint.label)
    return _back(endpoint, "tested")


def again(request: DeskRequest) -> Answer:
    """Send one event again."""
    endpoint = _endpoint(request)
    entry = request.fields.get("entry", "")
    delivery = change_endpoints.send_again(
        endpoint.endpoint_id, entry, ports=request.app.webhook_ports, now=request.now
    )
    request.note("sent an event again to the webhook", endpoint.label, delivery.event.event_id)
    return _back(endpoint, "again")


def _endpoint(request: DeskRequest) -> WebhookEndpoint:
    _must_be_available(request)
    return change_endpoints.found_endpoint(request.parts["id"], request.app.endpoints)


def _must_be_available(request: DeskRequest) -> None:
    if not request.app.settings.webhooks_table:
        raise InvalidRequestError("webhooks are switched off in this stack (parameter Webhooks)")


def _back(endpoint: WebhookEndpoint, done: str) -> Go:
    return Go(f"{WEBHOOKS}{endpoint.endpoint_id}/?done={done}")


def _state(endpoint: WebhookEndpoint, now: datetime) -> str:
    if not endpoint.is_on:
        return "Switched off: it answered that it is gone (410)" if endpoint.off_because == "gone" else "Switched off"
    if endpoint.rests(now):
        failed = "last attempt" if endpoint.failures == 1 else f"last {endpoint.failures} attempts"
        return f"On, but the {failed} failed; it is left alone for a while"
    return "On"


def _lines(request: DeskRequest, deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Return what the log says of each delivery."""
    return [
        {
            "delivery": each,
            "happened": _moment(request, each.event.happened_at),
            "next": _moment(request, each.next_at) if each.next_at else "",
            "attempts": [
                (_moment(request, attempt.at), attempt.status, attempt.failure, attempt.milliseconds)
                for attempt in each.attempts
            ],
        }
        for each in deliveries
    ]


def _moment(request: DeskRequest, moment: datetime) -> str:
    """Return a moment to the second: the first attempts are seconds apart."""
    local = moment.astimezone(request.app.rhythm.time_zone)
    return f"{local.day} {local:%b %H:%M:%S}"


ROUTES = (
    Route("GET", WEBHOOKS, Act.TEAM, show),
    Route("POST", WEBHOOKS.rstrip("/"), Act.TEAM, add),
    Route("GET", f"{WEBHOOKS}<id>/", Act.TEAM, show_one),
    Route("POST", f"{WEBHOOKS}<id>/secret", Act.TEAM, rotate),
    Route("POST", f"{WEBHOOKS}<id>/switch", Act.TEAM, switch),
    Route("POST", f"{WEBHOOKS}<id>/remove", Act.TEAM, remove),
    Route("POST", f"{WEBHOOKS}<id>/test", Act.TEAM, test),
    Route("POST", f"{WEBHOOKS}<id>/again", Act.TEAM, again),
)
