"""The health page of the desk: what it finds, what an owner can send again, and what it says of what it cannot know."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from newsletter.control.desk.overview.health import MEANINGS, SEND_BACK
from newsletter.feedback.domain.reconciliation import Reconciliation
from newsletter.issues.domain.issue import IssueStatus
from newsletter.reports.domain.report import issue_report
from newsletter.sending.domain.send import PausedBy, Send
from tests.core.fakes import NOW
from tests.desk.desk_browser import DeskBrowser
from tests.factories import SLUG, record
from tests.moto_aws import REGION
from tests.report_samples import LATER, facts

URL = "/desk/health/"


@pytest.fixture
def lost(owner: DeskBrowser) -> Any:
    """Put a message into the dead letters of a queue, which come into being with it."""
    sqs: Any = boto3.client("sqs", region_name=REGION)

    def lose(queue: str, body: str) -> str:
        made = sqs.create_queue(QueueName=f"{queue}-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=made, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        url = owner.deployment.queue_urls[queue]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
        sqs.send_message(QueueUrl=made, MessageBody=body)
        return str(made)

    return lose


def test_a_new_newsletter_is_well(owner: DeskBrowser) -> None:
    words = owner.get(URL).words

    assert "All is well." in words
    assert "The account may send." in words
    assert "Nothing failed for good." in words
    assert "newsletter doctor" in words


def test_dead_letters_are_counted_and_an_owner_sends_them_again(owner: DeskBrowser, lost: Any) -> None:
    lost("report", '{"report": "2026-12-01-more-for-more"}')
    words = owner.get(URL).words
    assert "Something needs a look." in words
    assert "One message failed for good. A report was not written or mailed." in words

    done = owner.post(f"{URL}report/again")

    assert done.location == f"{URL}?done=1"
    assert owner.deployment.queued("report") == [{"report": "2026-12-01-more-for-more"}]
    assert "One message was sent again." in owner.get(done.location).words
    assert "Nothing failed for good." in owner.get(URL).words
    assert owner.log() == [("sent dead letters back to", "report")]
    assert owner.post(f"{URL}report/again").location == f"{URL}?done=0"


@pytest.mark.parametrize("queue", sorted(set(MEANINGS) - SEND_BACK))
def test_what_may_name_or_mail_a_reader_goes_back_at_the_command_line_only(
    owner: DeskBrowser, lost: Any, queue: str
) -> None:
    dead = lost(queue, "{}")
    page = owner.get(URL)
    assert f"newsletter dead-letters replay {queue}" in page.words
    assert "Send them again" not in page.words

    assert owner.post(f"{URL}{queue}/again").status == 400
    sqs: Any = boto3.client("sqs", region_name=REGION)
    assert len(sqs.receive_message(QueueUrl=dead).get("Messages", [])) == 1


def test_only_an_owner_sends_again(writer: DeskBrowser, owner: DeskBrowser, lost: Any) -> None:
    lost("publish", "{}")

    assert "Send them again" not in writer.get(URL).words
    assert writer.post(f"{URL}publish/again").status == 403
    assert owner.post(f"{URL}no-such-queue/again").status == 400
    assert owner.deployment.in_queue("publish") == 0


def test_a_paused_send_a_hold_and_missing_reports_are_named(owner: DeskBrowser) -> None:
    app, now = owner.deployment.app, owner.deployment.now()
    app.issues.put(record(status=IssueStatus.PAUSED), before=None)
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now))
    app.sends.pause(SLUG, "5 of 60 bounced.", by=PausedBy.BREAKER, now=now)
    report = issue_report(facts(), now=LATER)
    app.issues.put(record(slug="2026-11-17-old", status=IssueStatus.SENT, sent_at=NOW), before=None)
    app.content.put_report("2026-11-17-old", json.dumps(report | {"reports": {"missing": True}}))
    next(iter(app.confirmation_watches.values())).hold("9 of 20 bounced.", now=now)

    words = owner.get(URL).words

    assert "“More for more” is paused: 5 of 60 bounced." in words
    assert "Confirmations are held back: 9 of 20 bounced." in words
    assert "Amazon SES did not report on all emails" in words
    assert words.index("is paused") < words.index("Nothing failed for good.")


def test_a_clock_that_stands_still_is_named(owner: DeskBrowser) -> None:
    app, now = owner.deployment.app, owner.deployment.now()
    app.audience_count.keep(400, now=now - timedelta(hours=2))
    app.account_watch.keep(Reconciliation(), now=now - timedelta(days=4))

    words = owner.get(URL).words

    assert "which is too long ago." in words.partition("Nightly comparison")[2].partition("Nightly forgetting")[0]
    assert "too long ago" not in words.partition("Hourly count")[2].partition("Nightly")[0]


def test_an_account_that_is_stopped_or_too_small_is_named(owner: DeskBrowser) -> None:
    app = owner.deployment.app
    app.audience_count.keep(10_000_000, now=owner.deployment.now())

    assert "emails are left today, and the list has 10,000,000 readers." in owner.get(URL).words


def test_what_cannot_be_asked_is_said_and_the_rest_is_shown(owner: DeskBrowser) -> None:
    sqs: Any = boto3.client("sqs", region_name=REGION)
    sqs.delete_queue(QueueUrl=owner.deployment.queue_urls["report"])

    words = owner.get(URL).words

    assert "Nobody can say at the moment: SQS does not say how many dead letters there are." in words
    assert "The account may send." in words


def test_an_alarm_that_rings_is_named_with_what_it_means(owner: DeskBrowser) -> None:
    alarms: Any = boto3.client("cloudwatch", region_name=REGION)
    described = 'The function send crashed. See "A function crashes" in docs/operate.md.'
    for name in (
        "fortnightly-SendErrorsAlarm-1ABC",
        "fortnightly-two-SendErrorsAlarm-1ABC",
        "fortnightly-QuietAlarm-1",
    ):
        alarms.put_metric_alarm(
            AlarmName=name, AlarmDescription=described, Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum",
            Period=300, EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        alarms.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")
    assert "No alarm is ringing." in owner.get(URL).words
    for name in ("fortnightly-SendErrorsAlarm-1ABC", "fortnightly-two-SendErrorsAlarm-1ABC"):
        alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")

    words = owner.get(URL).words

    assert words.count("The function send crashed. It has been ringing since") == 1  # the other is another stack's
    assert "See “A function crashes”" in words.replace('"A function crashes"', "“A function crashes”")
    today = owner.get("/desk/").words
    assert "The function send crashed. It has been ringing since" in today
    assert "What to do" in today


def test_the_front_page_says_in_one_sentence_how_it_stands(owner: DeskBrowser) -> None:
    assert "All is well. What was looked at" in owner.get("/desk/").words
    app, now = owner.deployment.app, owner.deployment.now()
    next(iter(app.confirmation_watches.values())).hold("9 of 20 bounced.", now=now)
    app.audience_count.keep(10_000_000, now=now)
    assert "All is well." in owner.get("/desk/").words  # for a minute, or until somebody looks
    owner.get(URL)

    assert "There is one thing more to look at. What to do" in owner.get("/desk/").words
