"""The feedback queue: complete payloads of SES, each with what it leads to.

Payloads: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
"""

from __future__ import annotations

import gzip
import json
from io import StringIO

import boto3
import pytest

from functions.feedback.handler import lambda_handler
from newsletter import wiring
from newsletter.feedback.domain.engagement import MachineSign
from newsletter.feedback.domain.feedback import FeedbackKind, Reason
from newsletter.feedback.domain.results import IssueResults
from newsletter.readers.domain.subscriber import Mailbox, Status, Subscriber, subscriber_id
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from tests.core.fakes import NOW
from tests.factories import SLUG, subscriber
from tests.functions.conftest import Deployment, load
from tests.moto_aws import REGION

KEY = "key of the addresses"
ADA = subscriber_id(Mailbox("", "reader1@example.org"), KEY)
NOTHING_FAILED: dict[str, list[object]] = {"batchItemFailures": []}
HARD, SOFTLY, SPAM = FeedbackKind.HARD_BOUNCE, FeedbackKind.SOFT_BOUNCE, FeedbackKind.COMPLAINT
UNKNOWN, LATE = FeedbackKind.UNKNOWN, FeedbackKind.DELAYED
BOUNCED, COMPLAINED = SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT

CASES = [
    ("send", FeedbackKind.SENT, Reason.NONE, None),
    ("delivery", FeedbackKind.DELIVERED, Reason.NONE, None),
    ("delivery_delay", LATE, Reason.UNREACHABLE, None),
    ("delivery_delay_internal_failure", LATE, Reason.HELD_BY_SES, None),
    ("delivery_delay_general", LATE, Reason.GENERAL, None),
    ("delivery_delay_mailbox_full", LATE, Reason.MAILBOX_FULL, None),
    ("delivery_delay_spam_detected", LATE, Reason.UNWANTED, None),
    ("delivery_delay_recipient_server_error", LATE, Reason.SERVER_TROUBLE, None),
    ("delivery_delay_ip_failure", LATE, Reason.ADDRESS_BLOCKED, None),
    ("delivery_delay_byoip_host_name_lookup_unavailable", LATE, Reason.HELD_BY_SES, None),
    ("delivery_delay_undetermined", LATE, Reason.UNDETERMINED, None),
    ("delivery_delay_sending_deferral", LATE, Reason.HELD_BY_SES, None),
    ("delivery_delay_of_a_type_we_do_not_know", LATE, Reason.OTHER, None),
    ("bounce_permanent", HARD, Reason.GENERAL, BOUNCED),
    ("bounce_no_email", HARD, Reason.NO_MAILBOX, BOUNCED),
    ("bounce_suppressed", HARD, Reason.KNOWN_TO_BOUNCE, BOUNCED),
    ("bounce_on_account_suppression_list", HARD, Reason.ON_OUR_LIST, BOUNCED),
    ("bounce_of_a_sub_type_we_do_not_know", HARD, Reason.OTHER, BOUNCED),
    ("bounce_in_another_spelling", HARD, Reason.GENERAL, BOUNCED),
    ("bounce_of_several", HARD, Reason.GENERAL, BOUNCED),
    ("from_the_future", HARD, Reason.GENERAL, BOUNCED),
    ("bounce_of_somebody_else", UNKNOWN, Reason.SOMEBODY_ELSE, None),
    ("bounce_unsubscribed_recipient", UNKNOWN, Reason.UNSUBSCRIBED, None),
    ("bounce_transient", SOFTLY, Reason.MAILBOX_FULL, None),
    ("bounce_transient_general", SOFTLY, Reason.GENERAL, None),
    ("bounce_out_of_office", SOFTLY, Reason.AUTOMATIC_REPLY, None),
    ("bounce_message_too_large", SOFTLY, Reason.TOO_LARGE, None),
    ("bounce_custom_timeout_exceeded", SOFTLY, Reason.TOOK_TOO_LONG, None),
    ("bounce_content_rejected", SOFTLY, Reason.CONTENT_REFUSED, None),
    ("bounce_attachment_rejected", SOFTLY, Reason.ATTACHMENT_REFUSED, None),
    ("bounce_undetermined", SOFTLY, Reason.UNDETERMINED, None),
    ("complaint", SPAM, Reason.ABUSE, COMPLAINED),
    ("complaint_auth_failure", SPAM, Reason.AUTHENTICATION, COMPLAINED),
    ("complaint_fraud", SPAM, Reason.FRAUD, COMPLAINED),
    ("complaint_other", SPAM, Reason.OTHER, COMPLAINED),
    ("complaint_virus", SPAM, Reason.VIRUS, COMPLAINED),
    ("complaint_without_a_reason", SPAM, Reason.GENERAL, COMPLAINED),
    ("complaint_on_account_suppression_list", SPAM, Reason.ON_OUR_LIST, COMPLAINED),
    ("complaint_not_spam", UNKNOWN, Reason.NOT_SPAM, None),
    ("reject", FeedbackKind.REJECTED, Reason.NONE, None),
    ("rendering_failure", FeedbackKind.RENDERING_FAILED, Reason.NONE, None),
    ("open", FeedbackKind.SENT, Reason.NONE, None),  # where nobody measures, it proves that SES took the mail
    ("click", FeedbackKind.SENT, Reason.NONE, None),
    ("subscription_left", UNKNOWN, Reason.UNSUBSCRIBED, None),
    ("subscription_of_topics", UNKNOWN, Reason.OTHER, None),
    ("a_type_we_do_not_know", UNKNOWN, Reason.OTHER, None),
]
UNPROVEN = {UNKNOWN, FeedbackKind.REJECTED, FeedbackKind.RENDERING_FAILED}


@pytest.fixture
def sent(deployment: Deployment) -> Deployment:
    """A deployment that has just sent an issue to one reader."""
    sends = deployment.app.sends
    sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
    batch = Batch.of(SLUG, "00", (ADA,), now=NOW)
    sends.add_batch(batch)
    assert sends.replace(batch, batch.recorded({ADA: Outcome.SENT}, now=NOW))
    deployment.save(subscriber(subscriber_id=ADA))
    return deployment


def results(deployment: Deployment) -> IssueResults:
    return deployment.app.evidence.results(SLUG)


def dead_letters() -> list[str]:
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.get_queue_url(QueueName="feedback-dead-letters")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in messages]


def evidence_objects() -> list[str]:
    listed = boto3.client("s3", region_name=REGION).list_objects_v2(Bucket="content", Prefix="evidence/")
    return [each["Key"] for each in listed.get("Contents", [])]


def reader(deployment: Deployment) -> Subscriber:
    stored = deployment.app.subscribers.get(ADA)
    assert stored is not None
    return stored


@pytest.mark.parametrize(("case", "kind", "reason", "suppressed"), CASES)
def test_each_event_leads_to_the_right_record(
    sent: Deployment, case: str, kind: FeedbackKind, reason: Reason, suppressed: SuppressionReason | None
) -> None:
    for _ in range(3):  # SNS delivers some events more than once
        assert sent.invoke(lambda_handler, f"feedback/{case}") == NOTHING_FAILED

    counted = {each: number for each, number in results(sent).totals.items() if number}
    assert counted == ({kind: 1} if kind in UNPROVEN else {FeedbackKind.SENT: 1, kind: 1})
    assert dict(results(sent).reasons) == ({(kind, reason): 1} if kind is not FeedbackKind.SENT else {})
    assert sent.app.evidence.accepted(SLUG, "00") == (frozenset() if kind in UNPROVEN else {ADA})
    suppression = sent.app.suppressions.get(ADA)
    assert (suppression.reason if suppression else None) is suppressed
    assert reader(sent).suppressed == (suppressed is not None)
    assert (reader(sent).status is Status.UNSUBSCRIBED) == (reason is Reason.UNSUBSCRIBED)


@pytest.mark.parametrize(("case", "outcome"), [("reject", Outcome.REJECTED), ("rendering_failure", Outcome.RENDERING)])
def test_what_ses_takes_back_changes_the_books(sent: Deployment, case: str, outcome: Outcome) -> None:
    for _ in range(3):
        assert sent.invoke(lambda_handler, f"feedback/{case}") == NOTHING_FAILED

    batch = sent.app.sends.batch(SLUG, "00")
    assert batch is not None
    assert batch.outcomes == (outcome,)
    send = sent.app.sends.get(SLUG)
    assert send is not None
    assert send.reopened  # whatever was counted before does not hold any more


def test_a_bounce_of_mail_to_one_person_suppresses_too(sent: Deployment) -> None:
    assert sent.invoke(lambda_handler, "feedback/bounce_of_a_confirmation") == NOTHING_FAILED

    suppression = sent.app.suppressions.get(ADA)
    assert suppression is not None
    assert suppression.reason is BOUNCED
    assert results(sent).totals[FeedbackKind.SENT] == 0


def test_a_bounce_at_the_new_address_of_a_reader_who_moved_is_kept_in_the_old_place(sent: Deployment) -> None:
    assert sent.invoke(lambda_handler, "feedback/bounce_after_a_move") == NOTHING_FAILED

    place = "00" + "7" * 30
    suppression = sent.app.suppressions.get(ADA)
    assert suppression is not None
    assert suppression.reason is BOUNCED
    assert sent.app.suppressions.get(place) is None
    assert sent.app.evidence.accepted(SLUG, "00") == {place}


def test_a_domain_that_comes_back_in_another_form_is_the_same_reader(sent: Deployment) -> None:
    who = subscriber_id(Mailbox("", "leserin@xn--bcher-kva.example"), KEY)

    assert sent.invoke(lambda_handler, "feedback/bounce_in_another_idn_form") == NOTHING_FAILED

    assert sent.app.suppressions.get(who) is not None


def test_the_greeting_of_a_new_destination_is_not_an_event(sent: Deployment) -> None:
    assert sent.invoke(lambda_handler, "feedback/greeting_of_a_new_destination") == NOTHING_FAILED

    assert not any(results(sent).totals.values())


def test_an_event_of_a_send_that_is_not_ours_suppresses_nobody_and_leaves_no_trace(
    sent: Deployment, log: StringIO
) -> None:
    assert sent.invoke(lambda_handler, "feedback/of_a_send_that_is_not_ours") == NOTHING_FAILED

    assert sent.app.suppressions.get(ADA) is None
    assert sent.app.evidence.accepted("an-issue-of-somebody-else", "00") == frozenset()
    assert '"unknown_sends":1' in log.getvalue().replace(" ", "")


def test_nothing_on_record_lies_in_the_future(sent: Deployment) -> None:
    sent.invoke(lambda_handler, "feedback/from_the_future")

    suppression = sent.app.suppressions.get(ADA)
    assert suppression is not None
    assert suppression.since <= sent.now()


def test_a_type_we_do_not_know_is_kept_and_counted_without_what_it_says(sent: Deployment, log: StringIO) -> None:
    for _ in range(2):
        sent.invoke(lambda_handler, "feedback/a_type_we_do_not_know")

    client = boto3.client("dynamodb", region_name=REGION)
    key = {"counter_key": {"S": "unfamiliar#Telepathy"}}
    item = client.get_item(TableName="LimitsTable", Key=key)["Item"]
    assert item["count"] == {"N": "2"}
    assert json.loads(item["shape"]["S"]) == {"eventType": "str", "telepathy": {"timestamp": "str"}}
    assert '"unknown":1' in log.getvalue().replace(" ", "")


def test_an_address_that_is_no_text_is_somebody_elses(sent: Deployment) -> None:
    event = load("feedback/bounce_permanent")
    record = event["Records"][0]
    envelope = json.loads(record["body"])
    said = json.loads(envelope["Message"])
    said["bounce"]["bouncedRecipients"][0]["emailAddress"] = "\ud800@example.org"
    record["body"] = json.dumps(envelope | {"Message": json.dumps(said)})

    assert lambda_handler(event, sent.context) == NOTHING_FAILED

    assert results(sent).totals[UNKNOWN] == 1
    assert dead_letters() == []


@pytest.mark.parametrize("case", ["foreign_topic", "a_field_is_missing"])
def test_what_we_cannot_read_goes_to_the_dead_letters(sent: Deployment, case: str) -> None:
    answer = sent.invoke(lambda_handler, f"feedback/{case}")

    assert answer == NOTHING_FAILED  # at its first reception: what waits in the queue is evidence, and nothing else
    assert dead_letters() == [load(f"feedback/{case}")["Records"][0]["body"]]
    assert not any(results(sent).totals.values())


def test_a_body_of_ten_megabytes_is_refused_unread(sent: Deployment, log: StringIO) -> None:
    event = load("feedback/bounce_permanent")
    event["Records"][0]["body"] += " " * 10_000_000

    answer = lambda_handler(event, sent.context)

    assert len(answer["batchItemFailures"]) == 1
    assert "SQS carries no such message" in log.getvalue()


def test_one_message_that_is_not_an_event_does_not_keep_the_others_back(sent: Deployment) -> None:
    event = "feedback/one_event_and_one_that_is_not"

    answer = sent.invoke(lambda_handler, event)

    assert answer == NOTHING_FAILED
    assert dead_letters() == [load(event)["Records"][1]["body"]]
    assert sent.app.evidence.accepted(SLUG, "00") == {ADA}


def test_one_event_that_cannot_be_recorded_now_does_not_bring_back_the_other_99(sent: Deployment) -> None:
    sends = sent.app.sends
    batch = sends.batch(SLUG, "00")
    assert batch is not None
    assert sends.replace(batch, batch.claimed("a worker", now=NOW))  # a Reject has to wait for the worker
    rejected = load("feedback/reject")["Records"][0] | {"messageId": "rejected"}
    others = [load("feedback/send")["Records"][0] | {"messageId": str(number)} for number in range(99)]

    answer = lambda_handler({"Records": [rejected, *others]}, sent.context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "rejected"}]}
    assert sent.app.evidence.results(SLUG).totals[FeedbackKind.SENT] == 1


def test_a_batch_that_cannot_be_read_brings_back_the_event_about_it_and_no_other(sent: Deployment) -> None:
    boto3.client("dynamodb", region_name=REGION).update_item(
        TableName="SendsTable",
        Key={"slug": {"S": SLUG}, "item": {"S": "batch#00"}},
        UpdateExpression="SET outcomes = :broken",
        ExpressionAttributeValues={":broken": {"S": "??"}},
    )
    rejected = load("feedback/reject")["Records"][0] | {"messageId": "rejected"}
    bounced = load("feedback/bounce_permanent")["Records"][0] | {"messageId": "bounced"}

    answer = lambda_handler({"Records": [rejected, bounced]}, sent.context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "rejected"}]}
    assert reader(sent).suppressed


def test_evidence_has_a_second_place_from_which_one_message_brings_it_back(sent: Deployment) -> None:
    for case in ("send", "bounce_permanent", "open", "bounce_of_a_confirmation"):
        sent.invoke(lambda_handler, f"feedback/{case}")
    recorded = results(sent)
    names = evidence_objects()
    table = boto3.client("dynamodb", region_name=REGION)
    table.delete_item(TableName="SendsTable", Key={"slug": {"S": SLUG}, "item": {"S": "evidence#00"}})

    sent.app.feedback_queue.ask_for_replay(names)
    messages = waiting(sent)
    answers = [lambda_handler({"Records": messages}, sent.context) for _ in range(2)]

    assert answers == [NOTHING_FAILED] * 2
    assert len(messages) == len(names) == 2  # opens are forgotten after two days, and the rest is about no send
    assert results(sent) == recorded
    assert evidence_objects() == names  # what comes back is not kept once more


def test_a_replay_of_what_is_gone_does_nothing_and_one_of_nothing_of_ours_is_put_aside(sent: Deployment) -> None:
    gone = f"evidence/{SLUG}/20261201T0900-{'0' * 16}.jsonl.gz"
    sent.app.feedback_queue.ask_for_replay([gone, "issues/2026-12-01-more-for-more.md"])

    assert lambda_handler({"Records": waiting(sent)}, sent.context) == NOTHING_FAILED
    assert dead_letters() == ['{"replay": "issues/2026-12-01-more-for-more.md"}']


def test_evidence_is_kept_while_the_tables_are_gone_and_its_messages_stay_in_the_queue(
    sent: Deployment, log: StringIO
) -> None:
    boto3.client("sqs", region_name=REGION).send_message(
        QueueUrl=sent.queue_urls["feedback"], MessageBody=load("feedback/send")["Records"][0]["body"]
    )
    messages = waiting(sent)
    boto3.client("dynamodb", region_name=REGION).delete_table(TableName="SendsTable")

    answer = lambda_handler({"Records": messages}, sent.context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": messages[0]["messageId"]}]}
    assert len(evidence_objects()) == 1
    assert dead_letters() == []
    assert '"level":"ERROR"' in log.getvalue()


def waiting(sent: Deployment) -> list[dict[str, object]]:
    """Return what waits in the feedback queue, as Lambda hands it over."""
    messages = boto3.client("sqs", region_name=REGION).receive_message(
        QueueUrl=sent.queue_urls["feedback"], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )["Messages"]
    return [
        {
            "messageId": each["MessageId"],
            "receiptHandle": each["ReceiptHandle"],
            "body": each["Body"],
            "attributes": each["Attributes"],
        }
        for each in messages
    ]


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch, sent: Deployment) -> Deployment:
    """The same, where opens and clicks are measured."""
    monkeypatch.setenv("ENGAGEMENT", "aggregate")
    wiring.app.cache_clear()
    sent.app = wiring.app()
    return sent


def test_opens_and_clicks_are_counted_where_somebody_wants_to_know(measuring: Deployment, log: StringIO) -> None:
    for case in ("open", "open_by_a_privacy_proxy", "click", "click_by_a_scanner", "click_on_a_readers_own_link") * 3:
        assert measuring.invoke(lambda_handler, f"feedback/{case}") == NOTHING_FAILED

    assert measuring.app.engagement is not None
    found = measuring.app.engagement.read(SLUG)
    assert found is not None
    assert (found.opens.raw, found.opens.people, dict(found.opens.machine_by)) == (2, 1, {MachineSign.PRIVACY_PROXY: 1})
    assert (found.clicks.raw, found.clicks.people, dict(found.clicks.machine_by)) == (2, 1, {MachineSign.SCANNER: 1})
    assert [url for url, _ in found.links] == ["https://briefing.example.org/issues/2026-12-01-more-for-more/"]
    assert {kind for kind, number in results(measuring).totals.items() if number} == {FeedbackKind.SENT}
    assert "token" not in log.getvalue()


@pytest.mark.parametrize("case", ["open", "click", "open_by_a_privacy_proxy", "click_by_a_scanner"])
@pytest.mark.parametrize("setting", ["off", "aggregate", "individual"])
def test_opens_and_clicks_change_nothing_for_the_reader(
    monkeypatch: pytest.MonkeyPatch, sent: Deployment, case: str, setting: str
) -> None:
    monkeypatch.setenv("ENGAGEMENT", setting)
    wiring.app.cache_clear()
    before = reader(sent)

    sent.invoke(lambda_handler, f"feedback/{case}")

    assert reader(sent) == before
    assert sent.app.suppressions.get(ADA) is None


def test_nothing_is_kept_of_opens_and_clicks_where_they_are_off(sent: Deployment) -> None:
    for case in ("open", "click"):
        sent.invoke(lambda_handler, f"feedback/{case}")

    stored = boto3.client("dynamodb", region_name=REGION).scan(TableName="SendsTable")["Items"]
    assert sent.app.engagement is None
    assert not [item for item in stored if "engagement" in item["item"]["S"]]
    assert not [item for item in stored if {"opened", "clicked"} & set(item)]


def test_no_address_is_logged(sent: Deployment, log: StringIO) -> None:
    for case in ("bounce_permanent", "complaint", "foreign_topic", "one_event_and_one_that_is_not"):
        sent.invoke(lambda_handler, f"feedback/{case}")

    assert "@" not in log.getvalue()


def put_file(deployment: Deployment, *events: str) -> str:
    """Write the file that `file_of_events` names, as Firehose writes it; return its name."""
    name = str(json.loads(load("feedback/file_of_events")["Records"][0]["body"])["arrived"])
    deployment.put(name, gzip.compress("".join(f"{event}\n" for event in events).encode()))
    return name


def event_of(case: str) -> str:
    return str(json.loads(load(f"feedback/{case}")["Records"][0]["body"])["Message"])


def test_a_file_of_events_is_recorded_like_notifications_and_is_gone(sent: Deployment) -> None:
    name = put_file(sent, event_of("send"), event_of("delivery"), event_of("of_a_send_that_is_not_ours"))

    for _ in range(2):  # the second time it is gone
        assert sent.invoke(lambda_handler, "feedback/file_of_events") == NOTHING_FAILED

    assert results(sent).totals[FeedbackKind.SENT] == results(sent).totals[FeedbackKind.DELIVERED] == 1
    assert sent.read(name, bucket="content") is None
    assert len(evidence_objects()) == 2  # of each send one
    assert dead_letters() == []


def test_a_file_is_paid_for_by_what_it_holds_and_a_notification_as_a_message(sent: Deployment) -> None:
    put_file(sent, *[event_of("send")] * 3)
    sent.invoke(lambda_handler, "feedback/file_of_events")
    sent.invoke(lambda_handler, "feedback/bounce_permanent")

    used = sent.app.usage.by_function(SLUG)["feedback"].units
    assert (used["Firehose"], used["SNS"]) == (3, 1)
    assert used["SQS"] == 2 + 2 * 2  # a name and a notification are written; each is received, and deleted


def test_of_a_file_that_nobody_can_read_to_its_end_the_rest_is_recorded_and_it_stays(sent: Deployment) -> None:
    name = put_file(sent, event_of("send"), '{"eventType": "Send"}')

    assert sent.invoke(lambda_handler, "feedback/file_of_events") == NOTHING_FAILED

    assert results(sent).totals[FeedbackKind.SENT] == 1
    assert [json.loads(body) for body in dead_letters()] == [{"arrived": name}]
    listed = boto3.client("s3", region_name=REGION).list_objects_v2(Bucket="content", Prefix="ses-events/")
    assert listed["KeyCount"] == 1
