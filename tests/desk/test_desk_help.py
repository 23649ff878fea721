"""The desk's help: short, and about this newsletter and this person."""

from __future__ import annotations

from newsletter.core.team import Approval
from tests.desk.desk_browser import DeskBrowser

URL = "/desk/help/"
LARGEST = 60 * 1024


def test_help_speaks_of_this_newsletter_and_this_person(writer: DeskBrowser) -> None:
    page = writer.get(URL)

    assert "every 2 weeks at 09:00, by the clock in Europe/London" in page.words
    assert "Writer you" in page.words
    assert "Approver you" not in page.words
    assert len(page.body.encode()) < LARGEST


def test_help_says_nothing_of_approval_where_none_is_needed(writer: DeskBrowser) -> None:
    words = writer.get(URL).words

    assert writer.deployment.app.settings.require_approval is Approval.OFF
    assert "Without approval nothing goes out." not in words
