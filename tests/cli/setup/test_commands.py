"""The verbs as a person meets them: what they say when there is nobody to ask, no credentials, and no end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError, NoCredentialsError

from newsletter_cli.setup import wiring
from newsletter_cli.setup.adapters.checkout import ROOT
from newsletter_cli.setup.adapters.files import SetupFiles
from tests.cli.conftest import Command
from tests.cli.setup.fakes import GIVEN, MemoryNotebook, World, ports, teardown_ports


@contextmanager
def behind(world: World, folder: Path, notebook: MemoryNotebook | None = None) -> Iterator[None]:
    """Put a world behind the verbs, in the place of AWS."""
    files: Any = notebook or SetupFiles(folder / ".deploy", "x", "eu-west-2")
    with pytest.MonkeyPatch.context() as there:
        there.setattr(wiring, "files_of", lambda stack_name, *, local: files)
        there.setattr(wiring, "aws_ports", lambda terminal, files, *rest, patience: ports(world, terminal, files))
        there.setattr(wiring, "aws_teardown_ports", lambda terminal, *rest: teardown_ports(world, terminal))
        yield


@pytest.fixture
def answers(desk: Path) -> Path:
    (desk / "answers.yaml").write_text(yaml.safe_dump(GIVEN))
    return desk / "answers.yaml"


def test_with_a_file_of_answers_and_yes_it_needs_nobody(newsletter: Command, answers: Path) -> None:
    world = World()
    with behind(world, answers.parent):
        said = newsletter("--stack", "x", "setup", "--answers", answers, "--yes")
        again = newsletter("--stack", "x", "setup", "--yes")
    assert (said.code, again.code) == (0, 0)
    assert world.tests
    assert "[15/15] The first test email" in said.out
    assert "newsletter doctor --stack x --first-day" in said.words


def test_without_a_terminal_the_missing_answer_is_named(newsletter: Command, desk: Path) -> None:
    with behind(World(), desk):
        said = newsletter("--stack", "x", "setup")
    assert said.code == 2
    assert "answer “name”" in said.err
    assert "--answers FILE" in said.err


def test_without_a_terminal_nothing_is_agreed_to(newsletter: Command, answers: Path) -> None:
    world = World()
    with behind(world, answers.parent):
        said = newsletter("--stack", "x", "setup", "--answers", answers)
    assert said.code == 2
    assert "--yes" in said.err
    assert (world.texts, world.deployments) == ([], 0)


def test_a_stop_is_a_sentence_and_exit_code_1(newsletter: Command, answers: Path) -> None:
    with behind(World(zone=""), answers.parent):
        said = newsletter("--stack", "x", "setup", "--answers", answers, "--yes")
    assert said.code == 1
    assert "it goes on from here" in said.err


def test_without_credentials_no_question_is_asked(
    newsletter: Command, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()

    def nobody() -> str:
        raise NoCredentialsError

    monkeypatch.setattr(world, "number", nobody)
    with behind(world, answers.parent):
        said = newsletter("--stack", "x", "setup")
    assert said.code == 1
    assert "There are no AWS credentials in this shell" in said.err


class Expiring(World):
    """Credentials end in the middle of the deployment, which goes on at AWS."""

    expired = True

    def progress(self) -> Any:
        at = super().progress()
        if self.expired and self.deployments:
            raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "for arn:aws:x"}}, "DescribeStacks")
        return at


def test_credentials_that_expire_in_mid_deploy_are_named_and_the_deployment_followed_afterwards(
    newsletter: Command, answers: Path
) -> None:
    world = Expiring()
    with behind(world, answers.parent):
        said = newsletter("--stack", "x", "setup", "--answers", answers, "--yes")
        assert said.code == 1
        assert "The AWS credentials have expired. Sign in again" in said.err
        assert "Go on with: newsletter setup --stack x" in said.err
        assert "arn:" not in said.err

        world.expired = False
        assert newsletter("--stack", "x", "setup", "--yes").code == 0
    assert (world.deployments, world.stack_status) == (1, "CREATE_COMPLETE")


def test_ctrl_c_says_how_to_go_on(newsletter: Command, answers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def stop() -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(world, "alarm_count", stop)
    with behind(world, answers.parent):
        said = newsletter("--stack", "x", "setup", "--answers", answers, "--yes")
    assert said.code == 1
    assert "Stopped. What was done stays done. Go on with: newsletter setup --stack x" in said.err


@pytest.mark.parametrize(
    ("name", "why"),
    [("x" * 60, "has 60 letters"), ("Fortnightly", "cannot be a stack"), ("my_stack", "cannot be a stack")],
)
def test_a_name_that_cannot_be_deployed_is_refused_at_once(newsletter: Command, name: str, why: str) -> None:
    said = newsletter("--stack", name, "setup")
    assert said.code == 2
    assert why in said.err


def test_teardown_asks_for_the_name_and_forgets_what_setup_kept(newsletter: Command, answers: Path) -> None:
    world = World()
    with behind(world, answers.parent):
        newsletter("--stack", "x", "setup", "--answers", answers, "--yes")
        refused = newsletter("--stack", "x", "teardown")
        assert refused.code == 1
        assert "Say --confirm x" in refused.err
        assert world.protected

        said = newsletter("--stack", "x", "teardown", "--confirm", "x")
    assert said.code == 0
    assert "x is deleted" in said.out
    assert list((answers.parent / ".deploy").iterdir()) == []


def test_teardown_of_nothing_on_this_machine_says_so(newsletter: Command, desk: Path) -> None:
    said = newsletter("--local", "teardown")
    assert said.code == 1
    assert "Nothing that setup started runs" in said.err


SAM = ROOT / ".venv-sam" / "bin" / "python"


def test_sam_reads_the_parameters_that_setup_writes(tmp_path: Path) -> None:
    if not SAM.exists():
        pytest.skip("the SAM CLI is installed by `make build`")
    files = SetupFiles(tmp_path, "x", "eu-west-2")
    chosen = {"NewsletterName": "Ann \"the\" O'Hara's, brief = 1\\2", "Editors": "A <a@x.example> approver; B", "N": ""}
    files.keep_parameters(chosen)
    program = """
import json, sys
from pathlib import Path
from samcli.cli.types import CfnParameterOverridesType
from samcli.lib.config.file_manager import TomlFileManager
read = TomlFileManager.read(Path(sys.argv[1]))["default"]["deploy"]["parameters"]
print(json.dumps(CfnParameterOverridesType().convert(read["parameter_overrides"], None, None)))
"""
    said = subprocess.run([SAM, "-c", program, files.settings], capture_output=True, text=True, check=True)
    assert yaml.safe_load(said.stdout) == chosen
