"""An issue with an hour of its own, through the functions that the watch and the queue wake."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.publish.handler import lambda_handler as publish
from functions.schedule.handler import lambda_handler as schedule
from newsletter.core.time_zones import WallTime
from newsletter.issues.adapters.publish_queue import read_hour
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from tests.factories import SLUG, record
from tests.functions.conftest import Deployment


def put(deployment: Deployment, away: timedelta, **changes: Any) -> None:
    """Put an issue whose hour is so far away."""
    app = deployment.app
    hour = WallTime.at(deployment.now() + away, app.rhythm.time_zone)
    app.issues.put(record(**{"send": SendPolicy.AT, "send_at": hour, "date": hour.day, **changes}), before=None)


def status(deployment: Deployment) -> IssueStatus:
    stored = deployment.app.issues.get(SLUG)
    assert stored is not None
    return stored.status


def test_a_message_whose_hour_has_come_opens_the_send_once(deployment: Deployment) -> None:
    put(deployment, -timedelta(minutes=3))

    for _ in range(2):
        assert deployment.invoke(publish, "publish/hour") == {"batchItemFailures": []}

    send = deployment.app.sends.get(SLUG)
    assert send is not None
    assert status(deployment) is IssueStatus.SENDING
    assert deployment.ses.messages(to="editors@example.org") == []


def test_an_approval_asks_by_the_message_that_publish_reads(deployment: Deployment) -> None:
    deployment.app.publish_queue.send_at_hour(SLUG)

    (message,) = deployment.drain("publish")

    assert read_hour(json.dumps(message)) == SLUG
    assert read_hour('{"hour": "../../x"}') is read_hour('{"publish": "a"}') is None


def test_a_message_that_comes_hours_before_a_moved_hour_does_nothing(deployment: Deployment) -> None:
    put(deployment, timedelta(hours=2))

    assert deployment.invoke(publish, "publish/hour") == {"batchItemFailures": []}

    assert (status(deployment), deployment.in_queue("publish")) == (IssueStatus.READY, 0)


def test_the_watch_asks_for_what_comes_soon_and_sends_what_was_missed(deployment: Deployment) -> None:
    deployment.app.calendar.watched_since(deployment.now() - timedelta(days=9))
    put(deployment, timedelta(minutes=12))

    assert deployment.invoke(schedule, "schedule/watch")["fired"] == []
    assert deployment.in_queue("publish") == 1

    stored = deployment.app.issues.get(SLUG)
    assert stored is not None
    missed = WallTime.at(deployment.now() - timedelta(minutes=9), deployment.app.rhythm.time_zone)
    assert deployment.app.issues.put(record(send=SendPolicy.AT, send_at=missed), before=stored)

    assert deployment.invoke(schedule, "schedule/watch")["fired"] == ["send"]
    assert status(deployment) is IssueStatus.SENDING


@pytest.mark.parametrize("changes", [{"held": True}, {"status": IssueStatus.DRAFT}], ids=["held", "draft"])
def test_what_waits_for_a_person_is_told_to_the_editors_once(deployment: Deployment, changes: dict[str, Any]) -> None:
    put(deployment, -timedelta(minutes=9), **changes)

    for _ in range(2):
        deployment.invoke(publish, "publish/hour")

    (mail,) = deployment.ses.messages(to="editors@example.org")
    assert mail["subject"].startswith("“More for more” was not sent: it is ")
    assert deployment.app.sends.get(SLUG) is None
