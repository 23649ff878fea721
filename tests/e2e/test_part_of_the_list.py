"""An issue for members, on the laptop stack with permissions enforced: import, tag, preview, send, books, report.

Five thousand readers: MEMBERS_OF=5000.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from local.reader import wait_for
from tests.command_line import Typed, typed
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

READERS = int(os.environ.get("MEMBERS_OF", "60"))
MEMBERS = [number for number in range(READERS) if number % 10 == 0]
SLUG = "2026-11-03-for-members"
ISSUE = """---
title: For members
date: 2026-11-03
send: now
audience: tag:members and not tag:staff
---

Dear {{ name | member }}, this is for members alone, and the page is for everybody.
"""


def address(number: int) -> str:
    return f"part-{number}@example.org"


@pytest.fixture
def newsletter(stack: Laptop, tmp_path: Path) -> Callable[..., Typed]:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(dict(stack.where)))

    def run(*arguments: str, code: int = 0) -> Typed:
        done = typed("--local", *arguments, folder=tmp_path, environment={"PATH": os.environ["PATH"]})
        assert done.returncode == code, done.stderr
        return done

    return run


def test_an_issue_for_members_reaches_them_and_has_nobody_else_in_its_books(
    stack: Laptop, newsletter: Callable[..., Typed], tmp_path: Path
) -> None:
    everybody = "\n".join(["email,confirmed_at", *(f"{address(number)},2024-01-02" for number in range(READERS))])
    (tmp_path / "everybody.csv").write_text(everybody)
    members = "\n".join(["email,confirmed_at", *(f"{address(number)},2024-01-02" for number in MEMBERS)])
    (tmp_path / "members.csv").write_text(members)

    assert json.loads(newsletter("import", "everybody.csv", "--yes", "--json").stdout)["added"] == READERS
    tagged = json.loads(newsletter("import", "members.csv", "--tag", "Members", "--yes", "--json").stdout)
    assert (tagged["added"], tagged["tagged"]) == (0, len(MEMBERS))
    newsletter("subscribers", "tag", address(MEMBERS[-1]), "staff")
    counted = json.loads(newsletter("audience", "count", "tag:members and not tag:staff", "--json").stdout)
    assert counted["readers"] == len(MEMBERS) - 1

    stack.upload(SLUG, ISSUE)
    books = stack.books(SLUG)

    assert (books.audience, books.sent, sum(books.skipped.values()), books.balanced) == (
        len(MEMBERS) - 1, len(MEMBERS) - 1, 0, True,
    )  # fmt: skip
    assert sorted(stack.inbox.recipients_of(SLUG)) == sorted(address(number) for number in MEMBERS[:-1])
    (preview,) = stack.inbox.messages(**{"tag.kind": "editors", "subject": "[Preview] For members"})[:1]
    words = " ".join(preview["text"].split())
    assert "It goes to a part of the list: readers tagged “members” and not tagged “staff”." in words
    assert re.search(rf"it would reach {len(MEMBERS) - 1} subscribers", words)

    assert httpx.get(f"{stack.url}/issues/{SLUG}/", timeout=30).status_code == 200  # its page is everybody's
    outside = json.loads(newsletter("send", "outcome", address(1), SLUG, "--json").stdout)
    assert outside["outcome"] == "not in the audience"
    assert "part of the list" in outside["why"]
    assert "It goes to a part of the list: readers tagged “members”" in newsletter("send", "status", SLUG).stdout
    (mail,) = wait_for(
        "the report's mail", lambda: stack.inbox.messages(**{"tag.kind": "editors", "subject": "Sent: For members"})
    )
    assert "It went to a part of the list: readers tagged “members” and not tagged “staff”." in " ".join(
        mail["text"].split()
    )
