"""DynamoDB's item shapes and errors, translated once for every store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from newsletter.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionConflictException",
    }
)
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_item(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return DynamoDB's form of a mapping; empty texts, None and False are left out, they are the defaults."""
    return {name: _serialize(_in(value)) for name, value in plain.items() if value not in ("", None, False)}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain form of an item."""
    return {name: _out(_deserialize(value)) for name, value in item.items()}


def moment(value: str | None) -> datetime | None:
    """Return the moment that was stored as text."""
    return datetime.fromisoformat(value) if value else None


def required_moment(value: str) -> datetime:
    """Return the moment that was stored as text and is never missing."""
    return datetime.fromisoformat(value).astimezone(UTC)


@contextmanager
def busy_store() -> Iterator[None]:
    """Turn DynamoDB's ways of saying "slow down" into ours; every other error passes.

    Raises:
        StoreBusyError: The same call can work later.
    """
    try:
        yield
    except ClientError as exc:
        if exc.response["Error"]["Code"] in BUSY:
            raise StoreBusyError("the database is busy") from exc
        raise


def conditionally(write: Callable[[], object]) -> bool:
    """Make a conditional write; return whether its condition held.

    Raises:
        StoreBusyError: The same call can work later.
    """
    try:
        with busy_store():
            write()
    except ClientError as exc:
        if refused(exc):
            return False
        raise
    return True


def all_or_nothing(client: DynamoDBClient, writes: Sequence[TransactWriteItemTypeDef]) -> bool:
    """Make several conditional writes or none; return whether all conditions held.

    Raises:
        StoreBusyError: The same call can work later.
    """
    try:
        with busy_store():
            client.transact_write_items(TransactItems=writes)
    except client.exceptions.TransactionCanceledException as exc:
        codes = {reason.get("Code", "None") for reason in exc.response.get("CancellationReasons", [])} - {"None"}
        if codes == {"ConditionalCheckFailed"}:
            return False
        if codes & {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}:
            raise StoreBusyError("the database is busy") from exc
        raise
    return True


def refused(error: ClientError) -> bool:
    """Return whether this is a condition that did not hold."""
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def _in(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _out(value: Any) -> Any:
    return value.value if isinstance(value, Binary) else value  # type: ignore[attr-defined] # the stubs lack it
