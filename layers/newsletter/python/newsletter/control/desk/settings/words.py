"""`settings/words/<language>.yaml` at the desk: each sentence that can be one's own, and the emails that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from newsletter.control.desk.request import DeskRequest, File
from newsletter.core.language import LANGUAGES
from newsletter.desk.settings.setting import WORDS_OF, Meeting, meet
from newsletter.desk.settings.setting_fields import values_of, written
from newsletter.issues.domain.settings_file import OWN_WORDS, OwnWords
from newsletter.web.mail_preview import preview

GROUPS = {
    "The email that asks to confirm": "confirmation_",
    "The email after confirming": "welcome_",
    "After unsubscribing": "goodbye_",
    "Signing up": "",
}
"""Sentences that are met together, by how their names begin; the last holds the others."""

MAILS = {"confirmation": "The email that asks to confirm", "welcome": "The email after confirming"}
VIEWS = {"day": "By day", "night": "By night", "text": "As text"}


class WordsEditor:
    """The publisher's sentences in one language."""

    page = "settings_words"

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self.title = f"Words: {LANGUAGES[lang]}"

    def values(self, file_text: str) -> Mapping[str, str]:
        """Return the sentences; those that are ours are empty."""
        own = values_of(file_text)
        return {key: own.get(key, "") for key in OWN_WORDS}

    def typed(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """Return what was typed."""
        return {key: " ".join(fields[key].split()) for key in OWN_WORDS if key in fields}

    def source(self, typed_values: Mapping[str, str], values_before: Mapping[str, str]) -> str:
        """Return the file."""
        return written({**values_before, **typed_values})

    def meet(
        self, base_values: Mapping[str, str], own_values: Mapping[str, str], their_values: Mapping[str, str]
    ) -> Meeting:
        """Put together what two people typed, sentence by sentence."""
        return meet(base_values, own_values, their_values)

    def words(self, sentence: str) -> str:
        """Return what a check says with the labels of the form in it."""
        return re.sub(
            r"`([a-z_]+)`", lambda found: f"“{label(found[1])}”" if found[1] in OWN_WORDS else found[0], sentence
        )

    def context(self, request: DeskRequest, form_values: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what the page shows besides: our sentences, and what each may hold."""
        templates = request.app.templates
        ours = templates.own_sentences(self._lang)
        return {
            "spoken": self._lang,
            "languages": {name: LANGUAGES[lang] for name, lang in WORDS_OF.items()},
            "groups": [(heading, _group(begin)) for heading, begin in GROUPS.items()],
            "limits": OWN_WORDS,
            "label": label,
            "holds": holds,
            "ours": ours,
            "own": sum(1 for text in form_values.values() if text),
            "rhythm": templates.brand_in(self._lang)["rhythm"],
            "mails": MAILS,
            "views": VIEWS,
        }

    def preview(self, request: DeskRequest, file_text: str) -> File:
        """Return an email with these words, as its reader gets it."""
        app, fields = request.app, request.fields or request.query
        style, text = app.house_style.current(), file_text.encode()
        words = app.edit_settings_ports.reader().words("", text) if text else {}
        pages = app.pages_in(replace(style, words={**style.words, self._lang: words}))
        name = fields.get("mail") if fields.get("mail") in MAILS else "confirmation"
        mail = pages.mail(str(name), lang=self._lang, **_links(str(name), app.settings.public_url.rstrip("/")))
        headers = app.pages.mail_headers()
        if fields.get("view") == "text":
            return File(f"{mail.subject}\n\n{mail.text}", "text/plain; charset=utf-8", headers)
        return File(preview(mail.html, dark=fields.get("view") == "night"), "text/html; charset=utf-8", headers)


def label(key: str) -> str:
    """Return what the form calls a sentence."""
    return key.replace("_", " ").capitalize()


def holds(sentence_limits: OwnWords) -> str:
    """Return what a sentence may hold and must hold."""
    must = " and ".join(f"{{{name}}}" for name in sorted(sentence_limits.must_hold))
    may = " and ".join(f"{{{name}}}" for name in sorted(sentence_limits.may_hold - sentence_limits.must_hold))
    return " ".join(filter(None, (f"It has to say {must}." if must else "", f"It may say {may}." if may else "")))


def _group(begin: str) -> list[str]:
    named = tuple(filter(None, GROUPS.values()))
    return [key for key in OWN_WORDS if (key.startswith(begin) if begin else not key.startswith(named))]


def _links(name: str, home: str) -> dict[str, Any]:
    """Return what else an email holds; each link leads home, because nobody of the list is behind this one."""
    if name == "confirmation":
        return {"confirm_url": f"{home}/"}
    links = dict.fromkeys(("archive_url", "preferences_url", "unsubscribe_url"), f"{home}/")
    return {"name": "", "latest": None, **links}
