"""DynamoDB in this process, asked without a detour: a year is a hundred thousand calls.

On its way to moto a call is signed, written as HTTP, read again, and its answer likewise; and moto sorts a whole table
for each query. A test is over before that counts; in a year it is most of the time. So the call goes from botocore
straight to moto's own function, and the query sees its own partition. What botocore checks before a call, what moto
answers, and what listens to calls stays as it is: `test_fast_aws.py` asks in both ways and compares. What moto refuses
is asked again in the long way, so that errors are botocore's own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from threading import RLock
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from botocore.awsrequest import HeadersDict
from botocore.hooks import BaseEventHooks
from botocore.parsers import create_parser
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.parse import JSONParser
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.responses import DynamoHandler
from moto.s3.models import FakeKey
from werkzeug.exceptions import HTTPException

from newsletter.wiring import App
from tests.moto_aws import REGION

T = TypeVar("T")
OK = SimpleNamespace(status_code=HTTPStatus.OK, headers={})
DIRECT = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"})
"""What is asked most. BatchGetItem is not among them: our own client writes its body, and reads its answer."""

_ONE_AT_A_TIME = RLock()
"""A write of DynamoDB is whole; one of moto is not, where a function hands over messages side by side."""


class OneAfterTheOther(Executor):
    """Makes each call at once: within one process nothing is won by letting threads wait for one another."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Return what has come of the call already."""
        done: Future[Any] = Future()
        try:
            done.set_result(call(*arguments, **named))
        except BaseException as problem:  # noqa: BLE001 - whoever asks for the result gets it, as from a thread
            done.set_exception(problem)
        return done


@contextmanager
def fast_aws(app: App) -> Iterator[None]:
    """Let the clients that an app makes from now on ask in the short way, until the block ends."""
    make_client = app.make_client

    def made(service: str, **options: Any) -> Any:
        client = make_client(service, **options)
        if service in DIRECTLY:
            DIRECTLY[service](client.meta.events)
        return client

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(app, "make_client", made)
        patches.setattr(app, "threads", OneAfterTheOther())
        patches.setattr(Table, "query", _within_partition(Table.query))
        patches.setattr(DynamoType, "cast_value", property(_compared(DynamoType.cast_value.fget)))  # type: ignore[attr-defined]
        # An expression is read once and not at each write, and so is what each reader of it looks for.
        patches.setattr(UpdateExpressionParser, "make", cache(UpdateExpressionParser.make))
        patches.setattr(
            DepthFirstTraverser, "nodes_to_be_processed", _by_type(DepthFirstTraverser.nodes_to_be_processed)
        )
        patches.setattr(BotocoreStubber, "__call__", _unless_answered(BotocoreStubber.__call__))
        yield


def ask_directly(events: BaseEventHooks) -> None:
    """Have calls of a client of DynamoDB answered before they become requests."""

    def answer(model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
        if model.name not in DIRECT:
            return None
        handler = DynamoHandler()
        handler.region, handler.current_account = REGION, DEFAULT_ACCOUNT_ID
        parser: Any = JSONParser(model)
        handler.body = handler.params = parser.parse({"body": params["body"], "headers": {}})
        try:
            with _ONE_AT_A_TIME:
                found = getattr(handler, camelcase_to_underscores(model.name))()
        except (ServiceException, HTTPException):
            return None
        events.emit(f"before-send.dynamodb.{model.name}", request=None)
        known = model.output_shape.members
        said = {name: value for name, value in found.result.items() if name in known and value is not None}
        return OK, said | {
            "ResponseMetadata": {"HTTPStatusCode": OK.status_code, "HTTPHeaders": {}, "RetryAttempts": 0}
        }

    events.register("before-call.dynamodb.*", answer)  # type: ignore[arg-type]  # what it returns is the answer


def look_directly(events: BaseEventHooks) -> None:
    """Have a client of S3 told what stands under a key, where something does, without a request."""
    parser = create_parser("rest-xml")

    def answer(model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
        wanted = context["s3_redirect"]["params"]
        bucket = get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"].buckets[wanted["Bucket"]]
        found = bucket.keys.get(wanted["Key"])
        if not isinstance(found, FakeKey) or wanted.keys() > {"Bucket", "Key"}:
            return None
        events.emit("before-send.s3.HeadObject", request=None)
        headers = HeadersDict({**found.metadata, **found.response_dict, "Accept-Ranges": "bytes"})
        return OK, parser.parse({"status_code": OK.status_code, "headers": headers, "body": b""}, model.output_shape)

    events.register("before-call.s3.HeadObject", answer)  # type: ignore[arg-type]


DIRECTLY = {"dynamodb": ask_directly, "s3": look_directly}


def _unless_answered(stub: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever listens for calls hears of those that became no request, and so does moto: it has nothing to do then."""

    def answer(stubber: BotocoreStubber, event_name: str, request: Any, **named: Any) -> Any:
        if request is None:
            return None
        with _ONE_AT_A_TIME:
            return stub(stubber, event_name, request, **named)

    return answer


def _by_type(look: Callable[[Any], T]) -> Callable[[Any], T]:
    """What the objects of one class look for is the same."""
    known: dict[type, T] = {}
    return lambda looker: known[type(looker)] if type(looker) in known else known.setdefault(type(looker), look(looker))


def _compared(cast: Callable[[DynamoType], Any]) -> Callable[[DynamoType], Any]:
    """Most keys are text, and are compared as they are."""
    return lambda value: value.value if value.type == "S" else cast(value)


def _within_partition(query: Callable[..., Any]) -> Callable[..., Any]:
    """A query without an index is answered from the items under its key alone."""

    def answer(table: Table, hash_key: DynamoType | None, *arguments: Any, **named: Any) -> Any:
        if named.get("index_name") or hash_key is None or not table.range_key_attr:
            return query(table, hash_key, *arguments, **named)
        partition = copy.copy(table)
        partition.items = {hash_key: table.items[hash_key]} if hash_key in table.items else {}  # type: ignore[assignment]
        return query(partition, hash_key, *arguments, **named)

    return answer
