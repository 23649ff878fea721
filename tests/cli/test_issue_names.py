"""The names of issues: however they are written, and as the shell completes them."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
import typer
from typer.main import get_command

from newsletter_cli.issue_names import names, slug_of
from newsletter_cli.main import app
from tests.cli.conftest import RESOURCES, StackInProcess
from tests.factories import SLUG, record
from tests.functions.conftest import Deployment
from tests.moto_aws import REGION


@pytest.mark.parametrize(
    "written",
    ["2026-12-01-more", "2026-12-01-more.md", "issues/2026-12-01-more.md", "./drafts/2026-12-01-more.md"],
)
def test_an_issue_is_named_by_its_slug_or_its_file(written: str) -> None:
    assert slug_of(written) == "2026-12-01-more"


def test_the_name_of_a_rehearsal_is_one_too() -> None:
    assert slug_of("2026-12-01-more_rehearsal_1") == "2026-12-01-more_rehearsal_1"


def test_where_nobody_can_be_asked_the_shell_completes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert names(typer.Context(get_command(app)), "2026") == []


def test_the_shell_completes_the_issues_that_the_stack_knows(
    desk: Path, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.app.issues.put(record(), before=None)
    known = StackInProcess("in-process", boto3.Session(region_name=REGION), RESOURCES, "")

    assert names(typer.Context(get_command(app), obj=known), "2026-12") == [SLUG]
    assert names(typer.Context(get_command(app), obj=known), "2027") == []
