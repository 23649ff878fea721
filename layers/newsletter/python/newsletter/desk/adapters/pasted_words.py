"""The words of a pasted paragraph: pieces with the marks they carry, written as simple HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

BREAK = "\n"
"""A break within a paragraph, as a piece of its own."""

ORDER = ("strong", "em", "s", "sup", "sub")
"""Marks from the outermost to the innermost."""

_MEANT_SPACE = re.compile(r"(?<=[\d«§])\xa0(?=\S)|\xa0(?=[:;?!»%€£$])|\u202f")
"""A space that may not break because of what stands around it. All others come from whoever pressed the bar twice."""

_STANDS_FOR = {"\xa0": "\ue000", "\u202f": "\ue001"}
"""While other spaces are made one; private characters, which no text has."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, a break, or something written already."""

    text: str
    marks: frozenset[str] = frozenset()
    link: str = ""
    markup: str = ""
    """HTML that stands instead of the text: a picture, the mark of a footnote."""


def kept_spaces(text: str) -> str:
    """Return text in which spaces that are meant not to break survive until `with_kept_spaces`."""
    text = re.sub("[\ue000-\uf8ff\ufeff\u200b]", "", text)
    return _MEANT_SPACE.sub(lambda found: _STANDS_FOR[found[0]], text)


def with_kept_spaces(markdown_text: str) -> str:
    """Return text with the spaces that `kept_spaces` kept."""
    for space, kept in _STANDS_FOR.items():
        markdown_text = markdown_text.replace(kept, space)
    return markdown_text


def is_blank(pieces: Iterable[Piece]) -> bool:
    """Return whether nobody would see these."""
    return not any(piece.markup or piece.text.strip() for piece in pieces)


def paragraphs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return pieces as paragraphs: two breaks in a row begin another one, and none begins or ends with a break."""
    found: list[list[Piece]] = [[]]
    breaks = 0
    for piece in pieces:
        if piece.text == BREAK:
            breaks += 1
            continue
        if not piece.markup and not piece.text.strip() and breaks:
            continue
        if breaks and not is_blank(found[-1]):
            if breaks > 1:
                found.append([])
            else:
                found[-1][-1] = replace(found[-1][-1], text=found[-1][-1].text.rstrip())
                found[-1].append(Piece(BREAK))
        breaks = 0
        found[-1].append(piece)
    return [each for each in found if not is_blank(each)]


def written(pieces: Sequence[Piece], *, without: frozenset[str] = frozenset()) -> str:
    """Return pieces as simple HTML, each mark once around all that carries it.

    Args:
        pieces: In their order.
        without: Marks that mean nothing here, such as bold in a heading.
    """
    # Struck-through and bold at once would be two signs side by side, of which Markdown reads only the outer one.
    plain = [
        replace(piece, marks=frozenset({"s"}) if "s" in piece.marks else piece.marks - without) for piece in pieces
    ]
    return _nested(_with_marks_at_words(_joined(_without_marks_within_words(_joined(plain)))), 0)


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return pieces with those that look alike made one; a space between two alike looks like them."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is None or piece.markup or last.markup or BREAK in (piece.text, last.text):
            joined.append(piece)
        elif (piece.marks, piece.link) == (last.marks, last.link) or not piece.text.strip():
            joined[-1] = replace(last, text=last.text + piece.text)
        else:
            joined.append(piece)
    return joined


def _without_marks_within_words(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces of which none begins in the middle of a word with a mark more than the one before has.

    `**a*b***c` can be read in two ways, and is then read in the wrong one.
    """
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else Piece("")
        touches = last.text[-1:].strip() and piece.text[:1].strip()
        shared = piece.marks & last.marks
        result.append(replace(piece, marks=shared) if touches and shared else piece)
    return result


_SIGNS = r"(?:[^\w\s]|_)"

_KEPT_SPACE = f"[{''.join(_STANDS_FOR.values())}]"


def _is_letter(character: str) -> bool:
    """Return whether Markdown takes this for a part of a word."""
    return bool(character) and not character.isspace() and unicodedata.category(character)[0] not in "PS"


def _with_marks_at_words(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces whose marks Markdown can read: none between a sign inside of it and a letter outside.

    In `**Note:**text` the stars are shown: what ends a mark must not stand between a sign and a letter. So the sign
    moves out of the mark, where nobody misses it. A mark that begins or ends with a space is none, and a space that may
    not break is one.
    """
    result: list[Piece] = []
    for number, piece in enumerate(pieces):
        before = pieces[number - 1].text if number else ""
        after = pieces[number + 1].text if number + 1 < len(pieces) else ""
        if not piece.marks & {"strong", "em", "s"} or piece.markup or piece.link:
            result.append(piece)
            continue
        text = piece.text
        head = re.match(f"{_SIGNS if _is_letter(before[-1:]) else _KEPT_SPACE}+", text)
        tail = re.search(f"{_SIGNS if _is_letter(after[:1]) else _KEPT_SPACE}+$", text)
        begin, end = head.end() if head else 0, tail.start() if tail else len(text)
        bare = replace(piece, marks=frozenset())
        parts = ((bare, text[:begin]), (piece, text[begin:end]), (bare, text[max(begin, end) :]))
        result += [replace(like, text=words) for like, words in parts if words]
    return result


def _nested(pieces: Sequence[Piece], depth: int) -> str:
    if depth == 0:
        return _grouped(pieces, lambda piece: piece.link, lambda link, inner: _linked(link, _nested(inner, 1)))
    if depth > len(ORDER):
        return "".join(piece.markup or ("<br>" if piece.text == BREAK else escape(piece.text)) for piece in pieces)
    mark = ORDER[depth - 1]
    return _grouped(
        pieces,
        lambda piece: mark if mark in piece.marks else "",
        lambda name, inner: f"<{name}>{_nested(inner, depth + 1)}</{name}>" if name else _nested(inner, depth + 1),
    )


def _grouped(pieces: Sequence[Piece], key: Callable[[Piece], str], write: Callable[[str, Sequence[Piece]], str]) -> str:
    return "".join(write(name, list(group)) for name, group in groupby(pieces, key))


def _linked(link: str, inner: str) -> str:
    return f'<a href="{escape(link)}">{inner}</a>' if link else inner
