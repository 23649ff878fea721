"""The numbers of our own, as the functions really write them: the watch falls silent for the bad and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
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
from newsletter.reports.domain.metrics import WELL_UP_TO, Metric
from newsletter.reports.jobs.measure import measure
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import PausedBy, Send
from newsletter_cli.operator.doctor.floods import SIGN_UP_LINES
from tests.core.fakes import VirtualClock
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.conftest import Deployment, load
from tests.moto_aws import make_queue, template

RESOURCES = template()["Resources"]
ALARMS = {
    name: each["Properties"]
    for name, each in RESOURCES.items()
    if each["Type"] == "AWS::CloudWatch::Alarm" and each["Properties"]["Namespace"] == {"Ref": "AWS::StackName"}
}


def read(output: str) -> dict[str, float]:
    """Return the numbers in a log."""
    numbers: dict[str, float] = {}
    for line in output.splitlines():
        plain = json.loads(line) if line.startswith("{") else {}
        if plain.pop("message", "") == "numbers":
            numbers |= plain
    return numbers


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
    deployment.invoke(schedule, "schedule/watch")  # the clock of the slots makes up for it


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


def something_failed_for_good(deployment: Deployment, queue: str = "fortnightly-GreetDeadLetters-1ABC") -> None:
    sqs = deployment.app.make_client("sqs")
    sqs.send_message(QueueUrl=make_queue(queue), MessageBody="{}")


def somebody_elses_dead_letter(deployment: Deployment) -> None:
    something_failed_for_good(deployment, "fortnightly-two-GreetDeadLetters-1ABC")


def nothing_special(deployment: Deployment) -> None: ...


LOOKS = (settle, "settle/open_sends")
AT_NIGHT = (settle, "settle/suppression_list")
REPORTS = (report, "report/send")

CASES = [
    (Metric.SENDS_LATE, LOOKS, late, True),
    (Metric.SENDS_LATE, LOOKS, in_time, False),
    (Metric.SENDS_LATE, LOOKS, late_and_held_by_a_person, False),
    (Metric.SENDS_LATE, LOOKS, nothing_special, False),
    (Metric.BREAKERS_OPEN, LOOKS, held_by_the_breaker, True),
    (Metric.BREAKERS_OPEN, LOOKS, confirmations_held, True),
    (Metric.BREAKERS_OPEN, LOOKS, in_time, False),
    (Metric.BREAKERS_OPEN, LOOKS, late_and_held_by_a_person, False),
    (Metric.QUOTA_USED, LOOKS, used(0.81), True),
    (Metric.QUOTA_USED, LOOKS, used(0.79), False),
    (Metric.QUOTA_USED, LOOKS, account(max_24_hour_send=-1), False),
    (Metric.QUOTA_USED, LOOKS, account(max_24_hour_send=0), True),
    (Metric.ACCOUNT_NOT_HEALTHY, LOOKS, account(enforcement_status="PROBATION"), True),
    (Metric.ACCOUNT_NOT_HEALTHY, LOOKS, account(enforcement_status="SHUTDOWN"), True),
    (Metric.ACCOUNT_NOT_HEALTHY, LOOKS, account(sending_enabled=False), True),
    (Metric.ACCOUNT_NOT_HEALTHY, LOOKS, nothing_special, False),
    (Metric.SUPPRESSION_DRIFT, AT_NIGHT, a_reader_whom_ses_suppressed, True),
    (Metric.SUPPRESSION_DRIFT, AT_NIGHT, strangers_whom_ses_suppressed, False),
    (Metric.REPORTS_MISSING, REPORTS, closed_two_hours_ago(reported=False), True),
    (Metric.REPORTS_MISSING, REPORTS, closed_two_hours_ago(reported=True), False),
    (Metric.SLOTS_NOT_STARTED, LOOKS, a_slot_two_hours_ago, True),
    (Metric.SLOTS_NOT_STARTED, LOOKS, a_slot_two_hours_ago_for_an_issue_that_is_ready, False),
    (Metric.SLOTS_NOT_STARTED, LOOKS, nothing_special, False),
    (Metric.DEAD_LETTERS, LOOKS, something_failed_for_good, True),
    (Metric.DEAD_LETTERS, LOOKS, somebody_elses_dead_letter, False),
]
"""What is given, and whether the number says that it is bad."""

JUDGED_ELSEWHERE = {
    Metric.SUPPRESSION_DRIFT: "put right in the same night; `newsletter doctor` and the desk say when that was",
    Metric.REPORTS_MISSING: "said in the report that editors get, and by `newsletter doctor`",
}


@pytest.mark.parametrize(("metric", "woken", "given", "bad"), CASES)
def test_the_watch_is_silent_for_what_is_bad_and_for_nothing_else(
    deployment: Deployment,
    capsys: pytest.CaptureFixture[str],
    metric: Metric,
    woken: tuple[Callable[..., Any], str],
    given: Callable[[Deployment], None],
    bad: bool,
) -> None:
    given(deployment)
    handler, event = woken
    deployment.invoke(handler, event)
    numbers = read(capsys.readouterr().out)

    assert set(numbers) <= set(Metric)
    assert (numbers[metric] > WELL_UP_TO.get(metric, 0)) is bad
    if woken == LOOKS:
        judged = {each for each, number in numbers.items() if number > WELL_UP_TO[Metric(each)]}
        assert bool(deployment.drain("all_well")) is (not judged)
        assert (metric in judged) is bad


def test_every_number_of_ours_is_tried_both_ways_and_judged_by_the_watch_or_elsewhere() -> None:
    tried = {(metric, bad) for metric, _, _, bad in CASES}

    assert tried == {(metric, bad) for metric in Metric for bad in (True, False)}
    assert {metric for metric, woken, _, _ in CASES if woken == LOOKS} == set(WELL_UP_TO)
    assert set(Metric) - set(WELL_UP_TO) == set(JUDGED_ELSEWHERE)


@pytest.mark.parametrize("event", ["settle/suppression_list", "settle/send"])
def test_only_a_look_at_everything_says_that_all_is_well(deployment: Deployment, event: str) -> None:
    in_time(deployment)
    deployment.invoke(settle, event)

    assert deployment.drain("all_well") == []


def test_the_clock_of_the_slots_does_not_stand_in_for_the_watch(deployment: Deployment) -> None:
    deployment.invoke(schedule, "schedule/watch")

    assert deployment.drain("all_well") == []


@pytest.mark.parametrize("all_settled", [True, False])
def test_a_send_that_could_not_be_settled_is_not_well(deployment: Deployment, all_settled: bool) -> None:
    measure([], all_settled=all_settled, ports=deployment.app.measure_ports, now=deployment.now())

    assert bool(deployment.drain("all_well")) is all_settled


FILTERS = {
    "ConfirmationBudget": '{ ($.mail = "budget") && ($.occasion != "renewal") }',
    "SparedMailboxes": '{ ($.mail = "spared") || ($.mail = "undeliverable") }',
    "SignUpRefusals": '{ $.message = "sign-up refused" && $.reason != "honeypot" }',
    "SignUpsWithoutRoom": '{ $.reason = "full" }',
}


FLOODS = {"ConfirmationBudget": 1, "SparedMailboxes": 20, "SignUpRefusals": 100, "SignUpsWithoutRoom": 1}
"""How many lines in five minutes ring."""


@pytest.mark.parametrize("name", FILTERS)
def test_what_a_filter_counts_is_what_the_alarm_watches(name: str) -> None:
    """CloudWatch reads the lines by itself; the filter is all that stands between them and the alarm."""
    pattern, alarm = RESOURCES[name]["Properties"], ALARMS["SignUpsStoppedAlarm"]
    (metric,) = pattern["MetricTransformations"]

    assert (metric["MetricNamespace"], metric["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])
    assert "Dimensions" not in alarm
    assert pattern["FilterPattern"] == FILTERS[name]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Sum", "GreaterThanOrEqualToThreshold")
    assert Decimal(metric["MetricValue"]) * FLOODS[name] == alarm["Threshold"]


def test_the_doctor_reads_the_lines_that_the_filters_read() -> None:
    read_by_doctor = {pattern: (word, usual) for word, pattern, usual in SIGN_UP_LINES.values()}

    assert set(read_by_doctor) == set(FILTERS.values())
    for name, pattern in FILTERS.items():
        word, usual = read_by_doctor[pattern]
        assert RESOURCES[name]["Properties"]["LogGroupName"] == {"Ref": f"{word.title()}Logs"}
        assert usual == (FLOODS[name] if FLOODS[name] > 1 else 0)


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


@pytest.mark.parametrize("progress", ["", "[]", "{", '{"step": "sideways"}', '{"put": "many"}'])
def test_a_comparison_that_stands_nowhere_goes_to_the_dead_letters(deployment: Deployment, progress: str) -> None:
    event = load("settle/suppression_list")
    event["Records"][0]["body"] = json.dumps({"settle": "suppression list", "progress": progress})

    assert len(settle(event, deployment.context)["batchItemFailures"]) == 1


def test_a_comparison_takes_no_notice_of_what_another_release_wrote_besides(deployment: Deployment) -> None:
    event = load("settle/suppression_list")
    event["Records"][0]["body"] = json.dumps({"settle": "suppression list", "progress": '{"found": 1}'})

    assert settle(event, deployment.context)["batchItemFailures"] == []
