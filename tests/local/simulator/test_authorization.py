"""Who may send: the rules AWS applies, and the policy language they are written in."""

import json
from typing import Any

import pytest

from local.simulator.authorization import needed
from local.simulator.policy import Request, allows, parse_policy

IDENTITY = "arn:aws:ses:eu-west-2:000000000000:identity/example.org"
TEMPLATE = "arn:aws:ses:eu-west-2:000000000000:template/inline"
SET = "arn:aws:ses:eu-west-2:000000000000:configuration-set/issues"


def statement(**given: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*", **given}


def verdict(*statements: dict[str, Any], **context: tuple[str, ...]) -> bool:
    policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    return allows(
        policy, Request("ses:SendEmail", IDENTITY, {f"ses:{name}": values for name, values in context.items()})
    )


def actions(operation: str, content: str = "") -> set[tuple[str, str]]:
    permissions = needed(
        operation,
        content=content,
        identity_arn=IDENTITY,
        template_arn=TEMPLATE,
        configuration_set_arn=SET,
        author="News <news@example.org>",
        bare_author="news@example.org",
        recipients=["ann@example.org"],
    )
    return {(each.action, each.resource) for each in permissions}


def test_a_raw_message_needs_send_raw_email_on_the_sender_and_the_set() -> None:
    assert actions("SendEmail", "Raw") == {("ses:SendRawEmail", IDENTITY), ("ses:SendRawEmail", SET)}


def test_a_simple_message_needs_send_email() -> None:
    assert actions("SendEmail", "Simple") == {("ses:SendEmail", IDENTITY), ("ses:SendEmail", SET)}


def test_a_bulk_call_needs_both_names_of_the_operation() -> None:
    assert {action for action, _ in actions("SendBulkEmail")} == {"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"}


def test_a_bulk_call_needs_its_template_under_both_names_and_a_raw_message_needs_none() -> None:
    bulk = {action for action, resource in actions("SendBulkEmail") if resource == TEMPLATE}
    assert bulk == {"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"}
    assert {resource for _, resource in actions("SendEmail", "Template")} == {IDENTITY, TEMPLATE, SET}
    assert TEMPLATE not in {resource for _, resource in actions("SendEmail", "Raw")}


def test_only_one_of_the_two_bulk_checks_knows_the_sender() -> None:
    permissions = needed(
        "SendBulkEmail",
        content="",
        identity_arn=IDENTITY,
        configuration_set_arn="",
        author="news@example.org",
        bare_author="news@example.org",
        recipients=[],
    )

    assert [each.action for each in permissions if "ses:FromAddress" in each.context] == ["ses:SendBulkTemplatedEmail"]


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert not verdict()
    assert not verdict(statement(Action="ses:SendRawEmail"))
    assert not verdict(statement(Resource="arn:aws:ses:eu-west-2:000000000000:identity/other.org"))


def test_wildcards_and_lists_match_and_actions_do_not_mind_case() -> None:
    assert verdict(statement(Action=["s3:*", "SES:send*"], Resource=["arn:aws:ses:*:*:identity/exam?le.org"]))


def test_a_denial_wins() -> None:
    assert not verdict(statement(), statement(Effect="Deny", Action="ses:*"))


def test_not_action_and_not_resource_speak_of_everything_else() -> None:
    assert verdict({"Effect": "Allow", "NotAction": "s3:*", "NotResource": SET})
    assert not verdict({"Effect": "Allow", "NotAction": "ses:*", "Resource": "*"})


@pytest.mark.parametrize(
    ("condition", "context", "allowed"),
    [
        ({"StringEquals": {"ses:FromAddress": "n@e.org"}}, {"FromAddress": ("n@e.org",)}, True),
        ({"StringEquals": {"ses:FromAddress": "n@e.org"}}, {"FromAddress": ("x@e.org",)}, False),
        ({"StringEquals": {"ses:FromAddress": "n@e.org"}}, {}, False),
        ({"StringEqualsIfExists": {"ses:FromAddress": "n@e.org"}}, {}, True),
        ({"StringEqualsIfExists": {"ses:FromAddress": "n@e.org"}}, {"FromAddress": ("x@e.org",)}, False),
        ({"StringLike": {"SES:fromaddress": "*@e.org"}}, {"FromAddress": ("n@e.org",)}, True),
        ({"StringNotLike": {"ses:FromAddress": "*@e.org"}}, {"FromAddress": ("n@e.org",)}, False),
        ({"ForAllValues:StringLike": {"ses:Recipients": "*@e.org"}}, {"Recipients": ("a@e.org", "b@e.org")}, True),
        ({"ForAllValues:StringLike": {"ses:Recipients": "*@e.org"}}, {"Recipients": ("a@e.org", "b@x.org")}, False),
        ({"ForAnyValue:StringLike": {"ses:Recipients": "*@e.org"}}, {"Recipients": ("a@e.org", "b@x.org")}, True),
        ({"Null": {"ses:FromAddress": "true"}}, {}, True),
        ({"Bool": {"aws:SecureTransport": True}}, {}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, False),
    ],
)
def test_conditions(condition: dict[str, Any], context: dict[str, tuple[str, ...]], allowed: bool) -> None:
    assert verdict(statement(Condition=condition), **context) is allowed


def test_a_condition_we_cannot_judge_does_not_weaken_a_denial() -> None:
    denial = statement(Effect="Deny", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})

    assert not verdict(statement(), denial)
