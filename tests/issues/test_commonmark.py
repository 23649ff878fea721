"""Whatever CommonMark can say, said by us: safe, inside its page, and with the same meaning."""

import re
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import html5lib
import nh3
import pytest

from newsletter.issues.writing.addresses import ID_PREFIX, SCHEMES
from newsletter.issues.writing.clean_html import TAGS
from tests.commonmark_examples import Example, examples
from tests.issues.rendering_samples import URL, rendered
from tests.issues.safe_html import assert_safe

EXAMPLES: list[Any] = [*examples()] or [
    pytest.param(None, marks=pytest.mark.skip(reason="the examples of CommonMark are fetched by make test"))
]
PAGE = f"{URL}/issues/2026-12-01-words/"

OURS = {
    484: "a link to an issue's file leads to its page",
    596: "a link may have one of four schemes; anything else is text",
    598: "so is this",
    599: "and this",
    601: "and this",
    602: "an address without brackets around it is a link",
    608: "so is this",
    611: "and this",
    612: "and an address of a mailbox",
}
"""Examples of version 0.31.2 that mean something else here, and why."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each and f"{each.section} {each.example}")
def test_what_commonmark_can_say_stays_inside_its_page_and_means_the_same(example: Example) -> None:
    issue = rendered(example.markdown)

    assert_safe(issue)
    meaning = [*_meaning(_cleaned(issue.web_html), "")]
    assert (meaning == [*_meaning(_cleaned(example.html), PAGE)]) == (example.example not in OURS)


def _cleaned(markup: str) -> Element:
    """Return HTML without what we let nobody write, and without what only we add."""
    figures = r"<figure>(<img [^>]*)><figcaption>(.*?)</figcaption></figure>"
    plain = re.sub(figures, r'<p>\1 title="\2"></p>', re.sub(r"(?i)<(/?)h[1-6]\b", r"<\1h2", markup))
    clean = nh3.clean(
        plain.replace("figure>", "p>"),
        tags=TAGS - {"span"},
        attributes={"a": {"href"}, "img": {"alt"}, "ol": {"start"}, "*": {"title"}},
        url_schemes=set(SCHEMES),
        link_rel=None,
    )
    parsed: Element = html5lib.parseFragment(clean, treebuilder="etree", namespaceHTMLElements=False)
    return parsed


def _meaning(element: Element, base: str, *, code: bool = False) -> list[object]:
    """Return elements, attributes and words in their order; an address as it is on our page, if it is not yet there."""
    code = code or element.tag == "pre"
    attributes = dict(element.attrib)
    if base and "href" in attributes:
        address = attributes["href"]
        attributes["href"] = urljoin(base, f"#{ID_PREFIX}{address[1:]}" if address.startswith("#") else address)
    inside: list[object] = [_words(element.text, code)]
    for child in element:
        inside += [_meaning(child, base, code=code), _words(child.tail, code)]
    joined: list[object] = []
    for part in filter(None, inside):
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return [element.tag, attributes, joined]


def _words(text: str | None, code: bool) -> str:
    return text or "" if code else " ".join((text or "").split())
