"""Feeds at the desk, through the function as Lambda runs it: a website is asked, and what a draft would hold shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.publish.handler import lambda_handler as publish
from functions.schedule.handler import lambda_handler as schedule
from newsletter.core.team import Role
from newsletter.desk.feeds.feed import FeedDraftOutcome
from tests.desk.desk_browser import Answered, DeskBrowser
from tests.desk.feed_site import FeedSite, feed_site
from tests.desk.test_desk_settings import form, stands
from tests.functions.conftest import Deployment, LambdaContext, deployed

AT = "/desk/settings/feeds/"
FEEDS = "settings/feeds.yaml"
SCHEDULE_FUNCTION: Any = schedule


@pytest.fixture(scope="module")
def website() -> Iterator[FeedSite]:
    with feed_site() as site:
        yield site


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A newsletter on a laptop, which may ask the laptop."""
    with deployed(monkeypatch, PUBLIC_URL="http://127.0.0.1:8080") as deployment:
        yield deployment


def seen(answer: Answered) -> str:
    """Return the words of a page that is shown within another."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.body.partition("<h1")[2])).split())


def test_feeds_are_typed_one_a_line_tried_saved_and_in_use(owner: DeskBrowser, website: FeedSite) -> None:
    website.entries = ["Ferries", "Bridges"]
    lines = f"Our blog {website.at('feed.xml')}\r\nOld {website.at('410')}\r\nInside http://10.0.0.1/feed.xml"
    page = owner.get(AT)
    assert "no feed is named" in page.words
    assert "Try these feeds" in page.words

    tried = owner.post(f"{AT}preview", text=lines, version="")

    assert tried.status == 200
    words = seen(tried)
    assert "Our blog can be read: 2 entries, 2 of them new since the last issue." in words
    assert "Old says that it is gone for good (410); take it out of the settings." in words
    assert "Inside leads into a private network, and was not asked." in words
    assert "Ferries About Ferries. Bridges About Bridges." in words
    assert stands(owner, FEEDS) is None, "nothing is kept"

    assert owner.post(f"{AT}save", text=lines, version="").location == f"{AT}?done=kept"
    assert stands(owner, FEEDS) == "feeds:\n" + "".join(f'  - "{line}"\n' for line in lines.split("\r\n"))
    owner.deployment.invoke(publish, "publish/settings")
    assert form(owner.get(AT))["text"] == lines.replace("\r\n", "\n")
    assert "2 entries, 2 of them new" in seen(owner.get(f"{AT}preview/")), "trying remembers nothing"
    assert owner.log() == [("changed the settings", "Feeds")]


def test_a_page_that_is_no_feed_is_said_to_be_none(owner: DeskBrowser, website: FeedSite) -> None:
    assert "is empty." in seen(owner.post(f"{AT}preview", text=website.at("200"), version=""))
    assert "Nothing: there would be no draft." in seen(owner.post(f"{AT}preview", text=website.at("404"), version=""))
    assert "is no feed." in owner.post(f"{AT}preview", text="our blog", version="").body
    assert "No feed is named." in seen(owner.get(f"{AT}preview/"))


def test_what_is_wrong_is_said_and_nothing_is_saved(owner: DeskBrowser) -> None:
    page = owner.post(f"{AT}save", text="our blog", version="")

    assert page.status == 400
    assert "“our blog” is no feed." in page.words
    assert form(page)["text"] == "our blog"


def test_writers_look_and_change_nothing(owner: DeskBrowser, website: FeedSite) -> None:
    owner.post(f"{AT}save", text=website.at("feed.xml"), version="")
    writer = DeskBrowser(owner.deployment, {Role.WRITER}, "wanda@example.org")

    assert "Only owners change this." in writer.get(AT).words
    assert "can be read" in seen(writer.get(f"{AT}preview/"))
    assert writer.post(f"{AT}preview", text=website.at("feed.xml"), version="").status == 403
    assert writer.post(f"{AT}save", text="", version="").status == 403


def test_the_clock_makes_the_draft_which_the_desk_shows_and_the_editors_hear_of(
    owner: DeskBrowser, website: FeedSite
) -> None:
    website.entries = ["Ferries & {{ name | bridges }}"]
    owner.post(f"{AT}save", text=f"Our blog {website.at('feed.xml')}", version="")
    deployment, context = owner.deployment, LambdaContext()
    deployment.invoke(publish, "publish/settings")
    rhythm, now = deployment.app.current_rhythm(), deployment.now()
    day = (now + timedelta(days=2)).astimezone(rhythm.time_zone).date()
    deployment.app.calendar.set_extra(day, extra=True)

    for _ in range(2):
        SCHEDULE_FUNCTION({"watch": "slots"}, context)

    noted = deployment.app.feed_store.draft_of(day)
    assert noted is not None
    assert (noted.outcome, noted.informed) == (FeedDraftOutcome.MADE, True)
    (mail,) = deployment.ses.messages(to="editors@example.org", subject="is waiting")
    assert "Ferries & {{ name | bridges }}" in mail["text"]
    assert f"/desk/issues/{noted.slug}/write/" in mail["text"]
    page = owner.get(f"/desk/issues/{noted.slug}/write/")
    assert page.status == 200
    assert "Ferries" in page.body
    assert "bridges" in page.body
    draft = deployment.app.drafts.newest(noted.slug)
    assert draft is not None
    assert draft.saved_by == "feeds"
    assert len(deployment.app.drafts.history(noted.slug)) == 1
    assert deployment.app.issues.get(noted.slug) is None
