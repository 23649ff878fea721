"""The catalogue: every sentence in every language, whole, with the same gaps, and compiled as it was written."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from local import catalogue
from newsletter.core.language import LANGUAGES
from newsletter.core.link_token import LIFETIME, Purpose
from tests.issues.rendering_samples import ROOT, TEMPLATES

OTHERS = sorted(set(LANGUAGES) - {"en"})
REMEDY = "run: make catalogue"
GAP = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]*>")

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
    assert set(TEMPLATES.languages) == set(LANGUAGES)


@languages
def test_every_sentence_is_in_the_catalogue_and_no_other(lang: str) -> None:
    assert {str(each.id) for each in sentences(lang)} == {str(each.id) for each in catalogue.collected() if each.id}, (
        REMEDY
    )


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

    assert len(plain) > 20
    assert not [each.id for each in plain if any(TAG.search(text) for text in texts(each.string))]


@languages
def test_a_translation_ends_as_its_sentence_does(lang: str) -> None:
    """A colon that was lost leaves a link hanging; a full stop too many makes a sentence of a button."""
    for each in sentences(lang):
        source = texts(each.id)[0]
        for text in texts(each.string):
            assert text == text.strip()
            if source[:1].isupper() and source[-1] in ".:?!":
                assert text[-1] == source[-1], text
            elif source[:1].isupper() and source[-1].isalpha():
                assert text[-1] not in ".:!", text


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
