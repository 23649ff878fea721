"""Can I email: which of what our mails use the mail programs of most readers do not know.

Only features that a program leaves out are held against a mail; what it knows in part depends on values that the data
describe in words. https://www.caniemail.com
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

from tests.judges import exhibits
from tests.judges.tools import unpacked
from tests.judges.verdict import Finding, Verdict

FIRST_TIER = ("apple-mail", "gmail", "outlook", "yahoo")
"""Families, each with all its programs for phones, desks and browsers."""

SEMANTIC = set(
    "article aside details figcaption figure footer header main mark nav section summary time".split()  # noqa: SIM905
)
ELEMENTS = (
    {name: "html-semantics" for name in SEMANTIC}
    | {f"h{rank}": "html-h1-h6" for rank in range(1, 7)}
    | {name: "html-lists" for name in ("ul", "ol", "dl")}
    | {"s": "html-strike", "b": "html-strong"}
)
SHORTHANDS = ("border", "margin", "padding")
"""Properties with one page for themselves and their longhands, where these have no page of their own."""


class _Used(HTMLParser):
    """Collects the names of the features in one mail, as Can I email calls them."""

    def __init__(self) -> None:
        super().__init__()
        self.features: set[str] = set()
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.features.add(ELEMENTS.get(tag, f"html-{tag}"))
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.features.update(_of_stylesheet(data))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def _attribute(self, tag: str, name: str, value: str) -> None:
        self.features.add(f"html-{name}")
        if name == "style":
            self.features.update(_of_declarations(value))
        elif name == "href" and value.startswith("#"):
            self.features.add("html-anchor-links")
        elif name == "href" and value.startswith("mailto:"):
            self.features.add("html-mailto-links")
        elif name == "src" and tag == "img":
            self.features.add(f"image-{PurePosixPath(value).suffix.removeprefix('.')}")


def judge_mails() -> Verdict:
    """Return which features of our mails a program of the first tier leaves out."""
    data = json.loads(unpacked("caniemail", "data/caniemail.json").read_text("utf-8"))
    features = {feature["slug"]: feature for feature in data["data"]}
    mails = exhibits.mails()
    findings = [
        Finding(name, f"{slug}: not in {', '.join(without)}")
        for name, mail in mails.items()
        for slug in sorted(used(mail.html))
        if slug in features and (without := list(_without(features[slug], data["nicenames"])))
    ]
    return Verdict("Can I email", str(data["last_update_date"])[:10], "the HTML of every email", tuple(findings))


def used(html: str) -> set[str]:
    """Return the features that a mail uses."""
    reader = _Used()
    # What only Outlook for Windows reads is a comment to everybody else, and written for it.
    reader.feed(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL))
    return reader.features


def _of_stylesheet(css: str) -> Iterator[str]:
    yield "html-style"
    for condition in re.findall(r"@media([^{]*)\{", css):
        yield "css-at-media"
        yield from (f"css-at-media-{name}" for name in re.findall(r"\(([a-z-]+):", condition))
    for selector, declarations in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        yield from _of_selector(selector)
        yield from _of_declarations(declarations)


def _of_selector(selector: str) -> Iterator[str]:
    signs = {r"\[": "attribute", r">": "child", r"\+": "adjacent-sibling", r"\*": "universal", r"#": "id"}
    yield from (f"css-selector-{name}" for sign, name in signs.items() if re.search(sign, selector))
    yield from (f"css-pseudo-class-{name}" for name in re.findall(r"(?<!:):([a-z-]+)", selector))
    yield from (f"css-pseudo-element-{name}" for name in re.findall(r"::([a-z-]+)", selector))


def _of_declarations(declarations: str) -> Iterator[str]:
    for declaration in declarations.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if not value:
            continue
        yield f"css-{name}"
        yield from (f"css-{each}" for each in SHORTHANDS if name.startswith(f"{each}-"))
        yield from (f"css-unit-{unit}" for unit in re.findall(r"\d(px|em|rem|vw|vh|ch|pt)\b", value))
        yield from (f"css-{function}" for function in re.findall(r"\b(rgba?)\(", value))
        if name == "display":
            yield f"css-display-{value.removesuffix('!important').strip()}"
        if "!important" in value:
            yield "css-important"
        if "var(" in value:
            yield "css-variables"


def _without(feature: dict[str, Any], names: dict[str, dict[str, str]]) -> Iterator[str]:
    for family in FIRST_TIER:
        for platform, versions in feature["stats"].get(family, {}).items():
            if [*versions.values()][-1].startswith("n"):
                yield f"{names['family'][family]} ({names['platform'].get(platform, platform)})"
