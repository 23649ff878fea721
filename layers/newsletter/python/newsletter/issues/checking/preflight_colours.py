"""The colours of a mail as they are really used: of each piece of text, and of what stands behind it.

A small part of CSS, and all that our mails use: styles on the elements, and the rules of the stylesheet, for both
modes and for dark mode, by tag and class, with descendants and `!important`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from newsletter.issues.checking.preflight_reading import SILENT, VOID
from newsletter.issues.domain.contrast import LARGE_TEXT, TEXT, Colour, contrast, read_colour

LARGE = 24.0
LARGE_BOLD = 18.66
"""Pixels: 18 and 14 points. Source: WCAG 2.2, definition of large-scale text."""

DARK_PAPER: Colour = (18, 18, 18)
"""What a browser puts behind a page that says it can be dark, and sets nothing."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of text with too little contrast."""

    scheme: str
    """light | dark"""
    front: str
    back: str
    ratio: float
    least: float
    words: str


def unreadable(html_text: str) -> list[Unreadable]:
    """Return each pair of colours that cannot be read well, once, with the first words it is found on."""
    found: dict[tuple[str, str, str, float], Unreadable] = {}
    always, in_the_dark = _rules(html_text)
    for scheme, rules, start in (
        ("light", always, _Look((0, 0, 0), (255, 255, 255))),
        ("dark", always + in_the_dark, _Look((255, 255, 255), DARK_PAPER)),
    ):
        walker = _Walker(sorted(rules, key=lambda rule: rule.weight), start)
        walker.feed(html_text)
        walker.close()
        for look, words in walker.pieces.items():
            ratio = contrast(look.front, look.back)
            if ratio < look.least:
                pair = Unreadable(scheme, _hex(look.front), _hex(look.back), ratio, look.least, words)
                found.setdefault((scheme, pair.front, pair.back, pair.least), pair)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element hands down to its text."""

    front: Colour
    back: Colour
    size: float = 16.0
    bold: bool = False
    hidden: bool = False

    @property
    def least(self) -> float:
        return LARGE_TEXT if self.size >= (LARGE_BOLD if self.bold else LARGE) else TEXT


@dataclass(frozen=True, slots=True)
class _Part:
    """One word of a selector: a tag, classes, or both."""

    tag: str
    classes: frozenset[str]

    def fits(self, element: _Part) -> bool:
        return self.tag in ("", element.tag) and self.classes <= element.classes


@dataclass(frozen=True, slots=True)
class _Rule:
    path: tuple[_Part, ...]
    declarations: tuple[tuple[str, str, bool], ...]
    """Property, value, and whether it is important."""

    @property
    def weight(self) -> tuple[int, int]:
        return sum(len(part.classes) for part in self.path), sum(bool(part.tag) for part in self.path)

    def is_within(self, ancestors: list[_Part]) -> bool:
        """Return whether the elements around one that the last part fits are as the other parts say."""
        remaining = list(self.path[:-1])
        for ancestor in reversed(ancestors):
            if remaining and remaining[-1].fits(ancestor):
                remaining.pop()
        return not remaining


def _rules(source: str) -> tuple[list[_Rule], list[_Rule]]:
    """Return the rules of the stylesheets that always count, and those for dark mode, in their order.

    Left out is what Outlook alone reads, and what counts by another condition, such as the width of a telephone.
    """
    always: list[_Rule] = []
    in_the_dark: list[_Rule] = []
    for style in re.findall(r"<style\b[^>]*>(.*?)</style>", _CONDITIONAL_COMMENT.sub("", source), re.DOTALL):
        for condition, conditional in _CONDITIONAL.findall(style):
            if re.search(r"prefers-color-scheme:\s*dark", condition):
                in_the_dark += _rules_of(conditional)
        always += _rules_of(_CONDITIONAL.sub("", style))
    return always, in_the_dark


_CONDITIONAL_COMMENT = re.compile(r"<!--\[if .*?<!\[endif\]-->", re.DOTALL)
_CONDITIONAL = re.compile(r"@media([^{]*)\{((?:[^{}]*\{[^{}]*\})*)\s*\}")


def _rules_of(css: str) -> Iterator[_Rule]:
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for selector in selectors.split(","):
            words = selector.split()
            if words and all(re.fullmatch(r"[\w-]*(?:\.[\w-]+)*", word) for word in words):
                yield _Rule(tuple(map(_part, words)), tuple(_declarations(body)))


def _part(word: str) -> _Part:
    tag, *classes = word.split(".")
    return _Part(tag.lower(), frozenset(classes))


def _declarations(body: str) -> Iterator[tuple[str, str, bool]]:
    for declaration in body.split(";"):
        name, _, value = declaration.partition(":")
        plain = value.replace("!important", "").strip()
        yield name.strip().lower(), plain, plain != value.strip()


class _Walker(HTMLParser):
    """Walks through the mail and remembers, for each look, the first words that have it."""

    def __init__(self, rules: list[_Rule], start: _Look) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: dict[_Look, str] = {}
        self._rules = rules
        self._fitting: dict[_Part, list[_Rule]] = {}  # a mail has hundreds of elements, of a few dozen kinds
        self._elements: list[_Part] = []
        self._looks = [start]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        values = {name: value or "" for name, value in attrs}
        element = _Part(tag, frozenset(values.get("class", "").split()))
        styles: dict[str, str] = {}
        if "bgcolor" in values:
            styles["background-color"] = values["bgcolor"]
        important: dict[str, str] = {}
        if element not in self._fitting:
            self._fitting[element] = [rule for rule in self._rules if rule.path[-1].fits(element)]
        for rule in self._fitting[element]:
            if rule.is_within(self._elements):
                for name, value, strong in rule.declarations:
                    (important if strong else styles)[name] = value
        styles |= {name: value for name, value, _ in _declarations(values.get("style", ""))}
        self._elements.append(element)
        self._looks.append(_worn(self._looks[-1], tag, styles | important))

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self._elements) - 1, -1, -1):
            if self._elements[index].tag == tag:
                del self._elements[index:]
                del self._looks[index + 1 :]
                break

    def handle_data(self, data: str) -> None:
        look = self._looks[-1]
        if data.strip() and not look.hidden:
            self.pieces.setdefault(look, " ".join(data.split()))


def _worn(around: _Look, tag: str, styles: dict[str, str]) -> _Look:
    """Return the look of an element, from the one around it and its own styles."""
    size = re.fullmatch(r"([\d.]+)px", styles.get("font-size", ""))
    weight = styles.get(
        "font-weight", "bold" if tag in ("b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6") else ""
    )
    back = read_colour(styles.get("background-color") or styles.get("background") or "")
    return replace(
        around,
        front=read_colour(styles.get("color", "")) or around.front,
        back=back or around.back,
        size=float(size[1]) if size else around.size,
        bold=weight in ("bold", "bolder", "600", "700", "800", "900") or (around.bold and not weight),
        hidden=around.hidden or tag in SILENT or styles.get("display") == "none",
    )


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)
