"""What the meter counts: every attempt, and the units that DynamoDB itself says; and whose account it goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError

from newsletter.errors import StoreBusyError
from newsletter.sending.adapters.call_meter import CallMeter, Metering
from newsletter.sending.domain.usage import (
    COMPUTE,
    EVENTS,
    MESSAGES,
    OBJECT_READS,
    OBJECT_WRITES,
    READS,
    REQUESTS,
    STREAM,
    WRITES,
    Usage,
    reported,
)
from tests.moto_aws import REGION, aws_in_process
from tests.sending.fakes import MemoryUsage

KEY = {"counter_key": {"S": "x"}}


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> CallMeter:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    return CallMeter()


@pytest.fixture
def aws(meter: CallMeter) -> Iterator[CallMeter]:
    with aws_in_process():
        yield meter


def client(meter: CallMeter, service: Any, **config: Any) -> Any:
    return meter.watch(boto3.client(service, region_name=REGION, config=Config(**config)))


class Answer(BytesIO):
    """A body as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


def answering(dynamodb: Any, operation: str, status: int, body: bytes) -> None:
    """Let the next calls of this operation be answered so, without AWS."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        headers = HTTPHeaders()
        headers["content-type"] = "application/x-amz-json-1.0"
        return AWSResponse(request.url, status, headers, Answer(body))

    dynamodb.meta.events.register_first(f"before-send.dynamodb.{operation}", answer)


def test_dynamodb_is_asked_what_it_used_and_its_answer_is_what_counts(meter: CallMeter) -> None:
    dynamodb = client(meter, "dynamodb")
    answering(dynamodb, "UpdateItem", 200, b'{"ConsumedCapacity": {"TableName": "x", "CapacityUnits": 3.5}}')
    answering(
        dynamodb, "BatchGetItem", 200,
        b'{"Responses": {}, "ConsumedCapacity": [{"CapacityUnits": 40}, {"CapacityUnits": 2.5}]}',
    )  # fmt: skip
    dynamodb.update_item(TableName="LimitsTable", Key=KEY)
    dynamodb.batch_get_item(RequestItems={"LimitsTable": {"Keys": [KEY]}})
    used, _ = meter.take()

    assert used.units == {WRITES: 3.5, READS: 42.5}
    assert used.guessed == 0


def test_where_dynamodb_says_nothing_a_unit_for_each_item_is_guessed(meter: CallMeter) -> None:
    dynamodb = client(meter, "dynamodb")
    answering(dynamodb, "GetItem", 200, b"{}")
    answering(dynamodb, "BatchGetItem", 200, b'{"Responses": {"x": [{}, {}, {}]}}')
    dynamodb.get_item(TableName="LimitsTable", Key=KEY)
    dynamodb.batch_get_item(RequestItems={"LimitsTable": {"Keys": [KEY]}})
    used, _ = meter.take()

    assert (used.units, used.guessed) == ({READS: 4}, 2)


def test_a_write_whose_condition_did_not_hold_is_billed_too(aws: CallMeter) -> None:
    meter = aws
    dynamodb = client(meter, "dynamodb")
    with pytest.raises(ClientError):
        dynamodb.put_item(TableName="LimitsTable", Item=KEY, ConditionExpression="attribute_exists(counter_key)")
    used, _ = meter.take()

    assert (used.units, used.guessed) == ({WRITES: 1}, 1)


def test_every_attempt_counts_because_every_attempt_is_billed(meter: CallMeter) -> None:
    dynamodb = client(meter, "dynamodb", retries={"mode": "standard", "total_max_attempts": 2})
    answering(dynamodb, "GetItem", 400, b'{"__type": "ProvisionedThroughputExceededException"}')
    with pytest.raises(ClientError):
        dynamodb.get_item(TableName="LimitsTable", Key=KEY)
    used, _ = meter.take()

    assert used.calls == {"dynamodb GetItem": 2}
    assert used.units == {}


def test_queues_and_objects_are_billed_by_the_request(aws: CallMeter) -> None:
    meter = aws
    sqs, s3 = client(meter, "sqs"), client(meter, "s3")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    s3.get_object(Bucket="bucket", Key="k")
    s3.delete_object(Bucket="bucket", Key="k")
    used, _ = meter.take()

    assert used.units == {MESSAGES: 2, OBJECT_WRITES: 2, OBJECT_READS: 1}
    assert used.calls["s3 DeleteObject"] == 1


def test_threads_lose_no_call(meter: CallMeter) -> None:
    dynamodb = client(meter, "dynamodb")
    answering(dynamodb, "GetItem", 200, b'{"ConsumedCapacity": {"CapacityUnits": 0.5}}')

    def read(_: int) -> None:
        meter.serve("an-issue")
        dynamodb.get_item(TableName="LimitsTable", Key=KEY)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(read, range(200)))
    used, served = meter.take()

    assert (used.calls, used.units) == ({"dynamodb GetItem": 200}, {READS: 100})
    assert served == {"an-issue": 200}
    assert meter.take() == (Usage(), {})


@dataclass
class Context:
    """What Lambda says about an invocation."""

    memory_limit_in_mb: int = 512


@dataclass
class Watch:
    """Two seconds between any two looks."""

    at: float = 0

    def __call__(self) -> float:
        self.at += 2
        return self.at


@dataclass
class Office:
    """An invocation to be measured."""

    usage: Any = field(default_factory=MemoryUsage)
    meter: CallMeter = field(default_factory=CallMeter)

    def work(self, records: int, *served: str, units: Mapping[str, float] | None = None) -> None:
        metering = Metering(self.meter, self.usage, Watch())
        event: dict[str, Any] = {"Records": [{}] * records}
        with metering.of("send", event, Context()):  # type: ignore[arg-type]
            self.meter.use(units or {})
            for slug in served:
                self.meter.serve(slug)


def test_an_invocation_pays_for_its_time_its_request_and_what_the_pollers_do() -> None:
    office = Office()
    office.work(11, "an-issue")
    (used,) = office.usage.by_function("an-issue").values()

    assert used.units == {REQUESTS: 1, COMPUTE: 1, MESSAGES: 4}
    assert used.calls == {"sqs ReceiveMessage": 2, "sqs DeleteMessageBatch": 2}


def test_what_ses_reports_is_an_event_of_sns_and_a_message_each() -> None:
    office = Office()
    office.work(100, "an-issue", units=reported(notification_count=100, file_count=0, stream_units=0))
    (used,) = office.usage.by_function("an-issue").values()

    assert (used.units[EVENTS], used.units[MESSAGES]) == (100, 120)


def test_a_file_of_events_is_written_once_named_once_and_paid_for_by_what_it_holds() -> None:
    office = Office()
    office.work(3, "an-issue", units=reported(notification_count=1, file_count=2, stream_units=4000))
    (used,) = office.usage.by_function("an-issue").values()

    assert used.units[STREAM] == 4000
    assert used.units[OBJECT_WRITES] == 2
    assert (used.units[EVENTS], used.units[MESSAGES]) == (1, 5)


def test_work_for_several_sends_is_shared_out_and_work_for_none_is_nobodys() -> None:
    office = Office()
    office.work(4, "one", "one", "another", "")

    assert office.usage.by_function("one")["send"].units[REQUESTS] == 0.5
    assert office.usage.by_function("another")["send"].units[REQUESTS] == 0.25
    assert set(office.usage.used) == {"one", "another"}


def test_a_receipt_that_cannot_be_written_does_not_undo_the_work() -> None:
    class Busy(MemoryUsage):
        def add(self, slug: str, function: str, used: Usage) -> None:
            raise StoreBusyError("busy")

    Office(usage=Busy()).work(1, "an-issue")
