"""Imports, in DynamoDB: items of the table `limits`, which forgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment, required_moment, to_item
from newsletter.aws.dynamo_batch_get import batch_get
from newsletter.readers.domain.takeover import ExternalStatus
from newsletter.readers.importing.domain.list_import import ImportState, ListImport
from newsletter.readers.importing.domain.reasons import WORDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=400)
"""How long an import is remembered: who took over how many people, with which evidence."""

NEWEST = "import-newest"
"""Key of the item that names the last imports: the table has no index."""

MOST_NAMED = 50
COUNTED = "count_"
"""Attributes of the account begin with it: a number that is added to has to stand at the top of an item."""


class DynamoImports:
    """One item for each import, and one that names the newest. Shape: see docs/data.md, "import"."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, list_import: ListImport) -> bool:
        """Write a new import, and name it among the newest; False if there is one of this id."""
        put = {
            "TableName": self._table,
            "Item": _item(list_import),
            "ConditionExpression": "attribute_not_exists(counter_key)",
        }
        added = conditionally(lambda: self._client.put_item(**put))  # type: ignore[arg-type]
        if added:
            self._name(list_import.import_id)
        return added

    def get(self, import_id: str) -> ListImport | None:
        """Read an import, consistently."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(import_id), ConsistentRead=True)
        return _list_import(answer["Item"]) if "Item" in answer else None

    def save(self, list_import: ListImport) -> bool:
        """Write over the version that this one was made from; False if somebody else wrote meanwhile."""
        put = {
            "TableName": self._table,
            "Item": _item(list_import),
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {":version": {"N": str(list_import.version)}},
        }
        return conditionally(lambda: self._client.put_item(**put))  # type: ignore[arg-type]

    def account(self, import_id: str, *, attempt: int, piece: int, row_counts: Mapping[str, int]) -> ListImport | None:
        """Add a piece to the account in one write, unless it stands there or the attempt is another by now."""
        names: Any = {f"#{number}": f"{COUNTED}{word}" for number, word in enumerate(row_counts)}
        added = ["version :one", "done :piece_set", *(f"{name} :{name[1:]}" for name in names)]
        named: Any = {"ExpressionAttributeNames": names} if names else {}
        values: dict[str, Any] = {f":{number}": {"N": str(rows)} for number, rows in enumerate(row_counts.values())}
        found: list[Any] = []

        def write() -> None:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(import_id),
                UpdateExpression=f"ADD {', '.join(added)}",
                ConditionExpression="attempt = :attempt AND (attribute_not_exists(done) OR NOT contains(done, :piece))",
                **named,
                ExpressionAttributeValues={
                    **values,
                    ":one": {"N": "1"},
                    ":attempt": {"N": str(attempt)},
                    ":piece": {"S": str(piece)},
                    ":piece_set": {"SS": [str(piece)]},
                },
                ReturnValues="ALL_NEW",
            )
            found.append(answer["Attributes"])

        return _list_import(found[0]) if conditionally(write) else None

    def newest(self) -> Sequence[ListImport]:
        """Return the last imports, newest first."""
        ids = self._named()
        items = batch_get(self._client, self._table, [_key(import_id) for import_id in ids])
        found = {each.import_id: each for each in map(_list_import, items)}
        return [found[import_id] for import_id in ids if import_id in found]

    def _named(self) -> list[str]:
        with busy_store():
            answer = self._client.get_item(
                TableName=self._table, Key={"counter_key": {"S": NEWEST}}, ConsistentRead=True
            )
        return list(from_item(answer.get("Item", {})).get("ids", []))

    def _name(self, import_id: str) -> None:
        """Put an id before the others. Of two people who begin at one moment, one may be missing in this list alone."""
        ids = [import_id, *(each for each in self._named() if each != import_id)][:MOST_NAMED]
        with busy_store():
            self._client.put_item(TableName=self._table, Item=to_item({"counter_key": NEWEST, "ids": ids}))


def _key(import_id: str) -> dict[str, Any]:
    return {"counter_key": {"S": f"import#{import_id}"}}


def _item(list_import: ListImport) -> dict[str, Any]:
    new = replace(list_import, version=list_import.version + 1)
    plain = asdict(new) | {
        "counter_key": _key(new.import_id)["counter_key"]["S"],
        "mapped": dict(new.mapped) or None,
        "tags": sorted(new.tags) or None,
        **{f"{COUNTED}{word}": rows for word, rows in new.counts.items()},
        "expires_at": int((new.uploaded_at + KEPT).timestamp()),
    }
    del plain["counts"]
    done = plain.pop("done")
    item = to_item(plain)
    return item | ({"done": {"SS": sorted(map(str, done))}} if done else {})


def _list_import(item: Mapping[str, Any]) -> ListImport:
    plain = from_item(item)
    counts = {word: plain[f"{COUNTED}{word}"] for word in WORDS if f"{COUNTED}{word}" in plain}
    return ListImport(
        import_id=plain["import_id"],
        state=ImportState(plain["state"]),
        file_name=plain.get("file_name", ""),
        started_by=plain.get("started_by", ""),
        uploaded_at=required_moment(plain["uploaded_at"]),
        encoding=plain.get("encoding", ""),
        mapped=plain.get("mapped", {}),
        consent=plain.get("consent", ""),
        consent_date=moment(plain.get("consent_date")),
        status_there=ExternalStatus(plain["status_there"]) if "status_there" in plain else None,
        keep_out=plain.get("keep_out", False),
        tags=frozenset(plain.get("tags", ())),
        etag=plain.get("etag", ""),
        attempt=plain.get("attempt", 0),
        planned=plain.get("planned", 0),
        rows=plain.get("rows", 0),
        pieces=plain.get("pieces", 0),
        done=frozenset(map(int, plain.get("done", ()))),
        counts=counts,
        began_at=moment(plain.get("began_at")),
        running=plain.get("running", False),
        ended_at=moment(plain.get("ended_at")),
        problem=plain.get("problem", ""),
        version=plain["version"],
    )
