"""The catalogue: every sentence in every language, whole, with the same gaps, and compiled as it was written."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO

import html5lib
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from local import catalogue
from newsletter.core.language import LANGUAGES, NAMES, PARTLY
from newsletter.core.link_token import LIFETIME, Purpose
from newsletter.issues.domain.site import ShownIssue
from newsletter.web.partial_catalogues import SPOKEN_IN_PART
from tests.issues.rendering_samples import ARCHIVE, NEWSLETTER, PAGES, ROOT, TEMPLATES, rendered

OTHERS = sorted(set(NAMES) - {"en"})
REMEDY = "run: make catalogue"
GAP = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]*>")

MARKS = {"。": ".", "：": ":", "？": "?", "！": "!", "؟": "?"}
"""The marks of Chinese and Arabic that mean the same."""

languages = pytest.mark.parametrize("lang", OTHERS)


def texts(words: object) -> list[str]:
    """Return the one text of a sentence, or all of its plural forms."""
    return [str(word) for word in words] if isinstance(words, tuple | list) else [str(words)]


def sentences(lang: str) -> list[Message]:
    """Return what the translator of a language wrote."""
    written = read_po(BytesIO(catalogue.source_of(lang).read_bytes()), locale=lang)
    return [message for message in written if message.id]


def test_there_is_a_catalogue_for_each_language_we_speak_and_no_other() -> None:
    assert catalogue.languages() == OTHERS
    assert set(TEMPLATES.languages) == set(NAMES)
    assert not set(LANGUAGES) & set(PARTLY)


@languages
def test_every_sentence_is_in_the_catalogue_and_no_other(lang: str) -> None:
    wanted = catalogue.covered() if lang in PARTLY else {str(each.id) for each in catalogue.collected() if each.id}

    assert {str(each.id) for each in sentences(lang)} == wanted, REMEDY


@languages
def test_every_sentence_is_translated_and_nobody_guessed(lang: str) -> None:
    for each in sentences(lang):
        assert all(texts(each.string)), f"{lang}: {each.id}"
        assert not each.fuzzy


@languages
def test_a_translation_has_the_gaps_and_the_markup_of_its_sentence(lang: str) -> None:
    for each in sentences(lang):
        for text in texts(each.string):
            assert sorted(GAP.findall(text)) == sorted(GAP.findall(texts(each.id)[0])), text
            assert TAG.findall(text) == TAG.findall(texts(each.id)[0]), text
            assert not re.search(r"[&<>%]", TAG.sub("", GAP.sub("", text))), text


@languages
def test_markup_never_stands_in_a_sentence_of_plain_text(lang: str) -> None:
    plain = [each for each in sentences(lang) if any(path.endswith(".txt") for path, _ in each.locations)]

    assert len(plain) > (10 if lang in PARTLY else 20)
    assert not [each.id for each in plain if any(TAG.search(text) for text in texts(each.string))]


@languages
def test_a_translation_ends_as_its_sentence_does(lang: str) -> None:
    """A colon that was lost leaves a link hanging; a full stop too many makes a sentence of a button."""
    for each in sentences(lang):
        source = texts(each.id)[0]
        for text in texts(each.string):
            assert text == text.strip()
            if source[:1].isupper() and source[-1] in ".:?!":
                assert MARKS.get(text[-1], text[-1]) == source[-1], text
            elif source[:1].isupper() and source[-1].isalpha():
                assert MARKS.get(text[-1], text[-1]) not in (".", ":", "!"), text


@languages
def test_what_is_compiled_is_what_is_written(lang: str) -> None:
    written = read_po(BytesIO(catalogue.source_of(lang).read_bytes()), locale=lang)

    assert catalogue.compiled_of(lang).read_bytes() == catalogue.compiled(written), REMEDY


def test_french_puts_a_space_that_does_not_break_before_its_marks() -> None:
    for each in sentences("fr"):
        for text in texts(each.string):
            assert not re.search(r"[^\u00a0][:»](?!//)", TAG.sub("", text)), text
            assert not re.search(r"[^\u202f][;?!]", TAG.sub("", text)), text
            assert not re.search(r"«[^\u00a0]", text), text


@languages
def test_the_brand_has_its_words_in_this_language(lang: str) -> None:
    brand = json.loads((ROOT / "templates" / "brand" / "brand.json").read_text())

    assert set(brand["translations"][lang]) == {"strapline", "invitation"}
    assert all(brand["translations"][lang].values())


def test_how_long_a_link_works_is_said_in_words() -> None:
    said = [each.id for each in sentences("de") if "seven days" in str(each.id)]

    assert len(said) == 2
    assert LIFETIME[Purpose.CONFIRM] == timedelta(days=7)


SAID_ON_EVERY_ISSUE = (
    "Read this issue in your browser",
    "Unsubscribe: %(url)s",
    "[Picture: %(words)s]",
    "Corrected on %(day)s, after the issue was sent.",
    "Sign up",
    "Privacy",
    "every second %(weekday)s",
    "December",
    "Press the button, and we will send you no more issues of %(newsletter)s.",
    "Please confirm that you would like to get %(newsletter)s by email %(rhythm)s.",
)


def test_a_partial_catalogue_covers_the_mail_and_page_of_an_issue_and_the_way_in_and_out() -> None:
    assert catalogue.covered() >= set(SAID_ON_EVERY_ISSUE)
    assert "Erase everything about me" not in catalogue.covered()


@pytest.mark.parametrize("name", sorted(SPOKEN_IN_PART))
def test_what_is_spoken_in_part_is_there_as_a_whole(name: str) -> None:
    """An email is HTML, text and subject; a reader gets all of them in one language."""
    assert (ROOT / "templates" / name).is_file()
    folder, _, file = name.partition("/")
    stem = file.partition(".")[0]
    if folder == "email":
        parts = {f"email/{path.name}" for path in (ROOT / "templates" / "email").glob(f"{stem}.*")}
        assert parts <= SPOKEN_IN_PART


@pytest.mark.parametrize("lang", sorted(PARTLY))
def test_a_page_of_which_we_lack_words_is_in_the_newsletters_own_language_as_a_whole(lang: str) -> None:
    assert TEMPLATES.language_of("page/unsubscribe.html", lang) == lang
    assert TEMPLATES.language_of("page/preferences.html", lang) == "en"
    assert TEMPLATES.language_of("page/preferences.html", "cy") == "cy"
    assert PAGES.page_headers("unsubscribe", lang=lang)["Content-Language"] == lang
    assert PAGES.page_headers("preferences", lang=lang)["Content-Language"] == "en"
    asked = PAGES.page("leave_by_address", lang=lang, problem="", action_url="/unsubscribe")
    assert '<html lang="en" dir="ltr">' in asked


@pytest.mark.parametrize(
    ("lang", "first", "other"),
    [
        ("ar", "1 ديسمبر 2026", "15 ديسمبر 2026"),
        ("he", "1 בדצמבר 2026", "15 בדצמבר 2026"),
        ("zh", "2026年12月1日", "2026年12月15日"),
        ("zh-Hans", "2026年12月1日", "2026年12月15日"),
        ("zh-Hant", "1 December 2026", "15 December 2026"),
    ],
)
def test_days_are_written_as_in_the_language(lang: str, first: str, other: str) -> None:
    assert TEMPLATES.day(date(2026, 12, 1), lang=lang) == first
    assert TEMPLATES.day(date(2026, 12, 15), lang=lang) == other


ENGLISH = re.compile(r"\b(?:the|you|your|issue|this|email|Unsubscribe|Privacy|December)\b")


@pytest.mark.parametrize(("lang", "picture"), [("ar", "[صورة: "), ("he", "[תמונה: "), ("zh", "[图片：")])
def test_nothing_english_stands_around_an_issue_in_a_language_with_few_words(lang: str, picture: str) -> None:
    issue = rendered("中文 ![中文](map.png)", title="中文", summary="中文", lang=lang)

    assert picture in issue.text
    assert not ENGLISH.search(issue.text.replace("/unsubscribe", "").replace(NEWSLETTER.name, "")), issue.text
    page = html5lib.parse(ARCHIVE.issue_page(ShownIssue(issue)).body, namespaceHTMLElements=False)
    assert page.get("lang") == lang
    assert page.get("dir") == ("ltr" if lang == "zh" else "rtl")
    (body,) = page.iter("body")
    shown = " ".join(body.itertext()).replace(NEWSLETTER.name, "")
    assert not ENGLISH.search(shown), shown
