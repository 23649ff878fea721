"""The bill is that of the template, in both sizes, and no larger than it may be."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from local.package import read_template
from local.process import ROOT
from newsletter_cli.bill import (
    CLOCKS,
    DEAD_LETTER_QUEUES,
    KEYS_IN,
    MAPPINGS,
    METRICS,
    MOST,
    SECRETS,
    SIZES,
    WORKERS,
    idle_bill,
    idle_fee,
    yearly_fee,
)

TEMPLATE = read_template(ROOT / "template.yaml")
COUNTED = {row.kind for size in SIZES for row in idle_bill(size)} - {""}

FREE = {
    # Nothing of these is billed while nobody asks for anything; storage is a matter of size.
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
    "AWS::Budgets::Budget", "AWS::CloudFront::Distribution", "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy", "AWS::DynamoDB::Table",
    "AWS::Events::Rule", "AWS::KinesisFirehose::DeliveryStream",
    "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::Lambda::Permission", "AWS::Logs::LogGroup", "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy", "AWS::SES::ConfigurationSet", "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::EmailIdentity", "AWS::SES::ReceiptRule", "AWS::SES::ReceiptRuleSet", "AWS::SNS::Subscription",
    "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
    "AWS::Serverless::Function", "AWS::Serverless::LayerVersion",
}  # fmt: skip
BY_ITS_USE = {"AWS::Lambda::EventSourceMapping", "AWS::Scheduler::Schedule", "AWS::Logs::MetricFilter"}
"""Polls, ticks and metrics, in rows of their own."""


def value(written: Any, parameters: dict[str, str]) -> Any:
    """Return what CloudFormation makes of a condition with these parameters."""
    match written:
        case {"Condition": name}:
            return value(TEMPLATE["Conditions"][name], parameters)
        case {"Ref": name}:
            return parameters.get(name, "us-east-1")
        case {"Fn::Equals": [one, other]}:
            return value(one, parameters) == value(other, parameters)
        case {"Fn::Not": [only]}:
            return not value(only, parameters)
        case {"Fn::And": several}:
            return all(value(each, parameters) for each in several)
        case {"Fn::Join": [between, several]}:
            return between.join(value(several, parameters).split(","))
        case {"Fn::If": [name, then, otherwise]}:
            return value(then if value({"Condition": name}, parameters) else otherwise, parameters)
    return written


def there(size: str) -> dict[str, Any]:
    """Return the resources of a stack of this size as it is set up, with the defaults of all other parameters."""
    parameters = defaults(size)
    return {
        name: each
        for name, each in TEMPLATE["Resources"].items()
        if "Condition" not in each or value({"Condition": each["Condition"]}, parameters)
    }


def defaults(size: str) -> dict[str, str]:
    """Return the parameters as `newsletter setup` gives them to a new stack of a size."""
    given = {"Size": size, "KeysIn": KEYS_IN[size]}
    return {name: str(each.get("Default", "")) for name, each in TEMPLATE["Parameters"].items()} | given


def test_the_template_begins_small() -> None:
    assert TEMPLATE["Parameters"]["Size"]["Default"] == "small"
    assert tuple(TEMPLATE["Parameters"]["Size"]["AllowedValues"]) == SIZES


@pytest.mark.parametrize("size", SIZES)
def test_the_bill_counts_what_stands_in_the_template(size: str) -> None:
    counts = Counter(each["Type"] for each in there(size).values())
    billed = {row.kind: row.number for row in idle_bill(size) if row.kind}

    assert {kind: counts[kind] for kind in COUNTED if counts[kind]} == billed
    assert set(counts) <= COUNTED | FREE | BY_ITS_USE  # what is new in the template has its place in the bill


@pytest.mark.parametrize("size", SIZES)
def test_every_empty_poll_and_every_tick_is_in_the_bill(size: str) -> None:
    resources, parameters = there(size), defaults(size)
    mappings = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::EventSourceMapping"]
    workers = {str(value(each["ScalingConfig"]["MaximumConcurrency"], parameters)) for each in mappings}
    clocks = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Scheduler::Schedule"]
    clocks += [each["Properties"] for each in resources["Schedule"]["Properties"]["Events"].values()]
    often = Counter(
        str(expression)
        for clock in clocks
        if "rate" in (expression := str(value(clock["ScheduleExpression"], parameters)))
    )
    queues = [name for name, each in resources.items() if each["Type"] == "AWS::SQS::Queue" and "DeadLetters" in name]

    assert (len(mappings), workers) == (MAPPINGS, {str(WORKERS)})
    looks = {6: "rate(10 minutes)", 12: "rate(5 minutes)"}[CLOCKS[size].looks]
    assert often == Counter(["rate(10 minutes)", "rate(1 hour)", "rate(1 hour)", looks])
    assert len(clocks) - often.total() == 5  # once a day each
    assert len(queues) == DEAD_LETTER_QUEUES


@pytest.mark.parametrize("size", SIZES)
def test_no_number_is_paid_for_that_the_bill_does_not_show(size: str) -> None:
    resources = there(size)
    reputation = {
        each["Properties"]["ReputationOptions"]["ReputationMetricsEnabled"]
        for each in resources.values()
        if each["Type"] == "AWS::SES::ConfigurationSet"
    }
    keys = {
        str(each["Properties"]["SSESpecification"])
        for each in resources.values()
        if each["Type"] == "AWS::DynamoDB::Table"
    }

    metrics = {
        (str(metric["MetricNamespace"]), metric["MetricName"])
        for each in resources.values()
        if each["Type"] == "AWS::Logs::MetricFilter"
        for metric in each["Properties"]["MetricTransformations"]
    }

    assert len(metrics) == METRICS[size]
    assert reputation == {False}
    assert keys == {str({"SSEEnabled": False})}  # DynamoDB's own key: another one is paid for by the call
    assert "KmsMasterKeyId" not in str(TEMPLATE)
    tracing = value(TEMPLATE["Globals"]["Function"]["Tracing"], defaults(size))
    assert (tracing == "Active") is any(row.what.startswith("traces") for row in idle_bill(size))


@pytest.mark.parametrize("size", SIZES)
def test_a_stack_costs_no_more_than_it_may_while_nothing_is_sent(size: str) -> None:
    assert idle_fee(size) <= MOST[size]


def test_a_small_newsletter_costs_no_more_than_thirty_dollars_a_year() -> None:
    assert yearly_fee("small", 1_000) <= 30


@pytest.mark.parametrize("keys_in", SECRETS)
def test_the_secrets_that_are_paid_for_are_those_that_a_stack_has(keys_in: str) -> None:
    parameters = defaults("small") | {"KeysIn": keys_in}
    made = [
        name
        for name, each in TEMPLATE["Resources"].items()
        if each["Type"] == "AWS::SecretsManager::Secret"
        and ("Condition" not in each or value({"Condition": each["Condition"]}, parameters))
    ]

    assert len(made) == SECRETS[keys_in]
    assert set(TEMPLATE["Parameters"]["KeysIn"]["AllowedValues"]) == set(SECRETS)
