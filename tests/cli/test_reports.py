"""`newsletter report` and `newsletter receipt`: the figures of the report, in eighty columns or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import boto3
import pytest
import typer
from botocore.exceptions import ClientError

from newsletter.reports.domain.report_name import GROWTH
from newsletter_cli.main import app
from newsletter_cli.operator.reports import receipt, report
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.resources import Resources
from newsletter_cli.stack import Stack
from tests import report_samples as reports
from tests.factories import SLUG

URL = f"https://briefing.example.org/report?issue={SLUG}&token={'x' * 48}"


@dataclass
class Aws:
    """A content bucket, and a `control` that answers."""

    reports: dict[str, Any] = field(default_factory=dict)
    wishes: list[dict[str, Any]] = field(default_factory=list)

    def get_object(self, **asked: str) -> dict[str, Any]:
        key = asked["Key"].removeprefix("reports/").removesuffix(".json")
        if key not in self.reports:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": BytesIO(json.dumps(self.reports[key]).encode())}

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.wishes.append(json.loads(asked["Payload"]))
        return {"Payload": BytesIO(json.dumps({"url": URL}).encode())}


@dataclass(frozen=True)
class OneStack(Stack):
    """A stack of which only these two are asked."""

    aws: Aws = field(default_factory=Aws)

    def client(self, service: Any, config: Any = None) -> Any:  # noqa: ARG002 - one thing stands for both
        return self.aws


def context_of(aws: Aws) -> typer.Context:
    resources = Resources("", "content", "site", {}, {}, {"control": "control"})
    stack = OneStack("prod", boto3.Session(region_name="eu-west-2"), resources, "https://briefing.example.org", aws=aws)
    return typer.Context(typer.main.get_command(app), obj=stack)


@pytest.fixture
def aws() -> Aws:
    return Aws({SLUG: reports.report(), GROWTH: reports.growth()})


def test_the_report_says_in_eighty_columns_what_the_books_say_and_where_its_page_is(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    report(context_of(aws), SLUG)
    said = capsys.readouterr().out

    *lines, link = said.splitlines()
    assert max(map(len, lines)) <= 80
    assert link == URL
    for words, number in (("audience", "6,000"), ("sent", "5,840"), ("skipped: unsubscribed before their turn", "40")):
        assert any(line.startswith(words) and number in line.split() for line in lines)
    assert aws.wishes == [{"action": "report", "slug": SLUG, "fresh": False}]


def test_programs_get_the_whole_report_and_the_link(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    report(context_of(aws), SLUG, as_json=True)

    assert json.loads(capsys.readouterr().out) == aws.reports[SLUG] | {"url": URL}


def test_the_receipt_adds_up_on_the_screen(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    receipt(context_of(aws), SLUG)
    lines = capsys.readouterr().out.splitlines()

    assert max(map(len, lines)) <= 80
    assert any(line.startswith("together") and "0.9434" in line for line in lines)
    receipt(context_of(aws), SLUG, as_json=True)
    assert json.loads(capsys.readouterr().out) == aws.reports[SLUG]["receipt"]


def test_the_growth_of_the_list_is_shown_for_a_fortnight(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    report(context_of(aws), growth=True)
    said = capsys.readouterr().out

    assert said.count("2026-11-") == 14
    assert "Why they left, in 60 days" in said
    assert aws.wishes == [{"action": "report", "slug": "", "fresh": False}]


def test_a_report_that_is_not_written_is_asked_for_with_fresh(aws: Aws) -> None:
    with pytest.raises(CommandError, match="Ask with --fresh"):
        report(context_of(aws), "2026-12-15-another")
    with pytest.raises(CommandError, match="ask again in a minute"):
        report(context_of(aws), "2026-12-15-another", fresh=True)
    with pytest.raises(CommandError, match="no report on 2026-12-15-another yet"):
        receipt(context_of(aws), "2026-12-15-another")
    assert [wish["fresh"] for wish in aws.wishes] == [False, True]


@pytest.mark.parametrize("call", [{}, {"issue": SLUG, "growth": True}, {"issue": "../secrets"}])
def test_a_call_that_means_nothing_is_a_question_of_usage(aws: Aws, call: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        report(context_of(aws), **call)
    assert aws.wishes == []
