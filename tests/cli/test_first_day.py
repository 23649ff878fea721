"""The checklist of the first day: short, honest about what it asks, and of use without credentials too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from newsletter_cli.operator.doctor.finding import Level
from newsletter_cli.operator.doctor.first_day import PROBES, asked, first_day
from newsletter_cli.operator.doctor.patient import Answer, Patient
from tests.cli.conftest import Command
from tests.cli.healthy import World, healthy, refusal, tables


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    yield from tables()


@pytest.fixture
def world(dynamodb: Any) -> World:
    """A healthy stack on its first day."""
    found = healthy(dynamodb)
    found.aws["lambda"]["get_account_settings"] = {"AccountLimit": {"ConcurrentExecutions": 1000}}
    found.aws["sesv2"]["get_account"] |= {"PricingAttributes": {"Plan": "ESSENTIALS"}}
    found.aws["cloudformation"] = {
        "describe_stacks": {"Stacks": [{"EnableTerminationProtection": True}]},
        "list_stack_resources": {
            "StackResourceSummaries": [{"LogicalResourceId": "OperatorsTopic", "PhysicalResourceId": "arn:aws:sns:x"}]
        },
    }
    found.aws["cloudwatch"]["get_metric_statistics"] = {"Datapoints": [{"Sum": 359.0}]}
    found.aws["logs"] = {"filter_log_events": {"events": [{"message": "REPORT Init Duration: 812.50 ms"}]}}
    return found


def patient(world: World) -> Patient:
    """Return the stack, with pages behind CloudFront and an API that is shut to everybody else."""
    made = world.patient()
    resources = replace(made.stack.resources, distribution_id="E1")

    def fetch(address: str) -> Answer:
        return Answer(403, {}) if "execute-api" in address else Answer(200, {"x-amz-cf-pop": "LHR5"})

    return replace(made, stack=replace(made.stack, resources=resources), fetch=fetch)


def levels(world: World) -> dict[str, Level]:
    return {finding.name: finding.level for _, finding in asked(patient(world)) if finding is not None}


def test_there_are_fifteen_at_most_and_each_says_what_to_expect() -> None:
    assert len(PROBES) <= 15
    assert all(probe.question.endswith("?") and probe.command and probe.expected for probe in PROBES)
    assert len({probe.question for probe in PROBES}) == len(PROBES)


def test_on_a_good_first_day_all_is_well(world: World) -> None:
    found = levels(world)
    assert set(found.values()) == {Level.OK}
    assert len(found) == len([probe for probe in PROBES if probe.ask])


@pytest.mark.parametrize(
    ("change", "name", "level"),
    [
        (lambda aws: aws["sesv2"]["get_account"].update(ProductionAccessEnabled=False), "account", Level.PROBLEM),
        (lambda aws: aws["sesv2"]["get_account"].pop("PricingAttributes"), "account", Level.OK),
        (lambda aws: aws["cloudwatch"].update(get_metric_statistics={"Datapoints": []}), "empty polls", Level.SKIPPED),
        (lambda aws: aws["cloudwatch"].update(get_metric_statistics={"Datapoints": [{"Sum": 900.0}]}),
         "empty polls", Level.WARNING),
        (lambda aws: aws["lambda"]["get_account_settings"]["AccountLimit"].update(ConcurrentExecutions=10),
         "concurrency", Level.WARNING),
        (lambda aws: aws["cloudformation"].update(describe_stacks={"Stacks": [{}]}), "protection", Level.PROBLEM),
        (lambda aws: aws["sns"].update(list_subscriptions_by_topic={
            "Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}]}), "alarms", Level.PROBLEM),
        (lambda aws: aws["logs"].update(filter_log_events={"events": []}), "starts", Level.SKIPPED),
        (lambda aws: aws["logs"].update(filter_log_events={
            "events": [{"message": "Init Duration: 4100.00 ms"}]}), "starts", Level.WARNING),
        (lambda aws: aws["sesv2"].update(get_email_identity={
            "DkimAttributes": {"Status": "PENDING"}}), "identity", Level.PROBLEM),
        (lambda aws: aws["sesv2"].update(get_account=refusal("ExpiredToken", "GetAccount")), "refused", Level.PROBLEM),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(world: World, change: Callable[[Any], object], name: str, level: Level) -> None:
    change(world.aws)
    assert levels(world)[name] is level


def test_an_open_back_door_and_pages_past_cloudfront_are_found(world: World) -> None:
    open_to_all = replace(patient(world), fetch=lambda address: Answer(200, {}))
    found = {finding.name: finding.level for _, finding in asked(open_to_all) if finding is not None}
    assert (found["back door"], found["pages"]) == (Level.PROBLEM, Level.WARNING)


def test_without_credentials_the_list_is_shown_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    def nobody() -> Patient:
        raise NoCredentialsError

    first_day(nobody, as_json=False)

    said = capsys.readouterr()
    assert all(probe.question in said.out for probe in PROBES)
    assert "Nothing was asked from here: There are no AWS credentials" in said.err


def test_the_names_of_the_stack_stand_in_the_commands(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    first_day(lambda: patient(world), as_json=True)

    commands = [each["command"] for each in json.loads(capsys.readouterr().out)]
    assert any("--stack-name prod " in each for each in commands)
    assert any("--email-identity example.org" in each for each in commands)
    assert any("curl -sI https://briefing.example.org/subscribe/" in each for each in commands)


def test_the_verb_shows_it(newsletter: Command) -> None:
    said = newsletter("--local", "doctor", "--first-day")
    assert said.code == 0
    assert "[ ] for you" in said.out
