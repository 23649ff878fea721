"""Who has a tag, at the desk: page by page, with as much of an address as its reader would recognise."""

from __future__ import annotations

import json
import re

import pytest

from newsletter.core.team import Role
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.list_pages import TaggedPage
from newsletter.reports.domain.report_name import TAGS
from tests.desk.desk_browser import DeskBrowser
from tests.factories import an_id, subscriber

PEOPLE, TAGGED = "/desk/people/", "/desk/people/tagged/"
PRESS = frozenset({"press"})


@pytest.fixture
def keeper(owner: DeskBrowser) -> DeskBrowser:
    browser = DeskBrowser(owner.deployment, {Role.KEEPER}, "kim@example.org")
    for number in range(3):
        browser.deployment.save(subscriber(number, tags=PRESS, name=f"Reader {number}"))
    browser.deployment.save(subscriber(3, name="Somebody else"))
    browser.deployment.save(subscriber(4, tags=PRESS, status=Status.UNSUBSCRIBED, name="Who left"))
    return browser


def test_the_page_of_people_leads_to_who_has_a_tag(keeper: DeskBrowser) -> None:
    keeper.deployment.app.content.put_report(TAGS, json.dumps({"press": 4, "événement": 1}))

    assert f'href="{TAGGED}?tag=press"' in keeper.get(PEOPLE).body
    assert f'href="{TAGGED}?tag=%C3%A9v%C3%A9nement"' in keeper.get(PEOPLE).body
    assert "4 had it last night." in keeper.get(f"{TAGGED}?tag=press").words


def test_those_who_may_be_mailed_are_listed_with_a_link_to_their_page(keeper: DeskBrowser) -> None:
    page = keeper.get(f"{TAGGED}?tag=press")

    links = set(re.findall(rf'href="{PEOPLE}(\w+)/">', page.body))
    assert {an_id(number) for number in range(3)} <= links
    assert {an_id(3), an_id(4)} & links == set()
    assert "Reader 2" in page.words
    assert "More readers" not in page.words


def test_no_whole_address_is_on_it(keeper: DeskBrowser) -> None:
    """A list leaves by an export alone, which asks for a fresh sign-in and stands in the log."""
    page = keeper.get(f"{TAGGED}?tag=press")

    assert "r…@example.org" in page.body
    assert "reader1@example.org" not in page.body
    assert "reader1@example.org" in keeper.get(f"{PEOPLE}{an_id(1)}/").body


def test_a_long_list_is_read_page_by_page(keeper: DeskBrowser) -> None:
    for number in range(10, 70):
        keeper.deployment.save(subscriber(number, tags=PRESS))
    seen: list[str] = []
    address = f"{TAGGED}?tag=press"
    for _ in range(2):
        page = keeper.get(address)
        seen += re.findall(rf'href="{PEOPLE}([0-9a-f]{{32,}})/">', page.body)
        following = re.search(r'href="([^"]+)">More readers', page.body)
        address = following.group(1).replace("&amp;", "&") if following else ""

    assert address == ""
    assert "From the beginning" in page.words
    assert (len(seen), len(set(seen))) == (63, 63)


def test_a_tag_that_nobody_has_and_one_as_it_was_typed(keeper: DeskBrowser) -> None:
    assert "Nobody who may be mailed has this tag." in keeper.get(f"{TAGGED}?tag=nobody").words
    assert "Reader 2" in keeper.get(f"{TAGGED}?tag=+PRESS+").words


@pytest.mark.parametrize(
    "query", ["?tag=!!!", f"?tag={'x' * 41}", "?tag=press&after=zz", f"?tag=press&after={'a' * 65}",
              "?tag=press&after=%00"],
)  # fmt: skip
def test_what_is_no_tag_and_no_page_is_refused(keeper: DeskBrowser, query: str) -> None:
    assert keeper.get(f"{TAGGED}{query}").status == 400


def test_a_reader_whose_tag_was_taken_a_moment_ago_is_not_shown(keeper: DeskBrowser) -> None:
    """The index may be behind: the record decides."""

    class Behind:
        def page(self, tag: str, *, after: str, limit: int) -> TaggedPage:
            return TaggedPage([an_id(0), an_id(3), an_id(4), an_id(99)], "")

    keeper.deployment.app.tagged_readers = Behind()  # type: ignore[assignment]

    page = keeper.get(f"{TAGGED}?tag=press")

    assert re.findall(rf'href="{PEOPLE}(\w{{32,}})/">', page.body) == [an_id(0)]


def test_without_a_tag_there_is_no_such_page_and_nothing_is_taken(keeper: DeskBrowser) -> None:
    assert [keeper.get(f"{TAGGED}{query}").status for query in ("", "?tag=")] == [404] * 2
    assert keeper.post(TAGGED, tag="press").status == 405


@pytest.mark.parametrize("role", [Role.WRITER, Role.APPROVER])
def test_who_does_not_keep_the_list_does_not_see_it(keeper: DeskBrowser, role: Role) -> None:
    assert DeskBrowser(keeper.deployment, {role}, "wil@example.org").get(f"{TAGGED}?tag=press").status == 403
