"""The search in a real browser: it asks nobody but the site, folds what people type, and outlives the network."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from newsletter.issues.domain.site import ShownIssue
from tests.issues.rendering_samples import ARCHIVE, rendered
from tests.moto_aws import template

pytestmark = pytest.mark.browser

ORIGIN = "https://mirror.example"
"""Not the address the pages were made for."""
ISSUES = [
    rendered("## Über Brücken\n\nStraße und Łódź.", slug="2026-12-01-bridges", title="Bridges & <b>ferries</b>"),
    rendered("Ferries, in passing.", slug="2026-11-03-passing", title="In passing"),
]
FILES = {
    f"/{file.path}".removesuffix("index.html"): file
    for file in [
        *ARCHIVE.archive([], [ShownIssue(each) for each in ISSUES], [2026]),
        *ARCHIVE.year(2026, ISSUES, [2026]),
    ]
}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    context.set_default_timeout(10_000)

    def answer(route: Route) -> None:
        file = FILES[route.request.url.removeprefix(ORIGIN).partition("?")[0]]
        route.fulfill(body=file.body, content_type=file.content_type)

    context.route(f"{ORIGIN}/**", answer)
    yield context.new_page()
    context.close()


def found(page: Page, words: str) -> list[str]:
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_function("!document.querySelector('#page-found').textContent.startsWith('Searching')")
    return page.locator("#page-results a").all_inner_texts()


@pytest.mark.parametrize("words", ["brucken", "BRÜCK", "strasse", "Straße lodz", "ferries uber"])
def test_words_are_found_by_their_beginnings_without_marks_and_capitals(page: Page, words: str) -> None:
    page.goto(f"{ORIGIN}/search/")

    assert found(page, words) == ["Bridges & <b>ferries</b>"]
    assert page.get_by_role("status").inner_text() == "Issues found: 1."


def test_a_word_in_the_title_counts_more_than_one_in_the_text(page: Page) -> None:
    page.goto(f"{ORIGIN}/search/?q=ferries")
    page.locator("#page-results li").nth(1).wait_for()

    assert page.locator("#page-results a").all_inner_texts() == ["Bridges & <b>ferries</b>", "In passing"]
    assert page.locator("#page-results a").first.get_attribute("href") == "/issues/2026-12-01-bridges/"


def test_the_search_goes_on_when_the_network_is_gone(page: Page) -> None:
    with page.expect_response(f"{ORIGIN}/search/2026.json"):
        page.goto(f"{ORIGIN}/search/")
    page.context.set_offline(True)
    page.context.unroute_all()

    assert found(page, "passing") == ["In passing"]


def test_what_cannot_be_read_is_said(page: Page) -> None:
    page.context.route("**/2026.json", lambda route: route.abort())
    page.goto(f"{ORIGIN}/search/")

    assert found(page, "ferries") == []
    assert "Some years could not be searched" in page.get_by_role("status").inner_text()


def test_without_a_script_the_page_leads_to_the_years(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(FILES["/search/"].body.decode())

    assert not page.get_by_role("search").is_visible()
    assert page.get_by_role("link", name="2026").get_attribute("href") == "/archive/2026/"
    context.close()


@pytest.mark.parametrize(
    ("uri", "query", "wanted"),
    [
        ("/", {}, "/index.html"),
        ("/issues/one/", {}, "/issues/one/index.html"),
        ("/feed.atom", {}, "/feed.atom"),
        ("/issues/one", {}, "301 /issues/one/"),
        ("/search", {"q": {"value": "a%20b"}}, "301 /search/?q=a%20b"),
        ("//evil.example/a", {}, "301 /evil.example/a/"),
        ("/\\evil/a", {}, "301 /evil/a/"),
    ],
)
def test_cloudfront_finds_a_folder_and_leads_to_no_other_host(
    chromium: Browser, uri: str, query: dict[str, Any], wanted: str
) -> None:
    code = template()["Resources"]["FolderIndex"]["Properties"]["FunctionCode"]
    page = chromium.new_page()
    event = {"request": {"uri": uri, "querystring": query}}
    answer = page.evaluate(f"(event) => {{ {code} return handler(event); }}", event)
    page.close()

    assert answer.get("uri") == wanted or f"{answer['statusCode']} {answer['headers']['location']['value']}" == wanted
