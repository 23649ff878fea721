"""What the streams of DynamoDB's tables say, as events: each told by what a record was before and is now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from newsletter.aws.dynamo import from_item
from newsletter.desk.webhooks.event import EventType, WebhookEvent
from newsletter.errors import MalformedMessageError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import SuppressionReason

Image = Mapping[str, Any]
"""A record in plain form; empty where there was or is none."""

Meaning = tuple[EventType, dict[str, str | int]]
"""What happened, and what stands in `data` of its payload."""


class RecordChanges:
    """Reads records of streams.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    """

    def __init__(
        self, *, subscribers_table: str, suppressions_table: str, issues_table: str, sends_table: str, public_url: str
    ) -> None:
        self._public_url = public_url
        self._rules: dict[str, Callable[[Image, Image], Iterator[Meaning]]] = {
            subscribers_table: _of_subscriber,
            suppressions_table: _of_suppression,
            issues_table: self._of_issue,
            sends_table: self._of_send,
        }

    def events(self, stream_record: Mapping[str, Any]) -> list[WebhookEvent]:
        """Return what a change of a record means to other programs: nothing, mostly.

        Shape: {"eventID", "eventSourceARN": "…:table/<table>/stream/…", "dynamodb": {"ApproximateCreationDateTime",
        "OldImage", "NewImage"}}.

        Raises:
            MalformedMessageError: It is not a record of one of our streams.
        """
        try:
            rule = self._rules[stream_record["eventSourceARN"].split(":table/")[1].split("/")[0]]
            change = stream_record["dynamodb"]
            before, now = (from_item(change.get(name, {})) for name in ("OldImage", "NewImage"))
            happened_at = datetime.fromtimestamp(float(change["ApproximateCreationDateTime"]), UTC)
            return [
                WebhookEvent(_id(stream_record["eventID"], kind), kind, happened_at, data)
                for kind, data in rule(before, now)
            ]
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as exc:
            raise MalformedMessageError("the record of a stream is not one of ours") from exc

    def _of_issue(self, before: Image, now: Image) -> Iterator[Meaning]:
        if not now:
            return
        data: dict[str, str | int] = {"issue": now["slug"], "title": now["title"], "date": now["date"]}
        if now.get("approved") and now["approved"] != before.get("approved"):
            yield EventType.APPROVED, data
        if now.get("status") == IssueStatus.SENT != before.get("status"):
            yield EventType.SENT, {**data, "url": f"{self._public_url}/issues/{now['slug']}/"}

    def _of_send(self, before: Image, now: Image) -> Iterator[Meaning]:
        mailed = now.get("reports_mailed", 0)
        if now.get("item") != "header" or now.get("rehearsal_of") or mailed <= before.get("reports_mailed", 0):
            return
        send = now["slug"]
        url = f"{self._public_url}/desk/sends/{send}/"
        yield EventType.REPORT, {"issue": send, "number": mailed, "url": url}


def _of_subscriber(before: Image, now: Image) -> Iterator[Meaning]:
    data: dict[str, str | int] = {"subscriber_id": (now or before)["subscriber_id"]}
    was, status = before.get("status"), now.get("status")
    if now.get("moved_to"):
        if not before.get("moved_to"):
            yield EventType.MOVED, {"subscriber_id": now["moved_to"], "previous_id": data["subscriber_id"]}
    elif before.get("email") and not now.get("email"):
        yield EventType.ERASED, data
    elif now.get("email"):
        known = data | {name: now[name] for name in ("source", "lang") if now.get(name)}
        if status == Status.UNCONFIRMED != was and not now.get("moves_from"):
            yield EventType.SUBSCRIBED, known
        # Whoever moved in was confirmed before, under another id.
        if status == Status.CONFIRMED != was and len(now.get("came_from", ())) <= len(before.get("came_from", ())):
            yield EventType.CONFIRMED, known
        if before and status == Status.UNSUBSCRIBED != was:
            yield EventType.LEFT, data | ({"reason": now["left_because"]} if now.get("left_because") else {})


OF_REASON = {
    SuppressionReason.HARD_BOUNCE: EventType.BOUNCED,
    SuppressionReason.SOFT_BOUNCES: EventType.BOUNCED,
    SuppressionReason.COMPLAINT: EventType.COMPLAINED,
}
"""An operator's own suppression is told to nobody, and an erasure by the record that it deletes."""


def _of_suppression(before: Image, now: Image) -> Iterator[Meaning]:
    reason = now.get("reason")
    if reason not in OF_REASON or reason == before.get("reason"):
        return
    data: dict[str, str | int] = {"subscriber_id": now["subscriber_id"]} | (
        {"issue": now["slug"]} if now.get("slug") else {}
    )
    kind = OF_REASON[SuppressionReason(reason)]
    yield kind, data | ({"reason": reason} if kind is EventType.BOUNCED else {})


def _id(change_id: str, event_type: EventType) -> str:
    """Return the id of an event: a stream that is read twice says the same twice."""
    return f"evt_{hashlib.sha256(f'{change_id}#{event_type}'.encode()).hexdigest()[:32]}"
