"""Somebody who was sent a link to comment on an issue, and what they can send."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from functions.comment.handler import lambda_handler as comment
from newsletter.desk.domain.comment import CommentLink
from tests.factories import SLUG, record, rendered
from tests.functions.conftest import Deployment, load

FILE = b"---\ntitle: More for more\ndate: 2026-12-01\n---\n\n# More\n\nCouncils ask for more.\n\nMuch *more*.\n"
LINK_ID = "ab" * 8


def put_issue(deployment: Deployment) -> None:
    """Put an issue on record whose file stands in the bucket."""
    deployment.put(f"issues/{SLUG}.md", FILE)
    upload = deployment.app.content.newest(f"issues/{SLUG}.md")
    assert upload is not None
    deployment.app.issues.put(record(version=upload.version), before=None)
    deployment.app.content.put_rendered(rendered())


def linked(deployment: Deployment, *, made_at: datetime | None = None, made_for: str = "Jo") -> str:
    """Make a link, and return what its address is signed with."""
    link = CommentLink(LINK_ID, (made_at or deployment.now()).replace(microsecond=0), "Ann Lee", made_for)
    deployment.app.reviews.make_link(SLUG, link)
    return deployment.app.comment_links.to_page(SLUG, link).split("/")[-2]


def show(deployment: Deployment, signed: str, query: str = "", method: str = "GET") -> Any:
    event = json.loads(json.dumps(load("comment/page")).replace("SIGNED", signed))
    event["requestContext"]["http"]["method"] = method
    event["rawQueryString"] = query
    event["queryStringParameters"] = dict(pair.split("=") for pair in query.split("&") if pair)
    return comment(event, deployment.context)


def say(deployment: Deployment, signed: str, **fields: str) -> Any:
    event = json.loads(json.dumps(load("comment/add")).replace("SIGNED", signed))
    if fields:
        typed = {"author": "Dame Jo Bell", "words": "More of what?", "line": "8", **fields}
        event["body"] = b64encode(urlencode(typed).encode()).decode()
    return comment(event, deployment.context)
