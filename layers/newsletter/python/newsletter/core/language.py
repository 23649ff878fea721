"""Languages: those we have words for, and the one of them that a browser would like best."""

from __future__ import annotations

from collections.abc import Sequence

LANGUAGES = {"en": "English", "cy": "Cymraeg", "de": "Deutsch", "es": "Español", "fr": "Français"}
"""Language code to the language's own name."""

PARTLY = {"ar": "العربية", "he": "עברית", "zh": "中文"}
"""Languages of which we have only the words around an issue, and those of the way in and out: the same."""

NAMES = {**LANGUAGES, **PARTLY}

FALLBACK = "en"

TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
"""Our Chinese is written in simplified characters, which their readers do not read."""

_ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
    ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
CODES = frozenset(_ISO_639_1.split())
"""Every language with a code of two letters. Source: ISO 639-1."""

LONGEST_HEADER = 500
"""Characters. Browsers send a few dozen."""


def msg(text: str) -> str:
    """Return the text as it is; its name tells the catalogue's collector that a template will translate it."""
    return text


def tag(code: str) -> str:
    """Return a language code as it is usually written: `pt-br` is pt-BR, and `zh-hant` is zh-Hant."""
    language, _, rest = code.partition("-")
    return f"{language}-{rest.upper() if len(rest) == 2 else rest.title()}" if rest else language  # noqa: PLR2004 - a country


def main_code(lang: str) -> str:
    """Return the code under which we may have words for a reader of this language, in small letters."""
    return "" if lang.lower().startswith(TRADITIONAL) else lang.partition("-")[0].lower()


def best_match(lang: str, offered: Sequence[str]) -> str | None:
    """Return the language on offer that serves a reader of this one: itself, else the first with the same main code."""
    wanted = lang.lower()
    exact = next((each for each in offered if each.lower() == wanted), None)
    primary = wanted.partition("-")[0]
    return exact or next((each for each in offered if primary and each.lower().partition("-")[0] == primary), None)


def language_hint(lang: str) -> str:
    """Return what tells a page the language of the mail whose link leads to it, or nothing where it needs no telling.

    It is not signed: whoever changes it reads the same page in another of our languages. It stands behind the token,
    and English has none, so that most links are as short as they can be.
    """
    primary = main_code(lang)
    return f"&lang={primary}" if primary in NAMES and primary != FALLBACK else ""


def choose_language(accept_language: str, *preferred: str) -> str:
    """Return the first language asked for that we speak, else the best of the Accept-Language header, else English.

    A browser that likes one best of which we have only a few words may like the next one better than our fallback.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.accept-language
    """
    for lang in preferred:
        if lang in NAMES:
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
