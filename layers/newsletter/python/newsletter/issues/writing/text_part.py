"""The text part of a mail, written for reading: 72 columns, numbered links, tables that line up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from newsletter.core.language import msg
from newsletter.issues.writing.html_words import tag_of, tokens_of_html
from newsletter.issues.writing.markdown import is_name
from newsletter.web.lines import WIDTH, columns, wrap

NARROWEST_COLUMN = 8
"""Below this a column of a table cannot be read, and each row becomes a list of its cells."""

GAP = "   "

ACTIONS = frozenset({"block-button", "box-action"})
"""Paragraphs that are one link, which a reader is to follow."""
LinkNote = Callable[[str, str, str], str]


def write_text(
    tokens: Sequence[Token],
    *,
    link: Callable[[str], str | None],
    visible: Callable[[str], str],
    link_note: LinkNote = lambda *_: "",
    say: Callable[[str], str] = str,
) -> str:
    """Return the body of an issue as text.

    Args:
        tokens: What `markdown.read` returned.
        link: Makes an address absolute, or refuses it.
        link_note: Returns what stands after a link, of its address, its words and the words after it.
        visible: Shows a text as its reader sees it; only widths are taken from it.
        say: Translates the words that are ours.
    """
    return _Writer(link, visible, link_note, say).document(SyntaxTreeNode(tokens))


class _Writer:
    """Writes blocks as lists of lines; links wait for the end of their section."""

    def __init__(
        self,
        link: Callable[[str], str | None],
        visible: Callable[[str], str],
        link_note: LinkNote,
        say: Callable[[str], str],
    ) -> None:
        self._say = say
        self._link = link
        self._link_note = link_note
        self._visible = visible
        self._count = 0
        self._waiting: dict[str, int] = {}

    def _pictured(self, alt: str) -> list[str]:
        return [self._say(msg("[Picture: %(words)s]")) % {"words": alt}] if alt else []

    def document(self, root: SyntaxTreeNode) -> str:
        blocks: list[list[str]] = []
        for node in root.children:
            if node.type in ("heading", "footnote_block"):
                blocks += self._links()
            blocks.append(self._block(node, WIDTH))
        blocks += self._links()
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def _links(self) -> list[list[str]]:
        """Return the addresses mentioned since the last heading, and forget them."""
        lines = [f"[{number}] {address}" for address, number in self._waiting.items()]
        self._waiting.clear()
        return [lines] if lines else []

    def _number(self, address: str) -> int:
        if address not in self._waiting:
            self._count += 1
            self._waiting[address] = self._count
        return self._waiting[address]

    def _wrap(self, text: str, width: int) -> list[str]:
        return wrap(text, width, visible=self._visible)

    def _blocks(self, nodes: Sequence[SyntaxTreeNode], width: int, *, tight: bool = False) -> list[str]:
        lines: list[str] = []
        for node in nodes:
            block = self._block(node, width)
            if lines and block and not tight:
                lines.append("")
            lines += block
        return lines

    def _block(self, node: SyntaxTreeNode, width: int) -> list[str]:
        match node.type:
            case "heading":
                lines = self._wrap(self._inline(node), width)
                rule = "=" if node.tag == "h2" else "-"
                longest = max(columns(self._visible(line)) for line in lines)
                return [*lines, rule * longest] if longest else []
            case "paragraph" if node.attrs.get("class") in ACTIONS:
                return self._action(node, width)
            case "aside":
                return [f"| {line}".rstrip() for line in self._blocks(node.children, width - 2)]
            case "block_label":
                return self._wrap(f"*{self._say(node.content)}*", width)
            case "paragraph" if node.attrs.get("class") == "box-title":
                return self._wrap(f"*{self._inline(node).strip('*')}*", width)
            case "paragraph":
                text = self._inline(node)
                return self._wrap(text, width) if text.strip() else []
            case "blockquote":
                return [f"> {line}".rstrip() for line in self._blocks(node.children, width - 2)]
            case "bullet_list" | "ordered_list":
                return self._list(node, width)
            case "fence" | "code_block":
                return [f"    {line}" for line in node.content.rstrip("\n").split("\n")]
            case "hr":
                return ["* * *".center(width).rstrip()]
            case "table":
                return self._table(node, width)
            case "footnote_block":
                return self._footnotes(node, width)
            case "html_block":
                return self._blocks(SyntaxTreeNode(tokens_of_html(node.content)).children, width, tight=True)
            case "definition":
                return [f"    {line}".rstrip() for line in self._blocks(node.children, width - 4, tight=True)]
        return self._blocks(node.children, width)

    def _action(self, node: SyntaxTreeNode, width: int) -> list[str]:
        """Return a button: its words, and its address below where the eye is."""
        (link,) = [child for child in node.children[0].children if child.type == "link"]
        address = self._link(str(link.attrs.get("href", "")))
        words = self._inline(link)
        return [*self._wrap(f"{words}:" if address else words, width), *([address] if address else [])]

    def _list(self, node: SyntaxTreeNode, width: int) -> list[str]:
        first = int(node.attrs.get("start", 1))
        marks = [
            "- " if node.type == "bullet_list" else f"{number}. " for number in range(first, first + len(node.children))
        ]
        indent = max(map(len, marks))
        paragraphs = [child for item in node.children for child in item.children if child.type == "paragraph"]
        tight = all(paragraph.hidden for paragraph in paragraphs)
        lines: list[str] = []
        for mark, item in zip(marks, node.children, strict=True):
            if lines and not tight:
                lines.append("")
            # In raw HTML anything may stand where an item belongs.
            inside = item.children if item.type == "list_item" else [item]
            block = self._blocks(inside, max(width - indent, 20), tight=tight) or [""]
            lines.append(f"{mark.rjust(indent)}{block[0]}".rstrip())
            lines += [f"{' ' * indent}{line}".rstrip() for line in block[1:]]
        return lines

    def _footnotes(self, node: SyntaxTreeNode, width: int) -> list[str]:
        lines = ["Notes", "-----"]
        for number, note in enumerate(node.children, start=1):
            mark = f"({number}) "
            block = self._blocks(note.children, width - len(mark)) or [""]
            lines += ["", f"{mark}{block[0]}"]
            lines += [f"{' ' * len(mark)}{line}".rstrip() for line in block[1:]]
        return lines

    def _table(self, node: SyntaxTreeNode, width: int) -> list[str]:
        rows = [[self._inline(cell) for cell in row.children] for part in node.children for row in part.children]
        right = ["right" in str(cell.attrs.get("class", "")) for cell in node.children[0].children[0].children]
        free = width - len(GAP) * (len(right) - 1)
        widths = [
            min(max(columns(self._visible(row[column])) for row in rows), max(free, 0)) for column in range(len(right))
        ]
        while sum(widths) > free:
            widest = max(range(len(widths)), key=widths.__getitem__)
            if widths[widest] <= NARROWEST_COLUMN:
                return self._records(rows, width)
            widths[widest] -= 1
        lines: list[str] = []
        for row in rows:
            cells = [self._wrap(text, size) for text, size in zip(row, widths, strict=True)]
            height = max(map(len, cells))
            for number in range(height):
                parts = [
                    self._pad(cell[number] if number < len(cell) else "", size, to_right)
                    for cell, size, to_right in zip(cells, widths, right, strict=True)
                ]
                lines.append(GAP.join(parts).rstrip())
            if row is rows[0]:
                lines.append(GAP.join("-" * size for size in widths))
            elif height > 1 and row is not rows[-1]:
                lines.append("")
        return lines

    def _pad(self, text: str, size: int, to_right: bool) -> str:
        space = " " * (size - columns(self._visible(text)))
        return f"{space}{text}" if to_right else f"{text}{space}"

    def _records(self, rows: list[list[str]], width: int) -> list[str]:
        """Return a table too wide for its columns, row by row."""
        head, *rest = rows
        lines: list[str] = []
        for row in rest:
            if lines:
                lines.append("")
            for name, value in zip(head, row, strict=True):
                first, *more = self._wrap(f"{name}: {value}" if name else value, width - 2)
                lines += [first, *(f"  {line}" for line in more)]
        return lines

    def _reference(self, words: str, address: str, after: str = "") -> str:
        """Return a link as text: its words and a number, or the address alone when it says the same."""
        absolute = self._link(address)
        if absolute is None:
            return words
        if said := self._link_note(absolute, words, after):
            return f"{words.rstrip() or absolute} {said}" + (f" [{self._number(absolute)}]" if words.strip() else "")
        if not words.strip():
            return absolute
        if words.strip() in (absolute, absolute.removeprefix("mailto:"), absolute.removesuffix("/")):
            return words
        return f"{words} [{self._number(absolute)}]"

    def _inline(self, node: SyntaxTreeNode) -> str:
        """Return the words of a block; only hard line breaks break them."""
        return "".join(self._words(node)).strip()

    def _words(self, node: SyntaxTreeNode) -> Iterator[str]:
        silent = ""
        links: list[tuple[str, list[str]]] = []
        for child in node.children:
            words: Iterable[str] = ()
            if "caption" in child.meta:
                words = [f"\n{child.meta['caption']}"]
            elif child.type == "html_inline" and not is_name(child.type, child.content):
                name, attributes = tag_of(child.content)
                if name in ("script", "style"):
                    silent = name
                elif name == f"/{silent}":
                    silent = ""
                elif name == "a":
                    links.append((attributes.get("href", ""), []))
                elif name == "/a" and links:
                    words = self._raw_link(*links.pop(), _after(child))
                elif not silent:
                    words = [_RAW.get(name, "")] if name != "img" else self._pictured(attributes.get("alt", ""))
            elif not silent:
                words = self._word(child)
            if links:
                links[-1][1].extend(words)
            else:
                yield from words
        while links:  # never closed: they end with the line
            words = self._raw_link(*links.pop())
            if links:
                links[-1][1].extend(words)
            else:
                yield from words

    def _raw_link(self, address: str, inside: list[str], after: str = "") -> list[str]:
        return [self._reference("".join(inside), address, after)] if address else inside

    def _word(self, node: SyntaxTreeNode) -> Iterator[str]:
        match node.type:
            case "text" | "text_special" | "html_inline":
                yield node.content.replace("\n", " ")
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
            case "block_word":
                yield self._say(node.content)
            case "code_inline":
                yield f"`{node.content}`"
            case "em":
                yield f"_{self._inline(node)}_"
            case "strong":
                yield f"*{self._inline(node)}*"
            case "s":
                yield f"[struck out: {self._inline(node)}]"
            case "link":
                yield self._reference(self._inline(node), str(node.attrs.get("href", "")), _after(node))
            case "image":
                yield from self._pictured("".join(self._words(node)) or node.content)
            case "footnote_ref":
                yield f" ({int(node.meta['id']) + 1})"
            case "footnote_anchor":
                return
            case _:
                yield from self._words(node)


_RAW = {
    "br": "\n",
    **dict.fromkeys(("b", "/b", "strong", "/strong"), "*"),
    **dict.fromkeys(("i", "/i", "em", "/em", "cite", "/cite"), "_"),
    **dict.fromkeys(("s", "del"), "[struck out: "),
    **dict.fromkeys(("/s", "/del"), "]"),
}
"""What a tag within a line becomes: the same as what Markdown has for it."""


def _after(node: SyntaxTreeNode) -> str:
    """Return the plain words that follow within the same line."""
    following = node.next_sibling
    return following.content if following is not None and following.type == "text" else ""
