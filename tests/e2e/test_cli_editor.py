"""Editors and operators at the command line, on the laptop stack, with no permissions but those of their policies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.deploy import STACK
from local.reader import wait_for
from tests.cli.test_writing import picture
from tests.command_line import Typed, typed
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

READERS = ("ada@example.org", "ben@example.org", "cyd@example.org")
SLUG, NOW_SLUG = "2126-01-01-in-a-hundred-years", "2026-11-03-at-once"
ISSUE = (
    "---\ntitle: {title}\ndate: {date}\n{more}---\n\nDear {{{{ name | reader }}}}, this is the whole issue.\n\n"
    "![A picture of red.](chart.png)\n"
)
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


@pytest.fixture(scope="module", autouse=True)
def _three_readers(laptop: Laptop) -> None:
    for email in READERS:
        assert laptop.subscribers.save(subscriber(subscriber_id=laptop.who(email), email=email))


@pytest.fixture(scope="module")
def environment(laptop: Laptop) -> dict[str, str]:
    """The shell of somebody who has the two policies for people and nothing else."""
    cloudformation = laptop.client("cloudformation")
    outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    arns = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    iam = laptop.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = iam.create_role(RoleName="somebody", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for policy in ("EditorsPolicyArn", "SendersPolicyArn"):
        iam.attach_role_policy(RoleName="somebody", PolicyArn=arns[policy])
    made = laptop.client("sts").assume_role(RoleArn=role, RoleSessionName="desk")["Credentials"]
    return {
        "PATH": os.environ["PATH"],
        "COLUMNS": "80",
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
        "AWS_REGION": laptop.where["region"],
        "AWS_ENDPOINT_URL": laptop.where["aws_endpoint"],
        "NEWSLETTER_STACK": STACK,
    }


Run = Callable[..., Typed]


@pytest.fixture(scope="module")
def newsletter(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Run:
    desk = tmp_path_factory.mktemp("desk")

    def run(*arguments: str, code: int = 0) -> Typed:
        done = typed(*arguments, folder=desk, environment=environment)
        assert done.returncode == code, done.stderr + done.stdout
        return done

    return run


def as_json(done: Typed) -> Any:
    return json.loads(done.stdout)


def test_an_issue_is_written_published_decided_about_and_withdrawn(
    newsletter: Run, laptop: Laptop, tmp_path: Path
) -> None:
    file = tmp_path / f"{SLUG}.md"
    assert newsletter("new", "In a hundred years", "--date", SLUG[:10], "--in", str(tmp_path)).returncode == 0
    assert file.exists()
    file.write_text(ISSUE.format(title="In a hundred years", date=SLUG[:10], more=""))
    picture(tmp_path / SLUG)

    assert as_json(newsletter("check", "--json", str(file)))["files"][0]["errors"] == 0
    told = as_json(newsletter("publish", "--json", str(file)))

    assert (told["result"], told["status"]) == ("published", "ready")
    assert told["outlook"].startswith("It goes out on ")
    (known,) = as_json(newsletter("issues", "--json"))
    assert (known["slug"], known["title"]) == (SLUG, "In a hundred years")
    assert "Approved" in newsletter("approve", SLUG, "--yes").stdout
    assert "Held" in newsletter("hold", SLUG).stdout
    assert "Released" in newsletter("release", SLUG).stdout
    newsletter("test-send", SLUG, "somebody.at.the.desk@example.org")
    assert [each["to"] for each in laptop.inbox.issues_for(SLUG)] == ["somebody.at.the.desk@example.org"]
    assert "Withdrawn" in newsletter("withdraw", SLUG, "--yes").stdout
    # Issues are listed by their status, one after the other: one that changes meanwhile may be in none of the lists.
    wait_for(
        "the withdrawal",
        lambda: [each["status"] for each in as_json(newsletter("issues", "--json"))] == ["withdrawn"],
        seconds=90,
    )


def test_a_slot_is_skipped_and_a_day_is_added(newsletter: Run) -> None:
    first = as_json(newsletter("schedule", "--json"))["next"][0][:10]

    assert as_json(newsletter("schedule", "skip", first, "--json"))["skipped"] == [first]
    assert as_json(newsletter("schedule", "unskip", first, "--json"))["skipped"] == []
    day_after = (date.fromisoformat(first) + timedelta(days=1)).isoformat()
    assert as_json(newsletter("schedule", "extra", day_after, "--json"))["extra"] == [day_after]
    assert as_json(newsletter("schedule", "unextra", day_after, "--json"))["extra"] == []


def test_a_send_is_begun_followed_and_looked_into(newsletter: Run, laptop: Laptop, tmp_path: Path) -> None:
    file = tmp_path / f"{NOW_SLUG}.md"
    file.write_text(ISSUE.format(title="At once", date=NOW_SLUG[:10], more="send: now\n"))
    picture(tmp_path / NOW_SLUG)

    newsletter("publish", str(file), code=2)  # it would go to everybody, and nobody is there to ask
    newsletter("publish", str(file), "--yes")
    done = newsletter("send", "status", NOW_SLUG, "--watch", "--every", "1", "--json")

    assert as_json(done)["books"]["sent"] == len(READERS)
    assert as_json(newsletter("send", "books", NOW_SLUG, "--json"))["balanced"] is True
    assert as_json(newsletter("send", "outcome", READERS[0], NOW_SLUG, "--json"))["outcome"] == "sent"
    assert "closed" in newsletter("send", "status").stdout
    assert "It failed for 0." in newsletter("send", "retry-failed", NOW_SLUG, "--dry-run").stderr
    assert "cannot be resumed" in newsletter("send", "resume", NOW_SLUG, code=1).stderr
    newsletter("send", "pause", NOW_SLUG, "--because", "Too late.", code=1)
    newsletter("send", "cancel", NOW_SLUG, "--because", "Too late.", "--yes", code=1)
    assert "not held" in newsletter("send", "release-confirmations").stdout


def test_a_rehearsal_is_followed_to_its_end(newsletter: Run, laptop: Laptop) -> None:
    name = as_json(newsletter("send", "rehearse", NOW_SLUG, "--yes", "--json"))["slug"]

    done = as_json(newsletter("send", "status", name, "--watch", "--every", "1", "--json"))

    assert (done["books"]["sent"], done["books"]["balanced"]) == (len(READERS), True)


def test_the_rest_get_it_too(newsletter: Run, laptop: Laptop) -> None:
    late = "dot@example.org"
    assert laptop.subscribers.save(subscriber(subscriber_id=laptop.who(late), email=late))

    newsletter("send", "rest", NOW_SLUG, "--yes")
    done = as_json(newsletter("send", "status", NOW_SLUG, "--watch", "--every", "1", "--json"))

    assert done["books"]["sent"] == len(READERS) + 1
    assert as_json(newsletter("send", "outcome", late, NOW_SLUG, "--json"))["outcome"] == "sent"


def test_what_the_policies_do_not_allow_is_a_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("newsletter")), "--stack", "no-such-stack", "issues"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    said = done.stderr

    assert done.returncode == 1
    assert said.startswith(("There is no stack", "These credentials may not call DescribeStacks"))
    assert len(said.splitlines()) == 1


def test_no_step_of_control_was_denied(laptop: Laptop) -> None:
    lines = [line for function, line in laptop.log_lines() if function == "control"]

    assert lines
    assert not [line for line in lines if "AccessDenied" in line or "not authorized" in line]
