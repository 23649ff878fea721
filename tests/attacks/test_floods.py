"""A flood of forms used to make one-click leaving answer 429, and nobody heard of it.

One limit of 25 requests a second stood for all routes; no alarm rang on refusals or failures of the API, no log said
what came, and no budget what it cost.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.package import read_template
from local.process import ROOT

TEMPLATE = read_template(ROOT / "template.yaml")
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
STAGE = RESOURCES["ApiStage"]


@pytest.mark.parametrize("route", ["UnsubscribeRoute", "ConfirmRoute"])
def test_leaving_and_confirming_have_a_limit_of_their_own(route: str) -> None:
    everybody = STAGE["Properties"]["DefaultRouteSettings"]
    own = STAGE["Properties"]["RouteSettings"][RESOURCES[route]["Properties"]["RouteKey"]]

    assert own["ThrottlingRateLimit"] > everybody["ThrottlingRateLimit"]
    assert own["ThrottlingBurstLimit"] > everybody["ThrottlingBurstLimit"]
    assert route in STAGE["DependsOn"]  # API Gateway refuses settings of a route that is not there yet


@pytest.mark.parametrize("metric", ["4xx", "5xx"])
def test_refusals_and_failures_of_the_api_ring(metric: str) -> None:
    ringing = [
        each["Properties"]
        for each in RESOURCES.values()
        if each["Type"] == "AWS::CloudWatch::Alarm" and each["Properties"]["MetricName"] == metric
    ]

    (alarm,) = ringing
    assert alarm["Namespace"] == "AWS/ApiGateway"
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "Api"}}]


def test_the_log_of_the_api_says_what_came_and_of_nobody_who_it_was() -> None:
    settings = STAGE["Properties"]["AccessLogSettings"]
    logs = settings["DestinationArn"]["Fn::GetAtt"][0]
    fields = json.loads(settings["Format"])

    assert {"$context.routeKey", "$context.status", "$context.requestTime"} <= set(fields.values())
    # An address names a reader, a path or query holds their token, a browser tells them from others.
    named = ("ip", "identity", "agent", "path", "query", "authorizer", "domain")
    assert not [said for said in fields.values() if any(word in said.lower() for word in named)]
    assert RESOURCES[logs]["Properties"]["RetentionInDays"] == 14


def test_what_costs_money_each_month_is_off_until_somebody_asks_for_it() -> None:
    for name in ("MonthlyBudget", "RequestsPerNetwork"):
        assert TEMPLATE["Parameters"][name]["Default"] == 0
    assert TEMPLATE["Parameters"]["WebAclArn"]["Default"] == ""
    assert RESOURCES["Firewall"]["Condition"] == "WithRateRule"
    assert RESOURCES["Budget"]["Condition"] == "WithBudget"


def test_a_budget_tells_a_person_before_it_is_used_up() -> None:
    told = RESOURCES["Budget"]["Properties"]["NotificationsWithSubscribers"]

    assert [each["Notification"]["Threshold"] for each in told] == [80, 100]
    for each in told:
        (subscriber,) = each["Subscribers"]
        assert subscriber["Address"] == {"Fn::If": ["WithAlarmEmail", {"Ref": "AlarmEmail"}, {"Ref": "EditorEmail"}]}


def test_a_firewall_counts_by_network_and_stands_before_the_website() -> None:
    (rule,) = RESOURCES["Firewall"]["Properties"]["Rules"]

    assert RESOURCES["Firewall"]["Properties"]["Scope"] == "CLOUDFRONT"
    assert rule["Statement"] == {
        "RateBasedStatement": {"AggregateKeyType": "IP", "Limit": {"Ref": "RequestsPerNetwork"}}
    }
    assert "Block" in rule["Action"]
    assert "Firewall" in str(RESOURCES["Distribution"]["Properties"]["DistributionConfig"]["WebACLId"])
