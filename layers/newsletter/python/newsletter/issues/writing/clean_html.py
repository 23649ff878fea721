"""The HTML of an issue, cleaned: nothing reaches a reader that is not on the lists below."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from itertools import count

import nh3

from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Problem
from newsletter.issues.writing.addresses import ID_PREFIX, SCHEMES, Addresses
from newsletter.issues.writing.file_notes import REACH, FileNote, no_note
from newsletter.issues.writing.highlighting import COLOURS
from newsletter.issues.writing.stand_ins import StandIns

TAGS = set(
    (  # noqa: SIM905 - a list of words reads better as words
        "a abbr aside b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure"
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
    "aside": {"box", "note", "warning", "file", "more", "event"},
    "figure": {"quote", "video"},
    "p": {"block-button", "box-title", "box-action", "play"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "span": {f"code-{colour}" for colour in COLOURS},
    "td": {"right", "center"},
    "th": {"right", "center"},
}

DEEPEST = 100
"""Elements inside one another. Some thousand of them and css-inline overruns its stack, which ends the process."""

MOST_OPEN = 1000
"""Elements not yet closed when we have not cleaned up. The time nh3 takes grows with the square of them."""

VOID = frozenset({"br", "hr", "img", "wbr", "input", "meta", "link", "col", "source", "area", "base", "embed"})


SIZES = "(max-width: 42rem) calc(100vw - 2.5rem), 37.5rem"
"""How wide a page shows a picture: as its stylesheet has the column."""

Keep = Callable[[str, str, str], str | None]
"""Which value an attribute of a tag keeps; none, and the attribute goes."""


class Sanitiser:
    """Removes from HTML what is not on the lists."""

    def clean(self, markup: str, keep: Keep) -> str:
        """Return the HTML with the tags, attributes and classes of the lists, and the values that `keep` returns."""
        return nh3.clean(
            markup,
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes=CLASSES,
            attribute_filter=keep,
            url_schemes=set(SCHEMES),
            link_rel=None,
        )


class Article:
    """The text of one issue as clean HTML, its own pictures not in their places yet; stand-ins are still in it.

    Without `with_ids` nothing in it can be linked to: a mail has no use for that, and must not grow by it.
    """

    def __init__(
        self, dirty: str, addresses: Addresses, stand_ins: StandIns, sanitiser: Sanitiser, *, with_ids: bool = True
    ) -> None:
        """Clean what Markdown made of the text.

        Raises:
            InvalidIssueError: Too many elements stand inside one another.
        """
        self._key, self._sanitiser, self._with_ids = addresses.key, sanitiser, with_ids
        self.named = addresses.named
        """The names of its own pictures, in the order of their first appearance."""
        self.linked, self.neighbours = addresses.linked, addresses.neighbours
        """The files beside it that it links to, and the other issues."""

        def keep(_tag: str, attribute: str, value: str) -> str | None:
            match attribute:
                case "href" | "src" if stand_ins.within(value):
                    return None
                case "href":
                    return _noted(addresses.absolute(value), addresses.served_link)
                case "src":
                    return _noted(addresses.absolute_picture(value), addresses.served_picture)
                case "id":
                    return f"{ID_PREFIX}{value}" if with_ids and re.fullmatch(r"[\w:.-]+", value) else None
                case "width" | "height":
                    return value if re.fullmatch("[0-9]{1,4}", value) else None
            return value

        _refuse_deeper_than(MOST_OPEN, dirty, self._key)
        self._once_cleaned = sanitiser.clean(dirty, keep)
        _refuse_deeper_than(DEEPEST, self._once_cleaned, self._key)

    def with_pictures(self, addresses: Addresses, note: FileNote = no_note) -> str:
        """Return the article with what these addresses have to show in its place.

        Args:
            addresses: Pictures and files of the issue, and where they are served.
            note: What stands after a link to a file.

        Raises:
            InvalidIssueError: Too many elements stand inside one another.
        """

        def keep(_tag: str, attribute: str, value: str) -> str | None:
            match attribute:
                case "href":
                    return addresses.served_link(value)
                case "src":
                    return addresses.served_picture(value)
            return value

        # Again: without a drawing or a formula around it, what stood inside can mean something else to the next parser.
        clean = self._sanitiser.clean(self._once_cleaned, keep)
        _refuse_deeper_than(DEEPEST, clean, self._key)
        lazily = count()
        clean = _IMAGE.sub(
            lambda found: _shown(found[0], addresses, on_page=self._with_ids, lazily=next(lazily) > 0),
            without_controls(clean),
        )
        if addresses.files:
            clean = _LINK.sub(lambda found: found[0] + _noted_file(found, clean, addresses, note), clean)
        if not self._with_ids:
            return re.sub(r' <a href="[^"]*" class="footnote-backref">[^<]*</a>', "", clean)
        # An arrow alone says nothing to somebody who hears the page.
        return clean.replace('class="footnote-backref">', 'class="footnote-backref" aria-label="Back to the text">')


def _noted(absolute: str | None, look_up: Callable[[str], str | None]) -> str | None:
    """Return the address as it is; what looks it up remembers that it is named."""
    if absolute is not None:
        look_up(absolute)
    return absolute


_IMAGE = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
"""As nh3 writes it: one space, double quotes, and none of those within a value."""


_LINK = re.compile(r'<a(?: [a-z-]+="[^"]*")*? href="([^"]*)"[^>]*>((?:(?!</a>).)*)</a>', re.DOTALL)


def _noted_file(found: re.Match[str], article: str, addresses: Addresses, note: FileNote) -> str:
    """Return what stands after a link: type and size, when it leads to a file and its author wrote neither."""
    linked_file = addresses.file_at(html.unescape(found[1]))
    if linked_file is None:
        return ""
    words = re.sub(r"<[^>]*>", " ", found[2])
    following = None if words.strip() else _LINK.search(article, found.end())
    if following and following[1] == found[1]:
        return ""  # a picture, such as a video's: the words that lead to the same file have the note
    after = re.match(r"[^<]*", article[found.end() : found.end() + REACH])
    said = note(linked_file, html.unescape(words), html.unescape(after[0] if after else ""))
    return f' <small dir="auto">{html.escape(said)}</small>' if said else ""


def _shown(image: str, addresses: Addresses, *, on_page: bool, lazily: bool) -> str:
    """Return the picture with its width and height, so that no text jumps while it loads; or its words in its place.

    On a page a phone may take the narrow one, and what is further down waits until somebody scrolls there.
    """
    said: dict[str, str] = dict(re.findall(r' ([a-z-]+)="([^"]*)"', image))
    if "src" not in said:
        return said.get("alt", "")
    own = addresses.shown(html.unescape(said["src"]))
    later = {"loading": "lazy"} if on_page and lazily else {}
    if own is None:
        return image.removesuffix(">") + "".join(f' {name}="{value}"' for name, value in later.items()) + ">"
    width = min(int(said.get("width") or own.width), own.width) or own.width
    sized = said | {"width": str(width), "height": str(max(1, round(own.height * width / own.width)))}
    if on_page and own.narrow_path and width > own.narrow_width:
        sized["srcset"] = f"{addresses.public_url}/{own.narrow_path} {own.narrow_width}w, {said['src']} {own.width}w"
        sized["sizes"] = SIZES
    attributes = (f' {name}="{value}"' for name, value in (sized | later).items())
    return f"<img{''.join(attributes)}>"


def _refuse_deeper_than(most: int, markup: str, key: str) -> None:
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
            raise InvalidIssueError(key, [Problem(None, what, remedy)])


def without_controls(text: str) -> str:
    """Return the text without characters that XML, and so a feed, cannot hold, or HTML should not."""
    return _NOT_XML.sub(" ", text)


_NOT_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
