"""No field of the front matter is forgotten: on the page, in the store, and among what counts as a correction."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from newsletter.issues.domain.issue import NOT_IN_FRONT_MATTER, NOT_READ_ON_THE_PAGE, Issue, RenderedIssue
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.writing.yaml_fields import FIELDS
from tests.issues.rendering_samples import ARCHIVE, RENDERER

SLUG = "2026-12-01-words"
USUAL = {"title": "Words", "date": "2026-12-01", "summary": "In short.", "image": "one.png", "image_alt": "One."}
OTHER = {"date": "2026-12-02", "lang": "cy", "image": "two.png", "canonical": "https://example.org/there"}
"""Where any words will not do."""

GUIDE = "docs/front-matter-field.md"

STORED_BY_THE_FIRST_RELEASE = frozenset(
    {"slug", "title", "subject", "summary", "date", "lang", "html", "text", "web_html", "name_fallbacks", "pictures"}
)
"""What every stored issue has."""

NOT_SHOWN = {"subject", "status", "send", "audience", "digest", "accept"}
"""What no reader of the page sees."""


def made(**changes: str) -> RenderedIssue:
    front_matter = "\n".join(f"{name}: {value}" for name, value in (USUAL | changes).items())
    manuscript = RENDERER.read(SLUG, f"---\n{front_matter}\n---\n\nText.\n".encode())
    return manuscript.render({name: Picture(name, f"issues/{SLUG}/{name}", 6, 4, 1) for name in manuscript.pictures})


def page(issue: RenderedIssue) -> bytes:
    return ARCHIVE.issue_page(ShownIssue(issue)).body


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in NOT_SHOWN])
def test_a_field_shows_on_the_page_is_stored_and_makes_a_correction(name: str) -> None:
    usual, other = made(), made(**{name: OTHER.get(name, "Something else")})

    assert other != usual, f"{name} is lost on the way from the file to RenderedIssue: steps 2 and 3 of {GUIDE}"
    assert page(other) != page(usual), f"the page does not say {name}: step 4 of {GUIDE}"
    assert RenderedIssue.from_json(other.to_json()) == other
    assert other.content_hash != usual.content_hash
    assert other.reads_like(usual) is (name in NOT_READ_ON_THE_PAGE)


def test_an_issue_that_was_stored_before_a_field_existed_is_read() -> None:
    stored = json.loads(made().to_json())
    older = json.dumps({name: value for name, value in stored.items() if name in STORED_BY_THE_FIRST_RELEASE})

    assert RenderedIssue.from_json(older).title == "Words", (
        f"a new field of RenderedIssue has a default: step 1 of {GUIDE}"
    )


def test_what_is_left_out_is_a_field() -> None:
    assert {each.name for each in fields(RenderedIssue)} >= NOT_READ_ON_THE_PAGE
    assert {each.name for each in fields(Issue)} >= NOT_IN_FRONT_MATTER
    assert set(FIELDS) >= NOT_SHOWN | set(OTHER)
