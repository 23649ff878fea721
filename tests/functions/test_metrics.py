"""Every alarm on a number of our own, against what the functions really write: it rings for the bad and no other."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from functions.greet.handler import lambda_handler as greet
from functions.report.handler import lambda_handler as report
from functions.schedule.handler import lambda_handler as schedule
from functions.settle.handler import lambda_handler as settle
from functions.subscribe.handler import lambda_handler as subscribe
from local.simulator.account import Limits
from local.simulator.suppression import Suppressed
from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import time_zone
from newsletter.feedback.domain.reconciliation import Reconciliation, Step
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.greeting import Letter, Occasion
from newsletter.readers.domain.limits import Lane
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.mail_limiter import MailLimiter
from newsletter.reports.domain.metrics import Metric
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import PausedBy, Send
from tests.core.fakes import VirtualClock
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.conftest import POWERTOOLS, Deployment, load
from tests.moto_aws import template

RESOURCES = template()["Resources"]
ALARMS = {
    name: each["Properties"]
    for name, each in RESOURCES.items()
    if each["Type"] == "AWS::CloudWatch::Alarm" and each["Properties"]["Namespace"] == {"Ref": "AWS::StackName"}
}
STATISTICS: dict[str, Callable[[list[float]], float]] = {"Maximum": max, "Sum": sum, "SampleCount": len}
OPERATORS = {"GreaterThanThreshold": operator.gt, "LessThanThreshold": operator.lt}

Numbers = dict[tuple[str, str, tuple[tuple[str, str], ...]], list[float]]
"""Values by namespace, name and dimensions: what CloudWatch makes of the lines."""


def read(output: str) -> Numbers:
    """Read a log as CloudWatch does.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    numbers: Numbers = {}
    for line in output.splitlines():
        plain = json.loads(line) if line.startswith("{") else {}
        for directive in plain.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in directive["Dimensions"]:
                dimensions = tuple((name, plain[name]) for name in names)
                for metric in directive["Metrics"]:
                    said = plain[metric["Name"]]
                    values = said if isinstance(said, list) else [said]
                    numbers.setdefault((directive["Namespace"], metric["Name"], dimensions), []).extend(values)
    return numbers


def rings(name: str, numbers: Numbers) -> bool:
    """Return whether this alarm would ring, had all these numbers come within one of its periods."""
    alarm = ALARMS[name]
    dimensions = tuple((each["Name"], each["Value"]) for each in alarm.get("Dimensions", []))
    values = numbers.get((POWERTOOLS["POWERTOOLS_METRICS_NAMESPACE"], alarm["MetricName"], dimensions), [])
    if not values:
        return bool(alarm["TreatMissingData"] == "breaching")
    value = STATISTICS[alarm["Statistic"]](values)
    return bool(OPERATORS[alarm["ComparisonOperator"]](value, alarm["Threshold"]))


def a_send(deployment: Deployment, **changes: Any) -> None:
    now = deployment.now()
    deployment.app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
    deployment.app.content.put_rendered(rendered())
    expected = forecast(9, Allowance(per_second=14, per_day=200, left_today=200))
    send = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now, forecast=expected)
    deployment.app.sends.open(replace(send, **changes))


def in_time(deployment: Deployment) -> None:
    a_send(deployment, expected_end=deployment.now() + timedelta(hours=1))


def late(deployment: Deployment) -> None:
    a_send(deployment, expected_end=deployment.now() - timedelta(hours=1))


def late_and_held_by_a_person(deployment: Deployment) -> None:
    late(deployment)
    deployment.app.sends.pause(SLUG, "We wait.", by=PausedBy.PERSON, now=deployment.now())


def held_by_the_breaker(deployment: Deployment) -> None:
    in_time(deployment)
    deployment.app.sends.pause(SLUG, "Too many bounces.", by=PausedBy.BREAKER, now=deployment.now())


def confirmations_held(deployment: Deployment) -> None:
    deployment.app.confirmation_watches[Lane.FAST].hold("Too many bounces.", now=deployment.now())


def used(share: float) -> Callable[[Deployment], None]:
    def use(deployment: Deployment) -> None:
        account = deployment.ses.simulator.account
        account.count(int(share * account.limits.max_24_hour_send), deployment.ses.clock.now)

    return use


def account(**changes: Any) -> Callable[[Deployment], None]:
    def change(deployment: Deployment) -> None:
        deployment.ses.simulator.account.limits = Limits(**changes)

    return change


def a_reader_whom_ses_suppressed(deployment: Deployment) -> None:
    addresses = deployment.app.addresses
    who = addresses.subscriber_id(addresses.mailbox("ada@example.org"))
    deployment.save(subscriber(subscriber_id=who, email="ada@example.org"))
    strangers_whom_ses_suppressed(deployment, "ada@example.org")


def strangers_whom_ses_suppressed(deployment: Deployment, email: str = "stranger@example.org") -> None:
    deployment.ses.simulator.suppression.add(Suppressed(email, "BOUNCE", deployment.ses.clock.now))


def a_slot_two_hours_ago(deployment: Deployment) -> None:
    slot = deployment.now() - timedelta(hours=2)
    deployment.app.rhythm = Rhythm(anchor=slot.date(), time_zone=time_zone("UTC"), hour=slot.hour, minute=slot.minute)
    deployment.app.calendar.watched_since(slot - timedelta(days=30))


def a_slot_two_hours_ago_for_an_issue_that_is_ready(deployment: Deployment) -> None:
    a_slot_two_hours_ago(deployment)
    day = (deployment.now() - timedelta(hours=2)).date()
    deployment.app.issues.put(record(date=day), before=None)


def closed_two_hours_ago(*, reported: bool) -> Callable[[Deployment], None]:
    def close(deployment: Deployment) -> None:
        a_send(deployment)
        sends, at = deployment.app.sends, deployment.now() - timedelta(hours=2)
        batch = Batch.of(SLUG, "00", (an_id(1),), now=at)
        sends.add_batch(batch)
        assert sends.replace(batch, batch.recorded({an_id(1): Outcome.SENT}, now=at))
        send = sends.get(SLUG)
        assert send is not None
        assert sends.close(send, Books(1, sent=1), now=at)
        if reported:
            deployment.app.evidence.add(SLUG, "00", [an_id(1)])

    return close


def nothing_special(deployment: Deployment) -> None: ...


LOOKS = (settle, "settle/open_sends")
AT_NIGHT = (settle, "settle/suppression_list")
REPORTS = (report, "report/send")
WATCHES = (schedule, "schedule/watch")

CASES = [
    ("SendsLateAlarm", LOOKS, late, True),
    ("SendsLateAlarm", LOOKS, in_time, False),
    ("SendsLateAlarm", LOOKS, late_and_held_by_a_person, False),
    ("SendsLateAlarm", LOOKS, nothing_special, False),
    ("BreakersOpenAlarm", LOOKS, held_by_the_breaker, True),
    ("BreakersOpenAlarm", LOOKS, confirmations_held, True),
    ("BreakersOpenAlarm", LOOKS, in_time, False),
    ("BreakersOpenAlarm", LOOKS, late_and_held_by_a_person, False),
    ("QuotaUsedAlarm", LOOKS, used(0.81), True),
    ("QuotaUsedAlarm", LOOKS, used(0.79), False),
    ("QuotaUsedAlarm", LOOKS, account(max_24_hour_send=-1), False),
    ("QuotaUsedAlarm", LOOKS, account(max_24_hour_send=0), True),
    ("AccountNotHealthyAlarm", LOOKS, account(enforcement_status="PROBATION"), True),
    ("AccountNotHealthyAlarm", LOOKS, account(enforcement_status="SHUTDOWN"), True),
    ("AccountNotHealthyAlarm", LOOKS, account(sending_enabled=False), True),
    ("AccountNotHealthyAlarm", LOOKS, nothing_special, False),
    ("SuppressionDriftAlarm", AT_NIGHT, a_reader_whom_ses_suppressed, True),
    ("SuppressionDriftAlarm", AT_NIGHT, strangers_whom_ses_suppressed, False),
    ("ReportsMissingAlarm", REPORTS, closed_two_hours_ago(reported=False), True),
    ("ReportsMissingAlarm", REPORTS, closed_two_hours_ago(reported=True), False),
    ("SlotsNotStartedAlarm", WATCHES, a_slot_two_hours_ago, True),
    ("SlotsNotStartedAlarm", WATCHES, a_slot_two_hours_ago_for_an_issue_that_is_ready, False),
    ("SlotsNotStartedAlarm", WATCHES, nothing_special, False),
    ("ClockAlarm", LOOKS, nothing_special, False),
    ("ClockAlarm", WATCHES, nothing_special, True),  # the one clock does not stand in for the other
]


@pytest.mark.parametrize(("alarm", "woken", "given", "bad"), CASES)
def test_an_alarm_rings_for_what_is_bad_and_for_nothing_else(
    deployment: Deployment,
    capsys: pytest.CaptureFixture[str],
    alarm: str,
    woken: tuple[Callable[..., Any], str],
    given: Callable[[Deployment], None],
    bad: bool,
) -> None:
    given(deployment)
    handler, event = woken
    deployment.invoke(handler, event)
    numbers = read(capsys.readouterr().out)

    assert rings(alarm, numbers) is bad
    if alarm != "ClockAlarm":
        assert any(name == ALARMS[alarm]["MetricName"] for _, name, _ in numbers)  # it is silent for a reason
    assert {name for _, name, _ in numbers} <= set(Metric)


def test_every_alarm_on_a_number_of_ours_is_tried_both_ways() -> None:
    tried = {(alarm, bad) for alarm, _, _, bad in CASES}

    assert tried == {
        (alarm, bad) for alarm in set(ALARMS) - {f"{name}Alarm" for name in FILTERS} for bad in (True, False)
    }


FILTERS = {
    "ConfirmationBudget": '{ ($.mail = "budget") && ($.occasion != "renewal") }',
    "SparedMailboxes": '{ $.mail = "spared" }',
    "SignUpRefusals": '{ $.message = "sign-up refused" && $.reason != "honeypot" }',
    "SignUpsWithoutRoom": '{ $.reason = "full" }',
}


@pytest.mark.parametrize("name", FILTERS)
def test_what_a_filter_counts_is_what_its_alarm_watches(name: str) -> None:
    """CloudWatch reads the lines by itself; the filter is all that stands between them and the alarm."""
    pattern = RESOURCES[name]["Properties"]
    (metric,) = pattern["MetricTransformations"]
    alarm = ALARMS[f"{name}Alarm"]

    assert (metric["MetricNamespace"], metric["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])
    assert "Dimensions" not in alarm
    assert pattern["FilterPattern"] == FILTERS[name]


def test_a_sign_up_that_is_refused_is_logged_as_the_filters_read_it(deployment: Deployment, log: StringIO) -> None:
    settings = replace(deployment.app.settings, sign_ups_per_network=4)  # one in the slow lane
    deployment.app.settings = settings
    for _ in range(2):
        deployment.invoke(subscribe, "subscribe/json")
    deployment.app.settings = replace(settings, sign_ups_per_network=400, confirmations_per_hour=0)
    answer = deployment.invoke(subscribe, "subscribe/json")

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    refused = [line["reason"] for line in lines if line["message"] == "sign-up refused"]
    assert refused == ["network-slow", "full"]
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "3600"


def test_a_mail_that_has_to_wait_is_logged_as_the_filter_reads_it(
    deployment: Deployment, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:

    now = deployment.now()
    deployment.save(subscriber(status=Status.UNCONFIRMED, signed_up_at=now, confirmed_at=None))
    monkeypatch.setattr(deployment.app, "settings", replace(deployment.app.settings, confirmations_per_hour=1))
    limiter = MailLimiter(deployment.app.counters, deployment.app.policy, "key")
    limiter.book(Letter.CONFIRMATION, "ada@gmail.com", Lane.FAST, now=now)
    body = {"occasion": str(Occasion.SIGN_UP), "subscriber": an_id(1), "asked_at": now.isoformat()}
    event = load("greet/sign_up")
    event["Records"][0]["body"] = json.dumps(body)
    greet(event, deployment.context)

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["mail"] for line in lines if "mail" in line] == ["budget"]


def test_the_editors_hear_what_ses_thinks_of_the_account_once(deployment: Deployment) -> None:
    deployment.ses.simulator.account.limits = Limits(enforcement_status="PROBATION")
    for _ in range(2):
        deployment.invoke(settle, "settle/open_sends")

    (mail,) = deployment.ses.messages(to="editors@example.org")
    assert mail["subject"] == "SES is watching this account"


def test_a_night_heals_what_differs_and_says_what_it_found_without_an_address(
    deployment: Deployment, log: StringIO
) -> None:
    a_reader_whom_ses_suppressed(deployment)
    deployment.invoke(settle, "settle/suppression_list")

    kept = deployment.app.account_watch.last_reconciliation()
    assert kept is not None
    assert kept[1] == Reconciliation(step=Step.DONE, listed=1, compared=1, suppressed=1)
    assert '"suppressed":1' in log.getvalue().replace(" ", "")
    assert "@" not in log.getvalue()


def test_a_comparison_that_runs_out_of_time_goes_on_with_its_next_message(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    a_reader_whom_ses_suppressed(deployment)
    in_time = deployment.app.clock
    deployment.app.clock = VirtualClock(deployment.now() + timedelta(hours=1))  # type: ignore[assignment]
    deployment.invoke(settle, "settle/suppression_list")
    assert deployment.app.account_watch.last_reconciliation() is None
    (message,) = deployment.drain("settle")
    assert read(capsys.readouterr().out) == {}

    deployment.app.clock = in_time
    event = load("settle/suppression_list")
    event["Records"][0]["body"] = json.dumps(message)
    settle(event, deployment.context)
    assert deployment.app.account_watch.last_reconciliation() is not None


@pytest.mark.parametrize("progress", ["", "[]", "{", '{"step": "sideways"}', '{"found": 1}', '{"put": "many"}'])
def test_a_comparison_that_stands_nowhere_goes_to_the_dead_letters(deployment: Deployment, progress: str) -> None:
    event = load("settle/suppression_list")
    event["Records"][0]["body"] = json.dumps({"settle": "suppression list", "progress": progress})

    assert len(settle(event, deployment.context)["batchItemFailures"]) == 1
