"""The nightly forgetting through the real handler and its queue: from part to part, and what editors read of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest

from functions.report.handler import lambda_handler as report
from functions.settle.handler import lambda_handler as settle
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status
from newsletter.reports.domain.retention_run import RetentionRun, RetentionStep
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.send import Send, SendState
from tests.core.fakes import VirtualClock
from tests.factories import SLUG, an_id, record, subscriber
from tests.functions.conftest import Deployment, load


def a_reader_who_left_and_an_old_send(deployment: Deployment) -> None:
    now = deployment.now()
    receipt = Consent(asked_at=now, confirmed_at=now).sealed("key")
    deployment.save(
        subscriber(status=Status.UNSUBSCRIBED, left_at=now - timedelta(days=31), consent=receipt, name="Ada")
    )
    deployment.app.issues.put(record(status=IssueStatus.SENT), before=None)
    old = now - timedelta(days=500)
    send = Send(slug=SLUG, content_hash="a" * 64, shards=1, opened_at=old)
    deployment.app.sends.open(replace(send, state=SendState.CLOSED, closed_at=old, books=Books(0)))


DONE = RetentionRun(step=RetentionStep.DONE, forgotten=1, receipts=1, sends=1)


def test_a_night_forgets_and_says_so_where_editors_look_and_mails_nobody(deployment: Deployment, log: StringIO) -> None:
    a_reader_who_left_and_an_old_send(deployment)
    deployment.invoke(settle, "settle/retention")

    kept = deployment.app.retention_log.last()
    assert kept is not None
    assert kept[1] == DONE
    forgotten = deployment.app.subscribers.get(an_id(1))
    assert forgotten is not None
    assert (forgotten.email, forgotten.name, forgotten.status) == ("", "", Status.UNSUBSCRIBED)
    deployment.invoke(report, "report/growth")
    growth = json.loads(deployment.app.content.report("list_growth") or "{}")
    assert growth["forgetting"] == {
        "finished_at": kept[0].isoformat(), "forgotten": 1, "receipts": 1, "asked": 0, "ended": 0, "sends": 1,
        "items": 0,
    }  # fmt: skip
    assert deployment.ses.messages() == []
    assert "@" not in log.getvalue()


def test_a_night_that_runs_out_of_time_goes_on_with_its_next_message(deployment: Deployment) -> None:
    a_reader_who_left_and_an_old_send(deployment)
    in_time = deployment.app.clock
    deployment.app.clock = VirtualClock(deployment.now() + timedelta(hours=1))  # type: ignore[assignment]
    deployment.invoke(settle, "settle/retention")
    assert deployment.app.retention_log.last() is None
    (message,) = deployment.drain("settle")

    deployment.app.clock = in_time
    event = load("settle/retention")
    event["Records"][0]["body"] = json.dumps(message)
    settle(event, deployment.context)
    kept = deployment.app.retention_log.last()
    assert kept is not None
    assert kept[1] == DONE


@pytest.mark.parametrize("progress", ["", "[]", "{", '{"step": "sideways"}', '{"sends": "many"}'])
def test_a_forgetting_that_stands_nowhere_goes_to_the_dead_letters(deployment: Deployment, progress: str) -> None:
    event = load("settle/retention")
    event["Records"][0]["body"] = json.dumps({"settle": "retention of data", "progress": progress})

    assert len(settle(event, deployment.context)["batchItemFailures"]) == 1


def test_a_forgetting_takes_no_notice_of_what_another_release_wrote_besides(deployment: Deployment) -> None:
    event = load("settle/retention")
    event["Records"][0]["body"] = json.dumps({"settle": "retention of data", "progress": '{"found": 1}'})

    assert settle(event, deployment.context)["batchItemFailures"] == []


def test_the_page_of_the_lists_growth_says_what_the_last_night_did(deployment: Deployment) -> None:
    a_reader_who_left_and_an_old_send(deployment)
    deployment.invoke(settle, "settle/retention")
    deployment.invoke(report, "report/growth")
    growth = json.loads(deployment.app.content.report("list_growth") or "{}")

    page = deployment.app.pages.page("growth", report=growth, zone=deployment.app.rhythm.time_zone, json_url="/")

    assert "the records of 1 reader who had unsubscribed were erased" in page
    assert "and so were the outcomes for single readers of 1 old send." in page
