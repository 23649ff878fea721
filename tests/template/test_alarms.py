"""Alarms and the dashboard watch what somebody publishes, and everything that should be watched is.

What the watch judges instead is checked against the code in tests/functions/test_metrics.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.moto_aws import template

STACK = template()
RESOURCES: dict[str, dict[str, Any]] = STACK["Resources"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == kind}


ALARMS = of_type("AWS::CloudWatch::Alarm")
FUNCTIONS = of_type("AWS::Serverless::Function")
QUEUES = of_type("AWS::SQS::Queue")
ON_QUEUES, ON_FUNCTIONS = "AWS::SQS::Queue", "AWS::Serverless::Function"

PUBLISHED = {
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName"): ON_QUEUES,
    ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName"): ON_QUEUES,
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName"): ON_QUEUES,
    ("AWS/SQS", "NumberOfMessagesSent", "QueueName"): ON_QUEUES,
    # https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
    ("AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName"): "AWS::KinesisFirehose::DeliveryStream",
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html (without a dimension: all functions)
    ("AWS/Lambda", "Errors", "FunctionName"): ON_FUNCTIONS,
    ("AWS/Lambda", "Throttles", ""): "",
    ("AWS/Lambda", "Errors", ""): "",
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    ("AWS/ApiGateway", "4xx", "ApiId"): "AWS::ApiGatewayV2::Api",
    ("AWS/ApiGateway", "5xx", "ApiId"): "AWS::ApiGatewayV2::Api",
    # https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
    ("AWS/SES", "Reputation.BounceRate", ""): "",
    ("AWS/SES", "Reputation.ComplaintRate", ""): "",
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ses-metricscollected.html (of the account)
    ("AWS/SES", "Send", ""): "",
    ("AWS/SES", "Delivery", ""): "",
    ("AWS/SES", "Bounce", ""): "",
    ("AWS/SES", "Complaint", ""): "",
}
"""What AWS publishes by itself, with the name of its dimension and the type of resource that gives it a value."""

NAMESPACE = "AWS::StackName"
Watched = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, name, and dimensions, whose values are names of resources or plain texts."""


def alarmed() -> Iterator[tuple[str, Watched]]:
    for name, alarm in ALARMS.items():
        dimensions = tuple((each["Name"], value(each["Value"])) for each in alarm.get("Dimensions", []))
        yield name, (value(alarm["Namespace"]), alarm["MetricName"], dimensions)


def value(written: Any) -> str:
    """Return the text, or the resource that the text is made of."""
    if isinstance(written, str):
        return written
    return str(written.get("Ref") or written["Fn::GetAtt"].split(".")[0])


def shown() -> Iterator[tuple[str, Watched]]:
    """Yield every metric of the dashboard, by the title of its chart."""
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    # ${PlanQueue.QueueName} and ${Send} both stand for a resource; so does ${AWS::StackName} for the stack.
    plain = json.loads(re.sub(r"\$\{([\w:]+)(?:\.\w+)?\}", r"\1", body))
    for widget in plain["widgets"]:
        for metric in widget["properties"].get("metrics", []):
            namespace, name, *rest = (each for each in metric if isinstance(each, str))
            yield widget["properties"]["title"], (namespace, name, tuple(zip(rest[::2], rest[1::2], strict=True)))


WATCHED = [*alarmed(), *shown()]


@pytest.mark.parametrize(("where", "metric"), WATCHED, ids=[f"{where}-{metric[1]}" for where, metric in WATCHED])
def test_whatever_is_watched_is_published_by_somebody(where: str, metric: Watched) -> None:  # noqa: ARG001 - names the case
    namespace, name, dimensions = metric
    if namespace == NAMESPACE:
        assert name in filtered()
        assert dimensions == ()
        return
    assert len(dimensions) <= 1
    (dimension, resource) = dimensions[0] if dimensions else ("", "")
    kind = PUBLISHED[namespace, name, dimension]
    assert not kind or RESOURCES[resource]["Type"] == kind


def filtered() -> set[str]:
    """Return the metrics that CloudWatch makes of lines in a log."""
    return {
        each["MetricName"]
        for properties in of_type("AWS::Logs::MetricFilter").values()
        for each in properties["MetricTransformations"]
        if value(each["MetricNamespace"]) == NAMESPACE
    }


def test_every_number_of_our_own_has_an_alarm_and_a_chart() -> None:
    """Each costs 0.30 USD a month; one that nobody looks at is not worth it."""
    numbers = filtered()

    assert {name for _, (namespace, name, _) in alarmed() if namespace == NAMESPACE} == numbers
    assert {name for _, (namespace, name, _) in shown() if namespace == NAMESPACE} == numbers


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_tells_the_operators_when_it_begins_and_when_it_ends(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "OperatorsTopic"}]
    assert len(alarm["AlarmDescription"]) <= 1024
    assert "TreatMissingData" in alarm
    assert isinstance(alarm["Threshold"], int | float)


OPTIONAL = {name for name, each in RESOURCES.items() if each.get("Condition") == "WithWebhooks"}
"""What only some stacks have: a chart that names it could not be made in the others."""


def test_every_dead_letter_queue_is_counted_by_the_watch_and_has_a_chart() -> None:
    dead_letters = {queue for queue in QUEUES if queue.endswith("DeadLetters")}
    counted = {
        (place["Fn::If"][1] if "Fn::If" in place else place)["Fn::GetAtt"].split(".")[0]
        for policy in FUNCTIONS["Settle"]["Policies"]
        for statement in policy["Statement"]
        if statement["Action"] == "sqs:GetQueueAttributes"
        for place in statement["Resource"]
    }

    assert dead_letters <= counted
    assert {metric[2][0][1] for where, metric in shown() if where == "Dead letters"} == dead_letters - OPTIONAL
    assert {
        each["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"]
        for each in QUEUES.values()
        if "RedrivePolicy" in each
    } == {f"{queue}.Arn" for queue in dead_letters - {"ScheduleDeadLetters", "TellDeadLetters"}}


def consumed() -> dict[str, str]:
    """Return the function that each queue wakes."""
    return {
        mapping["EventSourceArn"]["Fn::GetAtt"].split(".")[0]: mapping["FunctionName"]["Ref"]
        for mapping in of_type("AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" not in mapping  # of a stream
    }


def test_the_oldest_message_of_every_queue_that_wakes_a_function_has_an_alarm() -> None:
    name = "ApproximateAgeOfOldestMessage"

    assert {metric[2][0][1] for _, metric in alarmed() if metric[1] == name} == set(consumed())
    assert {metric[2][0][1] for _, metric in shown() if metric[1] == name} == set(consumed()) - OPTIONAL


@pytest.mark.parametrize("alarm", [name for name, metric in alarmed() if metric[1] == "ApproximateAgeOfOldestMessage"])
def test_a_message_may_be_tried_twice_before_somebody_hears_that_it_waits(alarm: str) -> None:
    queue = value(ALARMS[alarm]["Dimensions"][0]["Value"])

    assert ALARMS[alarm]["Threshold"] >= 2 * QUEUES[queue]["VisibilityTimeout"]


def test_the_errors_of_all_functions_together_have_an_alarm_and_each_has_its_line_in_a_chart() -> None:
    assert {metric[2] for _, metric in alarmed() if metric[1] == "Errors"} == {()}
    assert {metric[2][0][1] for _, metric in shown() if metric[1] == "Errors"} == set(FUNCTIONS) - OPTIONAL


def test_the_alarm_of_the_watch_rings_when_a_queue_falls_silent_that_it_alone_writes_to() -> None:
    alarm = ALARMS["WatchAlarm"]
    writers = {
        name
        for name, each in FUNCTIONS.items()
        if "AllWellQueue" in str([policy for policy in each.get("Policies", []) if isinstance(policy, dict)])
    }

    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": "AllWellQueue.QueueName"}}]
    assert writers == {"Settle"}
    often = {"Fn::If": ["Large", "rate(5 minutes)", "rate(10 minutes)"]}
    assert RESOURCES["SettleClock"]["Properties"]["ScheduleExpression"] == often
    assert alarm["Period"] == 3 * 600


SMALL = {
    "WatchAlarm",
    "FunctionErrorsAlarm",
    "ApiRefusalsAlarm",
    "ApiFailuresAlarm",
    "ComplaintRateAlarm",
}
"""Alarms of every stack; what else there is to see, the watch sees, or the nightly looks, or the doctor."""


def test_a_small_stack_has_the_alarms_that_nothing_inside_it_can_stand_in_for() -> None:
    conditions = {name: RESOURCES[name].get("Condition") for name in ALARMS}

    assert {name for name, condition in conditions.items() if condition is None} == SMALL
    assert {condition for condition in conditions.values() if condition} == {
        "Large", "LargeWithInbound", "LargeWithWebhooks", "LargeAndStreamed",
    }  # fmt: skip
    assert {name for name, each in conditions.items() if each == "LargeAndStreamed"} == {"EventStreamAlarm"}
    assert {name for name, each in conditions.items() if each == "LargeWithInbound"} == {"InboundAgeAlarm"}
    assert {name for name, each in conditions.items() if each == "LargeWithWebhooks"} == {"WebhookAgeAlarm"}
    assert RESOURCES["Dashboard"]["Condition"] == "Large"
    for each in RESOURCES.values():
        assert each["Type"] != "AWS::Logs::MetricFilter" or each["Condition"] == "Large"


@pytest.mark.parametrize(
    ("name", "metric", "most"),
    [
        ("ApiRefusalsAlarm", "4xx", 300),  # 429, by the limits of the stage: one a second is a flood
        ("ApiFailuresAlarm", "5xx", 5),  # 503, where Lambda has no room: API Gateway hands a throttle on as this
    ],
)
def test_pages_that_are_refused_ring_in_a_stack_of_every_size(name: str, metric: str, most: int) -> None:
    """Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"""
    alarm = ALARMS[name]

    assert "Condition" not in RESOURCES[name]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", metric)
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "Api"}}]
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 300, 1)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", most)


def test_the_dashboard_fits_its_grid_and_is_of_the_stacks_own_region() -> None:
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    taken: set[tuple[int, int]] = set()
    for widget in json.loads(body)["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert max(x for x, _ in cells) < 24  # CloudWatch's own width
        assert not cells & taken
        taken |= cells
        assert widget["type"] == "text" or widget["properties"]["region"] == "${AWS::Region}"


SINGLES = {
    "WatchAlarm",
    "FunctionErrorsAlarm",
    "ThrottlesAlarm",
    "EventStreamAlarm",
    "BounceRateAlarm",
    "ComplaintRateAlarm",
    "SignUpsStoppedAlarm",
    "ApiRefusalsAlarm",
    "ApiFailuresAlarm",
}
"""Alarms unlike all others."""

WHEN_ANY = {
    "EvaluationPeriods": 1,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "AlarmActions": [{"Ref": "OperatorsTopic"}],
    "OKActions": [{"Ref": "OperatorsTopic"}],
}


def family(name: str) -> dict[str, Any]:
    """Return all that an alarm must say besides its description, by the family its name puts it in."""
    if subject := re.fullmatch(r"(\w+)AgeAlarm", name):
        return WHEN_ANY | {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateAgeOfOldestMessage",
            "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": f"{subject[1]}Queue.QueueName"}}],
            "Statistic": "Maximum",
            "Period": 300,
            "Threshold": ALARMS[name]["Threshold"],  # as long as a message may rightly wait there
        }
    raise AssertionError(f"{name} is of no family")


@pytest.mark.parametrize("name", sorted(ALARMS.keys() - SINGLES))
def test_an_alarm_says_all_that_its_family_says(name: str) -> None:
    """The template writes each alarm out, because not every tool reads YAML's merge keys; here they are held alike."""
    assert ALARMS[name] == family(name) | {"AlarmDescription": ALARMS[name]["AlarmDescription"]}


@pytest.mark.parametrize("name", ALARMS)
def test_no_alarm_leaves_to_a_default_what_it_counts_and_when_it_rings(name: str) -> None:
    counts = {"Namespace", "MetricName", "Statistic", "Period"}

    assert ALARMS[name].keys() - {"Dimensions"} == WHEN_ANY.keys() | counts | {"AlarmDescription"}


HEADINGS = {
    "AgeAlarm": {"Messages that wait", "Events that wait"},
    "ErrorsAlarm": {"A function crashes"},
}


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_ends_with_the_heading_that_its_family_is_answered_under(name: str) -> None:
    found = re.fullmatch(r'[^"]+ See "([^"]+)" in docs/operate\.md\.', ALARMS[name]["AlarmDescription"])

    assert found
    allowed = [headings for suffix, headings in HEADINGS.items() if name.endswith(suffix)]
    assert all(found[1] in headings for headings in allowed)


def test_the_two_alarms_on_the_accounts_reputation_differ_in_what_they_watch_and_in_nothing_else() -> None:
    own = {"AlarmDescription", "MetricName", "Threshold"}
    bounces, complaints = (
        {key: said for key, said in ALARMS[name].items() if key not in own}
        for name in ("BounceRateAlarm", "ComplaintRateAlarm")
    )

    assert bounces == complaints
    assert bounces["Period"] == 3600  # SES writes them no more often
