"""GitHub as a door: who may take the stack's role for it, and what that role may do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local.simulator.policy import Request, Statement, allows, parse_policy
from tests.moto_aws import template
from tests.template.translated import ACCOUNT, Written, translated

REPOSITORY = "owner/name"
NUMBERED = "owner@123456/name@456789"
ASSUME = "sts:AssumeRoleWithWebIdentity"
ISSUER = "token.actions.githubusercontent.com"
STACK = Written({"GitHubRepository": REPOSITORY}, stack="fortnightly-prod")
ROLE: dict[str, Any] = translated()["Resources"]["GitHubRole"]
PARAMETER = template()["Parameters"]["GitHubRepository"]


def trust(repository: str) -> list[Statement]:
    stack = Written({"GitHubRepository": repository}, stack="fortnightly-prod")
    return parse_policy(stack.write(ROLE["Properties"]["AssumeRolePolicyDocument"]))


def rights() -> list[Statement]:
    (policy,) = ROLE["Properties"]["Policies"]
    return parse_policy(STACK.write(policy["PolicyDocument"]))


def token(subject: str | None, audience: str = "sts.amazonaws.com", session: str = "github.ann") -> Request:
    """Return what AWS asks itself when a token of GitHub is to be exchanged for the role."""
    claims = {f"{ISSUER}:aud": (audience,)} | ({f"{ISSUER}:sub": (subject,)} if subject is not None else {})
    return Request(ASSUME, "", claims | {"sts:RoleSessionName": (session,)})


@pytest.mark.parametrize("repository", [REPOSITORY, NUMBERED])
def test_the_branch_main_of_the_repository_takes_the_role(repository: str) -> None:
    assert allows(trust(repository), token(f"repo:{repository}:ref:refs/heads/main"))


STRANGERS = [
    "repo:owner/name:pull_request",  # also of a fork, whose tokens would name this repository
    "repo:owner/name:ref:refs/heads/draft",
    "repo:owner/name:ref:refs/heads/main2",
    "repo:owner/name:ref:refs/heads/maintenance/main",
    "repo:owner/name:ref:refs/tags/main",
    "repo:owner/name:environment:main",
    "repo:owner/name2:ref:refs/heads/main",
    "repo:owner2/name:ref:refs/heads/main",
    "repo:fork/name:ref:refs/heads/main",
    "repo:Owner/name:ref:refs/heads/main",
    "repo:owner@123456/name@456789:ref:refs/heads/main",  # a repository made later under the same name
    "repo:owner/name:ref:refs/heads/main:ref:refs/heads/main",
    "",
    None,
]


@pytest.mark.parametrize("subject", STRANGERS)
def test_nobody_else_takes_the_role(subject: str | None) -> None:
    assert not allows(trust(REPOSITORY), token(subject))


def test_a_repository_with_other_numbers_does_not_take_the_role() -> None:
    """Somebody who takes over a name that has become free has other numbers."""
    assert not allows(trust(NUMBERED), token("repo:owner@999/name@456789:ref:refs/heads/main"))
    assert not allows(trust(NUMBERED), token("repo:owner/name:ref:refs/heads/main"))


def test_a_token_for_somebody_else_than_aws_does_not_take_the_role() -> None:
    assert not allows(trust(REPOSITORY), token("repo:owner/name:ref:refs/heads/main", "https://github.com/owner"))


@pytest.mark.parametrize("session", ["ann@example.org", "fortnightly-prod-desk", "github-desk", "GitHubActions", ""])
def test_the_role_is_not_taken_in_the_name_of_an_editor_or_of_the_desk(session: str) -> None:
    """The session's name is who uploaded: an approver may be another one, and the desk's files say it themselves."""
    assert not allows(trust(REPOSITORY), token(f"repo:{REPOSITORY}:ref:refs/heads/main", session=session))


def test_only_the_tokens_of_github_take_the_role() -> None:
    (statement,) = ROLE["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
    assert STACK.write(statement["Principal"]) == {"Federated": provider}
    assert statement["Action"] == ASSUME


BUCKET = STACK.write({"Fn::GetAtt": "ContentBucket.Arn"})
ALLOWED = {
    (action, f"{BUCKET}/{folder}/x")
    for action in ("s3:PutObject", "s3:DeleteObject")
    for folder in ("issues", "settings")
}
PLACES = [
    *(f"{BUCKET}/{folder}/x" for folder in ("issues", "settings", "rendered", "effective", "imports", "ses-events")),
    f"{BUCKET}/issues",
    BUCKET,
    STACK.write({"Fn::GetAtt": "SiteBucket.Arn"}) + "/issues/x",
    STACK.write({"Fn::GetAtt": "Control.Arn"}),
    STACK.write({"Fn::GetAtt": "SubscribersTable.Arn"}),
    "*",
]
ACTIONS = [
    "s3:PutObject", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:DeleteObjectVersion", "s3:PutBucketPolicy",
    "lambda:InvokeFunction", "dynamodb:GetItem", "ses:SendEmail", "iam:PassRole", "sts:AssumeRole",
]  # fmt: skip


def test_the_role_puts_and_removes_issues_and_settings_and_does_nothing_else() -> None:
    """It reads nothing, so it sees no reader; it asks `control` for nothing, so it approves and sends nothing."""
    done = {(action, place) for action in ACTIONS for place in PLACES if allows(rights(), Request(action, place))}

    assert done == ALLOWED
    assert {action for statement in rights() for action in statement.actions} == {"s3:PutObject", "s3:DeleteObject"}


def test_nothing_is_made_where_no_repository_is_named() -> None:
    assert PARAMETER["Default"] == ""
    assert ROLE["Condition"] == "WithGitHub"
    assert translated()["Conditions"]["WithGitHub"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "GitHubRepository"}, ""]}]}


@pytest.mark.parametrize(
    ("repository", "fits"),
    [
        ("", True),
        (REPOSITORY, True),
        (NUMBERED, True),
        ("an-owner/a.name_2", True),
        ("owner", False),
        ("owner/*", False),
        ("*/name", False),
        ("owner/name?", False),
        ("owner/name/more", False),
        ("owner/name:ref:refs/heads/x", False),
        ("owner@123456/name", False),
        ("https://github.com/owner/name", False),
    ],
)
def test_the_parameter_takes_one_repository_and_no_pattern(repository: str, fits: bool) -> None:
    assert bool(re.fullmatch(PARAMETER["AllowedPattern"], repository)) is fits
