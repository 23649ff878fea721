"""The mail where opens and clicks are measured: honest about it, with a link for machines, and otherwise as ever."""

from __future__ import annotations

from difflib import ndiff

import html5lib
import pytest

from newsletter.feedback.domain.engagement import short_link
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import HIDDEN, hidden_link
from newsletter.issues.writing.rendering import Renderer
from tests.issues.rendering_samples import NEWSLETTER, TEMPLATES, URL, issue, received, rendered
from tests.issues.test_preflight import TODAY

BODY = "Hello {{ name | there }},\n\n## One\n\nA [report](https://gov.uk/a) by us, and enough words to read.\n\nEnd."
PAGE = f"{URL}/issues/2026-12-01-words/"


def measured(how: str = "aggregate") -> RenderedIssue:
    return Renderer(TEMPLATES, NEWSLETTER, URL, engagement_mode=how).open(issue(BODY)).render({})


def links(html: str) -> list[dict[str, str]]:
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    return [dict(each.attrib) for each in tree.iter("a")]


def test_where_they_are_off_nothing_of_it_is_in_the_mail() -> None:
    mail = received(rendered(BODY))

    assert not any(
        word in part for part in mail for word in ("ses:no-track", "not-for-readers", "We count", "tabindex")
    )


def test_only_the_links_that_are_the_readers_own_are_kept_from_ses() -> None:
    _, html, _ = received(measured())

    kept = {each["href"] for each in links(html) if "ses:no-track" in each}
    assert len(kept) == 2
    assert {each["href"] for each in links(html) if "token" in each.get("href", "")} == kept


def test_the_hidden_link_is_out_of_reach_for_people_and_leads_to_the_issue() -> None:
    _, html, text = received(measured())

    (hidden,) = (each for each in links(html) if each["href"] == hidden_link(PAGE))
    assert hidden["tabindex"] == "-1"
    around = html[: html.index(hidden_link(PAGE))].rsplit("<div ", 1)[1]
    assert 'aria-hidden="true"' in around
    assert "display:none" in around
    assert "not-for-readers" not in text
    assert short_link(hidden["href"]) == HIDDEN


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("aggregate", "We count how often this email is opened and its links followed. We do not record by whom."),
        ("individual", "We record whether you open this email and which links you follow."),
    ],
)
def test_the_mail_says_what_is_kept_in_both_parts(how: str, says: str) -> None:
    _, html, text = received(measured(how))

    assert says in html
    assert says in " ".join(text.split())


def test_nothing_else_of_the_mail_is_different() -> None:
    _, plain, plain_text = received(rendered(BODY))
    _, html, text = received(measured())

    added = [line[2:] for line in ndiff(plain_text.splitlines(), text.splitlines()) if line[0] == "+"]
    assert " ".join(" ".join(added).split()).startswith("We count")
    removed = [
        line for line in ndiff(plain.splitlines(), html.replace("ses:no-track ", "").splitlines()) if line[0] == "-"
    ]
    assert removed == []
    assert measured().web_html == rendered(BODY).web_html


def test_the_preflight_has_nothing_against_it() -> None:
    found = IssueChecks(NEWSLETTER, URL).check(
        issue(BODY), measured(), missing=(), refused={}, others=(), today=TODAY
    )  # fmt: skip

    assert found.findings == ()
