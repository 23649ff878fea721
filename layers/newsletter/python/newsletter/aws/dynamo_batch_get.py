"""BatchGetItem, with what it left unread asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store
from newsletter.aws.plain_answers import leave_plain
from newsletter.aws.prepared_bodies import as_json, prepare_bodies
from newsletter.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUNDS = 8
"""DynamoDB may answer in parts when items are large or it is busy; more rounds than this is a database in trouble."""

OPERATION = "BatchGetItem"
BYTES = (b'"B"', b'"BS"')
"""The kinds that JSON has no form for. In a text these would stand with a backslash before the quotation mark."""


class Projection:
    """The attributes that are read of each item, in DynamoDB's words."""

    def __init__(self, *names: str) -> None:
        # Under other names: several of ours are words that DynamoDB has kept for itself.
        aliases = {f"#n{place}": name for place, name in enumerate(names)}
        self.words: dict[str, Any] = {
            "ProjectionExpression": ", ".join(aliases),
            "ExpressionAttributeNames": aliases,
        }


def batch_get(
    client: DynamoDBClient, table: str, item_keys: Sequence[Mapping[str, Any]], projection: Projection | None = None
) -> list[dict[str, Any]]:
    """Return the items of up to 100 keys, read consistently; what does not exist is left out.

    Raises:
        StoreBusyError: Some keys were still unread after several rounds.
    """
    if not item_keys:
        return []
    words = projection.words if projection else {}
    return read_together(client, {table: {"Keys": list(item_keys), "ConsistentRead": True, **words}})[table]


def read_together(client: DynamoDBClient, keys_by_table: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return items of several tables by one question; what does not exist is left out.

    Shape of `keys_by_table`: {table: {"Keys": [...], "ConsistentRead": bool}}; of the answer: {table: items}.

    Raises:
        StoreBusyError: Some keys were still unread after several rounds.
    """
    items: dict[str, list[dict[str, Any]]] = {table: [] for table in keys_by_table}
    unread: Any = keys_by_table
    for _ in range(ROUNDS):
        with busy_store():
            answer = client.batch_get_item(RequestItems=unread)
        for table, found in answer["Responses"].items():
            items[table] += found
        unread = answer.get("UnprocessedKeys")
        if not unread:
            return items
    raise StoreBusyError("the database left keys unread")


def in_bulk(client: Any) -> Any:
    """Let a client ask for a hundred items, and read them, without a look at each value; return the client.

    To the caller that makes no difference: an answer with bytes, which JSON has no form for, is botocore's to read.
    """
    prepare_bodies(client, OPERATION, as_json, {"RequestItems": {}})
    return leave_plain(client, OPERATION, "Responses", unless=BYTES)
