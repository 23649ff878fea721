"""Pages with the publisher's fields on them: well-formed, labelled, escaped, in the language of the reader."""

from __future__ import annotations

import html5lib
import pytest

from newsletter.core.house_style import HouseStyle
from newsletter.core.reader_fields.reader_field import FieldKind, ReaderField
from newsletter.web.jinja import Templates
from newsletter.web.pages import Pages
from tests.issues.rendering_samples import NEWSLETTER, ROOT, URL
from tests.web.test_pages import PAGE_CONTEXTS

FIELDS = (
    ReaderField(key="address", labels={"": "Where <you> live"}, help_texts={"": "A & B"}),
    ReaderField(key="region", kind=FieldKind.CHOICE, labels={"": "Region"}, options=("W<b>", "Wales"), required=True),
    ReaderField(key="member", kind=FieldKind.YES_NO, labels={"": "Member"}),
    ReaderField(key="since", kind=FieldKind.DATE, labels={"en": "Since", "de": "Seit"}),
)
STYLE = HouseStyle(fields={each.key: each.as_held(position) for position, each in enumerate(FIELDS)})
PAGES = Pages(Templates(ROOT / "templates", current_style=lambda: STYLE), NEWSLETTER, URL)
ASKING = ("sign_up_problem", "preferences", "fields_preview")


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("lang", ["en", "de"])
def test_a_page_with_fields_is_well_formed_and_every_field_has_its_label(name: str, lang: str) -> None:
    page = PAGES.page(name, lang=lang, **PAGE_CONTEXTS[name])
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)

    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    labels = {label.get("for") for label in document.iter("label")}
    asked = [each for each in document.iter() if (each.get("name") or "").startswith("field.")]
    assert {each.get("name") for each in asked} == {each.form_name for each in FIELDS}
    for each in asked:
        assert each.get("id") in labels
        assert set((each.get("aria-describedby") or "").split()) <= set(ids)
    assert ("Seit" in page) is (lang == "de")
    assert "<you>" not in page
    assert "W<b>" not in page


def test_an_answer_that_is_refused_stands_in_the_field_with_its_reason() -> None:
    document = html5lib.parse(PAGES.page("preferences", **PAGE_CONTEXTS["preferences"]), namespaceHTMLElements=False)

    (region,) = (each for each in document.iter("select") if each.get("name") == "field.region")
    assert region.get("aria-invalid") == "true"
    assert region.get("required") is not None, "whoever has answered does not empty it"
    assert [each.text for each in region.iter("option") if each.get("selected") is not None] == ["Wales"]
    (reason,) = (each for each in document.iter("span") if each.get("id") == region.get("aria-describedby"))
    assert reason.text == "Please fill this in."


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_form_for_other_websites_asks_the_same(lang: str) -> None:
    document = html5lib.parse(PAGES.embedded_form("https://example.org/", lang=lang), namespaceHTMLElements=False)

    asked = [each.get("name") for each in document.iter() if (each.get("name") or "").startswith("field.")]
    assert asked == [each.form_name for each in FIELDS]
