"""Each function as Lambda would run it: real adapters, AWS in the process, SES on a loopback port."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse

from functions.pictures import handler as pictures
from functions.read_feed import handler as read_feed
from newsletter import wiring
from newsletter.core.link_token import Purpose, SigningKeys, sign
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.wiring import App
from tests.factories import an_id
from tests.moto_aws import CREDENTIALS, REGION, aws_in_process, made_once, make_buckets, make_queue
from tests.ses_server import SesServer, ses_server

ROOT = Path(__file__).parent.parent.parent
EVENTS = ROOT / "events"
KEYS = SigningKeys("current key of the functions' tests")
EDITOR_KEYS = SigningKeys("current key of editors in the functions' tests")
QUEUES = (
    "plan",
    "batch",
    "settle",
    "publish",
    "greet",
    "import",
    "report",
    "feedback",
    "sign_in",
    "all_well",
    "webhook",
)

SETTINGS = {
    "TEMPLATES_DIR": str(ROOT / "templates"),
    "NEWSLETTER_NAME": "Fortnightly Briefing",
    "SENDER_EMAIL": "briefing@example.org",
    "EDITOR_EMAIL": "editors@example.org",
    "EDITORS": "",
    "REPLY_TO_EMAIL": "hello@example.org",
    "INBOUND_DOMAIN": "leave.example.org",
    "POSTAL_ADDRESS": "1 Example Street, London",
    "PUBLIC_URL": "https://briefing.example.org",
    "FEED_NAMESPACE": "the stack of the tests",
    "DISTRIBUTION_ID": "",
    "ANCHOR_DATE": "2026-12-01",
    "PERIOD_WEEKS": "2",
    "SEND_HOUR": "9",
    "SEND_MINUTE": "0",
    "TIME_ZONE": "Europe/London",
    "LATE_AFTER_HOURS": "1000000",  # the handlers read the real clock; the slots in events/ are fixed
    "REQUIRE_APPROVAL": "false",
    "SEND_NOW_DELAY_MINUTES": "0",
    "GATHER_SECONDS": "0",
    "CHECK_LINKS": "off",
    "ATTACHMENT_MEGABYTES": "50",
    "SEND_MODE": "bulk",
    "FAN_OUT_SHARDS": "16",
    "UNKNOWN_GRACE_SECONDS": "3600",
    "UNKNOWN_POLICY": "resend",
    "SETTLE_EVERY_SECONDS": "60",
    "UNCONFIRMED_DAYS": "30",
    "REMINDER_AFTER_DAYS": "3",
    "FORGET_AFTER_DAYS": "30",
    "RENEW_CONSENT_YEARS": "0",
    "KEEP_RECEIPTS_YEARS": "6",
    "FORGET_OUTCOMES_AFTER_DAYS": "400",
    "ORIGIN_KEYS_SECRET": "",
    "PROOF_OF_WORK": "on",
    "SLOW_LANE_SECONDS": "0",
    "SIGN_UPS_PER_NETWORK": "40",
    "CONFIRMATIONS_PER_HOUR": "1000",
    "DISPOSABLE_POLICY": "block",
    "CHECK_MAIL_DOMAINS": "off",
    "ADDRESS_INSIGHTS": "off",
    "FIRST_WAVE": "0",
    "FIRST_WAVE_MINUTES": "10",
    "BREAKER_SAMPLE": "2",
    "BREAKER_CONFIRMATION_SAMPLE": "2",
    "BREAKER_BOUNCES": "50",
    "BREAKER_COMPLAINTS": "1",
    "ENGAGEMENT": "off",
    "ASK_USEFUL": "off",
    "COUNT_REPLIES": "off",
    "SUBSCRIBERS_TABLE": "SubscribersTable",
    "ISSUES_TABLE": "IssuesTable",
    "SENDS_TABLE": "SendsTable",
    "SUPPRESSIONS_TABLE": "SuppressionsTable",
    "RECEIPTS_TABLE": "ReceiptsTable",
    "LIMITS_TABLE": "LimitsTable",
    "TEAM_TABLE": "TeamTable",
    "SESSIONS_TABLE": "SessionsTable",
    "ACTIVITIES_TABLE": "ActivitiesTable",
    "REVIEWS_TABLE": "ReviewsTable",
    "WEBHOOKS_TABLE": "WebhooksTable",
    "CONTENT_BUCKET": "content",
    "SITE_BUCKET": "site",
    "PICTURES_FUNCTION": "fortnightly-pictures",
    "DESK_FUNCTION": "fortnightly-desk",
    "FEEDBACK_TOPIC_ARN": "arn:aws:sns:eu-west-2:123456789012:feedback",
    "FEEDBACK_DEAD_LETTERS_URL": "",  # of a queue that is made for each test
    "INBOUND_TOPIC_ARN": "arn:aws:sns:eu-west-2:123456789012:inbound",
    "ADDRESS_KEY_SECRET": "address-key",
    "SIGNING_KEYS_SECRET": "signing-keys",
    "EDITOR_KEYS_SECRET": "editor-keys",
    "ISSUES_CONFIGURATION_SET": "issues",
    "CONFIRMATIONS_CONFIGURATION_SET": "issues",
}
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME": "fortnightly"}
"""What Powertools reads by itself."""


@dataclass
class LambdaContext:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "fortnightly-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-2:123456789012:function:fortnightly-test"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    log_group_name: str = "/aws/lambda/fortnightly-test"
    log_stream_name: str = "2026/12/01/[$LATEST]1"
    milliseconds_left: int = 20_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds_left


def load(name: str) -> Any:
    """Return the event in `events/<name>.json`."""
    return json.loads((EVENTS / f"{name}.json").read_text())


@dataclass
class Deployment:
    """The stack around one function."""

    app: App
    ses: SesServer
    queue_urls: dict[str, str]
    context: Any = field(default_factory=LambdaContext)

    def invoke(self, handler: Callable[..., Any], event: str, purpose: Purpose | None = None, *, age: int = 0) -> Any:
        """Hand the event to the function; TOKEN in its query becomes a genuine one for reader 1, `age` seconds old."""
        loaded = load(event)
        if purpose is not None:
            token = sign(purpose, an_id(1), KEYS, now=self.now() - timedelta(seconds=age))
            loaded = json.loads(json.dumps(loaded).replace("TOKEN", token))
        return handler(loaded, self.context)

    def now(self) -> datetime:
        """Return the time the handlers read too."""
        return datetime.now(UTC)

    def save(self, subscriber: Subscriber) -> Subscriber:
        """Put a subscriber on the list and return it as stored."""
        assert self.app.subscribers.save(subscriber)
        stored = self.app.subscribers.get(subscriber.subscriber_id)
        assert stored is not None
        return stored

    def queued(self, queue: str) -> list[dict[str, Any]]:
        """Return what waits in a queue, delayed or not."""
        client = boto3.client("sqs", region_name=REGION)
        url = self.queue_urls[queue]
        client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def drain(self, queue: str) -> list[dict[str, Any]]:
        """Return what waits in a queue, and empty it."""
        client: Any = boto3.client("sqs", region_name=REGION)
        url, bodies = self.queue_urls[queue], []
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def in_queue(self, queue: str) -> int:
        """Return how many messages a queue holds, delayed ones too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        client: Any = boto3.client("sqs", region_name=REGION)
        answer = client.get_queue_attributes(QueueUrl=self.queue_urls[queue], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def put(self, key: str, body: bytes, bucket: str = "content") -> None:
        boto3.client("s3", region_name=REGION).put_object(Bucket=bucket, Key=key, Body=body)

    def delete(self, key: str) -> None:
        boto3.client("s3", region_name=REGION).delete_object(Bucket="content", Key=key)

    def read(self, key: str, bucket: str = "site") -> str | None:
        client = boto3.client("s3", region_name=REGION)
        found = client.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
        if not any(each["Key"] == key for each in found):
            return None
        return client.get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def with_functions(make_client: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes clients; that of Lambda runs the functions `pictures` and `read_feed` in this process."""

    context: Any = LambdaContext()

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked = read_feed if request.url.endswith("-read_feed/invocations") else pictures
        body = json.dumps(asked.lambda_handler(json.loads(request.body), context)).encode()
        return AWSResponse(request.url, 200, HTTPHeaders(), MockRawResponse(body))

    def made(service: str, **options: Any) -> Any:
        client = make_client(service, **options)
        if service == "lambda":
            client.meta.events.register_first("before-send.lambda.Invoke", answer)
        return client

    return made


def _make_secrets() -> None:
    secrets = boto3.client("secretsmanager", region_name=REGION)
    secrets.create_secret(Name="address-key", SecretString="key of the addresses")
    secrets.create_secret(Name="signing-keys", SecretString=json.dumps({"current": KEYS.current}))
    secrets.create_secret(Name="editor-keys", SecretString=json.dumps({"current": EDITOR_KEYS.current}))


@contextmanager
def deployed(environment: pytest.MonkeyPatch, **changes: str) -> Iterator[Deployment]:
    """Put up what a function touches, and take it down again; `changes` are settings unlike those of the tests."""
    with ses_server() as ses, aws_in_process():
        known = {**CREDENTIALS, **SETTINGS, **POWERTOOLS, "AWS_ENDPOINT_URL_SESV2": ses.endpoint}
        for name, value in {**known, **changes}.items():
            environment.setenv(name, value)
        made_once(make_buckets, "s3", "buckets", region="aws")
        urls = {queue: make_queue(queue) for queue in QUEUES}
        for queue, url in urls.items():
            environment.setenv(f"{queue.upper()}_QUEUE_URL", url)
        environment.setenv("FEEDBACK_DEAD_LETTERS_URL", make_queue("feedback-dead-letters"))
        made_once(_make_secrets, "secretsmanager", "secrets")
        wiring.app.cache_clear()
        app = wiring.app()
        app.make_client = with_functions(app.make_client)
        yield Deployment(app, ses, urls)
        wiring.app.cache_clear()


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as deployment:
        yield deployment


@pytest.fixture
def log(deployment: Deployment) -> Iterator[StringIO]:  # noqa: ARG001 - the functions are imported by then
    """What the functions write into their logs; all of them share one handler, as Powertools makes it."""
    buffer = StringIO()
    handlers = [each for each in logging.getLogger("service_undefined").handlers if hasattr(each, "setStream")]
    before = [handler.setStream(buffer) for handler in handlers]
    yield buffer
    for handler, stream in zip(handlers, before, strict=True):
        handler.setStream(stream)
