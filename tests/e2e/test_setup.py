"""From nothing to the first test email on this machine, by one command that is interrupted five times."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.emulator import CLIENT, session
from local.process import answers
from local.reader import Inbox, wait_for
from newsletter_cli.setup.adapters.laptop import STACK
from newsletter_cli.setup.jobs.set_up import STEPS

pytestmark = pytest.mark.e2e

NEWSLETTER = Path(sys.executable).with_name("newsletter")
SEED = 17
EDITOR = "ann@example.org"

ANSWERS = f"""
name: The Side by Side Briefing
postal_address: 1 Example Street, London
sender: briefing@example.org
time_zone: Europe/London
first_day: 2026-12-08 07:30
editors: Ann Lee <{EDITOR}> approver; Ben <ben@example.org> writer
"""


def hear_ctrl_c() -> None:
    """Listen to Ctrl-C again, which whatever a shell starts in the background is told to ignore (POSIX)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def newsletter(folder: Path, *arguments: str, interrupted_at: str = "") -> tuple[int, str]:
    """Run a verb; press Ctrl-C as soon as it says something; return its exit code and all that it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NEWSLETTER_"))}
    process = subprocess.Popen(
        [NEWSLETTER, *arguments], cwd=folder, env=environment | {"PYTHONUNBUFFERED": "1"}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=hear_ctrl_c,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if interrupted_at and line.startswith(interrupted_at):
            process.send_signal(signal.SIGINT)
    return process.wait(timeout=300), "".join(said)


def deploy(where: dict[str, Any], keys_in: str) -> None:
    """Deploy what runs with the keys in another place, as `make deploy` does on AWS."""
    client: Any = session().client("cloudformation", endpoint_url=where["aws_endpoint"], config=CLIENT)

    def stack() -> dict[str, Any]:
        found: dict[str, Any] = client.describe_stacks(StackName=STACK)["Stacks"][0]
        return found

    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack()["Parameters"]} | {"KeysIn": keys_in}
    client.update_stack(
        StackName=STACK, UsePreviousTemplate=True, Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
    )  # fmt: skip
    wait_for("the deployment", lambda: not stack()["StackStatus"].endswith("IN_PROGRESS"))
    assert stack()["StackStatus"] == "UPDATE_COMPLETE"


def move_the_keys_back_and_over(folder: Path, where: dict[str, Any]) -> None:
    """Move the keys that setup made to Secrets Manager and back; functions may read no more than their roles say.

    After each step, `doctor` presses a link to leave that was signed with the newest key, and one with the oldest.
    """
    steps = (
        ("both", ("move-keys", "--back", "--yes")), ("secrets", ("rotate-keys", "--yes")),
        ("", ("move-keys", "--yes")), ("both", ("move-keys",)), ("parameters", ("move-keys",)),
    )  # fmt: skip
    for keys_in, verb in steps:
        if keys_in:
            deploy(where, keys_in)
        code, said = newsletter(folder, verb[0], "--local", *verb[1:])
        assert code == 0, said
        code, said = newsletter(folder, "doctor", "--local", "--json")
        findings = {each["name"]: each["level"] for each in json.loads(said)}
        assert (code, findings["one-click"], findings["signing keys"]) == (0, "ok", "ok"), said
    assert findings["key places"] == "ok"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder, in which nothing runs any more afterwards."""
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    yield tmp_path
    description = tmp_path / ".local" / "account.json"
    if description.exists():
        os.kill(json.loads(description.read_text())["process"], signal.SIGTERM)


def test_from_nothing_to_the_first_test_email_interrupted_five_times(folder: Path) -> None:
    command = ("setup", "--local", "--answers", "answers.yaml")
    steps = random.Random(SEED).sample(range(1, len(STEPS)), 5)  # noqa: S311 - which five is no secret

    for step in steps:
        code, said = newsletter(folder, *command, interrupted_at=f"[{step}/{len(STEPS)}]")
        assert code == 1, said
        assert "What was done stays done" in said
    code, said = newsletter(folder, *command)
    assert code == 0, said

    where = json.loads((folder / ".local" / "stack.json").read_text())
    assert f"Every email lies in {where['inbox_url']}" in said
    inbox = Inbox(where["inbox_url"])
    (mail,) = inbox.messages(**{"to": EDITOR, "tag.kind": "test"})
    assert mail["subject"] == "A first draft"
    assert "The Side by Side Briefing" in dict(mail["headers"])["From"]
    invitation = wait_for("the invitation", lambda: [m for m in inbox.messages(to=EDITOR) if "/desk/" in m["text"]])
    assert f"{where['url']}/desk/" in invitation[-1]["text"]

    move_the_keys_back_and_over(folder, where)

    code, said = newsletter(folder, "teardown", "--local", "--confirm", "fortnightly-laptop")
    assert code == 0, said
    wait_for("the account to end", lambda: not answers(where["url"]))
