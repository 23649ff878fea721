"""What AWS takes of a template, held to what SAM makes of ours, with names as long as they may be.

Source of the numbers: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html, and
the quotas of each service.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from newsletter_cli.setup.adapters.checkout import longest_stack_name
from tests.moto_aws import TEMPLATE
from tests.template.translated import LONGEST_STACK_NAME, MADE_UP, Written, pseudo, translated

STACK = translated()
RESOURCES: dict[str, dict[str, Any]] = STACK["Resources"]
LONG = {
    "NewsletterName": "n" * 60,
    "SenderEmail": f"{'s' * 30}@{'d' * 30}.org",
    "EditorEmail": f"{'e' * 30}@{'d' * 30}.org",
    "ReplyToEmail": f"{'r' * 30}@{'d' * 30}.org",
    "PostalAddress": "p" * 120,
    "InboundDomain": f"leave.{'d' * 30}.org",
    "DomainName": f"briefing.{'d' * 30}.org",
    "TimeZone": "America/Argentina/ComodRivadavia",
    "FeedNamespace": pseudo("s" * LONGEST_STACK_NAME)["AWS::StackId"],
    "MonthlyBudget": "10",
    "RequestsPerNetwork": "2000",
    "Engagement": "both",
    "Webhooks": "on",
}
"""Every part switched on, every text about as long as anybody would write it."""
EVERYTHING = Written(LONG)
MANY_EDITORS = {"Editors": "e" * STACK["Parameters"]["Editors"]["MaxLength"]}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: each.get("Properties", {}) for name, each in RESOURCES.items() if each["Type"] == kind}


STACK_VARIABLES = next(iter(of_type("AWS::Lambda::Function").values()))["Environment"]["Variables"]


def small(value: Any) -> int:
    """Return the size of a document as IAM counts it, without white space."""
    return len(json.dumps(EVERYTHING.write(value), separators=(",", ":")))


@pytest.mark.parametrize(
    ("part", "most"), [("Resources", 500), ("Outputs", 200), ("Parameters", 200), ("Mappings", 200)]
)
def test_the_template_has_no_more_of_a_kind_than_cloudformation_takes(part: str, most: int) -> None:
    assert len(STACK.get(part, {})) <= most


def test_the_template_is_no_larger_than_cloudformation_takes_it_from_a_bucket() -> None:
    assert len(json.dumps(STACK).encode()) < 1_000_000
    assert len(TEMPLATE.read_bytes()) < 1_000_000


def test_a_text_of_the_template_is_no_longer_than_cloudformation_takes() -> None:
    assert len(STACK["Description"].encode()) <= 1024
    for name, parameter in STACK["Parameters"].items():
        assert len(parameter["Description"]) <= 4000, name
        assert len(name) <= 255


LONGEST_NAMES = {
    "AWS::ApiGatewayV2::Api": ("Name", 128),
    "AWS::Budgets::Budget": ("Budget.BudgetName", 100),
    "AWS::CloudFront::Function": ("Name", 64),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig.Name", 64),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig.Name", 128),
    "AWS::CloudWatch::Dashboard": ("DashboardName", 255),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamName", 64),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::SES::ConfigurationSet": ("Name", 64),
    "AWS::SES::ReceiptRuleSet": ("RuleSetName", 64),
    "AWS::Scheduler::Schedule": ("Name", 64),
    "AWS::WAFv2::WebACL": ("Name", 128),
}
"""The property that is a name which AWS must not have yet, and how long it may be."""

OF_THE_WHOLE_ACCOUNT = (
    "AWS::Budgets::Budget", "AWS::CloudFront::Function", "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy", "AWS::CloudWatch::Dashboard",
)  # fmt: skip
"""AWS has a name of these once for all regions. Firewalls of CloudFront are made in one region alone."""


def at(properties: Any, path: str) -> Any:
    for part in path.split("."):
        properties = properties.get(part) if isinstance(properties, dict) else None
    return properties


def named() -> list[tuple[str, str, Any, int]]:
    """Return (logical name, type, name, limit) of all that the template names."""
    return [
        (name, each["Type"], said, limit)
        for name, each in RESOURCES.items()
        for path, limit in [LONGEST_NAMES.get(each["Type"], ("", 0))]
        if path and (said := at(each.get("Properties", {}), path)) is not None
    ]


@pytest.mark.parametrize(("name", "kind", "said", "limit"), named())
def test_a_name_has_room_for_the_longest_name_of_a_stack(name: str, kind: str, said: Any, limit: int) -> None:
    written = EVERYTHING.write(said)

    assert "s" * LONGEST_STACK_NAME in written
    assert len(written) <= limit


@pytest.mark.parametrize(("name", "kind", "said", "limit"), named())
def test_a_stack_that_was_made_with_a_longer_name_still_finds_room(name: str, kind: str, said: Any, limit: int) -> None:
    """Up to 50 letters nothing was ever refused."""
    assert len(EVERYTHING.write(said)) - LONGEST_STACK_NAME + 50 <= limit


@pytest.mark.parametrize("name", [name for name, kind, *_ in named() if kind in OF_THE_WHOLE_ACCOUNT])
def test_a_name_that_an_account_has_once_differs_from_region_to_region(name: str) -> None:
    (said,) = (each for other, _, each, _ in named() if other == name)

    assert "AWS::Region" in json.dumps(said) or "AWS::StackId" in json.dumps(said)


def test_whatever_has_a_name_by_hand_is_in_the_table_above() -> None:
    """A queue, bucket, table, role, topic or alarm is named by CloudFormation, which keeps the limits."""
    others = ("RoleName", "QueueName", "BucketName", "TableName", "TopicName", "AlarmName", "PolicyName",
              "ManagedPolicyName", "FunctionName", "DashboardName", "RuleSetName", "LogGroupName")  # fmt: skip
    for name, each in RESOURCES.items():
        references = ("AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig",
                      "AWS::SES::ReceiptRule", "AWS::Logs::MetricFilter", "AWS::IAM::Policy")  # fmt: skip
        if each["Type"] not in LONGEST_NAMES and each["Type"] not in references:
            assert not set(others) & set(each.get("Properties", {})), name


def test_the_patterns_of_queues_in_policies_fit_the_names_that_cloudformation_makes() -> None:
    """Behind 80 letters it cuts a name short, and `<stack>-*DeadLetters-*` would no longer fit."""
    for name in of_type("AWS::SQS::Queue"):
        assert LONGEST_STACK_NAME + 1 + len(name) + 1 + MADE_UP <= 80, name


def test_setup_and_the_pages_say_how_long_the_name_of_a_stack_may_be() -> None:
    assert longest_stack_name() == LONGEST_STACK_NAME
    assert f"at most {LONGEST_STACK_NAME} letters" in (TEMPLATE.parent / "docs" / "data.md").read_text()


@pytest.mark.parametrize(
    "stack",
    [EVERYTHING, Written(LONG | {"KeysIn": "parameters"}), Written(LONG | MANY_EDITORS, stack="fortnightly-prod")],
)
def test_the_settings_of_a_function_have_room(stack: Written) -> None:
    """4 KB for all of them, by the text that Lambda says it measured: names and values as JSON.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    for name, properties in of_type("AWS::Lambda::Function").items():
        variables = stack.write(properties["Environment"]["Variables"])
        assert len(json.dumps(variables, separators=(",", ":"), ensure_ascii=False).encode()) <= 4096, name


def test_the_settings_of_the_usual_stack_leave_a_quarter_of_the_room_to_the_future() -> None:
    variables = Written(stack="fortnightly-prod").write(STACK_VARIABLES)

    assert len(json.dumps(variables, separators=(",", ":"))) <= 3072


@pytest.mark.parametrize("name", of_type("AWS::IAM::Role"))
def test_the_policies_of_a_role_have_room(name: str) -> None:
    """10,240 characters for all that stand in a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    properties = RESOURCES[name]["Properties"]

    assert sum(small(policy["PolicyDocument"]) for policy in properties.get("Policies", [])) <= 10_240
    assert small(properties["AssumeRolePolicyDocument"]) <= 2048
    assert len(properties.get("ManagedPolicyArns", [])) <= 10
    assert all(len(policy["PolicyName"]) <= 128 for policy in properties.get("Policies", []))


@pytest.mark.parametrize("name", of_type("AWS::IAM::ManagedPolicy"))
def test_a_policy_of_people_has_room(name: str) -> None:
    assert small(RESOURCES[name]["Properties"]["PolicyDocument"]) <= 6144


def test_a_policy_of_a_resource_has_room() -> None:
    """20 KB for a bucket; topics and queues 30 and 8 KB."""
    for kind, most in (
        ("AWS::S3::BucketPolicy", 20_480),
        ("AWS::SNS::TopicPolicy", 30_720),
        ("AWS::SQS::QueuePolicy", 8192),
    ):
        for name, properties in of_type(kind).items():
            assert small(properties["PolicyDocument"]) <= most, name


def test_mappings_ask_for_no_more_at_a_time_than_an_account_may_have_and_no_less_than_lambda_takes() -> None:
    for name, mapping in of_type("AWS::Lambda::EventSourceMapping").items():
        if "ScalingConfig" in mapping:
            most = int(EVERYTHING.write(mapping["ScalingConfig"]["MaximumConcurrency"]))
            assert 2 <= most <= 1000, name


def test_a_secret_is_made_in_a_form_that_secrets_manager_takes() -> None:
    """A key is put into the text of the template, which must be a JSON object and not have it yet."""
    allowed = {"PasswordLength", "ExcludePunctuation", "SecretStringTemplate", "GenerateStringKey", "ExcludeCharacters",
               "ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "IncludeSpace"}  # fmt: skip
    for name, properties in of_type("AWS::SecretsManager::Secret").items():
        made = properties["GenerateSecretString"]
        assert set(made) <= allowed, name
        assert 1 <= made["PasswordLength"] <= 4096
        assert ("SecretStringTemplate" in made) == ("GenerateStringKey" in made)
        if "SecretStringTemplate" in made:
            form = json.loads(made["SecretStringTemplate"])
            assert isinstance(form, dict)
            assert made["GenerateStringKey"] not in form
            assert len(made["SecretStringTemplate"]) <= 10_240
        assert "SecretString" not in properties


def test_the_code_of_an_edge_is_no_larger_than_cloudfront_takes() -> None:
    for name, properties in of_type("AWS::CloudFront::Function").items():
        assert len(properties["FunctionCode"].encode()) <= 10_240, name


def test_the_dashboard_is_no_larger_than_cloudwatch_takes() -> None:
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
    body = json.loads(EVERYTHING.write(dashboard["DashboardBody"]))

    assert len(body["widgets"]) <= 500
