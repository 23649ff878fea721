"""How the command line begins: a verb imports what it needs, and whoever asks for help waits for none of them."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import typer

from bench.cli import CALLED, STACK, UP_TO_AWS
from newsletter_cli.main import PANELS
from newsletter_cli.verbs import VerbEntry, VerbGroup
from tests.command_line import whole_command_line

SLOW = {
    "PIL", "aws_lambda_powertools", "charset_normalizer", "css_inline", "dns", "email_validator", "jinja2",
    "mammoth", "markdown_it", "newsletter.web.jinja", "pygments", "rich.markdown", "starlette", "uvicorn",
    "watchfiles", "webauthn", "yaml",
}  # fmt: skip
"""Modules of which each takes a noticeable part of a tenth of a second."""

AND_SAY = "import atexit; atexit.register(lambda: sys.stderr.write('\\n'.join(sys.modules))); "


def imported(snippet: str, *words: str, folder: Path) -> set[str]:
    """Return the modules of a call of the command line in a process of its own."""
    ending = "os._exit(0)"
    said = "(sys.stderr.write('\\n'.join(sys.modules)), sys.stderr.flush(), os._exit(0))"
    code = "import sys; " + (AND_SAY if snippet == CALLED else "") + snippet.replace(ending, said)
    call = [sys.executable, "-c", code.format(words=["newsletter", *words])]
    return set(subprocess.run(call, check=True, capture_output=True, text=True, cwd=folder).stderr.split())


def listed() -> Iterator[VerbEntry]:
    for panel in PANELS:
        yield from panel.verbs
        for group in panel.groups:
            yield from group.verbs if isinstance(group, VerbGroup) else [group]


@pytest.mark.parametrize("words", [["--help"], ["send", "--help"], ["subscribers", "--help"]], ids=" ".join)
def test_a_list_of_verbs_imports_none_of_them(words: list[str], tmp_path: Path) -> None:
    modules = imported(CALLED, *words, folder=tmp_path)

    assert "typer.rich_utils" in modules, "the list is shown"
    assert modules & {*SLOW, "boto3", "botocore"} == set()
    assert modules & {verb.code.partition(":")[0] for verb in listed()} == set()


@pytest.mark.parametrize("words", [["issues", "--help"], ["send", "pause", "--help"], ["team", "--help"]], ids=" ".join)
def test_the_help_of_a_verb_does_not_wait_for_aws(words: list[str], tmp_path: Path) -> None:
    modules = imported(CALLED, *words, folder=tmp_path)

    assert "newsletter_cli.context" in modules, "the verb is there"
    assert modules & {"boto3", "botocore", "jinja2", "newsletter.wiring"} == set()


@pytest.mark.parametrize(
    "words",
    [["issues"], ["schedule"], ["dead-letters", "list"], ["team", "list"], ["subscribers", "list"]],
    ids=" ".join,
)
def test_a_listing_imports_boto3_and_nothing_else_that_is_slow(words: list[str], tmp_path: Path) -> None:
    (tmp_path / ".local").mkdir()
    functions = {"control": "control", "sign_in": "sign_in"}
    settings = {"functions": functions, "tables": {"subscribers": "t"}, "queues": {"plan_dead_letters": "q"}}
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(STACK | settings))

    modules = imported(UP_TO_AWS, *words, folder=tmp_path)

    assert "boto3" in modules, "it was on its way to AWS"
    assert modules & SLOW == set()


@pytest.mark.parametrize("words", [["issues"], ["send", "status", "x"], ["subscribers", "list"]], ids=" ".join)
def test_by_the_api_nothing_of_aws_is_imported(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORTNIGHTLY_API", "http://127.0.0.1:9")
    monkeypatch.setenv("FORTNIGHTLY_API_KEY", "fn_live_a")

    modules = imported(UP_TO_AWS, *words, folder=tmp_path)

    assert "httpx" in modules, "it was on its way to the API"
    # httpx brings a command line of its own, which colours what it prints.
    assert modules & {*SLOW, "boto3", "botocore", "newsletter.wiring"} == {"pygments"}


@pytest.mark.parametrize("verb", [pytest.param(verb, id=verb.code) for verb in listed()])
def test_a_list_says_of_a_verb_what_the_verb_says_of_itself(verb: VerbEntry) -> None:
    module, _, name = verb.code.partition(":")
    code = getattr(import_module(module), name)
    said = code.info.help if isinstance(code, typer.Typer) else inspect.getdoc(code)

    assert verb.help == " ".join(str(said).partition("\n\n")[0].split())


def test_no_verb_is_listed_twice() -> None:
    names = [name for panel in PANELS for name in (each.name for each in (*panel.verbs, *panel.groups))]

    assert len(names) == len(set(names)) == len(whole_command_line().commands)
