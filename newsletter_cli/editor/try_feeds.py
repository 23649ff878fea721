"""`newsletter settings try-feeds`: what the feeds of a file say at this moment, asked from this machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from newsletter_cli.console import out, show_table
from newsletter_cli.problems import CommandError

SHOWN = 10
"""Entries of each feed, the newest: whether it is the right one is seen at the first."""

THIS_MACHINE = "http://127.0.0.1"
"""May be asked: a website that is still being made has a feed, too."""


def try_feeds(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="feeds.yaml.", show_default=False)],
) -> None:
    """Ask the feeds that a file names, and show the newest of each. Exit code 1 if one fails. Needs no stack."""
    from newsletter.desk.adapters.feeds.feed_pages import FeedPages
    from newsletter.desk.adapters.feeds.web_feeds import WebFeeds
    from newsletter.desk.feeds.feed import FeedOutcome
    from newsletter.errors import InvalidSettingsError
    from newsletter.issues.settings.feeds_file import read_feeds_file
    from newsletter.web.public_connection import allowed_for

    try:
        feeds = read_feeds_file(file.read_bytes())
    except InvalidSettingsError as refusal:
        raise CommandError("\n".join(f"{file}: {problem}" for problem in refusal.problems)) from None
    pages = FeedPages("fortnightly-feeds", allowed=allowed_for(THIS_MACHINE))
    with ThreadPoolExecutor(len(feeds)) as threads:
        answers = list(threads.map(WebFeeds(pages.fetch).read, feeds.values()))
    for name, answer in zip(feeds, answers, strict=True):
        why = "is gone for good (410)" if answer.outcome is FeedOutcome.GONE else answer.problem
        out.print(f"{name}: {why or f'{len(answer.entries)} entries'}", markup=False, soft_wrap=True)
        rows = [
            [f"{each.published_at:%Y-%m-%d}" if each.published_at else "", each.title, each.link]
            for each in answer.entries
        ]
        if rows:
            show_table(("date", "title", "link"), rows[:SHOWN], nothing="")
    if any(answer.outcome is not FeedOutcome.READ for answer in answers):
        raise typer.Exit(1)
