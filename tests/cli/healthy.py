"""A deployed stack in which all is well, as AWS, DNS and the pages would describe it; tests make it ill."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any, cast
from unittest.mock import Mock

import boto3
from botocore.exceptions import ClientError

from newsletter.core.house_style import HouseStyle
from newsletter_cli.operator.dead_letters.meanings import MEANINGS
from newsletter_cli.operator.doctor.patient import Answer, Patient
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests.functions.conftest import SETTINGS
from tests.moto_aws import REGION, TABLES, aws_in_process

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
QUEUES = (
    "publish", "greet", "inbound", "import", "plan", "batch", "feedback", "settle", "report", "sign_in", "all_well",
)  # fmt: skip
FUNCTIONS = (
    "subscribe", "greet", "inbound", "confirm", "unsubscribe", "preferences", "import_people",
    "publish", "decide", "preview", "comment",
    "schedule", "fan_out", "send", "feedback", "settle", "release", "vote", "report", "show_report", "control",
    "sign_in", "sign_in_mail", "desk", "desk_people", "desk_tagged", "api_issues", "api_people", "api_lists",
)  # fmt: skip
FEEDBACK, OPERATORS = SETTINGS["FEEDBACK_TOPIC_ARN"], "arn:aws:sns:eu-west-2:123456789012:operators"
KEY = "k" * 64
STYLE = HouseStyle(brand={"strapline": "Ours", "invitation": "Yes, please", "postal_address": "9 New Street"})
TOKENS = ("one", "two", "three")


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:eu-west-2:123456789012:{name}"


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "for arn:aws:iam::123:user/x"}}, operation)


class Client:
    """A client of one service: what is written down is answered, everything else is asked of `behind`."""

    def __init__(self, answers: dict[str, Any], behind: Any = None) -> None:
        self._answers, self._behind = answers, behind
        # Whoever counts calls hangs on the events of a client; here nothing happens.
        self.meta = behind.meta if behind else Mock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._answers:
            return getattr(self._behind, name)  # type: ignore[no-any-return]
        return lambda **asked: self._answer(name, asked)

    def get_paginator(self, name: str) -> Any:
        if name not in self._answers:
            return self._behind.get_paginator(name)
        return Client({"paginate": lambda **asked: [self._answer(name, asked)]})

    def _answer(self, name: str, asked: dict[str, Any]) -> Any:
        answer = self._answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer(**asked) if callable(answer) else copy.deepcopy(answer)


@dataclass
class World:
    """Everything that doctor can see; a test changes what it likes before it looks."""

    aws: dict[str, dict[str, Any]]
    dynamodb: Any
    dns: dict[tuple[str, str], list[str]]
    page: Answer
    leaving: int = 200
    waiting: dict[str, int] = field(default_factory=dict)
    """Messages, by queue; none if it is not named."""
    url: str = "https://briefing.example.org"

    def patient(self) -> Patient:
        resources = Resources(
            api_id="api",
            content_bucket="content",
            site_bucket="site",
            tables={name.removesuffix("Table").lower(): name for name in TABLES},
            queues={
                word: f"https://sqs.eu-west-2.amazonaws.com/123456789012/prod-{word}"
                for word in (*QUEUES, *(f"{each}_dead_letters" for each in MEANINGS))
            },
            functions={word: f"prod-{word}" for word in FUNCTIONS},
        )
        session = cast(boto3.Session, Client({"client": None}))
        session.client = self._client  # type: ignore[method-assign,assignment]
        stack = Stack("prod", session, resources, self.url)
        return Patient(
            stack,
            lambda name, kind: self.dns.get((name, kind), []),
            lambda address: self.page,
            lambda keys, key: self.leaving,
            NOW,
        )

    def _client(self, service: str, **_: Any) -> Client:
        return Client(self.aws.get(service, {}), self.dynamodb if service == "dynamodb" else None)

    def queue(self, QueueUrl: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        name = QueueUrl.rpartition("/")[2]
        waits = self.waiting.get(name.removeprefix("prod-"), 0)
        return {
            "Attributes": {
                "QueueArn": arn("sqs", name),
                "ApproximateNumberOfMessages": str(waits),
                "ApproximateNumberOfMessagesNotVisible": "0",
                "ApproximateNumberOfMessagesDelayed": "0",
            }
        }


def tables() -> Iterator[Any]:
    """Yield a client of DynamoDB with the tables of the template; making them takes a second."""
    with aws_in_process():
        yield boto3.client("dynamodb", region_name=REGION)


def healthy(dynamodb: Any) -> World:
    """Return a world in which doctor finds nothing to complain about."""
    for name in TABLES:
        keys = [key["AttributeName"] for key in dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]]
        for item in dynamodb.scan(TableName=name)["Items"]:
            dynamodb.delete_item(TableName=name, Key={key: item[key] for key in keys})
    world = World(_aws(), dynamodb, _dns(), Answer(200, dict.fromkeys(_HEADERS, "x")))
    world.aws["sqs"]["get_queue_attributes"] = world.queue
    for key, attribute in (("restore-drill", "at"), ("reconcile", "finished_at"), ("retention", "finished_at")):
        at = {"S": (NOW - timedelta(days=1)).isoformat()}
        dynamodb.put_item(TableName="LimitsTable", Item={"counter_key": {"S": key}, attribute: at})
    return world


_HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "strict-transport-security")


def _dns() -> dict[tuple[str, str], list[str]]:
    keys = {(f"{token}._domainkey.example.org", "CNAME"): [f"{token}.dkim.amazonses.com"] for token in TOKENS}
    return {**keys, ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@example.org"]}


def _identity(EmailIdentity: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
    if EmailIdentity != "example.org":
        raise refusal("NotFoundException", "GetEmailIdentity")
    return {
        "VerifiedForSendingStatus": True,
        "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": list(TOKENS)},
        "MailFromAttributes": {},
    }


def _aws() -> dict[str, dict[str, Any]]:
    names = {
        "SIGNING_KEYS_SECRET": "signing-keys",
        "EDITOR_KEYS_SECRET": "editor-keys",
        "ORIGIN_KEYS_SECRET": "",
        "ADDRESS_KEY_SECRET": "address-key",
    }
    urls = {f"{word.upper()}_QUEUE_URL": f"https://sqs/prod-{word}" for word in QUEUES} | {
        "WEBHOOK_QUEUE_URL": "",
        "WEBHOOKS_TABLE": "",
    }
    secrets = {
        "address-key": KEY,
        "signing-keys": json.dumps({"current": KEY, "previous": "p" * 64, "retired": ["r" * 64]}),
    }
    events = ["SEND", "REJECT", "BOUNCE", "COMPLAINT", "RENDERING_FAILURE", "DELIVERY_DELAY"]
    destination = {"Enabled": True, "SnsDestination": {"TopicArn": FEEDBACK}, "MatchingEventTypes": events}
    clocks = [("day", "lambda", "function:prod-schedule"), ("watch", "lambda", "function:prod-schedule")]
    clocks += [(word, "sqs", f"prod-{word}") for word in ("settle", "publish", "greet", "report")]
    return {
        "sts": {
            "get_caller_identity": {"ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(NOW, usegmt=True)}}}
        },
        "cloudformation": {"describe_stacks": {"Stacks": [{"EnableTerminationProtection": True}]}},
        "lambda": {
            "get_function_configuration": {"Environment": {"Variables": {**SETTINGS, **names, **urls}}},
            "list_event_source_mappings": {
                "EventSourceMappings": [{"State": "Enabled", "ScalingConfig": {"MaximumConcurrency": 2}}]
            },
            "get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
        },
        "s3": {"get_object": lambda Bucket, Key: {"Body": BytesIO(STYLE.to_json().encode()), "ETag": "x"}},  # noqa: N803, ARG005
        "secretsmanager": {"get_secret_value": lambda SecretId: {"SecretString": secrets[SecretId]}},  # noqa: N803
        "sesv2": {
            "get_account": {
                "ProductionAccessEnabled": True,
                "SendingEnabled": True,
                "EnforcementStatus": "HEALTHY",
                "SendQuota": {"MaxSendRate": 14.0, "Max24HourSend": 50_000.0, "SentLast24Hours": 0.0},
            },
            "get_email_identity": _identity,
            "get_configuration_set": {"SendingOptions": {"SendingEnabled": True}},
            "get_configuration_set_event_destinations": {"EventDestinations": [destination]},
        },
        "sns": {
            "list_subscriptions_by_topic": lambda TopicArn: {  # noqa: N803 - boto3's spelling
                "Subscriptions": [{"Endpoint": arn("sqs", "prod-feedback"), "SubscriptionArn": f"{TopicArn}:1"}]
            }
        },
        "scheduler": {
            "list_schedules": {
                "Schedules": [
                    {"Name": f"prod-{name}", "GroupName": "default", "State": "ENABLED", "Target": {"Arn": arn(*to)}}
                    for name, *to in clocks
                ]
            },
            "get_schedule": {"ScheduleExpression": "cron(0 9 * * ? *)", "ScheduleExpressionTimezone": "Europe/London"},
        },
        "sqs": {},
        "logs": {"filter_log_events": {"events": []}},
        "cloudwatch": {
            "describe_alarms": {
                "MetricAlarms": [
                    {
                        "AlarmName": f"prod-{word}-alarm",
                        "AlarmDescription": 'Something failed. See "Dead letters" in docs/operate.md.',
                        "StateValue": "OK",
                        "ActionsEnabled": True,
                        "AlarmActions": [OPERATORS],
                        "Dimensions": [{"Name": "QueueName", "Value": f"prod-{word}"}],
                    }
                    for word in ("publish", "all_well")
                ]
            },
            "get_metric_statistics": {"Datapoints": []},
        },
        "dynamodb": {
            "describe_table": {"Table": {"DeletionProtectionEnabled": True}},
            "describe_continuous_backups": {
                "ContinuousBackupsDescription": {
                    "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}
                }
            },
        },
    }
