"""What the styles and classes of a pasted element mean: bold, a heading, the item of a list."""

from __future__ import annotations

import re

from newsletter.desk.adapters.pasted_tree import Element

MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "s": "s", "strike": "s", "sup": "sup",
         "sub": "sub"}  # fmt: skip

_WORD_ITEM = re.compile(r"mso-list:\s*\S+\s+level(\d)")
_SIGN = re.compile(r"[\s\xa0]*[·•o§▪‣◦○●■–-][\s\xa0]+")


def marks_of(element: Element, marks: frozenset[str]) -> frozenset[str]:
    """Return the marks of the words inside; what a style takes away counts more than what a tag gives."""
    found = set(marks)
    if element.tag in MARKS:
        found.add(MARKS[element.tag])
    style = element.style
    if not style:
        return frozenset(found)
    if weight := re.search(r"(?<![\w-])font-weight\s*:\s*(\w+)", style):
        bold = weight[1].startswith("bold") or (weight[1].isdecimal() and int(weight[1]) >= 600)
        (found.add if bold else found.discard)("strong")
    if slant := re.search(r"(?<![\w-])font-style\s*:\s*(\w+)", style):
        (found.add if slant[1] in ("italic", "oblique") else found.discard)("em")
    if re.search(r"(?<![\w-])text-decoration(?:-line)?\s*:[^;]*line-through", style):
        found.add("s")
    if height := re.search(r"(?<![\w-])vertical-align\s*:\s*(super|sub)", style):
        found.add({"super": "sup", "sub": "sub"}[height[1]])
    return frozenset(found)


def heading_of(element: Element) -> int:
    """Return the rank of a heading, or 0: by its tag, its role, or the style that Word names."""
    if re.fullmatch(r"h[1-6]", element.tag):
        return int(element.tag[1])
    if "msotitle" in element.classes:
        return 1
    level = element.attributes.get("aria-level", "")
    if element.attributes.get("role") == "heading" and level.isdecimal() and int(level) > 0:
        return min(int(level), 6)
    return 0


def word_item(element: Element) -> tuple[int, str] | None:
    """Return level and kind of a paragraph that Word writes for the item of a list."""
    if element.tag != "p":
        return None
    said = _WORD_ITEM.search(element.style)
    if said is None:
        return _plain_item(element) if "msolistparagraph" in element.classes else None
    sign = next((each for each in element.inside() if "mso-list:ignore" in each.style.replace(" ", "")), None)
    words = sign.text.strip() if sign is not None else ""
    return max(int(said[1]), 1), "ol" if re.match(r"\(?[0-9a-zA-Z]{1,6}[.):]", words) else "ul"


def _plain_item(element: Element) -> tuple[int, str] | None:
    """Return the same of an item whose styles a browser has taken away: it begins with the sign itself."""
    found = _SIGN.match(element.text)
    if found is None:
        return None
    _cut(element, found.end())
    return 1, "ul"


def _cut(element: Element, left: int) -> int:
    """Take the first characters away from the words of an element; return how many of them are still to be taken."""
    for number, child in enumerate(element.children):
        if left and isinstance(child, str):
            element.children[number] = child[left:]
            left -= min(len(child), left)
        elif left and isinstance(child, Element):
            left = _cut(child, left)
    return left
