"""Checks of the source against what was made of it: nothing an author wrote is lost without a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from newsletter.issues.checking.preflight_findings import error, quoted, warning
from newsletter.issues.checking.preflight_foreign_links import FOREIGN_TAGS
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.document import NOT_KEPT
from newsletter.issues.domain.preflight import Finding
from newsletter.issues.writing.blocks import complaints_of
from newsletter.issues.writing.clean_html import TAGS
from newsletter.issues.writing.markdown import Markdown
from newsletter.issues.writing.stand_ins import StandIns

_VIDEO = "Write > [!VIDEO] with a picture that is a link; see “Blocks” in the guide for editors."
_PICTURE = "Save it as PNG beside the issue, and show that."
_FORM = "Put the form on a page, and lead to it with > [!BUTTON] [Take part](address)."
LOST = {
    **dict.fromkeys(("iframe", "video", "audio", "object", "embed", "frame", "applet"), _VIDEO),
    **dict.fromkeys(("svg", "canvas", "math"), _PICTURE),
    **dict.fromkeys(("form", "input", "select", "textarea", "button"), _FORM),
    "script": "Take it out: no mail program runs it.",
}
"""Elements that go with all they show, and what to do instead."""

_SILENT = frozenset(
    (  # noqa: SIM905 - a list of words reads better as words
        "h1 wbr col colgroup picture source track option label param style"
        " circle defs ellipse g line lineargradient path polygon polyline rect stop text use"
    ).split()
)
"""Tags nobody needs to hear about: nothing is missing without them, or their parent is named."""

_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9:-]*)([^<>]{0,2000})")
_STYLE = re.compile(r"""\sstyle\s*=""", re.IGNORECASE)
_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?|\|\s*:?-+:?\s*\|")
_BULLET = re.compile(r"\s*(?:[·•▪‣◦●○■\uf0b7§]\s*|o\t|[–—-]\t)\S")
_ATTRIBUTES = re.compile(r"\{[.#][A-Za-z][\w-]*(?: [^{}]{0,200})?\}")
_TERM = re.compile(r"[^\s:|][^:|]{0,60} : \S")
_BROKEN_ITEM = re.compile(r"\s*(?:[-*·•–]|\d{1,2}[.)])\s*\S")


def losses(specimen: Specimen) -> Iterator[Finding]:
    """Everything an author wrote arrives, or is pointed to."""
    tokens = Markdown().parse(specimen.issue.body, StandIns(specimen.issue.source_hash))
    first = specimen.issue.lines.get("body", 1)
    for line, complaint in complaints_of(tokens):
        yield warning(complaint.code, complaint.message, complaint.remedy, None if line is None else first + line)
    yield from _left_behind(specimen.issue.body, first)
    yield from _html(list(_raw(tokens, first)))
    yield from _tables(tokens, specimen.issue.body.split("\n"), first)
    yield from _pasted_lists(tokens, first)
    for at, token in enumerate(tokens):
        if token.type == "inline" and token.map:
            in_item = [each.type for each in tokens[max(at - 2, 0) : at]] == ["list_item_open", "paragraph_open"]
            yield from _unread(token, first + token.map[0], in_item=in_item, lang=specimen.issue.lang)


_REMARK = re.compile(rf"^<!-- {re.escape(NOT_KEPT)} ([^\n]{{1,200}}?) -->$", re.MULTILINE)


def _left_behind(body: str, first: int) -> Iterator[Finding]:
    """Yield what a document had that its draft could not keep; the remarks about it stand in the draft."""
    for found in _REMARK.finditer(body):
        what = f"The document had {found[1]}, which an issue cannot hold."
        remedy = "Put into the text what readers need of it, and take out the remark on this line."
        yield warning("document-lost", what, remedy, first + body.count("\n", 0, found.start()))


def _raw(tokens: Sequence[Token], first: int) -> Iterator[tuple[int, str]]:
    """Yield raw HTML, each piece with its line; comments are left out."""
    for token in tokens:
        line = first + (token.map[0] if token.map else 0)
        if token.type == "html_block":
            yield from _without_comments(token.content, line)
        for child in token.children or ():
            if child.type == "html_inline":
                yield from _without_comments(child.content, line)
            line += child.type in ("softbreak", "hardbreak")


def _without_comments(text: str, line: int) -> Iterator[tuple[int, str]]:
    while "<!--" in text:
        before, _, rest = text.partition("<!--")
        comment, _, text = rest.partition("-->")
        yield line, before
        line += before.count("\n") + comment.count("\n")
    yield line, text


def _html(pieces: Sequence[tuple[int, str]]) -> Iterator[Finding]:
    """Yield what the sanitiser takes out, each kind once, on the line where it is met first."""
    tags: Counter[str] = Counter()
    lines: dict[str, int] = {}
    for line, text in pieces:
        for found in _TAG.finditer(text):
            name = found[1].lower()
            here = line + text.count("\n", 0, found.start()) if name not in TAGS or _STYLE.search(found[2]) else line
            for kind in ((name,) if name not in TAGS | _SILENT else ()) + (
                ("style",) if _styles(name, found[2]) else ()
            ):
                tags[kind] += 1
                lines.setdefault(kind, here)
    for name, count in tags.items():
        times = f" ({count} times)" if count > 1 else ""
        if name in LOST:
            what = f"<{name}>{times} is taken out with what it shows: mail programs do not show it."
            yield error("lost-element", what, LOST[name], lines[name])
        elif name in FOREIGN_TAGS:
            what = f"<{name}>{times} is a link only where it comes from; here its words would lead nowhere."
            yield error("placeholder-link", what, FOREIGN_TAGS[name], lines[name])
        elif name == "style":
            what = f"Styles{times} are taken out: the newsletter has its own, which also work in the dark."
            yield warning("lost-style", what, "Write Markdown; for a box or a button there are blocks.", lines[name])
        else:
            what = f"The tag <{name}>{times} is taken out; the words in it stay."
            yield warning("lost-tag", what, "Write Markdown in its place.", lines[name])


def _styles(name: str, attributes: str) -> bool:
    return name == "style" or _STYLE.search(attributes) is not None


def _tables(tokens: Sequence[Token], lines: Sequence[str], first: int) -> Iterator[Finding]:
    """Yield rows that lose cells: a row keeps as many as the head has."""
    for token in tokens:
        if token.type != "table_open" or not token.map:
            continue
        begin, end = token.map
        head = _cells(lines[begin])
        for number in range(begin + 2, min(end, len(lines))):
            cells = _cells(lines[number])
            if len(cells) > len(head) and any(cells[len(head) :]):
                what = f"This row has {len(cells)} cells, and the head of its table {len(head)}; the last are lost."
                remedy = "Give the head a cell for each column; a bar within a cell is written \\|."
                yield error("table-lost", what, remedy, first + number)


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix(">").strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", inner)]


def _pasted_lists(tokens: Sequence[Token], first: int) -> Iterator[Finding]:
    """Yield lists from a word processor: lines, or paragraphs in a row, whose bullets Markdown does not know."""
    run: list[int] = []
    for token in (token for token in tokens if token.type == "inline"):
        lines = token.content.split("\n")
        some = [number for number, line in enumerate(lines) if _BULLET.match(line)]
        if some and token.map:
            run += [first + token.map[0] + number for number in some]
            continue
        yield from _pasted(run)
        run = []
    yield from _pasted(run)


def _pasted(run: Sequence[int]) -> Iterator[Finding]:
    if len(run) > 1:
        what = f"{len(run)} lines begin with a bullet from a word processor, and run together in one paragraph."
        yield warning("list-unread", what, "Begin each with a hyphen and a space: - First", run[0])


def _unread(token: Token, line: int, *, in_item: bool, lang: str) -> Iterator[Finding]:
    """Yield what looks like Markdown of another program in one paragraph, and would arrive as it was typed."""
    lines = token.content.split("\n")
    if in_item and (box := re.match(r"\[[ xX]\](?=\s)", lines[0])):
        what = f"{quoted(box[0])} would arrive just so: an email has no boxes to tick."
        yield warning("task-list", what, "Write ☐ or ☑, or leave it out.", line)
    for number, (above, text) in enumerate(zip(lines, lines[1:], strict=False), start=1):
        if _RULE.fullmatch(text.strip()) and "|" in above:
            heads, marks = len(_cells(above)), len(_cells(text))
            what = f"This table was not understood: its head has {heads} cells, and the line below it {marks}."
            yield warning("table-unread", what, "Give both the same number of cells.", line + number - 1)
        elif re.match(r"\s*:\s+\S", text):
            what = f"{quoted(text.strip())} would stand behind {quoted(above.strip())} in one line."
            yield warning(
                "definition-list", what, "Write **the term** and a dash, each in a line of a list.", line + number
            )
            break
    if len(lines) > 1 and not lang.startswith("fr") and all(_TERM.match(text) for text in lines):
        what = f"{len(lines)} terms with their definitions run together in one paragraph."
        yield warning("definition-list", what, "Write them as a list, each line with a hyphen before it.", line)
    written = "".join(child.content if child.type == "text" else "\n" for child in token.children or ())
    for found in _ATTRIBUTES.finditer(written):
        remedy = "Take it out; a button is written > [!BUTTON] [Book a place](address)."
        yield warning("attribute-list", f"{quoted(found[0])} would arrive just so.", remedy, line)
    yield from _broken_items(token, line)


def _broken_items(token: Token, line: int) -> Iterator[Finding]:
    """Yield a list whose items are only held apart by `<br>`: nobody who listens hears that it is one."""
    items = re.split(r"<br\s*/?>\s*", token.content, flags=re.IGNORECASE)
    # Markdown may have taken the first bullet for one of its own.
    if len(items) > 2 and all(_BROKEN_ITEM.match(item) for item in items[1:] if item.strip()):
        what = f"{len(items)} lines broken by <br> look like a list and are none."
        yield warning("list-unread", what, "Begin each line with a hyphen and a space, and leave out <br>.", line)
