"""Blocks: parts of an issue with a form of their own, such as a button, a note or an event.

Each is written as a quotation that begins with its kind, `> [!NOTE]`: GitHub and others show a note so, and where
nobody knows the kind, the words still stand in a quotation. The first rule here takes the mark away before the words
are read; the second gives the words their form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from newsletter.core.language import msg
from newsletter.issues.domain.event import Event
from newsletter.issues.writing.events import read_event

MARK = re.compile(r"\[!([A-Za-z][\w-]*)\][ \t]*([^\n]*)(?:\n|$)")
"""At the beginning of a quotation: the kind, and what follows it on the line."""

LABELS = {
    "note": msg("Note"),
    "tip": msg("Tip"),
    "important": msg("Important"),
    "warning": msg("Warning"),
    "caution": msg("Caution"),
}
"""Boxes, and the word above each unless its author gave it a title."""

WATCH = msg("Watch the video")
ADD = msg("Add to your calendar")


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a quotation with a mark did not become the block it asked for, or not all of it."""

    code: str
    message: str
    remedy: str


def mark_blocks(state: StateCore) -> None:
    """Find the quotations that begin with a kind, before their words are read."""
    index, inside = 0, 0
    while index < len(state.tokens):
        token = state.tokens[index]
        if token.type == "blockquote_open" and (found := _mark_at(state.tokens, index)):
            kind = found[1].lower()
            if kind not in KINDS:
                token.meta["complaint"] = Complaint(
                    "block-unknown", f"There is no block [!{found[1]}].", f"The blocks are {', '.join(KINDS).upper()}."
                )
            elif inside:
                what = f"The block [!{found[1].upper()}] stands inside another one."
                token.meta["complaint"] = Complaint("block-nested", what, "Put it behind the other one.")
            else:
                token.meta["block"] = kind
                _take_mark(state.tokens, index, found, titled=kind in TITLED)
                inside = token.level + 1
        elif token.type == "blockquote_close" and token.level + 1 == inside:
            inside = 0
        index += 1


def shape_blocks(state: StateCore) -> None:
    """Give each block that was found its form; one that cannot have it stays a quotation and says why."""
    names: set[str] = set()
    index = 0
    while index < len(state.tokens):
        kind = state.tokens[index].meta.get("block")
        if kind is not None:
            end = _end_of(state.tokens, index)
            shaped = KINDS[kind](kind, state.tokens[index], state.tokens[index + 1 : end], names)
            state.tokens[index : end + 1] = shaped
        index += 1


def events_of(tokens: Sequence[Token]) -> tuple[Event, ...]:
    """Return the events of an issue that have a file for calendars."""
    return tuple(token.meta["event"] for token in tokens if "event" in token.meta)


def complaints_of(tokens: Sequence[Token]) -> Iterator[tuple[int | None, Complaint]]:
    """Yield what is wrong with the blocks, each with its line in the text, counted from 0."""
    for token in tokens:
        if "complaint" in token.meta:
            yield token.map[0] if token.map else None, token.meta["complaint"]


def _mark_at(tokens: Sequence[Token], index: int) -> re.Match[str] | None:
    paragraph = [token.type for token in tokens[index + 1 : index + 3]] == ["paragraph_open", "inline"]
    return MARK.match(tokens[index + 2].content) if paragraph else None


def _take_mark(tokens: list[Token], index: int, found: re.Match[str], *, titled: bool) -> None:
    """Take the mark out of the words; what follows it on its line becomes a title, or stays where it is."""
    opening, inline, closing = tokens[index + 1 : index + 4]
    title, rest = found[2].strip(), inline.content[found.end() :]
    inline.content = rest if titled or not title else f"{title}\n{rest}".rstrip("\n")
    first = [opening, inline, closing] if inline.content.strip() else []
    above = _paragraph("box-title", title, inline) if titled and title else []
    tokens[index + 1 : index + 4] = [*above, *first]


def _paragraph(name: str, source: str, beside: Token) -> list[Token]:
    """Return a paragraph whose words are still to be read."""
    level = beside.level - 1
    return [
        Token("paragraph_open", "p", 1, attrs={"class": name}, level=level, block=True, map=beside.map),
        Token("inline", "", 0, content=source, children=[], level=level + 1, block=True, map=beside.map),
        Token("paragraph_close", "p", -1, level=level, block=True),
    ]


def _end_of(tokens: Sequence[Token], index: int) -> int:
    level = tokens[index].level
    return next(
        at
        for at in range(index + 1, len(tokens))
        if tokens[at].level == level and tokens[at].type == "blockquote_close"
    )


Shape = Callable[[str, Token, list[Token], set[str]], list[Token]]
"""Makes the tokens of a block from its kind, the opening of its quotation, what stands in it, and names in use."""


def _box(kind: str, opening: Token, inner: list[Token], _names: set[str]) -> list[Token]:
    colour = "warning" if kind in ("warning", "caution") else "note"
    label = [] if _is_title(inner) else [Token("block_label", "p", 0, content=LABELS[kind], block=True)]
    return _around("aside", f"box {colour}", [*label, *inner], opening)


def _button(_kind: str, opening: Token, inner: list[Token], _names: set[str]) -> list[Token]:
    paragraphs = [token for token in inner if token.type == "paragraph_open"]
    inlines = [token for token in inner if token.type == "inline"]
    if not inlines or len(inner) != 3 * len(inlines) or not all(map(_is_link, inlines)):
        return _refused(opening, inner, "block-button", "A button needs one link and nothing else.", _BUTTON_REMEDY)
    for paragraph in paragraphs:
        paragraph.attrSet("class", "block-button")
    return inner


_BUTTON_REMEDY = "Write it like this: > [!BUTTON] [Book a place](https://www.gov.uk/book)"


def _card(kind: str, opening: Token, inner: list[Token], _names: set[str]) -> list[Token]:
    inlines = [token for token in inner if token.type == "inline"]
    if not any(_first(inline, "link_open") for inline in inlines):
        what = f"A block [!{kind.upper()}] needs a link."
        remedy = f"Write it like this: > [!{kind.upper()}] [What it is](address)"
        return _refused(opening, inner, f"block-{kind}", what, remedy)
    for at, token in enumerate(inner):
        if token.type == "inline" and _is_link(token):
            inner[at - 1].attrSet("class", "box-title")
            break
    return _around("aside", f"box {kind}", inner, opening)


def _video(_kind: str, opening: Token, inner: list[Token], _names: set[str]) -> list[Token]:
    title, rest = (inner[1], inner[3:]) if _is_title(inner) else (None, inner)
    inlines = [token for token in rest if token.type == "inline"]
    image = next((found for inline in inlines if (found := _first(inline, "image"))), None)
    link = next((found for inline in inlines if (found := _first(inline, "link_open"))), None)
    if image is None or link is None or len(rest) < 3 or _first(rest[1], "image") is not image:
        what = "A video needs a picture and the address where it can be watched."
        remedy = "Write it like this: > [!VIDEO] [![What the picture shows](still.jpg)](https://…)"
        return _refused(opening, inner, "block-video", what, remedy)
    words = (title.children if title else None) or [Token("block_word", "", 0, content=WATCH)]
    play = [Token("text", "", 0, content="▶\ufe0e "), *words]
    caption = [*_linked("play", str(link.attrs["href"]), play), *rest[3:]]
    return _around(
        "figure",
        "video",
        [*_linked("", str(link.attrs["href"]), [image], hidden=True), *_around("figcaption", "", caption, opening)],
        opening,
    )


def _quote(_kind: str, opening: Token, inner: list[Token], _names: set[str]) -> list[Token]:
    words, said_by = _attributed(inner)
    quotation = _around("blockquote", "", words, opening)
    return _around("figure", "quote", [*quotation, *said_by], opening)


def _attributed(inner: list[Token]) -> tuple[list[Token], list[Token]]:
    """Return what is quoted, and who said it: the last line, if it begins with a dash."""
    if len(inner) < 3 or inner[-2].type != "inline":
        return inner, []
    children = inner[-2].children or []
    breaks = [at for at, child in enumerate(children) if child.type in ("softbreak", "hardbreak")]
    begin = breaks[-1] + 1 if breaks else 0
    if not (children[begin:] and re.match(r"\s*(?:—|–|--)\s?", children[begin].content)):
        return inner, []
    said_by, inner[-2].children = children[begin:], children[: max(begin - 1, 0)]
    words = inner if inner[-2].children else inner[:-3]
    paragraph = [
        Token("paragraph_open", "p", 1, hidden=True),
        Token("inline", "", 0, children=said_by, block=True),
        Token("paragraph_close", "p", -1, hidden=True),
    ]
    return (words, _around("figcaption", "", paragraph, inner[-3])) if words else (paragraph, [])


def _figure(_kind: str, opening: Token, inner: list[Token], _names: set[str]) -> list[Token]:
    if inner and inner[0].type == "table_open":
        end = next(at for at, token in enumerate(inner) if token.type == "table_close") + 1
    elif (
        len(inner) >= 3
        and inner[1].type == "inline"
        and _first(inner[1], "image")
        and len(inner[1].children or ()) == 1
    ):
        inner[0].hidden = inner[2].hidden = True
        end = 3
    else:
        what = "A figure begins with a picture or a table; its caption comes below, after an empty line."
        remedy = "Write the picture alone in the first paragraph."
        return _refused(opening, inner, "block-figure", what, remedy)
    caption = _around("figcaption", "", inner[end:], opening) if inner[end:] else []
    return _around("figure", "", [*inner[:end], *caption], opening)


def _event(_kind: str, opening: Token, inner: list[Token], names: set[str]) -> list[Token]:
    inlines = [token for token in inner if token.type == "inline"]
    title = inlines.pop(0) if _is_title(inner) else None
    event = read_event(title, inlines, names)
    for inline in inlines:
        for child in inline.children or ():
            child.type = "hardbreak" if child.type == "softbreak" else child.type
    shaped = _around("aside", "box event", inner, opening)
    if isinstance(event, str):
        shaped[0].meta["complaint"] = Complaint("block-event", event, _EVENT_REMEDY)
        return shaped
    names.add(event.name)
    shaped[0].meta["event"] = event
    shaped[-1:-1] = _linked("box-action", event.name, [Token("block_word", "", 0, content=ADD)])
    return shaped


_EVENT_REMEDY = "Write > [!EVENT] and its title, below it > When: 15 December 2026, 18:00–19:30 and > Where: the place."


def _refused(opening: Token, inner: list[Token], code: str, message: str, remedy: str) -> list[Token]:
    opening.meta.pop("block", None)
    shaped = _around("blockquote", "", inner, opening)
    shaped[0].meta["complaint"] = Complaint(code, message, remedy)
    return shaped


def _around(tag: str, name: str, inner: list[Token], beside: Token) -> list[Token]:
    attrs: dict[str, str | int | float] = {"class": name} if name else {}
    return [
        Token(f"{tag}_open", tag, 1, attrs=attrs, level=beside.level, block=True, map=beside.map),
        *inner,
        Token(f"{tag}_close", tag, -1, level=beside.level, block=True),
    ]


def _linked(name: str, address: str, words: list[Token], *, hidden: bool = False) -> list[Token]:
    """Return a paragraph that is one link."""
    attrs: dict[str, str | int | float] = {"class": name} if name else {}
    children = [Token("link_open", "a", 1, attrs={"href": address}), *words, Token("link_close", "a", -1)]
    return [
        Token("paragraph_open", "p", 1, attrs=attrs, block=True, hidden=hidden),
        Token("inline", "", 0, children=children, block=True),
        Token("paragraph_close", "p", -1, block=True, hidden=hidden),
    ]


def _is_title(inner: Sequence[Token]) -> bool:
    return bool(inner) and inner[0].attrs.get("class") == "box-title"


def _is_link(inline: Token) -> bool:
    """Return whether a paragraph is one link and nothing else."""
    children = [child for child in inline.children or () if child.type != "text" or child.content.strip()]
    links = [child.type for child in children if child.type in ("link_open", "link_close")]
    ends = [children[0].type, children[-1].type] if children else []
    return links == ends == ["link_open", "link_close"]


def _first(inline: Token, kind: str) -> Token | None:
    return next((child for child in inline.children or () if child.type == kind), None)


TITLED = frozenset({*LABELS, "video", "event"})
"""Kinds in which the words beside the mark are a title."""

KINDS: Mapping[str, Shape] = {
    **dict.fromkeys(LABELS, _box),
    "button": _button,
    "video": _video,
    "file": _card,
    "more": _card,
    "quote": _quote,
    "figure": _figure,
    "event": _event,
}
"""Every block there is, and what gives it its form."""
