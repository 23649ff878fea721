"""The command line with a key of the API and nothing of AWS, on the laptop stack."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.core.team import Role
from tests.command_line import Typed, typed
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

SLUG = "2127-03-02-by-the-command-line"
ISSUE = "---\ntitle: By the command line\ndate: 2127-03-02\nstatus: ready\n---\n\nHello {{ name | there }},\n\nnews.\n"
EMAIL = "by-api-ada@example.org"


def test_an_editor_with_a_key_and_without_aws_publishes_decides_and_looks_after_the_list(
    stack: Laptop, tmp_path: Path
) -> None:
    with_aws, by_key = tmp_path / "aws", tmp_path / "api"
    (with_aws / ".local").mkdir(parents=True)
    (with_aws / ".local" / "stack.json").write_text(json.dumps(dict(stack.where)))
    by_key.mkdir()
    key = by_key / "key"
    key.touch(mode=0o600)
    key.write_text(stack.api_key(Role.OWNER, now=datetime.now(UTC), name="A laptop") + "\n")
    (by_key / f"{SLUG}.md").write_text(ISSUE)
    path = {"PATH": os.environ["PATH"]}

    def by_api(*words: str) -> Typed:
        shell = path | {"FORTNIGHTLY_API": stack.where["api_url"], "FORTNIGHTLY_API_KEY_FILE": "key"}
        done = typed(*words, folder=by_key, environment=shell)
        assert done.returncode == 0, done.stderr
        return done

    published = by_api("publish", f"{SLUG}.md", "--json")
    assert json.loads(published.stdout)["result"] == "published"
    assert "Held" in by_api("hold", SLUG).stdout
    assert "Released" in by_api("release", SLUG).stdout
    by_api("subscribers", "add", EMAIL, "--consent", "Signed at the fair", "--consent-date", "2024-05-31")
    assert by_api("subscribers", "tag", EMAIL, "press").stdout == "Tags of b…@example.org: press\n"
    for words in (["issues", "--json"], ["decisions", SLUG], ["schedule"], ["subscribers", "list", "--tag", "press"]):
        aws = typed("--local", *words, folder=with_aws, environment=path)
        assert (aws.returncode, by_api(*words).stdout) == (0, aws.stdout), words
    by_api("subscribers", "forget", EMAIL, "--yes")
    by_api("withdraw", SLUG, "--yes")
