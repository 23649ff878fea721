"""The desk: what an issue is rendered and checked with on this machine, as `publish` does it in the stack."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import typer

from newsletter.core.house_style import NO_HOUSE_STYLE, HouseStyle
from newsletter.core.how_often import HowOften
from newsletter.core.newsletter import Newsletter
from newsletter.core.time_zones import WallTime, time_zone
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.examination import COMPARED
from newsletter.web.jinja import Templates
from newsletter_cli.backend import Choice
from newsletter_cli.context import goes_by_api, stack_of
from newsletter_cli.problems import CommandError
from newsletter_cli.stack import Stack

TEMPLATES = Path(__file__).parents[2] / "templates"
"""Of the checkout: a deployed stack may have others, if it was deployed from another one."""

STAND_IN = Newsletter(
    name="Your newsletter",
    sender_email="newsletter@example.org",
    reply_to="editors@example.org",
    postal_address="Your postal address\nYour town",
    editor_email="editors@example.org",
)
"""Where no stack says who writes to whom."""

BY_API = (
    "By the API: with a stand-in for name and address, and no issues to compare with. `newsletter publish` has it"
    " checked with the stack's own settings."
)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What an issue is rendered and checked with."""

    newsletter: Newsletter
    public_url: str
    feed_namespace: str
    check_links: bool
    others: tuple[IssueRecord, ...]
    """The issues that the stack knows."""
    attachment_megabytes: int = 50
    """The most of a file beside an issue."""
    find_issue: Callable[[str], IssueRecord | None] | None = None
    """Asks the stack about an issue; None where there is no stack."""
    local_now: datetime.datetime
    """The moment, by the clock of the newsletter."""
    settings: str
    """Whose settings these are, as a sentence."""
    house_style: HouseStyle = NO_HOUSE_STYLE
    how_often: HowOften = field(default_factory=HowOften)

    @cached_property
    def templates(self) -> Templates:
        """The templates of the checkout, in the words and looks of the stack."""
        return Templates(TEMPLATES, how_often=self.how_often, current_style=lambda: self.house_style)


def desk_of(context: typer.Context) -> Desk:
    """Return a desk with the settings of the stack that is named or runs here, and stand-ins where there is none.

    Raises:
        CommandError: The stack that was asked for does not exist, or the templates are not here.
    """
    if not (TEMPLATES / "email" / "issue.html").exists():
        raise CommandError(f"There are no templates in {TEMPLATES}. Run this from a checkout of the newsletter.")
    if goes_by_api(context):
        return replace(_stand_in(), settings=BY_API)
    asked_for = not isinstance(context.obj, Choice) or context.obj.made
    try:
        stack = stack_of(context)
    except CommandError:
        if asked_for:
            raise
        return _stand_in()
    answer, issues = stack.control("newsletter"), stack.control("issues", number=COMPARED)["issues"]
    return Desk(
        newsletter=Newsletter(**{field: answer[field] for field in Newsletter.__dataclass_fields__}),
        public_url=answer["public_url"].rstrip("/"),
        feed_namespace=answer["feed_namespace"],
        check_links=answer["check_links"],
        attachment_megabytes=answer.get("attachment_megabytes", 50),
        find_issue=lambda slug: _find(stack, slug),
        others=tuple(_record(each) for each in issues if each["status"] != "draft"),
        local_now=stack.clock.now().astimezone(time_zone(answer["time_zone"])),
        settings=f"With the settings of the stack {stack.name}.",
        # A stack of a release before these has none of them.
        house_style=HouseStyle.from_json(answer.get("house_style", "{}")),
        how_often=HowOften.from_anchor(
            datetime.date.fromisoformat(answer.get("anchor_date", "2026-12-01")), answer.get("period_weeks", 2)
        ),
    )


def _stand_in() -> Desk:
    return Desk(
        newsletter=STAND_IN,
        public_url="https://newsletter.example.org",
        feed_namespace="desk",
        check_links=False,
        others=(),
        local_now=datetime.datetime.now(datetime.UTC),
        settings="No stack is named or runs here: with a stand-in for name and address, and no issues to compare with.",
    )


def _find(stack: Stack, slug: str) -> IssueRecord | None:
    try:
        return _record(stack.control("issue", slug=slug))
    except CommandError:  # there is none
        return None


def _record(issue: Mapping[str, Any]) -> IssueRecord:
    withdrawn = issue["status"] == "withdrawn"
    return IssueRecord(
        slug=issue["slug"],
        status=IssueStatus.DRAFT if withdrawn else IssueStatus(issue["status"]),
        title=issue["title"],
        subject=issue["subject"],
        summary=issue["summary"],
        date=datetime.date.fromisoformat(issue["date"]),
        content_hash="",
        send=SendPolicy(issue["send"]),
        send_at=WallTime.parse(issue["send_at"]) if issue.get("send_at") else None,
        withdrawn=withdrawn,
    )
