"""The command line as a whole: which stack is meant, and how it fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound
from typer.main import get_group

from newsletter_cli.arguments import stack_first
from newsletter_cli.main import app, run
from newsletter_cli.problems import CommandError, sentence
from newsletter_cli.resources import described
from newsletter_cli.stack import find_stack
from newsletter_cli.start import start
from tests.command_line import whole_command_line


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "for arn:aws:iam::123:user/x"}}, "DescribeStacks")


def test_without_a_stack_on_this_machine_the_sentence_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Start one with `make demo`, or name a deployed one with --stack NAME"):
        find_stack("", local=False, home=tmp_path)


def test_the_stack_on_this_machine_is_read_from_its_file(tmp_path: Path) -> None:
    said = {
        "url": "http://127.0.0.1:1", "api_url": "", "inbox_url": "http://127.0.0.1:1/inbox", "region": "eu-west-1",
        "aws_endpoint": "http://127.0.0.1:2", "ses_endpoint": "http://127.0.0.1:3", "content_bucket": "c",
        "site_bucket": "s", "tables": {"sends": "t"}, "queues": {"plan": "q"}, "functions": {"control": "f"},
    }  # fmt: skip
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(said))

    stack = find_stack("", local=True, home=tmp_path)

    assert stack.is_local
    assert stack.client("sesv2").meta.endpoint_url == "http://127.0.0.1:3"
    assert stack.client("dynamodb").meta.endpoint_url == "http://127.0.0.1:2"
    assert stack.resources.tables == {"sends": "t"}


def test_physical_names_are_found_by_the_words_of_the_project() -> None:
    found = described(
        {"LogicalResourceId": logical, "PhysicalResourceId": physical, "ResourceType": kind}
        for logical, physical, kind in [
            ("FanOut", "x-fan_out", "AWS::Lambda::Function"),
            ("PlanDeadLetters", "https://q", "AWS::SQS::Queue"),
            ("SendsTable", "x-sends", "AWS::DynamoDB::Table"),
        ]
    )

    assert (found.functions, found.queues) == ({"fan_out": "x-fan_out"}, {"plan_dead_letters": "https://q"})
    assert found.tables == {"sends": "x-sends"}


@pytest.mark.parametrize(
    ("problem", "remedy"),
    [
        (NoCredentialsError(), "Sign in, or name a profile"),
        (ProfileNotFound(profile="x"), "does not exist"),
        (EndpointConnectionError(endpoint_url="https://sts.example"), "AWS does not answer"),
        (refusal("ExpiredToken"), "have expired"),
        (refusal("UnrecognizedClientException"), "does not know these credentials"),
        (refusal("AccessDenied"), "may not call DescribeStacks"),
        (refusal("Throttling"), "AWS refused DescribeStacks: Throttling"),
    ],
)
def test_what_aws_refuses_is_said_in_a_sentence_with_a_remedy(problem: ClientError, remedy: str) -> None:
    said = sentence(problem)

    assert remedy in said
    assert "arn:" not in said
    assert "https://" not in said


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0), (["no-such-verb"], 2), (["--no"], 2)])
def test_help_is_no_failure_and_a_wrong_call_is_usage(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.setattr("sys.argv", ["newsletter", *arguments])
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == code


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("doctor --local", "--local doctor"),
        ("doctor --stack prod --json", "--stack prod doctor --json"),
        ("dead-letters list --stack=prod", "--stack=prod dead-letters list"),
        ("--stack prod doctor", "--stack prod doctor"),
        ("check -- --local", "check -- --local"),
        ("doctor --stack", "--stack doctor"),
    ],
)
def test_the_stack_may_be_named_behind_the_verb_too(written: str, understood: str) -> None:
    assert stack_first(written.split()) == understood.split()


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (CommandError("No such issue."), 1, "No such issue."),
        (KeyboardInterrupt(), 1, "Stopped."),
        (
            OSError(28, "No space left on device"),
            1,
            "This machine stopped the command: No space left on device. Check the disk, and where the output goes.",
        ),
        (
            PermissionError(13, "Permission denied", "/backups/may"),
            1,
            "/backups/may cannot be used: Permission denied. Check the path, its permissions and the disk.",
        ),
    ],
)
def test_an_error_is_one_sentence_and_never_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: BaseException, code: int, said: str
) -> None:
    def fail() -> None:
        raise problem

    command = app.command(name="fail-for-this-test", hidden=True)(fail)
    monkeypatch.setattr("sys.argv", ["newsletter", "fail-for-this-test"])
    try:
        with pytest.raises(SystemExit) as end:
            run()
    finally:
        app.registered_commands[:] = [each for each in app.registered_commands if each.callback is not command]

    assert end.value.code == code
    assert " ".join(capsys.readouterr().err.split()) == said


VERBS = """
    new preview check publish test-send approve hold release withdraw issues schedule
    send-status send-pause send-resume send-cancel send-retry-failed send-rehearse send-outcome send-books
    subscribers-list subscribers-show subscribers-add subscribers-remove subscribers-forget subscribers-stats
    import export suppressions-list suppressions-add suppressions-remove
    doctor report receipt dead-letters-list dead-letters-show dead-letters-replay backup restore rotate-keys
"""
"""What people have learnt and what scripts call; a group and its verb are joined by a hyphen."""


def names(command: object, before: str = "") -> set[str]:
    found = set()
    for name, each in getattr(command, "commands", {}).items():
        found |= {f"{before}{name}"} | names(each, f"{before}{name}-")
    return found


def test_every_verb_is_there_under_its_name() -> None:
    assert set(VERBS.split()) <= names(whole_command_line())


def test_every_verb_stands_under_a_heading_of_the_help() -> None:
    panels = {getattr(each, "rich_help_panel", None) for each in get_group(app).commands.values()}

    assert panels == {"The first day, and the last", "Editors", "Sending", "People", "Operators"}


def test_ctrl_c_while_the_libraries_are_still_read_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "newsletter_cli.main":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "newsletter_cli.main")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])

    with pytest.raises(SystemExit) as end:
        start()

    assert (end.value.code, capsys.readouterr().err) == (1, "Stopped.\n")
