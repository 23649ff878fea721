"""Markdown, parsed and made into HTML: CommonMark with tables, footnotes, strikethrough and bare links.

Raw HTML is let through, to be cleaned together with everything else (see `clean_html`).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cache, cached_property, lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.html_inline import html_inline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.personal import PLACEHOLDER
from newsletter.issues.writing.addresses import SCHEMES
from newsletter.issues.writing.blocks import mark_blocks, shape_blocks
from newsletter.issues.writing.highlighting import highlight
from newsletter.issues.writing.stand_ins import StandIns

MOST_COLOURED = 20_000
"""Characters of code in one issue; what comes after them stays plain."""

SUMMARY_LENGTH = 160
"""Characters; about what an inbox shows after the subject."""

GREETING_LENGTH = 40
"""A first paragraph shorter than this is a greeting and says nothing about the issue."""

MOST_TOKENS = 40_000
"""Pieces of text and structure. An issue of 5,000 words has some 2,000; the time for each is about the same."""

LARGEST_ARTICLE = 1024 * 1024
"""Characters. One long address that a thousand references share is a small file and a huge article."""


class _Reader(MarkdownIt):
    """Markdown-it that makes links only of addresses we also let through as HTML."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        """Return whether the address may be a link or a picture."""
        scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", url, re.IGNORECASE)
        return scheme is None or scheme[1].lower() in SCHEMES


class Markdown:
    """The Markdown of issues."""

    def parse(self, markdown_text: str, stand_ins: StandIns) -> list[Token]:
        """Return the tokens of an issue's body: headings from level 2 down, placeholders as stand-ins."""
        return _reader().parse(markdown_text, {"stand_ins": stand_ins})

    def to_html(self, tokens: Sequence[Token], say: Callable[[str], str] = str) -> str:
        """Return HTML that nobody has cleaned yet; `say` translates the words that are ours."""
        reader = _reader()
        return str(reader.renderer.render(tokens, reader.options, {"say": say}))


class Body:
    """The text of one issue, parsed at most once, whatever is made of it."""

    def __init__(
        self, markdown_text: str, source_hash: str, markdown: Markdown, field_keys: Collection[str] = ()
    ) -> None:
        self._text = markdown_text
        self._markdown = markdown
        self.stand_ins = StandIns(source_hash, field_keys)

    @cached_property
    def tokens(self) -> list[Token]:
        """What the parser made of it."""
        return self._markdown.parse(self._text, self.stand_ins)

    def summary(self) -> str:
        """Return the first paragraph that says something, as one line of plain text, shortened at a word."""
        first = ""
        for opening, inline in zip(self.tokens, self.tokens[1:], strict=False):
            if opening.type != "paragraph_open" or opening.level:
                continue
            paragraph = " ".join(self.stand_ins.plain(_words(inline.children or [])).split())
            if len(paragraph) >= GREETING_LENGTH:
                return shorten(paragraph)
            first = first or paragraph
        return first


def refuse_more_than_enough(tokens: Sequence[Token], key: str) -> None:
    """Raise when the text would become more than anybody can be sent, before any of it is made."""
    count = length = 0
    for block in tokens:
        for token in (block, *(block.children or ())):
            count += 1
            # What holds children repeats their content.
            length += len(token.content) * (token.children is None) + sum(len(str(at)) for at in token.attrs.values())
    if count > MOST_TOKENS or length > LARGEST_ARTICLE:
        what = "There is more in this issue than a mail or a page can hold."
        remedy = "Make several issues of it; if links share a very long address, shorten that."
        raise InvalidIssueError(key, [Problem(None, what, remedy)])


def shorten(text: str) -> str:
    """Return the text, cut after a whole word when it is too long for a summary."""
    if len(text) <= SUMMARY_LENGTH:
        return text
    kept = text[:SUMMARY_LENGTH].rsplit(" ", 1)[0]
    return f"{kept.rstrip(' ,;:.-–—')}…"


@cache
def _reader() -> _Reader:
    reader = _Reader("commonmark", {"html": True, "linkify": True})
    reader.enable(["table", "strikethrough", "linkify"])
    # Only addresses written with their scheme: "report.it" at the end of a sentence is not a link.
    assert reader.linkify is not None  # noqa: S101 - linkify-it-py is one of our requirements
    reader.linkify.set({"fuzzy_link": False, "fuzzy_ip": False})
    reader.use(footnote_plugin)
    reader.add_render_rule("fence", _fence)
    reader.inline.ruler.at("html_inline", _raw_inline)
    reader.inline.ruler.before("escape", "name", _name)
    reader.core.ruler.after("block", "mark_blocks", mark_blocks)
    reader.core.ruler.push("shape_blocks", shape_blocks)
    reader.core.ruler.push("house_rules", _house_rules)
    reader.add_render_rule("block_label", _label)
    reader.add_render_rule("block_word", _our_word)
    return reader


def _name(state: StateInline, silent: bool) -> bool:
    """Read `{{ name | there }}`; inside code it is never reached, so code shows it as written."""
    found = PLACEHOLDER.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "{" else None
    stand_in = state.env["stand_ins"].of_placeholder(found) if found else None
    if found is None or stand_in is None:
        return False
    if not silent:
        # A token that the renderer prints as it is.
        token = state.push("html_inline", "", 0)
        token.content = stand_in
    state.pos = found.end()
    return True


def _raw_inline(state: StateInline, silent: bool) -> bool:
    """Read a tag as markdown-it does, unless it opens something that never ends.

    For each of those, its own rule would read on to the end of the text.
    """
    for opening, closing in _UNTIL:
        if state.src.startswith(opening, state.pos):
            return _last(state.src, closing) > state.pos and html_inline(state, silent)
    return html_inline(state, silent)


_UNTIL = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))


@lru_cache(maxsize=8)
def _last(text: str, closing: str) -> int:
    """Return where the text last closes something. Called for each opening of one text: it must be found once."""
    return text.rfind(closing)


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
    """Write a block of code, in colours while the issue has not spent its share of them."""
    code, (language, *_) = tokens[index].content, [*tokens[index].info.split(), ""]
    env["coloured"] = env.get("coloured", 0) + len(code)
    return f"<pre><code>{highlight(code, language if env['coloured'] <= MOST_COLOURED else '')}</code></pre>\n"


def _label(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
    """Write the word above a box, such as “Note”."""
    return f'<p class="box-title">{html.escape(env["say"](tokens[index].content))}</p>\n'


def _our_word(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
    """Write words of ours within a line, such as “Watch the video”."""
    return html.escape(env["say"](tokens[index].content))


def _house_rules(state: StateCore) -> None:
    """Fit the tokens to the page around them."""
    headings = [int(token.tag[1]) for token in state.tokens if token.type == "heading_open"]
    shift = 2 - min(headings, default=2)
    ids: Counter[str] = Counter()
    for index, token in enumerate(state.tokens):
        match token.type:
            case "heading_open" | "heading_close":
                token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"
                if token.type == "heading_open":
                    _give_id(token, _words(state.tokens[index + 1].children or []), ids)
            case "td_open" | "th_open":
                side = re.search("right|center", str(token.attrs.pop("style", "")))
                if side:
                    token.attrSet("class", side[0])
                if token.type == "th_open":
                    token.attrSet("scope", "col")
            case "html_block":
                token.content = _raw(token.content, state)
            case "paragraph_open":
                _make_figure(state.tokens, index)
            case "inline":
                for child in token.children or []:
                    if child.type == "html_inline":
                        child.content = _raw(child.content, state)


def _raw(content: str, state: StateCore) -> str:
    """Return raw HTML with placeholders as stand-ins and no second h1 for the page."""
    renamed = re.sub(r"<(/?)h1\b", r"<\1h2", content, flags=re.IGNORECASE)
    return str(state.env["stand_ins"].placeholders(renamed))


def _give_id(heading: Token, words: str, taken: Counter[str]) -> None:
    """Let other texts link to this heading; a second one of the same words gets a number."""
    base = re.sub(r"[\W_]+", "-", words.lower()).strip("-") or "part"
    name = base
    while taken[name]:
        taken[base] += 1
        name = f"{base}-{taken[base]}"
    taken[name] += 1
    heading.attrSet("id", name)


def _make_figure(tokens: list[Token], index: int) -> None:
    """Turn a paragraph that is only a picture into a figure, its title into the caption."""
    inline = tokens[index + 1]
    if [child.type for child in inline.children or []] != ["image"] or tokens[index].hidden:
        return
    image = (inline.children or [])[0]
    caption = str(image.attrs.pop("title", ""))
    for paragraph in (tokens[index], tokens[index + 2]):
        paragraph.tag = "figure"
    if caption:
        printed = f"<figcaption>{html.escape(caption)}</figcaption>"
        inline.children = [image, Token("html_inline", "", 0, content=printed, meta={"caption": caption})]


def is_name(kind: str, text: str) -> bool:
    """Return whether a token is the stand-in for a name rather than raw HTML."""
    return kind == "html_inline" and not text.startswith("<")


def _words(children: Sequence[Token]) -> str:
    """Return inline tokens as plain words."""
    parts: list[str] = []
    for child in children:
        if child.type in ("text", "code_inline") or is_name(child.type, child.content):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)
