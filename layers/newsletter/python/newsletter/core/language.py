"""Languages: those we have words for, and the one of them that a browser would like best."""

from __future__ import annotations

LANGUAGES = {"en": "English", "cy": "Cymraeg", "de": "Deutsch", "es": "Español", "fr": "Français"}
"""Language code to the language's own name."""

FALLBACK = "en"

LONGEST_HEADER = 500
"""Characters. Browsers send a few dozen."""


def msg(text: str) -> str:
    """Return the text as it is; its name tells the catalogue's collector that a template will translate it."""
    return text


def language_hint(lang: str) -> str:
    """Return what tells a page the language of the mail whose link leads to it, or nothing where it needs no telling.

    It is not signed: whoever changes it reads the same page in another of our languages. It stands behind the token,
    and English has none, so that most links are as short as they can be.
    """
    primary = lang.partition("-")[0].lower()
    return f"&lang={primary}" if primary in LANGUAGES and primary != FALLBACK else ""


def choose_language(accept_language: str, *preferred: str) -> str:
    """Return the first language asked for that we speak, else the best of the Accept-Language header, else English.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.accept-language
    """
    for lang in preferred:
        if lang in LANGUAGES:
            return lang
    best, best_quality = FALLBACK, 0.0
    for each in accept_language[:LONGEST_HEADER].split(","):
        tag, _, parameters = each.partition(";")
        language = tag.strip().partition("-")[0].lower()
        quality = _quality(parameters)
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
