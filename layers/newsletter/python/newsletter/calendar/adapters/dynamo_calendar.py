"""The calendar in DynamoDB: table `sends`, partition `calendar`.

Items, by sort key:
    days            `skipped` and `extra`: sets of local dates; `why#<day>`: why that day is skipped or added
    watch           `since`: the moment from which slots are looked after
    told#<slot>     `what`: set of `Notice`, the mails about this slot
    told#<slug>#<hour>  the same, about an issue that goes out at an hour of its own
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, required_moment
from newsletter.calendar.domain.notice import Notice
from newsletter.core.slot import Calendar

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from newsletter.core.time_zones import WallTime

PARTITION, WATCH = "calendar", "watch"
WHY = "why#"


class DynamoCalendar:
    """One item for all days: a newsletter skips or adds a few a year, and every reader wants them all."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self) -> Calendar:
        """Return what was decided, read consistently."""
        item = self._item("days")
        reasons = {
            date.fromisoformat(name.removeprefix(WHY)): value["S"]
            for name, value in item.items()
            if name.startswith(WHY)
        }
        return Calendar(skipped=_days(item, "skipped"), extra=_days(item, "extra"), reasons=reasons)

    def set_skipped(self, day: date, *, skipped: bool) -> None:
        """Skip a day, or take that back."""
        self._change("days", "skipped", day.isoformat(), add=skipped)

    def set_extra(self, day: date, *, extra: bool) -> None:
        """Add a day, or take that back."""
        self._change("days", "extra", day.isoformat(), add=extra)

    def set_reason(self, day: date, because: str) -> None:
        """Remember why this day is skipped or added; an empty text forgets it."""
        values: dict[str, Any] = {"ExpressionAttributeValues": {":because": {"S": because}}} if because else {}
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=_key("days"),
                UpdateExpression="SET #why = :because" if because else "REMOVE #why",
                ExpressionAttributeNames={"#why": f"{WHY}{day}"},
                **values,
            )

    def notices(self, day: date) -> frozenset[Notice]:
        """Return what was noted about the slot of this day."""
        return self._notices(_notices_key(day))

    def note_notice(self, day: date, notice: Notice) -> None:
        """Remember that the editors got this mail; noting twice notes once."""
        self._change(_notices_key(day), "what", notice.value, add=True)

    def hour_notices(self, slug: str, hour: WallTime) -> frozenset[Notice]:
        """Return what was noted about the own hour of this issue."""
        return self._notices(_notices_key(f"{slug}#{hour}"))

    def note_hour_notice(self, slug: str, hour: WallTime, notice: Notice) -> None:
        """Remember that the editors got this mail; noting twice notes once."""
        self._change(_notices_key(f"{slug}#{hour}"), "what", notice.value, add=True)

    def watched_since(self, now: datetime) -> datetime:
        """Return since when slots are looked after: `now` if this is the first look."""
        item = {**_key(WATCH), "since": {"S": now.isoformat()}}
        conditionally(
            lambda: self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(slug)"
            )
        )
        return required_moment(self._item(WATCH)["since"]["S"])

    def _notices(self, name: str) -> frozenset[Notice]:
        """Read consistently; words of a later version are skipped."""
        words = self._item(name).get("what", {}).get("SS", [])
        return frozenset(notice for notice in Notice if notice in words)

    def _change(self, name: str, attribute: str, value: str, *, add: bool) -> None:
        # Two people who decide at once both get what they asked for: DynamoDB adds to a set and takes from it in place.
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=_key(name),
                UpdateExpression=f"{'ADD' if add else 'DELETE'} #set :value",
                ExpressionAttributeNames={"#set": attribute},
                ExpressionAttributeValues={":value": {"SS": [value]}},
            )

    def _item(self, name: str) -> dict[str, Any]:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(name), ConsistentRead=True)
        return dict(answer.get("Item", {}))


def _key(name: str) -> dict[str, Any]:
    return {"slug": {"S": PARTITION}, "item": {"S": name}}


def _notices_key(about: date | str) -> str:
    return f"told#{about}"


def _days(item: dict[str, Any], name: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in item.get(name, {}).get("SS", []))
