import datetime
from dataclasses import replace
from typing import Any

import pytest

from newsletter.core.text import one_line
from newsletter.issues.domain.issue import RenderedIssue, is_slug
from newsletter.issues.domain.personal import substitute, variables
from newsletter.issues.domain.picture import Picture

PICTURE = Picture("a.png", "issues/s/a-0.png", 1, 1, 70)


def rendered(*fallbacks: str) -> RenderedIssue:
    return RenderedIssue(
        slug="s",
        content_hash="0" * 64,
        title="T",
        subject="Hello {{name_0_text}}",
        summary="",
        date=datetime.date(2026, 12, 1),
        lang="en",
        html="<p>{{name_0_html}}</p>",
        text="{{name_0_text}} {{brace}}",
        web_html="<p>there</p>",
        name_fallbacks=fallbacks,
        pictures=(PICTURE,),
        topics=("care",),
    )


def values(name: str, *fallbacks: str) -> dict[str, str]:
    return variables(rendered(*fallbacks), name=name, unsubscribe_url="https://u", preferences_url="https://p")


def test_a_known_name_stands_everywhere_and_an_unknown_one_falls_back() -> None:
    assert values("Ada", "there", "reader")["name_1_text"] == "Ada"
    assert values(" ", "there", "reader")["name_1_text"] == "reader"


def test_a_name_is_escaped_for_html_only() -> None:
    found = values("<b>Ada & {{co}}</b>", "there")

    assert found["name_0_text"] == "<b>Ada & {{co}}</b>"
    assert found["name_0_html"] == "&lt;b&gt;Ada &amp; &#123;&#123;co}}&lt;/b&gt;"


def test_a_name_cannot_break_out_of_its_line() -> None:
    assert values("Ada\r\nBcc: everybody\x00\u2028", "there")["name_0_text"] == "Ada Bcc: everybody"


def test_a_name_cannot_turn_the_line_around() -> None:
    assert one_line("Ada \u202egnp.exe") == "Ada gnp.exe"


def test_values_are_not_looked_at_again() -> None:
    assert substitute("{{a}} {b} {{a}}", {"a": "{{b}}", "b": "no"}) == "{{b}} {b} {{b}}"


def test_a_variable_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        substitute("{{missing}}", {})


def test_a_rendered_issue_survives_storage() -> None:
    issue = rendered("there", "Ünal")

    assert RenderedIssue.from_json(issue.to_json()) == issue


@pytest.mark.parametrize(
    "change",
    [
        {"html": "<p></p>"},
        {"pictures": (replace(PICTURE, width=2),)},
        {"date": datetime.date(2026, 12, 2)},
        {"topics": ()},
    ],
)
def test_an_issue_is_named_by_everything_it_holds(change: dict[str, Any]) -> None:
    sealed = rendered("there").sealed()

    assert sealed.sealed() == sealed == rendered("there").sealed()
    assert replace(sealed, **change).sealed().content_hash != sealed.content_hash


@pytest.mark.parametrize(("text", "good"), [("2026-12-01-more", True), ("a", True), ("A", False), ("a/b", False)])
def test_a_slug_is_safe_in_addresses_names_and_tags(text: str, good: bool) -> None:
    assert is_slug(text) is good
