"""What decides about an email to a reader, in DynamoDB: a few attributes of the items of table `subscribers`.

A send reads every reader anew just before their email. Of a whole record (the consent with its evidence, sign-ups that
wait, changes of address) that took more of the processor than all the rest of a send.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import from_item, moment, required_moment
from newsletter.aws.dynamo_batch_get import Projection, batch_get
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.records_read import RecordsRead

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ = Projection(
    "subscriber_id", "email", "name", "lang", "status", "signed_up_at", "confirmed_at", "suppressed", "paused_until",
    "muted_topics", "moved_to", "came_from", "version", "fields",
)  # fmt: skip
"""Of an ordinary reader seven of these are there, or eight with a language."""


class DynamoMailRecords:
    """Reads as much of a record as an email needs. What it returns has version 0, so that nobody can save it."""

    def __init__(
        self, client: DynamoDBClient, table: str, read_reader_fields: Callable[[], Sequence[ReaderField]] = tuple
    ) -> None:
        """Take what is asked for only if somebody of a call has answered a field.

        Args:
            client: For DynamoDB.
            table: The list.
            read_reader_fields: Returns the fields of this moment; what was answered to others is not for an email.
        """
        self._client = client
        self._table = table
        self._reader_fields = read_reader_fields

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        """Read up to 100 readers, consistently; one record that cannot be read keeps none of the others back."""
        item_keys = [{"subscriber_id": {"S": subscriber_id}} for subscriber_id in subscriber_ids]
        readable, unreadable = {}, []
        for item in batch_get(self._client, self._table, item_keys, READ):
            subscriber_id = item["subscriber_id"]["S"]
            try:
                readable[subscriber_id] = _read(from_item(item))
            except (AttributeError, KeyError, TypeError, ValueError):
                unreadable.append(subscriber_id)
        return RecordsRead(self._with_fields_in_use(readable), unreadable=unreadable)

    def _with_fields_in_use(self, readable: dict[str, Subscriber]) -> dict[str, Subscriber]:
        answered = {subscriber_id: one.fields for subscriber_id, one in readable.items() if one.fields}
        if not answered:
            return readable
        keys = {each.key for each in self._reader_fields()}
        in_use = {
            subscriber_id: {key: value for key, value in values.items() if key in keys}
            for subscriber_id, values in answered.items()
        }
        return {**readable, **{each: replace(readable[each], fields=values) for each, values in in_use.items()}}


def _read(plain: Mapping[str, Any]) -> Subscriber:
    int(plain["version"])  # where that is missing or spoilt, somebody else has written: the record is not believed
    return Subscriber(
        subscriber_id=plain["subscriber_id"],
        email=plain.get("email", ""),
        status=Status(plain["status"]),
        signed_up_at=required_moment(plain["signed_up_at"]),
        name=plain.get("name", ""),
        fields={key: str(value) for key, value in plain.get("fields", {}).items()},
        lang=plain.get("lang", ""),
        confirmed_at=moment(plain.get("confirmed_at")),
        suppressed=plain.get("suppressed", False),
        rests_until=date.fromisoformat(plain["paused_until"]) if "paused_until" in plain else None,
        muted_topics=tuple(plain.get("muted_topics", ())),
        moved_to=plain.get("moved_to", ""),
        came_from=tuple(plain.get("came_from", ())),
    )
