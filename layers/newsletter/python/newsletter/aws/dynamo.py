"""DynamoDB's item shapes and errors, translated once for every store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

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


def to_item(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return DynamoDB's form of a mapping; empty texts, None and False are left out, they are the defaults."""
    return {name: _serialize(value) for name, value in plain.items() if value not in ("", None, False)}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain form of an item."""
    return {name: _deserialize(value) for name, value in item.items()}


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


# boto3 has these two as well. Importing boto3 for them takes about a sixth of what botocore takes, and a reader waits.


def _serialize(value: Any) -> dict[str, Any]:
    """Return DynamoDB's form of a value.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
    """
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}  # of an enumeration its text
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case datetime():
            return {"S": value.isoformat()}
        case Mapping():
            return {"M": {name: _serialize(each) for name, each in value.items()}}
        case list() | tuple():
            return {"L": [_serialize(each) for each in value]}
    raise TypeError(f"DynamoDB has no form for a {type(value).__name__}")


def _deserialize(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    if kind == "S":  # nearly always
        return content
    match kind:
        case "N":
            return int(content)
        case "M":
            return from_item(content)
        case "L":
            return [_deserialize(each) for each in content]
        case "SS" | "BS":
            return set(content)
        case "NULL":
            return None
    return content
