"""Invariants of template.yaml: what must hold whatever is added later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import dates

from newsletter.config import LISTS, Settings
from newsletter.feedback.adapters.dynamo_confirmation_watch import NAMES
from newsletter.feedback.adapters.ses_events import KINDS
from newsletter.sending.domain.forecast import TOPIC_UNITS, event_fee, fees
from newsletter.sending.domain.send import NEWS_LEASE, REPORT_LEASE
from tests.moto_aws import TEMPLATE, template

ROOT = TEMPLATE.parent
STACK = template()
RESOURCES: dict[str, dict[str, Any]] = STACK["Resources"]
FUNCTION = "AWS::Serverless::Function"
MAY_MAIL = {
    "ApiIssues", "Control", "Decide", "Desk", "Greet", "Publish", "Report", "Schedule", "Send", "Settle", "SignInMail"
}  # fmt: skip


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == kind}


FUNCTIONS = of_type(FUNCTION)
QUEUES = of_type("AWS::SQS::Queue")
PARAMETERS = template()["Parameters"]
TABLES = [name for name, each in RESOURCES.items() if each["Type"] == "AWS::DynamoDB::Table"]
BUCKETS = [name for name, each in RESOURCES.items() if each["Type"] == "AWS::S3::Bucket"]


def statements(function: str) -> Iterator[dict[str, Any]]:
    for policy in FUNCTIONS[function].get("Policies", []):
        for statement in policy["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions(function: str) -> set[str]:
    return {action for statement in statements(function) for action in as_list(statement["Action"])}


def test_every_folder_of_functions_is_a_function_and_the_reverse() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}

    assert folders == {properties["CodeUri"].split("/")[1] for properties in FUNCTIONS.values()}


def test_every_setting_is_an_environment_variable_of_the_template_and_the_reverse() -> None:
    variables = set(STACK["Globals"]["Function"]["Environment"]["Variables"])

    ours = {name for name in variables if not name.startswith("POWERTOOLS_")}
    in_lists = {setting.upper() for settings in LISTS.values() for setting in settings}
    assert ours - set(LISTS) | in_lists == {field.name.upper() for field in fields(Settings)}
    assert not ours & in_lists


ENDINGS = {"NUMBERS": "", "SWITCHES": "", "TABLES": "", "QUEUES": "_url", "TOPICS": "_arn", "SECRETS": "_secret"}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_settings_holds_them_in_the_order_in_which_they_are_read(name: str) -> None:
    """By their places alone; two that changed places would be each other."""
    made = STACK["Globals"]["Function"]["Environment"]["Variables"][name]["Fn::Join"]
    said = [re.findall(r"'(?:Ref|Fn::GetAtt)': '(\w+)", str(each))[0] for each in made[1]]

    assert made[0] == " "
    assert [re.sub(r"(?<!^)(?=[A-Z])", "_", each).lower() + ENDINGS[name] for each in said] == list(LISTS[name])


def test_a_layer_that_is_built_starts_in_the_folder_that_python_sees() -> None:
    """Elsewhere the build succeeds and the import fails in AWS."""
    for name, properties in of_type("AWS::Serverless::LayerVersion").items():
        if "BuildMethod" in RESOURCES[name].get("Metadata", {}):
            assert properties["ContentUri"].endswith("/python/")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_its_log_group_with_a_retention(name: str) -> None:
    logs = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]

    assert RESOURCES[logs]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def consumers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (function, queue, mapping) of every function that a queue wakes."""
    for mapping in of_type("AWS::Lambda::EventSourceMapping").values():
        if "StartingPosition" in mapping:
            continue  # of a stream, which keeps what a function fails at
        yield mapping["FunctionName"]["Ref"], mapping["EventSourceArn"]["Fn::GetAtt"].split(".")[0], mapping


@pytest.mark.parametrize(("function", "queue", "event"), list(consumers()))
def test_a_queue_that_wakes_a_function_waits_long_enough_and_ends_in_dead_letters(
    function: str, queue: str, event: dict[str, Any]
) -> None:
    properties = QUEUES[queue]

    assert properties["VisibilityTimeout"] >= 6 * FUNCTIONS[function]["Timeout"]
    dead_letters = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"].split(".")[0]
    assert dead_letters in QUEUES
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["BatchSize"] <= 10 or event["MaximumBatchingWindowInSeconds"] >= 1


@pytest.mark.parametrize(
    "mapping", [each for each in of_type("AWS::Lambda::EventSourceMapping").values() if "StartingPosition" in each]
)
def test_what_a_stream_says_is_read_again_until_it_works_and_ends_in_dead_letters(mapping: dict[str, Any]) -> None:
    table = RESOURCES[mapping["EventSourceArn"]["Fn::GetAtt"].split(".")[0]]["Properties"]
    dead_letters = mapping["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"].split(".")[0]

    assert table["StreamSpecification"]["Fn::If"][1] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["StreamSpecification"]["Fn::If"][0] == "WithWebhooks"
    assert mapping["StartingPosition"] == "TRIM_HORIZON", "from LATEST, what happens while it is made is lost"
    assert "MaximumRetryAttempts" not in mapping
    assert 82_000 < mapping["MaximumRecordAgeInSeconds"] < 86_400, "a stream forgets after a day"
    assert dead_letters in QUEUES


def test_without_webhooks_nothing_of_them_exists() -> None:
    named = [name for name in RESOURCES if "Webhook" in name or name == "TellDeadLetters"]

    assert STACK["Parameters"]["Webhooks"]["Default"] == "off"
    assert {RESOURCES[name]["Condition"] for name in named} == {"WithWebhooks", "LargeWithWebhooks"}


def test_no_writer_to_the_editors_outlives_its_claim_and_the_claim_ends_before_the_message_comes_again() -> None:
    lives, comes_again = FUNCTIONS["Report"]["Timeout"], QUEUES["ReportQueue"]["VisibilityTimeout"]

    assert lives <= REPORT_LEASE.total_seconds() < comes_again
    assert FUNCTIONS["Settle"]["Timeout"] <= NEWS_LEASE.total_seconds() < QUEUES["SettleQueue"]["VisibilityTimeout"]


def test_every_asynchronous_function_ends_in_dead_letters() -> None:
    woken_by_queues = {function for function, _, _ in consumers()}
    schedule = FUNCTIONS["Schedule"]

    for_readers, for_editors = (
        {"Greet", "Inbound", "ImportPeople", "FanOut", "Send"},
        {"Publish", "Report", "SignInMail"},
    )
    assert woken_by_queues == {*for_readers, *for_editors, "Feedback", "Settle", "PostWebhook"}
    assert schedule["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Type"] == "SQS"
    assert all("DeadLetterConfig" in event["Properties"] for event in schedule["Events"].values())


def test_the_clock_of_the_slots_strikes_every_day_at_the_local_time() -> None:
    """Skipped and extra days are the function's to know; a cron with a weekday would never strike on them."""
    day = FUNCTIONS["Schedule"]["Events"]["Day"]["Properties"]

    assert day["ScheduleExpression"] == {"Fn::Sub": "cron(${SendMinute} ${SendHour} * * ? *)"}
    assert day["ScheduleExpressionTimezone"] == {"Ref": "TimeZone"}


WITHOUT_A_RESOURCE = {
    "cloudwatch:DescribeAlarms",
    "dynamodb:ListStreams",
    "ses:DeleteSuppressedDestination",
    "ses:GetAccount",
    "ses:GetEmailAddressInsights",
    "ses:ListSuppressedDestinations",
    "ses:PutSuppressedDestination",
    "sqs:ListQueues",
}
"""SES knows no resource for the account itself, nor for its suppression list; lists of alarms, queues and
streams are of all."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_may_do_everything_or_do_it_to_everything(name: str) -> None:
    for statement in statements(name):
        assert not any("*" in action for action in as_list(statement["Action"]))
        if "*" in as_list(statement["Resource"]):
            assert set(as_list(statement["Action"])) <= WITHOUT_A_RESOURCE


def test_only_the_functions_that_write_to_people_may_mail() -> None:
    mailing = {name for name in FUNCTIONS if {"ses:SendEmail", "ses:SendRawEmail"} & actions(name)}
    in_bulk = {name for name in FUNCTIONS if "ses:SendBulkEmail" in actions(name)}

    assert mailing == MAY_MAIL
    assert in_bulk == {"Send"}
    for name in MAY_MAIL:
        for statement in statements(name):
            if {"ses:SendEmail", "ses:SendRawEmail"} & set(as_list(statement["Action"])):
                assert statement["Condition"] == {"StringEqualsIfExists": {"ses:FromAddress": {"Ref": "SenderEmail"}}}


def test_only_whoever_mails_editors_or_changes_the_team_may_read_the_whole_team() -> None:
    rights: dict[str, set[str]] = {}
    for name in FUNCTIONS:
        for statement in statements(name):
            if {"Fn::GetAtt": "TeamTable.Arn"} in as_list(statement["Resource"]):
                rights.setdefault(name, set()).update(as_list(statement["Action"]))
    changes = {f"dynamodb:{verb}" for verb in ("GetItem", "Scan", "PutItem", "UpdateItem", "DeleteItem")}
    changes |= {"dynamodb:ConditionCheckItem"}
    assert rights == {
        **dict.fromkeys(("Publish", "Settle", "Schedule", "Report", "Decide", "Control"), {"dynamodb:Scan"}),
        "Desk": {"dynamodb:GetItem", "dynamodb:Scan"},
        "ApiIssues": {"dynamodb:Scan"},
        "DeskPeople": {"dynamodb:GetItem"},
        "DeskTagged": {"dynamodb:GetItem"},
        "SignInMail": {"dynamodb:GetItem"},
        "SignIn": changes,
    }


def test_only_functions_that_make_ids_or_seal_receipts_may_read_the_address_key() -> None:
    readers = {
        name
        for name in FUNCTIONS
        for statement in statements(name)
        if "secretsmanager:GetSecretValue" in as_list(statement["Action"])
        and "AddressKey" in str(statement["Resource"])
    }

    # operators and list keepers look up an address; SES names one, in its events and on its suppression list; a list
    # is full of them
    assert readers == {
        "Subscribe", "Confirm", "Unsubscribe", "Inbound", "Preferences", "ImportPeople", "Control", "DeskPeople",
        "ApiPeople", "Feedback", "Settle",
    }  # fmt: skip


KEPT_BUT_BY_A_FIRST_DEPLOYMENT_THAT_FAILED = "RetainExceptOnCreate"
"""Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""


@pytest.mark.parametrize("name", TABLES)
def test_a_table_survives_mistakes(name: str) -> None:
    resource = RESOURCES[name]

    assert resource["DeletionPolicy"] == KEPT_BUT_BY_A_FIRST_DEPLOYMENT_THAT_FAILED
    assert resource["UpdateReplacePolicy"] == "Retain"
    assert resource["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert resource["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_private_versioned_encrypted_and_kept(name: str) -> None:
    resource = RESOURCES[name]

    assert resource["DeletionPolicy"] == KEPT_BUT_BY_A_FIRST_DEPLOYMENT_THAT_FAILED
    assert resource["UpdateReplacePolicy"] == "Retain"
    assert set(resource["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert resource["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "BucketEncryption" in resource["Properties"]


def test_the_secrets_outlive_the_stack() -> None:
    """Without the address key every id is an orphan; without the signing keys no old unsubscribe link works."""
    for name in ("AddressKey", "SigningKeys", "EditorKeys"):
        assert RESOURCES[name]["DeletionPolicy"] == KEPT_BUT_BY_A_FIRST_DEPLOYMENT_THAT_FAILED
        assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_a_first_deployment_that_failed_leaves_no_identity_that_the_second_would_trip_over() -> None:
    """SES has one identity for a domain; a stack that finds it there cannot be made."""
    assert RESOURCES["SenderIdentity"]["DeletionPolicy"] == KEPT_BUT_BY_A_FIRST_DEPLOYMENT_THAT_FAILED


def test_a_first_deployment_that_failed_leaves_nothing_at_all() -> None:
    """A table that is protected from the moment it is made cannot be taken back; `newsletter protect` comes later."""
    assert not [name for name, each in RESOURCES.items() if each.get("DeletionPolicy") == "Retain"]
    assert not [name for name in TABLES if RESOURCES[name]["Properties"].get("DeletionProtectionEnabled")]
    assert not [name for name in TABLES if "TableName" in RESOURCES[name]["Properties"]]


@pytest.mark.parametrize("day", ["2026-12-01", "2028-02-29", "2000-02-29", "2026-11-30", "2026-02-28"])
def test_an_anchor_may_be_any_day_that_there_is(day: str) -> None:
    assert date.fromisoformat(day)
    assert re.fullmatch(PARAMETERS["AnchorDate"]["AllowedPattern"], day)


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-1-1", "soon", ""]
)
def test_an_anchor_that_is_no_day_is_refused_before_anything_is_made(day: str) -> None:
    assert not re.fullmatch(PARAMETERS["AnchorDate"]["AllowedPattern"], day)


@given(dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_every_day_can_be_an_anchor(day: date) -> None:
    assert re.fullmatch(PARAMETERS["AnchorDate"]["AllowedPattern"], day.isoformat())


@pytest.mark.parametrize(
    ("arn", "fits"),
    [
        ("", True),
        ("arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012", True),
        ("arn:aws:acm:eu-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012", False),
        ("briefing.example.org", False),
    ],
)
def test_a_certificate_has_to_be_where_cloudfront_looks_for_it(arn: str, fits: bool) -> None:
    assert bool(re.fullmatch(PARAMETERS["CertificateArn"]["AllowedPattern"], arn)) is fits


def test_editors_may_touch_issues_and_nothing_else() -> None:
    objects, listing, location = RESOURCES["EditorsPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert objects["Resource"] == {"Fn::Sub": "${ContentBucket.Arn}/issues/*"}
    assert set(objects["Action"]) == {"s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject"}
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "issues/*"}}
    assert location["Action"] == "s3:GetBucketLocation"


def test_who_sets_words_and_looks_touches_settings_and_nothing_else() -> None:
    objects, style, listing = RESOURCES["SettingsPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert objects["Resource"] == {"Fn::Sub": "${ContentBucket.Arn}/settings/*"}
    assert style["Action"] == "s3:GetObject"
    assert style["Resource"] == {"Fn::Sub": "${ContentBucket.Arn}/effective/house-style.json"}
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["settings/*", "effective/house-style.json"]}}


@pytest.mark.parametrize("name", ["FanOut", "Inbound", "Pictures", "ReadFeed"])
def test_a_function_that_shows_and_asks_nothing_does_not_read_the_house_style(name: str) -> None:
    assert "house-style" not in str(RESOURCES[name])


def test_only_publish_writes_the_house_style() -> None:
    functions = of_type("AWS::Serverless::Function")
    statements = {
        name: [each for each in function["Policies"][0]["Statement"] if "house-style" in str(each)]
        for name, function in functions.items()
        if "Policies" in function
    }

    writers = {name for name, found in statements.items() for each in found if "Put" in str(each["Action"])}
    assert writers == {"Publish"}
    readers = {name for name, found in statements.items() if found} - writers
    assert len(readers) == 25  # whoever shows a page, writes a mail, or has to know what is asked of readers
    assert all(each["Action"] == "s3:GetObject" for name in readers for each in statements[name])


def test_operators_may_find_the_stack_and_ask_control_and_nothing_else() -> None:
    asking, finding = RESOURCES["SendersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    team, finding_too = RESOURCES["TeamPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert team == {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": {"Fn::GetAtt": "SignIn.Arn"}}
    assert finding_too == finding

    assert (asking["Action"], asking["Resource"]) == ("lambda:InvokeFunction", {"Fn::GetAtt": "Control.Arn"})
    assert finding["Action"] == ["cloudformation:DescribeStacks", "cloudformation:ListStackResources"]
    assert finding["Resource"]["Fn::Sub"].endswith(":stack/${AWS::StackName}/*")


def test_every_route_of_the_api_reaches_cloudfront_too() -> None:
    routes = {each["RouteKey"].split()[1] for each in of_type("AWS::ApiGatewayV2::Route").values()}
    distribution = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    paths = {behaviour["PathPattern"] for behaviour in distribution["CacheBehaviors"]}

    # One behaviour takes all of the desk, another the API; API Gateway sends each on to the functions that share it.
    shared = {"desk": "/desk*", "api": "/api/*"}
    named = {shared.get(path.split("/")[1], path.replace("{signed+}", "*")) for path in routes}
    assert named == paths
    assert all(each["ViewerProtocolPolicy"] == "https-only" for each in distribution["CacheBehaviors"])


def test_the_archive_runs_no_script_but_its_own_and_nobody_may_frame_it() -> None:
    behaviour = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    headers = RESOURCES["SiteHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"].split("; ")

    assert behaviour["ResponseHeadersPolicyId"] == {"Ref": "SiteHeaders"}
    assert {"default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert not any("unsafe" in each or "*" in each for each in policy)


def only(names: list[str]) -> dict[str, Any]:
    """Return the condition that leaves a function these items of a table."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": names}}


def test_functions_that_count_attempts_may_do_nothing_else_with_the_counters() -> None:
    counting = {
        name: as_list(statement["Action"])
        for name in FUNCTIONS
        for statement in statements(name)
        if "LimitsTable" in str(statement["Resource"])
    }

    # The rate that all senders share stands among the counters; they also read it.
    # So does what holds confirmation mail, and what is remembered about the account.
    # What publishes counts the files of an upload, and asks which was the last.
    # Whoever refuses what came past CloudFront asks since when CloudFront has proved itself.
    for name in ("Send", "Greet", "Feedback", "Settle", "Unsubscribe", "Preferences", "Publish"):
        assert counting.pop(name) == ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    # The form asks how full the hours are that mails are planned for, by the same call as who signs up.
    assert counting.pop("Subscribe") == ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:UpdateItem"]
    # Whoever ends a hold may read and change what says so, and no counter.
    assert counting.pop("Release") == ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    (of_holds,) = (each for each in statements("Release") if "LimitsTable" in str(each["Resource"]))
    assert of_holds["Condition"]["ForAllValues:StringEquals"] == {"dynamodb:LeadingKeys": list(NAMES.values())}
    # What is known about imports stands there too; whoever imports may not touch a counter.
    assert counting.pop("ImportPeople") == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    (of_imports,) = (each for each in statements("ImportPeople") if "LimitsTable" in str(each["Resource"]))
    assert of_imports["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["import#*"]}}
    assert counting.pop("DeskPeople") == ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]
    (of_imports,) = (each for each in statements("DeskPeople") if "LimitsTable" in str(each["Resource"]))
    names = ["import#*", "import-newest"]
    assert of_imports["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": names}}
    assert counting.pop("Report") == ["dynamodb:GetItem"], "what the last night forgot, and what readers said"
    # Whoever signs people in counts emails and codes, and asks, like every form, since when CloudFront proves itself.
    assert counting.pop("SignIn") == ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    # The desk counts tests, and says what is held and when the clocks last did their work.
    assert counting.pop("Desk") == ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    # Whoever takes comments counts those, and nothing else.
    # Whoever counts votes adds to the counts of issues, and notes which links have voted; it reads neither.
    assert counting.pop("Vote") == ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    (of_votes,) = (each for each in statements("Vote") if "LimitsTable" in str(each["Resource"]))
    assert of_votes["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["responses#*", "voted#*"]}}
    assert counting.pop("Comment") == ["dynamodb:UpdateItem"]
    (of_comments,) = (each for each in statements("Comment") if "LimitsTable" in str(each["Resource"]))
    assert of_comments["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["comments#*"]}}
    # Programs are counted by their keys; what they were answered is kept beside, where they change something.
    for name, counters in (("ApiIssues", ["api-requests#*", "tests#*"]), ("ApiPeople", ["api-requests#*"])):
        of_requests, of_answers = (each for each in statements(name) if "LimitsTable" in str(each["Resource"]))
        assert (of_requests["Action"], of_requests["Condition"]) == ("dynamodb:UpdateItem", only(counters))
        assert counting.pop(name) == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        assert of_answers["Condition"] == only(["api-answer#*"])
    (of_requests,) = (each for each in statements("ApiLists") if "LimitsTable" in str(each["Resource"]))
    assert of_requests["Condition"] == only(["api-requests#*"])
    # Whoever takes mail notes whose replies to an issue are counted.
    assert counting.pop("Inbound") == ["dynamodb:PutItem"]
    of_attempts, of_replies = (each for each in statements("Inbound") if "LimitsTable" in str(each["Resource"]))
    assert of_attempts["Action"] == "dynamodb:UpdateItem"
    assert of_replies["Condition"] == only(["replied#*"])
    others = ("Control", "Decide", "ApiLists")
    assert counting == dict.fromkeys(others, ["dynamodb:UpdateItem"])


def test_other_websites_may_use_the_form_only_when_they_are_named() -> None:
    condition, allowed, otherwise = RESOURCES["Api"]["Properties"]["CorsConfiguration"]["Fn::If"]

    assert condition == "WithWebsites"
    assert STACK["Parameters"]["WebsiteOrigins"]["Default"] == ""
    assert allowed["AllowOrigins"] == {"Ref": "WebsiteOrigins"}
    assert "AllowCredentials" not in allowed
    assert otherwise == {"Ref": "AWS::NoValue"}


def test_functions_that_wake_themselves_through_a_queue_are_allowed_to() -> None:
    """Lambda stops what it takes for an endless loop after sixteen turns, and loses the message."""
    for name in ("Greet", "ImportPeople", "Publish", "FanOut", "Send", "Settle", "SignInMail", "Report"):
        assert FUNCTIONS[name]["RecursiveLoop"] == "Allow"


def test_parameters_all_have_defaults_and_a_description() -> None:
    for name, parameter in STACK["Parameters"].items():
        assert "Default" in parameter, name
        assert parameter["Description"].endswith((".", "org")), name


def test_each_choice_of_events_says_what_it_costs_by_the_same_prices_as_a_forecast() -> None:
    description = STACK["Parameters"]["EventDetail"]["Description"]
    essential, full = (float(found) for found in re.findall(r"([\d.]+) USD", description))

    assert essential == round(event_fee(1_000_000), 2)
    assert full == round(2 * event_fee(1_000_000), 2)
    assert event_fee(1000) < fees(1000)[1]  # the forecast holds the essential ones
    ways = (float(found) for found in re.findall(r"([\d.]+) USD", STACK["Parameters"]["SendEvents"]["Description"]))
    assert list(ways) == [round(event_fee(1_000_000), 2), round(event_fee(1_000_000, TOPIC_UNITS), 2)]


@pytest.mark.parametrize(
    ("parameters", "full"),
    [
        ({}, True),
        ({"Size": "large"}, False),
        ({"SendEvents": "topic"}, False),
        ({"Size": "large", "SendEvents": "topic", "EventDetail": "full"}, True),
        ({"EventDetail": "essential"}, False),  # as a stack of before has it, and keeps it
    ],
)
def test_deliveries_are_counted_by_default_where_they_cost_less_than_a_cent(
    parameters: dict[str, str], full: bool
) -> None:
    stack = {name: each["Default"] for name, each in STACK["Parameters"].items()} | parameters

    assert _holds({"Condition": "WithFullEvents"}, stack) is full
    assert event_fee(50_000) < 0.01 < event_fee(60_000)


def _holds(condition: Any, parameters: dict[str, str]) -> bool:
    """Return whether a condition of the template holds with these parameters."""
    ((operator, of),) = condition.items()
    match operator:
        case "Condition":
            return _holds(STACK["Conditions"][of], parameters)
        case "Fn::Equals":
            left, right = (parameters[each["Ref"]] if isinstance(each, dict) else each for each in of)
            return bool(left == right)
        case "Fn::Or":
            return any(_holds(each, parameters) for each in of)
        case "Fn::And":
            return all(_holds(each, parameters) for each in of)
    raise ValueError(operator)


def test_every_type_of_event_that_ses_is_asked_for_has_a_meaning() -> None:
    in_topic = _asked_for("IssuesEvents")["Fn::If"][2]
    (_, full, essential) = in_topic["Fn::If"]
    known = {each[:1].lower() + each[1:].replace(" ", "") for each in KINDS} | {"bounce", "complaint", "deliveryDelay"}

    assert set(essential) < set(full) <= known


def test_either_way_ses_reports_the_same_and_through_the_stream_what_comes_for_every_recipient() -> None:
    (_, bad_news, in_topic) = _asked_for("IssuesEvents")["Fn::If"]
    (_, full, essential) = in_topic["Fn::If"]
    (_, full_in_stream, essential_in_stream) = _asked_for("IssuesSendEvents")["Fn::If"]

    assert (essential_in_stream, full_in_stream) == (["send"], ["send", "delivery"])
    assert sorted(bad_news + essential_in_stream) == sorted(essential)
    assert sorted(bad_news + full_in_stream) == sorted(full)


def test_while_a_stack_changes_its_way_an_event_takes_both_before_neither() -> None:
    """CloudFormation changes what depends on something after it, and removes what is gone in the end."""
    assert "IssuesSendEvents" in RESOURCES["IssuesEvents"]["DependsOn"]
    assert RESOURCES["IssuesSendEvents"]["DependsOn"] == ["EventFilesRule", "FeedbackQueuePolicy"]
    assert "Feedback" in RESOURCES["EventFilesRule"]["DependsOn"]


def _asked_for(name: str) -> Any:
    return RESOURCES[name]["Properties"]["EventDestination"]["MatchingEventTypes"]


def test_the_order_of_a_function_is_always_the_same() -> None:
    order = ["FunctionName", "CodeUri", "Layers", "RecursiveLoop", "Description", "Timeout", "MemorySize",
             "ReservedConcurrentExecutions", "LoggingConfig", "Policies", "EventInvokeConfig", "Events"]  # fmt: skip
    for name, properties in FUNCTIONS.items():
        assert [key for key in order if key in properties] == list(properties), name


def test_no_bucket_or_queue_is_named_by_hand_so_that_two_stacks_live_side_by_side() -> None:
    assert not any("BucketName" in RESOURCES[name]["Properties"] for name in BUCKETS)
    assert not any("QueueName" in properties for properties in QUEUES.values())


def test_the_template_has_no_comment_left_to_do() -> None:
    assert not re.search(r"TODO|FIXME|XXX", TEMPLATE.read_text())


def test_ses_is_asked_about_opens_and_clicks_of_issues_alone_and_only_if_the_operator_says_so() -> None:
    destinations = {name: each for name, each in RESOURCES.items() if each["Type"].endswith("EventDestination")}
    asking = [name for name, each in destinations.items() if re.search(r"'(open|click)'", str(each))]

    assert asking == ["IssuesEngagement"]
    assert destinations["IssuesEngagement"]["Condition"] == "WithEngagement"
    properties = destinations["IssuesEngagement"]["Properties"]
    assert properties["ConfigurationSetName"] == {"Ref": "IssuesConfigurationSet"}
    assert properties["EventDestination"]["MatchingEventTypes"] == ["open", "click"]
    assert STACK["Parameters"]["Engagement"]["Default"] == "off"


PROBES = {
    "Settle": [
        {
            "Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
            "configuration-set/${IssuesConfigurationSet}"
        }
    ]
}
"""Who asks by a message to SES's own mailbox whether the reports about issues arrive."""


def test_every_function_that_mails_editors_or_subscribers_may_do_so_in_the_same_words() -> None:
    """One wider than the others would go unseen among nine; only the mails of an issue have a set of their own."""
    for name in MAY_MAIL:
        mailing = [each for each in statements(name) if "ses:SendEmail" in as_list(each["Action"])]
        for statement in mailing:
            of_issues = "IssuesConfigurationSet" in str(statement) and name not in PROBES
            configuration_set = "IssuesConfigurationSet" if of_issues else "ConfirmationsConfigurationSet"
            arn = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
            assert statement == {
                "Effect": "Allow",
                "Action": ["ses:SendEmail", "ses:SendRawEmail"],
                "Resource": [
                    {"Fn::Sub": f"{arn}:identity/*"},
                    {"Fn::Sub": f"{arn}:configuration-set/${{{configuration_set}}}"},
                    *PROBES.get(name, []),
                ],
                "Condition": {"StringEqualsIfExists": {"ses:FromAddress": {"Ref": "SenderEmail"}}},
            }  # fmt: skip


def test_calls_in_bulk_name_the_sender_because_ses_knows_no_condition_for_them() -> None:
    arn = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
    domain = {"Domain": {"Fn::Select": [1, {"Fn::Split": ["@", {"Ref": "SenderEmail"}]}]}}

    assert [each for each in statements("Send") if "ses:SendBulkEmail" in as_list(each["Action"])] == [
        {
            "Effect": "Allow",
            "Action": ["ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"],
            "Resource": [
                {"Fn::Sub": f"{arn}:identity/${{SenderEmail}}"},
                {"Fn::Sub": [f"{arn}:identity/${{Domain}}", domain]},
                {"Fn::Sub": f"{arn}:template/*"},
                {"Fn::Sub": f"{arn}:configuration-set/${{IssuesConfigurationSet}}"},
            ],
        }
    ]
