"""Markdown, read and made into safe HTML.

CommonMark with tables, footnotes, strikethrough and bare links. Raw HTML is let through and then cleaned
together with everything else, so nothing reaches a reader that is not on the lists below.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

import nh3
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
from newsletter.issues.domain.picture import Picture
from newsletter.issues.writing.highlighting import COLOURS, highlight
from newsletter.issues.writing.stand_ins import NAME, StandIns

SCHEMES = frozenset({"http", "https", "mailto", "tel"})

TAGS = set(
    (  # noqa: SIM905 - a list of words reads better as words
        "a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure"
        " h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s section small span strong sub summary sup"
        " table tbody td tfoot th thead time tr u ul var"
    ).split()
)

ATTRIBUTES = {
    "*": {"lang", "dir", "id", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}

CLASSES = {
    "a": {"footnote-backref"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "span": {f"code-{colour}" for colour in COLOURS},
    "td": {"right", "center"},
    "th": {"right", "center"},
}

MOST_COLOURED = 20_000
"""Characters of code in one issue; what comes after them stays plain."""

ID_PREFIX = "text-"
"""Before every id of an author, so that it cannot collide with one of the page's own."""

SUMMARY_LENGTH = 160
"""Characters; about what an inbox shows after the subject."""

GREETING_LENGTH = 40
"""A first paragraph shorter than this is a greeting and says nothing about the issue."""


DEEPEST = 100
"""Elements inside one another. Some thousand of them and css-inline overruns its stack, which ends the process."""

MOST_OPEN = 1000
"""Elements not yet closed when we have not cleaned up. The time nh3 takes grows with the square of them."""

MOST_TOKENS = 40_000
"""Pieces of text and structure. An issue of 5,000 words has some 2,000; the time for each is about the same."""

LARGEST_ARTICLE = 1024 * 1024
"""Characters. One long address that a thousand references share is a small file and a huge article."""

VOID = frozenset({"br", "hr", "img", "wbr", "input", "meta", "link", "col", "source", "area", "base", "embed"})


PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)", re.IGNORECASE)
"""How the name of a picture ends that is only linked to."""


@dataclass(slots=True)
class Addresses:
    """Makes the addresses of one issue absolute, and remembers which of its own pictures it names."""

    public_url: str
    slug: str
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """What there is to show, by the name the author uses."""
    named: list[str] = field(default_factory=list)

    @property
    def page(self) -> str:
        """The address of the issue's page."""
        return f"{self.public_url}/issues/{self.slug}/"

    def link(self, address: str) -> str | None:
        """Return the absolute address of a link, or None when it must not be one."""
        absolute = self._absolute(address)
        name = self._own(absolute)
        if name and PICTURE.fullmatch(PurePosixPath(name).suffix):
            return self._served(name) or absolute
        return absolute

    def picture(self, address: str) -> str | None:
        """Return the absolute address of a picture, or None when it cannot be shown."""
        absolute = self._absolute(address)
        if absolute is None or not absolute.startswith(("https:", "http:")):
            return None
        name = self._own(absolute)
        return self._served(name) if name else absolute

    def shown(self, absolute: str) -> Picture | None:
        """Return the issue's own picture that is served from this address, if there is one."""
        return next((each for each in self.pictures.values() if absolute == f"{self.public_url}/{each.path}"), None)

    def _absolute(self, address: str) -> str | None:
        if address.startswith("#"):
            return f"{self.page}#{ID_PREFIX}{address[1:]}"
        if other := re.fullmatch(r"(?:\./)?([a-z0-9-]+)\.md(#.*)?", address):
            # Editors link to the file they know; readers need its page.
            return f"{self.public_url}/issues/{other[1]}/{other[2] or ''}"
        own = address.removeprefix("./").removeprefix(f"{self.slug}/")
        try:
            absolute = urljoin(self.page, own)
            scheme = urlsplit(absolute).scheme
        except ValueError:
            return None
        return absolute if scheme in SCHEMES else None

    def _own(self, absolute: str | None) -> str:
        """Return the name of a file beside the issue, and nothing for any other address."""
        if absolute is None or not absolute.startswith(self.page):
            return ""
        return unquote(urlsplit(absolute).path.removeprefix(urlsplit(self.page).path))

    def _served(self, name: str) -> str | None:
        """Return where one of the issue's own pictures is served from, if it is there."""
        if name not in self.named:
            self.named.append(name)
        picture = self.pictures.get(name)
        return f"{self.public_url}/{picture.path}" if picture else None


class _Reader(MarkdownIt):
    """Markdown-it that makes links only of addresses we also let through as HTML."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        """Return whether the address may be a link or a picture."""
        scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", url, re.IGNORECASE)
        return scheme is None or scheme[1].lower() in SCHEMES


def read(source: str, stand_ins: StandIns) -> list[Token]:
    """Return the tokens of an issue's body: headings from level 2 down, names as stand-ins."""
    return _reader().parse(source, {"stand_ins": stand_ins})


def to_html(tokens: Sequence[Token], addresses: Addresses, stand_ins: StandIns, *, ids: bool = True) -> str:
    """Return clean HTML with absolute addresses; stand-ins are still in it.

    Without `ids` nothing in it can be linked to: a mail has no use for that, and must not grow by it.

    Raises:
        InvalidIssueError: Too many elements stand inside one another, or there is too much of everything.
    """
    _refuse_more_than_enough(tokens, addresses.slug)
    reader = _reader()
    dirty = reader.renderer.render(tokens, reader.options, {})

    def keep(_tag: str, attribute: str, value: str) -> str | None:
        match attribute:
            case "href" | "src" if stand_ins.within(value):
                return None
            case "href":
                return addresses.link(value)
            case "src":
                return addresses.picture(value)
            case "id":
                return f"{ID_PREFIX}{value}" if ids and re.fullmatch(r"[\w:.-]+", value) else None
            case "width" | "height":
                return value if re.fullmatch("[0-9]{1,4}", value) else None
        return value

    _refuse_deeper_than(MOST_OPEN, dirty, addresses.slug)
    clean = _cleaned(dirty, keep)
    # Again: without a drawing or a formula around it, what stood inside can mean something else to the next parser.
    clean = _cleaned(clean)
    _refuse_deeper_than(DEEPEST, clean, addresses.slug)
    clean = _IMAGE.sub(lambda found: _shown(found[0], addresses), without_controls(clean))
    if not ids:
        return re.sub(r' <a href="[^"]*" class="footnote-backref">[^<]*</a>', "", clean)
    # An arrow alone says nothing to somebody who hears the page.
    return clean.replace('class="footnote-backref">', 'class="footnote-backref" aria-label="Back to the text">')


_IMAGE = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
"""As nh3 writes it: one space, double quotes, and none of those within a value."""


def _shown(image: str, addresses: Addresses) -> str:
    """Return the picture with its width and height, so that no text jumps while it loads; or its words in its place."""
    said: dict[str, str] = dict(re.findall(r' ([a-z-]+)="([^"]*)"', image))
    if "src" not in said:
        return said.get("alt", "")
    own = addresses.shown(html.unescape(said["src"]))
    if own is None:
        return image
    width = min(int(said.get("width") or own.width), own.width) or own.width
    sized = said | {"width": str(width), "height": str(max(1, round(own.height * width / own.width)))}
    attributes = (f' {name}="{value}"' for name, value in sized.items())
    return f"<img{''.join(attributes)}>"


def _cleaned(markup: str, keep: Callable[[str, str, str], str | None] | None = None) -> str:
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        attribute_filter=keep,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


def _refuse_more_than_enough(tokens: Sequence[Token], slug: str) -> None:
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
        raise InvalidIssueError(f"issues/{slug}.md", [Problem(None, what, remedy)])


def _refuse_deeper_than(most: int, markup: str, slug: str) -> None:
    """Raise when elements nest deeper than anybody writes on purpose."""
    still_open: Counter[str] = Counter()
    depth = 0
    for slash, name in re.findall(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", markup):
        tag = name.lower()
        if tag in VOID:
            continue
        if not slash:
            still_open[tag] += 1
            depth += 1
        elif still_open[tag]:
            still_open[tag] -= 1
            depth -= 1
        if depth > most:
            what = "Too many HTML elements or emphases stand inside one another."
            remedy = "Close each of them, or write this part in plain Markdown."
            raise InvalidIssueError(f"issues/{slug}.md", [Problem(None, what, remedy)])


def summarise(source: str) -> str:
    """Return the first paragraph that says something, as one line of plain text, shortened at a word."""
    stand_ins = StandIns(hashlib.sha256(source.encode()).hexdigest())
    first = ""
    tokens = read(source, stand_ins)
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type != "paragraph_open" or opening.level:
            continue
        paragraph = " ".join(stand_ins.plain(_words(inline.children or [])).split())
        if len(paragraph) >= GREETING_LENGTH:
            return shorten(paragraph)
        first = first or paragraph
    return first


def shorten(text: str) -> str:
    """Return the text, cut after a whole word when it is too long for a summary."""
    if len(text) <= SUMMARY_LENGTH:
        return text
    kept = text[:SUMMARY_LENGTH].rsplit(" ", 1)[0]
    return f"{kept.rstrip(' ,;:.-–—')}…"


def without_controls(text: str) -> str:
    """Return the text without characters that XML, and so a feed, cannot hold, or HTML should not."""
    return _NOT_XML.sub(" ", text)


_NOT_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)


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
    reader.core.ruler.push("house_rules", _house_rules)
    return reader


def _name(state: StateInline, silent: bool) -> bool:
    """Read `{{ name | there }}`; inside code it is never reached, so code shows it as written."""
    found = NAME.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "{" else None
    if found is None or not found[1].strip():
        return False
    if not silent:
        # A token that the renderer prints as it is.
        token = state.push("html_inline", "", 0)
        token.content = state.env["stand_ins"].name(found[1])
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
    """Return raw HTML with names as stand-ins and no second h1 for the page."""
    renamed = re.sub(r"<(/?)h1\b", r"<\1h2", content, flags=re.IGNORECASE)
    return str(state.env["stand_ins"].names(renamed))


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


def is_name(kind: str, content: str) -> bool:
    """Return whether a token is the stand-in for a name rather than raw HTML."""
    return kind == "html_inline" and not content.startswith("<")


def _words(children: Sequence[Token]) -> str:
    """Return inline tokens as plain words."""
    parts: list[str] = []
    for child in children:
        if child.type in ("text", "code_inline") or is_name(child.type, child.content):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)
