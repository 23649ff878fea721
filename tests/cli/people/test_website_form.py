"""`newsletter form`: what is printed is a form that works, and says which words it shows."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from newsletter.core.registered_form import form_id
from newsletter.wiring import App
from tests.cli.people.conftest import Command


class Inputs(HTMLParser):
    """The fields of a form, and where it goes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.action = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        attributes = dict(attrs)
        if tag == "input":
            self.values[attributes["name"]] = attributes.get("value") or ""
        if tag == "form":
            self.action = attributes["action"]


@pytest.mark.parametrize("lang", ["en", "de", "cy"])
def test_the_form_carries_the_id_of_its_words(newsletter: Command, list_app: App, lang: str) -> None:
    source = 'https://www.example.org/about?a=1&b="2"'

    printed = newsletter("form", "--source", source, "--lang", lang).out

    form, words = Inputs(printed), list_app.pages.form_words(lang)
    assert form.action.endswith("/subscriptions")
    assert words in printed
    assert (form.values["source"], form.values["lang"]) == (source, lang)
    assert form.values["form"] == form_id(words, lang)
    assert set(form.values) == {"source", "lang", "form", "email", "name", "reference"}


def test_a_language_that_we_do_not_speak_is_refused(newsletter: Command) -> None:
    said = newsletter("form", "--source", "/", "--lang", "tlh")

    assert (said.code, "tlh" in said.words) == (2, True)
