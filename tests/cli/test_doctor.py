"""What doctor finds: nothing in a healthy stack, and each thing that can be wrong, with its remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import EndpointConnectionError

from newsletter.core.time_zones import WallTime
from newsletter.feedback.adapters.dynamo_confirmation_watch import DynamoConfirmationWatch
from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.send import PausedBy, Send
from newsletter_cli.operator.doctor.doctor import GROUPS, examined
from newsletter_cli.operator.doctor.finding import Finding, Level
from newsletter_cli.operator.doctor.own_words import EXAMPLES
from newsletter_cli.operator.doctor.patient import Answer
from newsletter_cli.operator.restore_marks import RESTORE, note
from tests.cli.healthy import NOW, World, healthy, refusal, tables
from tests.factories import SLUG, an_id, record, subscriber
from tests.moto_aws import template

GUIDE = (Path(__file__).parent.parent.parent / "docs/operate.md").read_text()
Change = Callable[[World], object]


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    yield from tables()


@pytest.fixture
def world(dynamodb: Any) -> World:
    return healthy(dynamodb)


def look(world: World) -> list[Finding]:
    patient = world.patient()
    return [found for each in GROUPS.values() for examination in each for found in examined(examination, patient)]


def complaints(world: World) -> list[Finding]:
    return [found for found in look(world) if found.level in (Level.WARNING, Level.PROBLEM)]


def test_a_healthy_stack_gives_no_cause_for_complaint(world: World) -> None:
    found = look(world)

    assert [each for each in found if each.level is not Level.OK] == []
    assert len(found) > 30


def test_what_still_speaks_of_nobody_is_named(world: World) -> None:
    def nothing(Bucket: str, Key: str) -> None:  # noqa: N803, ARG001 - boto3's spelling
        raise refusal("NoSuchKey", "GetObject")

    world.aws["s3"]["get_object"] = nothing

    found = [each for each in complaints(world) if each.name == "own words"]

    assert [each.found.partition(" is")[0] for each in found] == [
        "The strapline",
        "The invitation",
        "The postal address",
    ]
    assert all("newsletter settings publish brand.yaml" in each.remedy for each in found)


def test_the_examples_that_doctor_knows_are_those_we_bring_along() -> None:
    brand = json.loads((Path(__file__).parents[2] / "templates/brand/brand.json").read_text())
    parameters = template()["Parameters"]

    assert {name: brand[name] for name in ("strapline", "invitation")} | {
        "postal address": parameters["PostalAddress"]["Default"]
    } == EXAMPLES


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({"REPLY_TO_EMAIL": "Editors@example.org"}, True),
        ({"REPLY_TO_EMAIL": "ann@example.org", "EDITORS": "Ann <ann@example.org> writer"}, True),
        ({"REPLY_TO_EMAIL": "editors@example.org", "EDITORS": "Ann <ann@example.org> writer"}, False),
    ],
)
def test_readers_replies_should_not_go_to_a_mailbox_with_editors_links(
    world: World, settings: dict[str, str], warned: bool
) -> None:
    world.aws["lambda"]["get_function_configuration"]["Environment"]["Variables"] |= settings

    found = [each for each in complaints(world) if each.name == "replies"]

    assert [each.level for each in found] == ([Level.WARNING] if warned else [])
    assert all("ReplyToEmail" in each.remedy for each in found)


def account(**changed: Any) -> Change:
    return lambda world: world.aws["sesv2"]["get_account"].update(changed)


def quota(**changed: float) -> Change:
    return lambda world: world.aws["sesv2"]["get_account"]["SendQuota"].update(changed)


def identity(**changed: Any) -> Change:
    def change(world: World) -> None:
        usual = world.aws["sesv2"]["get_email_identity"]

        def answer(EmailIdentity: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
            return {**usual(EmailIdentity=EmailIdentity), **changed}

        world.aws["sesv2"]["get_email_identity"] = answer

    return change


def answers(service: str, method: str, answer: Any) -> Change:
    return lambda world: world.aws[service].update({method: answer})


def dns(name: str, kind: str, *records: str) -> Change:
    return lambda world: world.dns.update({(name, kind): list(records)})


def mail_from(*records: str, mx: bool = True, status: str = "SUCCESS") -> Change:
    def change(world: World) -> None:
        identity(MailFromAttributes={"MailFromDomain": "bounce.example.org", "MailFromDomainStatus": status})(world)
        world.dns["bounce.example.org", "TXT"] = list(records)
        world.dns["bounce.example.org", "MX"] = ["10 feedback-smtp.eu-west-2.amazonses.com"] if mx else []

    return change


def both(*changes: Change) -> Change:
    return lambda world: [change(world) for change in changes]


def clocks(**changed: Any) -> Change:
    return lambda world: [each.update(changed) for each in world.aws["scheduler"]["list_schedules"]["Schedules"][:1]]


def counted(metric: str, number: float) -> Change:
    """Have CloudWatch say so often in five minutes for one metric, and nothing for the others."""

    def change(world: World) -> None:
        world.aws["cloudwatch"]["get_metric_statistics"] = lambda MetricName, **_: {  # noqa: N803 - boto3's spelling
            "Datapoints": [{"Timestamp": NOW, "Sum": number}] if MetricName == metric else []
        }

    return change


def alarms(**changed: Any) -> Change:
    return lambda world: world.aws["cloudwatch"]["describe_alarms"]["MetricAlarms"][0].update(changed)


def secret(text: str, name: str = "signing-keys") -> Change:
    def change(world: World) -> None:
        usual = world.aws["secretsmanager"]["get_secret_value"]

        def answer(SecretId: str) -> Any:  # noqa: N803 - boto3's spelling
            return {"SecretString": text} if SecretId == name else usual(SecretId=SecretId)

        world.aws["secretsmanager"]["get_secret_value"] = answer

    return change


def readers(number: int) -> Change:
    def change(world: World) -> None:
        store = DynamoSubscribers(world.dynamodb, "SubscribersTable")
        for each in range(number):
            store.save(subscriber(subscriber_id=an_id(each), email=f"r{each}@example.org"))

    return change


TOMORROW = WallTime.at(NOW + timedelta(days=1), ZoneInfo("Europe/London"))
YESTERDAY = WallTime.at(NOW - timedelta(days=1), ZoneInfo("Europe/London"))


def issue(**changed: Any) -> Change:
    known = record(**{"status": IssueStatus.READY, **changed})
    return lambda world: DynamoIssues(world.dynamodb, "IssuesTable").put(known, before=None)


def held_send(by: PausedBy) -> Change:
    def change(world: World) -> None:
        issue(status=IssueStatus.PAUSED)(world)
        sends = DynamoSends(world.dynamodb, "SendsTable")
        sends.open(Send(slug=SLUG, content_hash="0" * 64, shards=16, opened_at=NOW))
        sends.pause(SLUG, "Too many bounces.", by=by, now=NOW)

    return change


def late(world: World) -> None:
    issue(status=IssueStatus.SENDING)(world)
    late_since = NOW - timedelta(hours=1)
    send = Send(slug=SLUG, content_hash="0" * 64, shards=16, opened_at=NOW, expected_end=late_since)
    DynamoSends(world.dynamodb, "SendsTable").open(send)


def notes(key: str, name: str, *, days: int) -> Change:
    item = {"counter_key": {"S": key}, name: {"S": (NOW - timedelta(days=days)).isoformat()}}
    return lambda world: world.dynamodb.put_item(TableName="LimitsTable", Item=item)


def forgets(key: str) -> Change:
    return lambda world: world.dynamodb.delete_item(TableName="LimitsTable", Key={"counter_key": {"S": key}})


def page(status: int = 200, **headers: str) -> Change:
    return lambda world: setattr(world, "page", Answer(status, headers))


def date(text: str) -> Change:
    return answers("sts", "get_caller_identity", {"ResponseMetadata": {"HTTPHeaders": {"date": text}}})


def leaving(status: int) -> Change:
    return lambda world: setattr(world, "leaving", status)


def waiting(queue: str) -> Change:
    return lambda world: world.waiting.update({queue: 3})


def subscriptions(*arns: str) -> Change:
    found = [{"Endpoint": "arn:aws:sqs:eu-west-2:123456789012:prod-feedback", "SubscriptionArn": each} for each in arns]
    return answers("sns", "list_subscriptions_by_topic", {"Subscriptions": found})


def sets(**changed: Any) -> Change:
    def change(world: World) -> None:
        world.aws["sesv2"]["get_configuration_set_event_destinations"]["EventDestinations"][0].update(changed)

    return change


def by_stream(stream: str) -> Change:
    """Let the issues be reported as by default: whom SES took through a stream, all else through the topic."""

    def change(world: World) -> None:
        (by_topic,) = world.aws["sesv2"]["get_configuration_set_event_destinations"]["EventDestinations"]
        rest = [each for each in by_topic["MatchingEventTypes"] if each != "SEND"]
        to = {"DeliveryStreamArn": f"arn:aws:firehose:eu-west-2:123456789012:deliverystream/{stream}"}
        world.aws["sesv2"]["get_configuration_set_event_destinations"]["EventDestinations"] = [
            by_topic | {"MatchingEventTypes": rest},
            {"Enabled": True, "KinesisFirehoseDestination": to, "MatchingEventTypes": ["SEND"]},
        ]

    return change


UNSIGNED = identity(DkimAttributes={"SigningEnabled": False, "Status": "PENDING", "Tokens": []})
STOPPED_SET = {"SendingOptions": {"SendingEnabled": False}}
NO_BACKUPS: dict[str, Any] = {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {}}}
P, W = Level.PROBLEM, Level.WARNING

ILLNESSES: list[tuple[Change, str, Level, str]] = [
    (date("Wed, 25 Nov 2026 09:02:00 GMT"), "clock", W, "2 minutes off"),
    (date("Wed, 25 Nov 2026 09:20:00 GMT"), "clock", P, "20 minutes off"),
    (dns("one._domainkey.example.org", "CNAME"), "DKIM", P, "1 of 3 CNAME records are missing"),
    (UNSIGNED, "DKIM", P, "does not sign for example.org"),
    (UNSIGNED, "alignment", P, "Neither signature nor MAIL FROM"),
    (both(mail_from("v=spf1 include:amazonses.com ~all"), UNSIGNED), "alignment", W, "Only MAIL FROM"),
    (mail_from("v=spf1 -all"), "SPF", P, "does not name Amazon SES"),
    (mail_from(), "SPF", P, "does not name Amazon SES"),
    (mail_from("v=spf1 include:amazonses.com ~all", "v=spf1 -all"), "SPF", P, "has 2 SPF records"),
    (mail_from("v=spf1 include:amazonses.com ~all", mx=False), "SPF", P, "no MX record"),
    (mail_from("v=spf1 include:amazonses.com ~all", status="PENDING"), "SPF", W, "has not seen the records"),
    (dns("_dmarc.example.org", "TXT"), "DMARC", P, "no DMARC record"),
    (dns("_dmarc.example.org", "TXT", "v=DMARC1; p=none"), "DMARC", W, "policy is none"),
    (account(ProductionAccessEnabled=False), "sandbox", P, "in the sandbox"),
    (account(SendingEnabled=False), "sending", P, "stopped for the whole account"),
    (account(EnforcementStatus="PROBATION"), "reputation", W, "reviews the account"),
    (account(EnforcementStatus="SHUTDOWN"), "reputation", P, "shut the account down"),
    (quota(MaxSendRate=0.0), "quota", P, "no email at all"),
    (both(readers(3), quota(Max24HourSend=2.0)), "quota", W, "larger than a day's quota"),
    (both(readers(3), quota(SentLast24Hours=49_999.0)), "quota", W, "1 of 50,000 emails are left"),
    (identity(VerifiedForSendingStatus=False), "identity", P, "example.org is not verified"),
    (answers("sesv2", "get_configuration_set", refusal("NotFoundException", "X")), "issues set", P, "is gone"),
    (answers("sesv2", "get_configuration_set", STOPPED_SET), "issues set", P, "is stopped"),
    (sets(Enabled=False), "issues set", P, "tells us nothing"),
    (sets(MatchingEventTypes=["SEND"]), "confirmations set", P, "does not tell us about bounce"),
    (by_stream("other-events"), "issues set", P, "does not tell us about send"),
    (subscriptions(), "who hears", P, "Nobody hears the alarms"),
    (answers("sns", "list_subscriptions_by_topic", {"Subscriptions": []}), "feedback", P, "do not reach"),
    (subscriptions("PendingConfirmation"), "who hears", P, "Nobody confirmed"),
    (secret("short", "address-key"), "address key", P, "shorter than 32"),
    (secret('{"current": "short"}'), "signing keys", P, "shorter than 32"),
    (secret("not JSON"), "signing keys", P, "not of the shape"),
    (answers("scheduler", "list_schedules", {"Schedules": []}), "clock of settle", P, "1 of 1 clocks are missing"),
    (clocks(State="DISABLED"), "clock of schedule", P, "prod-day is disabled"),
    (
        answers("scheduler", "get_schedule", {"ScheduleExpression": "cron(0 9 * * ? *)"}),
        "time of the slots", P, "No clock strikes",
    ),
    (issue(held=True), "next slot", W, "waits for release"),
    (issue(send=SendPolicy.AT, send_at=TOMORROW, held=True), "own hour", W, "is on hold"),
    (issue(send=SendPolicy.AT, send_at=YESTERDAY), "own hour", W, "did not go out"),
    (answers("lambda", "list_event_source_mappings", {"EventSourceMappings": []}), "queues", P, "No queue wakes greet"),
    (
        answers("lambda", "list_event_source_mappings", {"EventSourceMappings": [{"State": "Disabled"}]}),
        "queues", P, "No queue wakes greet",
    ),
    (
        answers("lambda", "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}}),
        "concurrency", W, "runs 10 functions at a time, of which the queues take 20 at most",
    ),
    (waiting("batch_dead_letters"), "dead letters", P, "3 of batch"),
    (
        answers("cloudwatch", "get_metric_statistics", {"Datapoints": [{"Timestamp": NOW, "Maximum": 3600.0}]}),
        "waiting", P, "waits 60 minutes",
    ),
    (counted("Errors", 2), "crashes", P, "comment ended in an error 2 times"),
    (counted("Throttles", 7), "throttles", W, "Lambda turned 7 calls away"),
    (counted("4xx", 301), "requests", W, "refused 301 requests"),
    (answers("logs", "filter_log_events", {"events": [{}]}), "sign-ups", W, "there was no room within a day for 1."),
    (held_send(PausedBy.BREAKER), "sends", W, "is held: Too many bounces."),
    (late, "sends", W, "longer than expected"),
    (
        lambda world: DynamoConfirmationWatch(world.dynamodb, "LimitsTable").hold("Too many bounces.", now=NOW),
        "confirmations", W, "The fast lane is held back: Too many bounces.",
    ),
    (page(500), "archive", P, "answers 500"),
    (page(0), "archive", P, "does not answer"),
    (page(referrer_policy="x"), "page headers", W, "content-security-policy"),
    (
        lambda world: setattr(world, "url", "https://d111.cloudfront.net"),
        "lasting links", W, "hang on d111.cloudfront.net",
    ),
    (
        lambda world: setattr(world, "url", "https://a1.execute-api.eu-west-2.amazonaws.com"),
        "lasting links", W, "hang on a1.execute-api.eu-west-2.amazonaws.com",
    ),
    (answers("cloudformation", "describe_stacks", {"Stacks": [{}]}), "deletion", P, "`sam delete` would delete"),
    (leaving(400), "one-click", P, "answers 400"),
    (leaving(0), "one-click", P, "does not answer"),
    (answers("cloudwatch", "describe_alarms", {"MetricAlarms": []}), "alarms", P, "There is none for"),
    (alarms(ActionsEnabled=False), "alarms", P, "1 tell nobody"),
    (alarms(StateValue="ALARM"), "ringing", P, "prod-publish-alarm"),
    (answers("dynamodb", "describe_continuous_backups", NO_BACKUPS), "table backups", P, "is off for activities"),
    (answers("dynamodb", "describe_table", {"Table": {}}), "table protection", P, "is off for activities"),
    (forgets("restore-drill"), "restore drill", W, "never one"),
    (notes("restore-drill", "at", days=200), "restore drill", W, "200 days ago"),
    (lambda world: note(world.dynamodb, "LimitsTable", RESTORE, at=NOW, backup="x"), "restore", P, "was cut off"),
    (forgets("reconcile"), "reconcile", W, "Never."),
    (notes("reconcile", "finished_at", days=9), "reconcile", W, "9 days ago"),
    (forgets("retention"), "forgetting", W, "Never."),
    (notes("retention", "finished_at", days=9), "forgetting", W, "9 days ago"),
]  # fmt: skip


def test_a_set_that_reports_through_the_stream_whom_it_took_is_well(world: World) -> None:
    by_stream("events")(world)

    assert not [each for each in complaints(world) if each.name == "issues set"]


@pytest.mark.parametrize(("change", "name", "level", "said"), ILLNESSES, ids=[f"{e[1]}: {e[3]}" for e in ILLNESSES])
def test_each_illness_is_found_and_has_a_remedy(
    world: World, change: Change, name: str, level: Level, said: str
) -> None:
    change(world)

    found = [each for each in complaints(world) if each.name == name]

    assert found
    assert found[0].level is level
    assert said in found[0].found
    assert found[0].remedy
    for heading in re.findall(r'[Ss]ee "(.+?)" in docs/operate\.md', found[0].remedy):
        assert f"\n## {heading}\n" in GUIDE


def test_every_heading_that_a_remedy_names_is_in_the_guide() -> None:
    folder = Path(__file__).parent.parent.parent / "newsletter_cli/operator/doctor"
    named = {name for file in folder.glob("*.py") for name in re.findall(r'see\("(.+?)"\)', file.read_text())}

    assert named
    assert {name for name in named if f"\n## {name}\n" not in GUIDE} == set()


def test_the_policy_of_the_domain_above_counts_where_the_sender_has_none(world: World) -> None:
    world.aws["lambda"]["get_function_configuration"]["Environment"]["Variables"]["SENDER_EMAIL"] = "x@news.example.org"
    world.dns["_dmarc.example.org", "TXT"] = ["v=DMARC1; p=reject; sp=none"]

    (dmarc,) = [each for each in look(world) if each.name == "DMARC"]

    assert (dmarc.level, dmarc.found) == (Level.WARNING, "The policy is none: anybody may write in your name.")


def test_an_examination_that_fails_is_a_finding_and_the_others_go_on(world: World) -> None:
    world.aws["cloudwatch"]["describe_alarms"] = refusal("AccessDenied", "DescribeAlarms")
    world.aws["sns"]["list_subscriptions_by_topic"] = EndpointConnectionError(endpoint_url="https://sns.example")

    found = {each.name: each for each in complaints(world)}

    assert found["alarms"].found.startswith("These credentials may not call DescribeAlarms.")
    assert found["feedback topic"].found.startswith("AWS does not answer.")
    assert set(found) == {"alarms", "feedback topic"}


def test_a_laptop_stack_is_spared_what_makes_no_sense_there(world: World) -> None:
    patient = world.patient()
    patient = replace(patient, stack=replace(patient.stack, endpoints={"": "http://127.0.0.1:1"}))

    found = [each for group in GROUPS.values() for examination in group for each in examined(examination, patient)]

    skipped = {each.name for each in found if each.level is Level.SKIPPED}
    assert {"DKIM", "SPF", "DMARC", "alignment", "time of the slots", "waiting", "table backups"} <= skipped
    assert all(each.found for each in found)


def test_nothing_that_doctor_says_holds_a_key_or_an_address(world: World) -> None:
    secret(json.dumps({"current": "s3cret" * 12, "previous": "", "retired": []}))(world)

    said = json.dumps([[each.found, each.remedy] for each in look(world)])

    assert "s3cret" not in said
    assert not re.search(r"[\w.]+@[\w.]+", said)


@pytest.mark.parametrize(
    ("hours", "reported", "missing"), [(0, 0, False), (2, 0, True), (2, 1, False), (400, 0, False)]
)
def test_a_send_of_which_ses_reported_too_little_is_named_with_the_way_to_get_it_back(
    world: World, hours: int, reported: int, missing: bool
) -> None:
    issue(status=IssueStatus.SENT, listed=True)(world)
    sends = DynamoSends(world.dynamodb, "SendsTable")
    at = NOW - timedelta(hours=hours)
    opened = sends.open(Send(slug=SLUG, content_hash="0" * 64, shards=16, opened_at=at))
    assert sends.close(opened, Books(1, sent=1), now=at)
    if reported:
        DynamoEvidence(world.dynamodb, "SendsTable").add(SLUG, "00", [an_id(1)])

    found = [each for each in complaints(world) if each.name == "reports"]

    assert [each.remedy for each in found] == [f"newsletter send replay {SLUG}"] * missing
    assert all("SES reported 0 of 1 emails" in each.found for each in found)
