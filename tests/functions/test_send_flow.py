"""schedule, fan_out, send, settle: from the tick of the clock to balanced books, one function at a time."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.fan_out.handler import lambda_handler as fan_out
from functions.feedback.handler import lambda_handler as feedback
from functions.schedule.handler import lambda_handler as schedule
from functions.send.handler import lambda_handler as send
from functions.settle.handler import lambda_handler as settle
from local.simulator.account import Limits
from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import time_zone
from newsletter.errors import MalformedMessageError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send, SendState
from newsletter.wiring import App
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.conftest import Deployment, load
from tests.moto_aws import REGION

NOTHING_FAILED: dict[str, list[object]] = {"batchItemFailures": []}


def failed(answer: Any) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def with_an_open_send(deployment: Deployment) -> None:
    now = datetime.now(UTC)
    deployment.app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
    deployment.app.content.put_rendered(rendered())
    deployment.app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now))


def test_the_slot_opens_the_send_and_asks_for_the_page_that_wakes_the_planners(deployment: Deployment) -> None:
    """Input: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""
    deployment.app.issues.put(record(), before=None)

    assert deployment.invoke(schedule, "schedule/slot") == {"verdict": "send", "issue": SLUG}

    opened = deployment.app.sends.get(SLUG)
    assert opened is not None
    assert (opened.state, opened.content_hash) == (SendState.OPEN, "a" * 64)
    assert deployment.drain("publish") == [{"refresh": "archive", "slug": SLUG, "then": "plan"}]  # at once
    assert deployment.drain("plan") == deployment.drain("batch") == [{"warm_up": SLUG}]
    assert deployment.in_queue("settle") == 1


def test_the_week_between_is_quiet_and_an_empty_slot_is_not(deployment: Deployment) -> None:
    assert deployment.invoke(schedule, "schedule/week_between") == {"verdict": "not_a_slot", "issue": ""}
    assert deployment.ses.messages() == []

    assert deployment.invoke(schedule, "schedule/slot") == {"verdict": "nothing_ready", "issue": ""}
    (mail,) = deployment.ses.messages(to="editors@example.org")
    assert "1 December 2026 at 09:00" in mail["text"]


def slot_at(deployment: Deployment, moment: datetime) -> None:
    """Let the rhythm meet this minute, and the watch have begun long before."""
    deployment.app.rhythm = Rhythm(
        anchor=moment.date(), time_zone=time_zone("UTC"), hour=moment.hour, minute=moment.minute
    )
    deployment.app.calendar.watched_since(moment - timedelta(days=30))


def test_an_empty_slot_is_told_once_however_often_it_is_fired(deployment: Deployment) -> None:
    now = deployment.now()
    slot_at(deployment, now)
    tick = {"scheduled_time": now.isoformat()}

    for _ in range(3):
        assert schedule(tick, deployment.context)["verdict"] == "nothing_ready"

    assert len(deployment.ses.messages(to="editors@example.org")) == 1


def test_a_slot_for_which_the_clock_was_silent_is_fired_by_the_watch(deployment: Deployment) -> None:
    slot_at(deployment, deployment.now() - timedelta(minutes=20))
    deployment.app.issues.put(record(date=date(2020, 1, 1)), before=None)

    assert deployment.invoke(schedule, "schedule/watch") == {"fired": ["send"], "told": []}
    assert deployment.app.sends.get(SLUG) is not None
    assert deployment.drain("publish") == [{"refresh": "archive", "slug": SLUG, "then": "plan"}]  # at once
    assert deployment.drain("plan") == deployment.drain("batch") == [{"warm_up": SLUG}]
    assert deployment.invoke(schedule, "schedule/watch") == {"fired": [], "told": []}


def test_the_watch_warns_the_editors_and_says_when_all_is_well(deployment: Deployment) -> None:
    slot_at(deployment, deployment.now() + timedelta(hours=3))
    day = deployment.app.rhythm.anchor

    assert deployment.invoke(schedule, "schedule/watch") == {"fired": [], "told": [f"{day} 24h"]}
    deployment.app.issues.put(record(date=date(2020, 1, 1)), before=None)
    assert deployment.invoke(schedule, "schedule/watch") == {"fired": [], "told": [f"{day} 24h ready"]}

    relief, warning = deployment.ses.messages(to="editors@example.org")
    assert "In 3 hours: no issue is ready" in warning["subject"]
    assert "An issue is ready for" in relief["subject"]


def test_a_missed_slot_that_fails_does_not_silence_the_warnings(deployment: Deployment) -> None:
    slot_at(deployment, deployment.now() - timedelta(minutes=20))
    day = deployment.app.rhythm.anchor + timedelta(days=1)
    deployment.app.calendar.set_extra(day, extra=True)
    deployment.app.issues.put(record(date=date(2020, 1, 1)), before=None)
    boto3.client("sqs", region_name=REGION).delete_queue(QueueUrl=deployment.queue_urls["publish"])

    with pytest.raises(ClientError):
        deployment.invoke(schedule, "schedule/watch")

    assert deployment.app.calendar.notices(day) == {"24h"}


def test_a_day_that_was_skipped_meanwhile_is_no_slot(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    deployment.app.calendar.set_skipped(date(2026, 12, 1), skipped=True)

    assert deployment.invoke(schedule, "schedule/slot") == {"verdict": "not_a_slot", "issue": ""}
    deployment.app.calendar.set_skipped(date(2026, 12, 1), skipped=False)
    assert deployment.invoke(schedule, "schedule/slot") == {"verdict": "send", "issue": SLUG}


def test_an_extra_day_sends(deployment: Deployment) -> None:
    deployment.app.issues.put(record(), before=None)
    deployment.app.calendar.set_extra(date(2026, 12, 8), extra=True)

    assert deployment.invoke(schedule, "schedule/week_between") == {"verdict": "send", "issue": SLUG}


def test_an_event_without_a_time_is_an_error_and_lambda_retries_it(deployment: Deployment) -> None:
    with pytest.raises(MalformedMessageError, match="scheduled_time"):
        deployment.invoke(schedule, "schedule/no_time")


def test_a_shard_is_planned_and_its_batches_are_queued(deployment: Deployment) -> None:
    with_an_open_send(deployment)
    for number in range(110):
        deployment.save(subscriber(number * 256))
    deployment.context.milliseconds_left = 300_000

    assert deployment.invoke(fan_out, "fan_out/shard") == NOTHING_FAILED

    assert [len(batch.ids) for batch in deployment.app.sends.batches(SLUG) if not batch.is_end] == [
        100,
        10,
    ]  # at 200 a second
    assert deployment.in_queue("batch") == 2


def test_a_planner_that_runs_out_of_time_hands_over(deployment: Deployment) -> None:
    with_an_open_send(deployment)
    for number in range(110):
        deployment.save(subscriber(number * 256))
    deployment.context.milliseconds_left = 29_000

    deployment.invoke(fan_out, "fan_out/shard")

    assert [len(batch.ids) for batch in deployment.app.sends.batches(SLUG)] == [100]
    assert deployment.queued("plan") == [{"slug": SLUG, "shard": "00"}]


@pytest.mark.parametrize("event", ["fan_out/unknown_send", "fan_out/not_ours"])
def test_a_plan_message_that_is_not_ours_goes_to_the_dead_letters(deployment: Deployment, event: str) -> None:
    assert failed(deployment.invoke(fan_out, event)) == [load(event)["Records"][0]["messageId"]]


def planned_batch(deployment: Deployment) -> None:
    with_an_open_send(deployment)
    for number in (1, 2, 3):
        deployment.save(subscriber(number))
    batch = Batch.of(SLUG, "00", tuple(an_id(number) for number in (1, 2, 3)), now=datetime.now(UTC))
    deployment.app.sends.add_batch(batch)


def test_a_batch_goes_to_ses_in_one_call_and_every_outcome_is_on_record(deployment: Deployment) -> None:
    planned_batch(deployment)

    assert deployment.invoke(send, "send/batch") == NOTHING_FAILED

    messages = deployment.ses.messages()
    assert sorted(message["to"] for message in messages) == [f"reader{n}@example.org" for n in (1, 2, 3)]
    assert all(message["tags"]["issue"] == SLUG for message in messages)
    batch = deployment.app.sends.batch(SLUG, "00")
    assert batch is not None
    assert batch.outcomes == (Outcome.SENT,) * 3


def test_functions_that_start_ahead_of_a_send_plan_and_mail_nobody(deployment: Deployment) -> None:
    with_an_open_send(deployment)

    assert deployment.invoke(fan_out, "send/warm_up") == deployment.invoke(send, "send/warm_up") == NOTHING_FAILED

    assert deployment.ses.messages() == []
    assert list(deployment.app.sends.batches(SLUG)) == []
    assert deployment.in_queue("plan") == deployment.in_queue("batch") == 0


def test_the_same_batch_delivered_twice_is_sent_once(deployment: Deployment) -> None:
    planned_batch(deployment)

    deployment.invoke(send, "send/batch")
    assert deployment.invoke(send, "send/batch") == NOTHING_FAILED
    assert len(deployment.ses.messages()) == 3


def test_one_bad_record_does_not_keep_the_others_back(deployment: Deployment) -> None:
    planned_batch(deployment)
    event = "send/one_of_ours_and_one_unknown"

    assert failed(deployment.invoke(send, event)) == [load(event)["Records"][0]["messageId"]]
    assert len(deployment.ses.messages()) == 3


def test_a_batch_message_that_is_not_ours_goes_to_the_dead_letters(deployment: Deployment) -> None:
    assert len(failed(deployment.invoke(send, "send/not_ours"))) == 1


def finished(deployment: Deployment) -> None:
    planned_batch(deployment)
    deployment.invoke(send, "send/batch")
    for shard in shards(16):
        deployment.app.sends.finish_shard(SLUG, shard)


def test_a_worker_that_died_is_made_up_for_once_ses_has_reported_a_later_message(deployment: Deployment) -> None:
    with_an_open_send(deployment)
    app, before = deployment.app, deployment.now() - timedelta(minutes=10)
    taken, unclear = [tuple(an_id(number) for number in range(start, start + 30)) for start in (1, 100)]
    for after, ids in (("00", taken), ("10", unclear)):
        batch = Batch.of(SLUG, after, ids, now=before)
        app.sends.add_batch(batch)
        assert app.sends.replace(batch, batch.claimed("worker", now=before))
    done = batch_of(app, "00").recorded(dict.fromkeys(taken, Outcome.SENT), now=before)
    assert app.sends.replace(batch_of(app, "00"), done)
    app.evidence.add(SLUG, "00", taken)
    for shard in shards(16):
        app.sends.finish_shard(SLUG, shard)

    deployment.invoke(settle, "settle/send")
    deployment.invoke(settle, "settle/send")
    assert deployment.in_queue("batch") == 0
    reports = [record for record in deployment.ses.events("Send") if record["mail"]["tags"]["kind"] == ["probe"]]
    topic = app.settings.feedback_topic_arn
    records = [
        {"messageId": str(number), "body": json.dumps({"TopicArn": topic, "Message": json.dumps(report)})}
        for number, report in enumerate(reports)
    ]
    assert feedback(as_delivered(records), deployment.context) == NOTHING_FAILED
    deployment.invoke(settle, "settle/send")

    assert batch_of(app, "10").waiting == unclear
    assert deployment.queued("batch") == [{"slug": SLUG, "batch": "10"}]
    addresses = {message["to"] for message in deployment.ses.messages()}
    assert len(reports) == 10
    assert {address.partition("-")[0] for address in addresses} == {"success+probe"}


def as_delivered(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return these messages as SQS hands them to a function."""
    (pattern,) = load("feedback/send")["Records"]
    return {"Records": [pattern | record for record in records]}


def batch_of(app: App, after: str) -> Batch:
    batch = app.sends.batch(SLUG, after)
    assert batch is not None
    return batch


@pytest.mark.parametrize("event", ["settle/send", "settle/open_sends"])
def test_balanced_books_are_closed_and_their_report_is_asked_for(deployment: Deployment, event: str) -> None:
    finished(deployment)

    assert deployment.invoke(settle, event) == NOTHING_FAILED

    closed = deployment.app.sends.get(SLUG)
    assert closed is not None
    assert closed.books is not None
    assert (closed.state, closed.books.audience, closed.books.sent) == (SendState.CLOSED, 3, 3)
    issue = deployment.app.issues.get(SLUG)
    assert issue is not None
    assert issue.status is IssueStatus.SENT
    assert deployment.queued("report") == [{"report": SLUG}]


def test_an_open_send_keeps_itself_awake(deployment: Deployment) -> None:
    planned_batch(deployment)

    deployment.invoke(settle, "settle/send")

    assert deployment.in_queue("settle") == 1


def test_a_settle_message_that_is_not_ours_goes_to_the_dead_letters(deployment: Deployment) -> None:
    assert len(failed(deployment.invoke(settle, "settle/not_ours"))) == 1


def test_whoever_leaves_between_the_planning_and_the_send_is_not_mailed(deployment: Deployment) -> None:
    from dataclasses import replace

    from newsletter.readers.domain.subscriber import Status

    planned_batch(deployment)
    ben = deployment.app.subscribers.get(an_id(2))
    assert ben is not None
    deployment.app.subscribers.save(replace(ben, status=Status.UNSUBSCRIBED))

    deployment.invoke(send, "send/batch")

    assert len(deployment.ses.messages()) == 2
    batch = deployment.app.sends.batch(SLUG, "00")
    assert batch is not None
    assert batch.outcomes[1] is Outcome.LEFT


def test_no_address_is_logged_by_the_workers(deployment: Deployment, log: StringIO) -> None:
    planned_batch(deployment)
    deployment.ses.simulator.account.limits = Limits(sending_enabled=False)
    deployment.invoke(send, "send/batch")
    deployment.ses.simulator.account.limits = Limits()
    deployment.invoke(send, "send/batch")
    deployment.invoke(send, "send/not_ours")

    logged = log.getvalue()
    assert "failed" in logged
    assert "@" not in logged


def test_a_send_of_a_fast_account_is_spread_reported_and_closed_with_balanced_books(deployment: Deployment) -> None:
    deployment.ses.simulator.account.limits = Limits(max_send_rate=6_000, max_24_hour_send=-1)
    with_an_open_send(deployment)
    numbers = [number * 256 for number in range(1, 5)]
    for number in numbers:
        deployment.save(subscriber(number))
    deployment.context.milliseconds_left = 300_000
    assert deployment.invoke(fan_out, "fan_out/shard") == NOTHING_FAILED
    for shard in shards(16):
        deployment.app.sends.finish_shard(SLUG, shard)
    batches = [
        {"messageId": str(n), "body": json.dumps(body)} for n, body in enumerate(deployment.queued("batch"), start=1)
    ]
    assert send(as_delivered(batches), deployment.context) == NOTHING_FAILED
    topic = deployment.app.settings.feedback_topic_arn
    reports = [
        {"messageId": str(n), "body": json.dumps({"TopicArn": topic, "Message": json.dumps(report)})}
        for n, report in enumerate(deployment.ses.events("Send"))
    ]
    assert feedback(as_delivered(reports), deployment.context) == NOTHING_FAILED
    for number in range(16):
        deployment.app.sweeps.finish_part(SLUG, number)
    deployment.invoke(settle, "settle/send")

    items = boto3.client("dynamodb", region_name=REGION).scan(TableName="SendsTable")["Items"]
    kinds = {(item["slug"]["S"] == SLUG, item["item"]["S"].partition("#")[0]) for item in items}
    assert {(False, "batch"), (False, "shard"), (False, "evidence"), (True, "header"), (True, "progress")} <= kinds
    assert len(deployment.ses.messages()) == len(numbers)
    batch = deployment.app.sends.batch_of(SLUG, an_id(numbers[-1]))
    assert batch is not None
    assert deployment.app.evidence.accepted(SLUG, batch.after) == set(batch.ids)
    closed = deployment.app.sends.get(SLUG)
    assert closed is not None
    assert closed.books is not None
    assert (closed.state, closed.books.audience, closed.books.sent) == (SendState.CLOSED, 4, 4)
