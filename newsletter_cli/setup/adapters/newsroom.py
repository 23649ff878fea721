"""The newsletter once it runs, spoken to as every other verb does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from botocore.exceptions import ClientError

from newsletter_cli.stack import Stack

SLUG = "a-first-draft"
DRAFT = """---
title: A first draft
date: {day}
summary: What this newsletter looks like in a mailbox.
status: draft # nobody is ever sent a draft; delete the file when you like
---

Hello {{{{ name | there }}}},

this came from your own newsletter. It is a draft, so readers never see it. Look at it in your mail program, on a phone,
and in the dark.

## What to try next

- Sign in at the desk, where issues are written, tested and approved.
- Put your own words, colours and logo in place of ours.
- Sign up as a reader, press the button, and unsubscribe again.
"""


class StackNewsroom:
    """Invites, uploads and tests through the functions of a stack."""

    def __init__(self, find: Callable[[], Stack]) -> None:
        """`find` looks for the stack, which there is only once it is deployed."""
        self._find = find

    def invite(self, name: str, email: str) -> None:
        """Make somebody an owner of the desk; an email tells them."""
        self._find().about_team("invite_member", email=email, name=name, roles=["owner"])

    def upload_first_issue(self, day: str) -> str:
        """Upload the draft, unless it is there; return its name."""
        stack, slug = self._find(), f"{day}-{SLUG}"
        s3, bucket, key = stack.client("s3"), stack.resources.content_bucket, f"issues/{day}-{SLUG}.md"
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in ("404", "NoSuchKey", "NotFound"):
                raise
            source = DRAFT.format(day=day).encode()
            s3.put_object(Bucket=bucket, Key=key, Body=source, ContentType="text/markdown; charset=utf-8")
        return slug

    def is_taken(self, slug: str) -> bool:
        """Return whether the stack has read the draft."""
        return any(each["slug"] == slug for each in self._find().control("issues", number=60)["issues"])

    def test(self, slug: str, email: str) -> None:
        """Mail it to one address."""
        self._find().control("test", slug=slug, email=email)

    def arrived(self, email: str) -> bool:
        """Return whether it is in the inbox of the laptop; on AWS only its owner knows."""
        stack = self._find()
        if not stack.inbox_url:
            return True
        asked = urlencode({"to": email, "tag.kind": "test"})
        with urlopen(f"{stack.inbox_url}/api/messages?{asked}", timeout=10) as answer:  # noqa: S310 - loopback
            found: Any = answer.read().strip()
        return bool(found not in (b"", b"[]"))
