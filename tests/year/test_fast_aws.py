"""The short way to DynamoDB and S3 gives the answers of the long one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.functions.conftest import deployed
from tests.year.fast_aws import fast_aws

TABLE = "SendsTable"
ITEM = {
    "slug": {"S": "a-tuesday"},
    "item": {"S": "batch#1"},
    "count": {"N": "3"},
    "share": {"N": "0.25"},
    "open": {"BOOL": True},
    "nothing": {"NULL": True},
    "bytes": {"B": b"\x00\xff"},
    "names": {"SS": ["Ann", "Bo"]},
    "numbers": {"NS": ["1", "2"]},
    "parts": {"L": [{"S": "one"}, {"M": {"deep": {"B": b"\x01"}}}]},
    "empty": {"M": {}},
}
KEY = {name: ITEM[name] for name in ("slug", "item")}
WHOSE = {"KeyConditionExpression": "#issue = :issue", "ExpressionAttributeNames": {"#issue": "slug"}}
OF_A_TUESDAY = {**WHOSE, "ExpressionAttributeValues": {":issue": {"S": "a-tuesday"}}}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_item", {"Key": KEY}),
    ("get_item", {"Key": KEY, "ConsistentRead": True, "ReturnConsumedCapacity": "TOTAL"}),
    ("get_item", {"Key": {**KEY, "item": {"S": "no such item"}}}),
    ("query", OF_A_TUESDAY),
    ("query", {**OF_A_TUESDAY, "ScanIndexForward": False, "Limit": 2}),
    ("query", {**OF_A_TUESDAY, "Select": "COUNT"}),
    ("query", {**OF_A_TUESDAY, "ExclusiveStartKey": KEY}),
    ("query", {**WHOSE, "ExpressionAttributeValues": {":issue": {"S": "never"}}}),
    ("scan", {"Segment": 1, "TotalSegments": 2}),
    ("scan", {"FilterExpression": "open = :yes", "ExpressionAttributeValues": {":yes": {"BOOL": True}}}),
    ("put_item", {"Item": ITEM, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"Item": ITEM, "ConditionExpression": "attribute_not_exists(slug)"}),
    (
        "update_item",
        {
            "Key": KEY,
            "UpdateExpression": "ADD #count :one, names :more REMOVE nothing SET parts[0] = :text",
            "ExpressionAttributeNames": {"#count": "count"},
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":more": {"SS": ["Cy"]}, ":text": {"S": "two"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    ("delete_item", {"Key": KEY, "ReturnValues": "ALL_OLD"}),
    ("delete_item", {"Key": KEY, "ConditionExpression": "attribute_exists(slug)"}),
    ("get_item", {"Key": {"slug": {"S": ""}, "item": {"S": "x"}}}),
]


def _answers(*, fast: bool) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment, deployed(environment) as deployment:
        app, heard = deployment.app, []
        with fast_aws(app) if fast else nullcontext():
            database, store = app.make_client("dynamodb"), app.make_client("s3")
            for client in (database, store):
                client.meta.events.register("before-send", lambda event_name, **_: heard.append(event_name))
            for number in range(3):
                database.put_item(TableName=TABLE, Item={**ITEM, "item": {"S": f"batch#{number}"}})
                database.put_item(TableName=TABLE, Item={**KEY, "slug": {"S": f"issue {number}"}})
            for name, asked in CALLS:
                yield name, _answer(getattr(database, name), TableName=TABLE, **asked)
            written = {"ContentType": "text/html", "CacheControl": "max-age=60", "Metadata": {"fingerprint": "1"}}
            for key, body in (("index.html", b"first"), ("index.html", b"second"), ("gone.html", b"x")):
                store.put_object(Bucket="site", Key=key, Body=body, **written)
            store.delete_object(Bucket="site", Key="gone.html")
            for key in ("index.html", "gone.html", "never.html"):
                found = _answer(store.head_object, Bucket="site", Key=key)
                yield key, {name: value for name, value in found.items() if name not in ("VersionId", "LastModified")}
            yield "heard", heard


def _answer(call: Any, **asked: Any) -> Any:
    try:
        answer = call(**asked)
    except ClientError as error:
        return {"refused": error.response["Error"]}
    # Sets have no order, and the rest of the metadata is of HTTP.
    answer["ResponseMetadata"] = answer["ResponseMetadata"]["HTTPStatusCode"]
    for each in ([answer[name] for name in ("Item", "Attributes") if name in answer]) + answer.get("Items", []):
        for value in each.values():
            if isinstance(value, dict) and value.keys() & {"SS", "NS"}:
                [content] = value.values()
                content.sort()
    return answer


def test_both_ways_give_the_same_answers_and_are_heard_alike() -> None:
    long, short = [*_answers(fast=False)], [*_answers(fast=True)]

    for expected, found in zip(long, short, strict=True):
        assert found == expected
