"""A part of the list at the desk: typed where an issue is written, counted, and shown before somebody approves."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsletter.core.team import Role
from newsletter.issues.domain.issue import IssueStatus
from newsletter.reports.domain.report_name import TAGS
from tests.desk.desk_browser import DeskBrowser
from tests.desk.test_desk_write import AT, ada, form, newest, saved
from tests.factories import SLUG, record, rendered, subscriber

__all__ = ["ada"]  # a fixture

PEOPLE = "/desk/people/"


def with_readers(browser: DeskBrowser) -> None:
    for number in range(10):
        tags = frozenset({"members"}) if number < 3 else frozenset()
        assert browser.deployment.app.subscribers.save(subscriber(number, tags=tags))


def test_what_is_typed_is_kept_counted_and_named(ada: DeskBrowser) -> None:
    with_readers(ada)

    answer = saved(ada, audience="tag:members and not tag:staff", text="Hello all, and read on.")

    assert 'audience: "tag:members and not tag:staff"' in newest(ada).text
    assert answer["goes_to"] == "3 readers at this moment: readers tagged “members” and not tagged “staff”."
    assert [each["words"] for each in answer["findings"] if "staff" in each["words"]] == [
        "No reader has the tag “staff”. Check its spelling, or tag somebody with it."
    ]
    page = ada.get(f"{AT}write/")
    assert 'name="audience" value="tag:members and not tag:staff"' in page.body
    assert "3 readers at this moment" in page.words
    front_matter = html.unescape(form(ada)["front_matter"])
    assert saved(ada, audience="", front_matter=front_matter)["goes_to"] == ""
    assert "audience" not in newest(ada).text


def test_what_cannot_be_read_is_told_with_its_place(ada: DeskBrowser) -> None:
    answer = saved(ada, audience="tag:members tag:press")

    (finding,) = [each for each in answer["findings"] if "audience" in each["words"]]
    assert finding["level"] == "error"
    assert finding["words"].startswith("`audience`, character 13: There is nothing between")
    assert answer["goes_to"] == ""


def test_an_expression_that_is_hostile_stays_text(ada: DeskBrowser) -> None:
    answer = saved(ada, audience='tag:"</textarea><script>alert(1)</script>"')

    assert "<script>" not in answer["goes_to"]
    assert "<script>alert" not in ada.get(f"{AT}write/").body
    assert form(ada)["front_matter"]


def test_whoever_approves_reads_to_how_many_it_goes_as_of_now(owner: DeskBrowser) -> None:
    with_readers(owner)
    app = owner.deployment.app
    content = replace(rendered(content_hash=""), audience="tag:members").sealed()
    app.content.put_rendered(content)
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    ready = record(status=IssueStatus.READY, content_hash=content.content_hash, audience="tag:members", date=day)
    assert app.issues.put(ready, before=None)

    words = owner.get(f"/desk/issues/{SLUG}/").words

    assert "3 of 10, counted at this moment: readers tagged “members”." in words


def test_ten_thousand_tags_do_not_break_the_page_of_people(owner: DeskBrowser) -> None:
    keeper = DeskBrowser(owner.deployment, {Role.KEEPER}, "kim@example.org")
    counts = {f"tag-{number:05}": number for number in range(10_000)}
    keeper.deployment.app.content.put_report(TAGS, json.dumps(counts))

    page = keeper.get(PEOPLE)

    assert page.status == 200
    assert "tag-09999 9,999 , tag-09998" in page.words or "tag-09999 9,999, tag-09998" in page.words
    assert "and 9,950 more tags" in page.words
    assert len(page.body) < 31_000
