"""The files of `settings/` in YAML: read and checked, every problem with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from newsletter.core.house_style import MONTHLY
from newsletter.core.language import LANGUAGES
from newsletter.errors import InvalidSettingsError
from newsletter.issues.domain.contrast import read_colour, too_faint
from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.settings_file import (
    BRAND,
    DEFAULT_LOGO_WIDTH,
    OWN_WORDS,
    PICTURE,
    WIDEST_LOGO,
    WantedLogo,
    problem_with,
)
from newsletter.issues.settings.feeds_file import read_feeds_file
from newsletter.issues.settings.fields_file import read_fields_file
from newsletter.issues.settings.settings_text import fields_of, in_order
from newsletter.issues.writing.yaml_fields import Field

PALETTES = ("light", "dark")
FONTS = ("fonts.heading", "fonts.text", "fonts.code")
MOST_LINKS = 5
LONGEST_LINK_WORDS = 40
LONGEST_LINK = 500
MOST_ADDRESS_LINES = 6
LONGEST_ADDRESS_LINE = 80

LINK = re.compile(r"(.*?\S)\s+<?(\S+?)>?")
HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?(?:/[^\s{}<>\"]*)?")
FONT_NAMES = re.compile(r"[A-Za-z0-9 ,-]{1,200}")


class SettingsFiles:
    """Reads the publisher's settings."""

    def __init__(self, layer_brand: Mapping[str, Any]) -> None:
        """Make the reader; colours that a file leaves out are those of the layer's brand."""
        self._layer_brand = layer_brand

    def brand(self, source: bytes) -> tuple[dict[str, Any], WantedLogo | None]:
        """Return what the file says, under the names of `brand.json`, and the logo it names.

        Raises:
            InvalidSettingsError: With every problem, its line and its remedy.
        """
        problems: list[Problem] = []
        fields = fields_of(source, problems)
        known = (*_PLAIN, *FONTS, *(f"{palette}.{name}" for palette in PALETTES for name in self._layer_brand[palette]))
        _refuse_unknown(fields, known, problems)
        brand: dict[str, Any] = {}
        for name, field in fields.items():
            if name in known and (found := _problem_of(name, field)):
                problems.append(Problem(field.line, *found))
            elif name in known and not name.startswith("logo"):
                _put(brand, name, _value(name, field))
        if not problems:
            problems += self._faint(brand, fields)
        logo = _logo(fields, problems)
        if problems:
            raise InvalidSettingsError(BRAND, in_order(problems))
        return brand, logo

    def words(self, key: str, source: bytes) -> dict[str, str]:
        """Return the sentences of one language by their keys.

        Raises:
            InvalidSettingsError: With every problem, its line and its remedy.
        """
        problems: list[Problem] = []
        fields = fields_of(source, problems)
        _refuse_unknown(fields, tuple(OWN_WORDS), problems)
        for name, field in fields.items():
            if name in OWN_WORDS and (found := _problem_with_words(name, field)):
                problems.append(Problem(field.line, *found))
        if problems:
            raise InvalidSettingsError(key, in_order(problems))
        return {name: field.text for name, field in fields.items()}

    def fields(self, source: bytes) -> dict[str, dict[str, Any]]:
        """Return what `fields.yaml` asks of readers. Shape: `ReaderField.as_held`, by key; raises as `brand` does."""
        return read_fields_file(source)

    def feeds(self, source: bytes) -> dict[str, str]:
        """Return the addresses that `feeds.yaml` names, by the names of their feeds; raises as `brand` does."""
        return read_feeds_file(source)

    def _faint(self, brand: Mapping[str, Any], fields: Mapping[str, Field]) -> Iterator[Problem]:
        for scheme in PALETTES:
            palette = {**self._layer_brand[scheme], **brand.get(scheme, {})}
            for front, back, found, least in too_faint(palette):
                named = [name for name in (f"{scheme}.{front}", f"{scheme}.{back}") if name in fields]
                what = (
                    f"`{scheme}.{front}` {palette[front]} is hard to see on `{scheme}.{back}` {palette[back]}: "
                    f"their contrast is {int(100 * found) / 100}."
                )
                line = fields[named[0]].line if named else None
                yield Problem(line, what, f"{least} is the least. Make one of them darker or lighter.")


_PLAIN = (
    "language",
    "strapline",
    "invitation",
    "postal_address",
    "logo",
    "logo_dark",
    "logo_alt",
    "logo_width",
    "footer_links",
    "digest",
)


def _refuse_unknown(fields: Mapping[str, Field], known: tuple[str, ...], problems: list[Problem]) -> None:
    for name, field in fields.items():
        if name == "rhythm":
            remedy = "Remove the line, and write {rhythm} where the words belong."
            problems.append(Problem(field.line, "How often issues come is made of the schedule.", remedy))
        elif name not in known:
            near = get_close_matches(name, known, n=1)
            remedy = (
                f"Did you mean `{near[0]}`?"
                if near
                else f"The names are {', '.join(dict.fromkeys(each.partition('.')[0] for each in known))}."
            )
            problems.append(Problem(field.line, f"`{name}` is not a name we know.", remedy))


def _problem_with_words(name: str, field: Field) -> tuple[str, str] | None:
    if field.is_list:
        return f"`{name}` is a list.", "Write one text."
    return problem_with(name, field.text)


def _problem_of(name: str, field: Field) -> tuple[str, str] | None:
    """Return what is wrong with one field of `brand.yaml`, and what to do about it."""
    text, palette = field.text, name.partition(".")[0]
    if field.is_list and name not in ("postal_address", "footer_links"):
        return f"`{name}` is a list.", "Write one text."
    if palette in PALETTES:
        if read_colour(text) is not None and text.startswith("#"):
            return None
        said = f"is “{text}”, which is no colour" if text else "is empty: YAML takes what follows a # for a remark"
        return f"`{name}` {said}.", 'Write six digits in quotes: "#0b5a6b".'
    if name in ("strapline", "invitation"):
        return problem_with(name, text)
    if name == "postal_address":
        return _problem_with_address(field)
    if name == "footer_links":
        return _problem_with_links(field)
    if name == "language" and text not in LANGUAGES:
        return f"We do not speak “{text}” yet.", f"The languages are {', '.join(LANGUAGES)}."
    if name == "digest" and text != MONTHLY:
        return f"`digest` is “{text}”.", f"Write `digest: {MONTHLY}`, or remove the line: then there is none."
    if name in FONTS and not FONT_NAMES.fullmatch(text):
        return f"`{name}` is no list of fonts.", "Write names with commas between them: Georgia, serif"
    return None


def _problem_with_address(field: Field) -> tuple[str, str] | None:
    lines = _lines(field)
    if not lines:
        return "`postal_address` is empty.", "The law of most countries asks for it; write it, or remove the line."
    if len(lines) > MOST_ADDRESS_LINES or any(len(line) > LONGEST_ADDRESS_LINE for line in lines):
        most = f"{MOST_ADDRESS_LINES} lines of {LONGEST_ADDRESS_LINE} characters"
        return f"`postal_address` is longer than {most}.", "Shorten it."
    if any("{" in line or "}" in line for line in lines):
        return "`postal_address` holds a brace.", "Remove it."
    return None


def _problem_with_links(field: Field) -> tuple[str, str] | None:
    example = "Write the words, then the address: Imprint https://example.org/imprint"
    if len(field.value) > MOST_LINKS:
        return f"`footer_links` has {len(field.value)} links.", f"{MOST_LINKS} fit into the footer."
    for item in (each for each in field.value if each):
        found = LINK.fullmatch(item)
        if not found:
            return f"“{item}” is no link.", example
        if not HTTPS.fullmatch(found[2]) or len(found[2]) > LONGEST_LINK:
            return f"“{found[2]}” does not begin with https://.", example
        if len(found[1]) > LONGEST_LINK_WORDS or "{" in found[1] or "}" in found[1]:
            return f"The words “{found[1]}” cannot stand in the footer.", f"{LONGEST_LINK_WORDS} characters, no braces."
    return None


def _logo(fields: Mapping[str, Field], problems: list[Problem]) -> WantedLogo | None:
    said = {name: fields[name].text for name in ("logo", "logo_dark", "logo_alt", "logo_width") if name in fields}
    if not said.get("logo"):
        problems += [
            Problem(fields[name].line, f"`{name}` is there without `logo`.", "Name the logo, or remove the line.")
            for name in said
        ]
        return None
    for name in ("logo", "logo_dark"):
        if said.get(name) and not PICTURE.fullmatch(said[name]):
            remedy = "Put a .png, .jpg or .gif beside brand.yaml, named with letters, digits, dots and hyphens."
            problems.append(Problem(fields[name].line, f"“{said[name]}” cannot be the name of a logo.", remedy))
    width, alt = said.get("logo_width", str(DEFAULT_LOGO_WIDTH)), said.get("logo_alt", "")
    if not re.fullmatch(r"[0-9]{1,4}", width) or not 16 <= int(width) <= WIDEST_LOGO:
        what = f"`logo_width` is “{width}”."
        problems.append(Problem(fields["logo_width"].line, what, f"Write pixels from 16 to {WIDEST_LOGO}."))
        return None
    if len(alt) > 100 or "{" in alt or "}" in alt:
        problems.append(Problem(fields["logo_alt"].line, "`logo_alt` is too long, or holds a brace.", "Write a name."))
    return WantedLogo(said["logo"], said.get("logo_dark", ""), alt, int(width), fields["logo"].line)


def _value(name: str, field: Field) -> object:
    if name == "postal_address":
        return "\n".join(_lines(field))
    if name == "footer_links":
        links = (LINK.fullmatch(item) for item in field.value if item)
        return [{"words": found[1], "url": found[2]} for found in links if found]
    return field.text


def _lines(field: Field) -> list[str]:
    return [line.strip() for item in field.value for line in item.splitlines() if line.strip()]


def _put(brand: dict[str, Any], name: str, value: object) -> None:
    outer, _, inner = name.partition(".")
    if inner:
        brand.setdefault(outer, {})[inner] = value
    else:
        brand[name] = value
