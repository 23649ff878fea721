"""The list, in DynamoDB: table `subscribers`, sparse index `audience`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import all_or_nothing, busy_store, from_item, moment, required_moment, to_item
from newsletter.aws.dynamo_batch_get import batch_get
from newsletter.errors import UnreadableRecordError
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.pending_sign_up import PendingSignUp
from newsletter.readers.domain.shard import PARTITIONS, Shard, partition, shards
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.records_read import RecordRepair, RecordsRead

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from newsletter.core.audience.expression import AudienceExpression


DECISIVE = frozenset(
    {"subscriber_id", "email", "status", "signed_up_at", "version", "suppressed", "moved_to", "left_at"}
)
"""Attributes that say whether a reader may be mailed, and where: a record without one of them is not saved."""


class DynamoSubscribers:
    """One item per mailbox. Shape: the fields of Subscriber, `audience` (partition) and `expires_at` (TTL)."""

    def __init__(
        self, client: DynamoDBClient, table: str, *, unconfirmed_days: int = 30, reminder_after_days: int = 3
    ) -> None:
        self._client = client
        self.table = table
        self._unconfirmed = timedelta(days=unconfirmed_days)
        self._reminder_after = timedelta(days=reminder_after_days)

    def get(self, subscriber_id: str) -> Subscriber | None:
        """Read one subscriber, consistently."""
        with busy_store():
            answer = self._client.get_item(TableName=self.table, Key=_key(subscriber_id), ConsistentRead=True)
        return subscriber_of(answer["Item"]) if "Item" in answer else None

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        """Read up to 100 subscribers, consistently; one record that cannot be read keeps none of the others back."""
        items = batch_get(self._client, self.table, [_key(subscriber_id) for subscriber_id in subscriber_ids])
        readable, unreadable = {}, []
        for item in items:
            try:
                readable[item["subscriber_id"]["S"]] = subscriber_of(item)
            except UnreadableRecordError:
                unreadable.append(item["subscriber_id"]["S"])
        return RecordsRead(readable, unreadable=unreadable)

    def saved_of(self, subscriber_id: str) -> RecordRepair | None:
        """Return what can be saved of a record that cannot be read; None if it can be, or there is none."""
        with busy_store():
            answer = self._client.get_item(TableName=self.table, Key=_key(subscriber_id), ConsistentRead=True)
        item = answer.get("Item")
        if item is None or _reads(item):
            return None
        # What stands alone is given up one by one, the least first; what decides about mail is never guessed.
        lost = [name for name in item if name not in DECISIVE and not _reads({**_bare(item), name: item[name]})]
        kept = {name: value for name, value in item.items() if name not in lost}
        return RecordRepair(tuple(sorted(lost)), subscriber_of(kept) if _reads(kept) else None)

    def replace_unreadable(self, subscriber: Subscriber) -> None:
        """Write what was saved of a record over what cannot be read of it."""
        new = replace(subscriber, version=subscriber.version + 1)
        with busy_store():
            self._client.put_item(TableName=self.table, Item=to_item(self._plain(new)))

    def save(self, subscriber: Subscriber) -> bool:
        """Write over the version the record was made from; False if somebody else wrote meanwhile, or writes now."""
        refusals = self._client.exceptions
        with busy_store():
            try:
                self._client.put_item(**self.put(subscriber))
            except (refusals.ConditionalCheckFailedException, refusals.TransactionConflictException):
                return False
        return True

    def save_both(self, subscriber: Subscriber, another_subscriber: Subscriber) -> bool:
        """Do the same with two records, in one transaction."""
        return all_or_nothing(self._client, [{"Put": self.put(subscriber)}, {"Put": self.put(another_subscriber)}])

    def put(self, subscriber: Subscriber) -> Any:
        """Return the write of `save`, for a transaction."""
        new = replace(subscriber, version=subscriber.version + 1)
        return {"TableName": self.table, "Item": to_item(self._plain(new)), **_still(subscriber)}

    def deletion(self, subscriber: Subscriber) -> Any:
        """Return the deletion of this version of a record, for a transaction."""
        return {"TableName": self.table, "Key": _key(subscriber.subscriber_id), **_still(subscriber)}

    def missing(self, subscriber_id: str) -> Any:
        """Return the condition that there is no record, for a transaction."""
        condition = {"ConditionExpression": "attribute_not_exists(subscriber_id)"}
        return {"TableName": self.table, "Key": _key(subscriber_id), **condition}

    def everyone(
        self, *, subscriber_status: Status | None = None, segment: int = 0, segments: int = 1
    ) -> Iterator[Subscriber]:
        """Yield the records of one part of the table; a page of at most a megabyte is in memory at a time."""
        wanted: Any = {"TableName": self.table, "Segment": segment, "TotalSegments": segments}
        if subscriber_status is not None:
            wanted |= {
                "FilterExpression": "#status = :status",
                "ExpressionAttributeNames": {"#status": "status"},  # a reserved word
                "ExpressionAttributeValues": {":status": {"S": subscriber_status}},
            }
        with busy_store():
            for page in self._client.get_paginator("scan").paginate(**wanted):
                yield from (subscriber_of(item) for item in page["Items"])

    def changed_since(self, moment: datetime, *, segment: int, segments: int) -> Iterator[Subscriber]:
        """Yield whoever confirmed since, and the signposts of whoever moved away since, from one part of the table."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self.table,
            Segment=segment,
            TotalSegments=segments,
            ConsistentRead=True,
            FilterExpression=(
                "(#status = :status AND confirmed_at >= :since) OR (attribute_exists(moved_to) AND left_at >= :since)"
            ),
            ExpressionAttributeNames={"#status": "status"},  # a reserved word
            # As it is stored; without a fraction, which sorts before every moment of the same second.
            ExpressionAttributeValues={
                ":status": {"S": Status.CONFIRMED},
                ":since": {"S": moment.replace(microsecond=0).isoformat()},
            },
        )
        with busy_store():
            for page in pages:
                for item in page["Items"]:
                    with suppress(UnreadableRecordError):
                        yield subscriber_of(item)

    def ids(self, shard: Shard, *, after: str, matching: AudienceExpression | None = None) -> Iterator[str]:
        """Yield the confirmed ids of a shard, in order; one page of the index is in memory at a time."""
        pages = self._client.get_paginator("query").paginate(
            **self._of_audience(
                matching,
                "audience = :partition AND subscriber_id BETWEEN :after AND :bound",
                {":partition": shard.partition, ":after": after, ":bound": shard.bound},
            ),
            ProjectionExpression="subscriber_id",
        )
        with busy_store():
            for page in pages:
                # BETWEEN includes its bounds; `after` was planned already, the upper bound is never an id.
                yield from (found for item in page["Items"] if (found := item["subscriber_id"]["S"]) != after)

    def size(self, *, matching: AudienceExpression | None = None, partitions: int = PARTITIONS) -> int:
        """Return how many there are in so many partitions of the index.

        A million readers are about a hundred pages; with an expression, of which more is read, about three hundred.
        """
        count = 0
        for shard in shards(PARTITIONS)[:partitions]:
            pages = self._client.get_paginator("query").paginate(
                **self._of_audience(matching, "audience = :partition", {":partition": shard.partition}), Select="COUNT"
            )
            with busy_store():
                count += sum(page["Count"] for page in pages)
        return count

    def _of_audience(self, matching: AudienceExpression | None, key_condition: str, values: dict[str, str]) -> Any:
        """Return the parameters of a query: of keys alone for everybody, else of the index that knows more."""
        filtered: dict[str, Any] = {}
        if matching:
            # Here, because pages for readers ask for one record each, and would wait for it.
            from newsletter.readers.adapters.audience_filter import audience_filter

            filtered = audience_filter(matching)
        asked = {sign: {"S": value} for sign, value in values.items()}
        return {
            "TableName": self.table,
            "IndexName": "audience_attributes" if matching else "audience",
            "KeyConditionExpression": key_condition,
            **filtered,
            "ExpressionAttributeValues": {**filtered.get("ExpressionAttributeValues", {}), **asked},
        }

    def to_remind(self, day: date) -> Iterator[str]:
        """Yield the ids whose reminder is due on this day, from the sparse index `reminders`."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self.table,
            IndexName="reminders",
            KeyConditionExpression="remind_on = :day",
            ExpressionAttributeValues={":day": {"S": day.isoformat()}},
            ProjectionExpression="subscriber_id",
        )
        with busy_store():
            for page in pages:
                yield from (item["subscriber_id"]["S"] for item in page["Items"])

    def _plain(self, subscriber: Subscriber) -> dict[str, Any]:
        plain = asdict(subscriber)
        del plain["rests_until"], plain["last_notice_at"]
        plain |= {
            # Two attributes keep the names that older records have.
            "paused_until": subscriber.rests_until.isoformat() if subscriber.rests_until else "",
            "told_at": subscriber.last_notice_at,
            "consent": subscriber.consent.as_held() if subscriber.consent else None,
            "pending": [each.as_held() for each in subscriber.pending] or None,
            "move": subscriber.move.as_held() if subscriber.move else None,
            "came_from": list(subscriber.came_from) or None,
            "fields": dict(subscriber.fields) or None,
            "muted_topics": list(subscriber.muted_topics) or None,
            "tags": sorted(subscriber.tags) or None,
            "digest_months": list(subscriber.digest_months) or None,
            "soft_bounces": list(subscriber.soft_bounces) or None,
        }
        if subscriber.in_audience:
            plain["audience"] = partition(subscriber.subscriber_id)
        if subscriber.status is Status.UNCONFIRMED:
            # Whoever left before stays on record: a stranger's sign-up must not make us forget the leaving.
            if subscriber.left_at is None:
                plain["expires_at"] = int((subscriber.signed_up_at + self._unconfirmed).timestamp())
            if subscriber.reminded_at is None:
                plain["remind_on"] = (subscriber.signed_up_at + self._reminder_after).date().isoformat()
        return plain


def _key(subscriber_id: str) -> dict[str, Any]:
    return {"subscriber_id": {"S": subscriber_id}}


def _still(subscriber: Subscriber) -> dict[str, Any]:
    """Return the condition that the stored record is the one this was made from; version 0 was never stored."""
    if subscriber.version == 0:
        return {"ConditionExpression": "attribute_not_exists(subscriber_id)"}
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": {"N": str(subscriber.version)}},
    }


def subscriber_of(item: Mapping[str, Any]) -> Subscriber:
    """Return the subscriber that an item of the table holds.

    Raises:
        UnreadableRecordError: Somebody else than us has written there.
    """
    try:
        return _read(from_item(item))
    except (AttributeError, KeyError, TypeError, ValueError):
        found = item["subscriber_id"]["S"]
        remedy = f"`newsletter subscribers repair {found}` shows what can be saved of it"
        raise UnreadableRecordError(f"the record of subscriber {found} cannot be read; {remedy}") from None


def _reads(item: Mapping[str, Any]) -> bool:
    try:
        subscriber_of(item)
    except UnreadableRecordError:
        return False
    return True


def _bare(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name in DECISIVE}


def _read(plain: Mapping[str, Any]) -> Subscriber:
    return Subscriber(
        subscriber_id=plain["subscriber_id"],
        email=plain.get("email", ""),
        status=Status(plain["status"]),
        signed_up_at=required_moment(plain["signed_up_at"]),
        name=plain.get("name", ""),
        fields={key: str(value) for key, value in plain.get("fields", {}).items()},
        source=plain.get("source", ""),
        confirmation_sent_at=moment(plain.get("confirmation_sent_at")),
        confirmed_at=moment(plain.get("confirmed_at")),
        left_at=moment(plain.get("left_at")),
        left_because=plain.get("left_because", ""),
        lang=plain.get("lang", ""),
        rests_until=date.fromisoformat(plain["paused_until"]) if "paused_until" in plain else None,
        muted_topics=tuple(plain.get("muted_topics", ())),
        tags=frozenset(plain.get("tags", ())),
        digest_since=plain.get("digest_since", ""),
        digest_months=tuple(plain.get("digest_months", ())),
        consent=Consent.from_held(plain["consent"]) if "consent" in plain else None,
        last_notice_at=moment(plain.get("told_at")),
        reminded_at=moment(plain.get("reminded_at")),
        renewal_asked_at=moment(plain.get("renewal_asked_at")),
        pending=tuple(PendingSignUp.from_held(each) for each in plain.get("pending", ())),
        links_since=moment(plain.get("links_since")),
        move=Move.from_held(plain["move"]) if "move" in plain else None,
        came_from=tuple(plain.get("came_from", ())),
        moves_from=plain.get("moves_from", ""),
        moving_to=plain.get("moving_to", ""),
        moved_to=plain.get("moved_to", ""),
        suppressed=plain.get("suppressed", False),
        soft_bounces=tuple(plain.get("soft_bounces", ())),
        version=int(plain["version"]),
    )
