"""The simulator beside the real emulator: permissions of real roles, events over a real topic."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.emulator import REGION, Emulator, session
from local.process import LOOPBACK, Part, answers, clean_environment, free_port

pytestmark = pytest.mark.e2e

ACCOUNT = "000000000000"
IDENTITIES = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/*"
TEMPLATES = f"arn:aws:ses:{REGION}:{ACCOUNT}:template/*"
ISSUES = f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/issues"
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})


class Laptop:
    def __init__(self, emulator: str, ses: str) -> None:
        self.ses_endpoint = ses
        self._emulator = emulator

    def aws(self, service: str) -> Any:
        make: Any = session().client  # typed for literal names only
        return make(service, endpoint_url=self._emulator)

    def ses(self, **credentials: str) -> Any:
        known = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        make: Any = boto3.client
        return make("sesv2", endpoint_url=self.ses_endpoint, region_name=REGION, config=ONE_ATTEMPT, **known)

    def role(self, name: str, *statements: dict[str, Any]) -> dict[str, str]:
        """Make a role with one policy, and return credentials for it."""
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        iam = self.aws("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        iam.put_role_policy(RoleName=name, PolicyName="sending", PolicyDocument=_policy(*statements))
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        made = self.aws("sts").assume_role(RoleArn=arn, RoleSessionName="function")["Credentials"]
        return {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": made["SessionToken"],
        }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, sender: str = "news@example.org") -> dict[str, Any]:
    condition = {"StringEqualsIfExists": {"ses:FromAddress": sender}}
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": [IDENTITIES, TEMPLATES, ISSUES],
        "Condition": condition,
    }


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    home: Path = tmp_path_factory.mktemp("laptop")
    port = free_port()
    ses = f"http://{LOOPBACK}:{port}"
    emulator = Emulator(port=free_port(), ses_endpoint=ses, home=home)
    simulator = Part(
        "The SES simulator",
        "local.simulator",
        ["--port", str(port), "--aws-endpoint", emulator.endpoint],
        home / "logs" / "simulator.log",
    )
    try:
        emulator.start()
        simulator.start(clean_environment(home))
        simulator.wait_until(lambda: answers(f"{ses}/_simulator/health"), seconds=20)
        started = Laptop(emulator.endpoint, ses)
        sesv2 = started.aws("sesv2")
        sesv2.create_email_identity(EmailIdentity="example.org")
        sesv2.create_configuration_set(ConfigurationSetName="issues")
        yield started
    finally:
        simulator.stop()
        emulator.part.stop()


def send_raw(client: Any, sender: str = "The Briefing <news@example.org>") -> None:
    client.send_email(
        FromEmailAddress=sender,
        ConfigurationSetName="issues",
        Destination={"ToAddresses": ["ann@example.org"]},
        Content={"Raw": {"Data": f"From: {sender}\r\nSubject: Welcome\r\n\r\nHello.\r\n".encode()}},
    )


def send_bulk(client: Any, to: str = "ann@example.org", sender: str = "news@example.org") -> None:
    template = {"TemplateContent": {"Subject": "s", "Text": "t"}, "TemplateData": "{}"}
    client.send_bulk_email(
        FromEmailAddress=sender,
        ConfigurationSetName="issues",
        DefaultContent={"Template": template},
        BulkEmailEntries=[{"Destination": {"ToAddresses": [to]}}],
    )


def denied(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(*arguments, **named)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return str(refused.value)


def test_a_role_may_do_what_its_policy_names_and_nothing_else(laptop: Laptop) -> None:
    client = laptop.ses(**laptop.role("confirmations", allow("ses:SendEmail", "ses:SendRawEmail")))

    send_raw(client)

    assert "ses:SendBulkEmail" in denied(send_bulk, client)
    assert "ses:GetAccount" in denied(client.get_account)
    assert "ses:SendRawEmail" in denied(send_raw, client, "other@example.org")


def test_a_policy_of_aws_that_the_emulator_does_not_hold_allows_nothing_and_breaks_nothing(laptop: Laptop) -> None:
    """SAM attaches one to every function that is traced."""
    credentials = laptop.role("traced", allow("ses:SendEmail", "ses:SendRawEmail"))
    arn = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"
    laptop.aws("iam").attach_role_policy(RoleName="traced", PolicyArn=arn)
    client = laptop.ses(**credentials)

    send_raw(client)

    assert "ses:SendBulkEmail" in denied(send_bulk, client)


def test_raw_mail_without_send_raw_email_is_refused(laptop: Laptop) -> None:
    client = laptop.ses(**laptop.role("careless", allow("ses:SendEmail")))

    assert "ses:SendRawEmail" in denied(send_raw, client)


def test_bulk_mail_needs_the_older_permission_as_well_and_only_that_one_sees_the_sender(laptop: Laptop) -> None:
    half = laptop.ses(**laptop.role("half", allow("ses:SendBulkEmail")))
    whole = laptop.ses(**laptop.role("whole", allow("ses:SendBulkEmail", "ses:SendBulkTemplatedEmail")))

    send_bulk(whole)

    assert "ses:SendBulkTemplatedEmail" in denied(send_bulk, half)
    bare = {**allow("ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"), "Resource": [IDENTITIES, ISSUES]}
    assert ":template/" in denied(send_bulk, laptop.ses(**laptop.role("bare", bare)))
    assert "ses:SendBulkTemplatedEmail" in denied(send_bulk, whole, sender="other@example.org")


def test_another_configuration_set_is_out_of_reach(laptop: Laptop) -> None:
    statement = {**allow("ses:SendRawEmail"), "Resource": IDENTITIES}
    client = laptop.ses(**laptop.role("setless", statement))

    assert "configuration-set/issues" in denied(send_raw, client)


def test_permission_without_a_resource_of_its_own_is_granted_on_everything(laptop: Laptop) -> None:
    statement = {"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"}
    client = laptop.ses(**laptop.role("reader", statement))

    assert client.get_account()["SendQuota"]["MaxSendRate"] > 0
    assert "ses:PutSuppressedDestination" in denied(
        client.put_suppressed_destination, EmailAddress="a@example.org", Reason="BOUNCE"
    )


def test_nobody_sends_with_a_key_nobody_knows_or_a_secret_that_is_wrong(laptop: Laptop) -> None:
    credentials = laptop.role("known", allow("ses:SendRawEmail"))

    assert "UnrecognizedClientException" in denied(
        send_raw, laptop.ses(aws_access_key_id="AKIANOBODY", aws_secret_access_key="x")
    )
    assert "InvalidSignatureException" in denied(send_raw, laptop.ses(**{**credentials, "aws_secret_access_key": "x"}))


def test_a_sender_that_is_no_identity_is_rejected(laptop: Laptop) -> None:
    with pytest.raises(ClientError, match="not verified"):
        send_raw(laptop.ses(), "news@elsewhere.org")


def test_what_is_not_simulated_is_answered_by_the_emulator(laptop: Laptop) -> None:
    assert laptop.ses().get_configuration_set(ConfigurationSetName="issues")["ConfigurationSetName"] == "issues"
    with pytest.raises(ClientError) as missing:
        laptop.ses().get_configuration_set(ConfigurationSetName="nowhere")
    assert missing.value.response["Error"]["Code"] == "NotFoundException"


def test_events_reach_the_queue_behind_the_topic_of_the_configuration_set(laptop: Laptop) -> None:
    sns, sqs = laptop.aws("sns"), laptop.aws("sqs")
    topic = sns.create_topic(Name="feedback")["TopicArn"]
    queue = sqs.create_queue(QueueName="feedback")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:feedback"
    grant = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": _policy(grant)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    laptop.aws("sesv2").create_configuration_set_event_destination(
        ConfigurationSetName="issues",
        EventDestinationName="feedback",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["SEND", "BOUNCE"],
            "SnsDestination": {"TopicArn": topic},
        },
    )

    kinds: list[str] = []
    deadline = time.monotonic() + 15
    while not {"Send", "Bounce"} <= set(kinds) and time.monotonic() < deadline:
        # The set was looked at before its destination was there, and is remembered for a moment: send until it is seen.
        send_bulk(laptop.ses(), "bounce@simulator.amazonses.com")
        received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        kinds += [json.loads(message["Body"])["eventType"] for message in received]

    assert set(kinds) == {"Send", "Bounce"}
