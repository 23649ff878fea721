"""Reads feeds: RSS and Atom with `feedparser`, JSON Feed as it stands, and of each nothing but plain text.

Sources: https://www.rssboard.org/rss-specification, RFC 4287 (Atom), https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from newsletter.core.text import one_line
from newsletter.desk.adapters.feeds.feed_pages import FetchedPage, UnreadFeedError
from newsletter.desk.feeds.feed import (
    LONGEST_ADDRESS,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    MOST_ENTRIES,
    FeedAnswer,
    FeedEntry,
    FeedOutcome,
)

MOST_READ = 5_000
"""Entries that are looked at for the newest. Some websites write them the oldest first, and their whole history."""

LONGEST_TEXT = 20_000
"""Characters of an entry's HTML that are read for its first sentences."""

JSON_FEED = re.compile(rb"\s*\{")
ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
_ALTERNATE = re.compile(r"<link\b[^<>]{0,500}\btype=[\"']?application/(?:rss|atom)\+xml[^<>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"\bhref=[\"']?([^\"'\s>]+)", re.IGNORECASE)

Fetch = Callable[..., FetchedPage]


class WebFeeds:
    """Asks websites for their feeds."""

    def __init__(self, fetch: Fetch) -> None:
        """Take what fetches a page, as `FeedPages.fetch` does."""
        self._fetch = fetch

    def read(self, address: str, *, etag: str = "", modified: str = "") -> FeedAnswer:
        """Return what a feed says. Whatever is wrong with it is an answer, too."""
        try:
            page = self._fetch(address, etag=etag, modified=modified)
            if page.status == 304:
                return FeedAnswer(FeedOutcome.UNCHANGED, etag=etag, modified=modified)
            if page.status == 410:
                return FeedAnswer(FeedOutcome.GONE)
            if page.status != 200:
                raise UnreadFeedError(f"answers {page.status}, where a feed would answer 200")
            entries = _newest(_entries(page))
        except UnreadFeedError as refusal:
            return FeedAnswer(FeedOutcome.FAILED, problem=str(refusal))
        return FeedAnswer(FeedOutcome.READ, entries, page.etag, page.modified)


def _entries(page: FetchedPage) -> list[FeedEntry]:
    if JSON_FEED.match(page.body.removeprefix(b"\xef\xbb\xbf")):
        plain = _json(page.body)
        items = plain["items"] if isinstance(plain.get("items"), list) else []
        said = [_of_json(item) for item in items[:MOST_READ] if isinstance(item, dict)]
    else:
        said = [_of_xml(entry) for entry in _parsed(page)[:MOST_READ]]
    entries: dict[str, FeedEntry] = {}
    for fields in said:
        entry = _entry(fields, page.address)
        if entry is not None:
            entries.setdefault(entry.entry_id, entry)
    return list(entries.values())


def _newest(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Return the newest; those without a date keep their place before all others, for feeds begin with the newest."""
    latest = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(entries, key=lambda entry: entry.published_at or latest, reverse=True)[:MOST_ENTRIES])


def _json(body: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        raise UnreadFeedError("begins like a JSON Feed, and cannot be read as JSON") from exc
    if not isinstance(plain, dict) or "jsonfeed.org/version/" not in str(plain.get("version", "")):
        raise UnreadFeedError("is JSON, and no JSON Feed: it has no `version` of jsonfeed.org")
    return plain


def _of_json(item: Mapping[str, Any]) -> dict[str, str]:
    """Return an item of a JSON Feed as plain fields; whatever is no text is left out."""
    names = {
        "key": ("id",), "title": ("title",), "link": ("url", "external_url"),
        "summary": ("summary", "content_text", "content_html"), "picture": ("image", "banner_image"),
        "published": ("date_published", "date_modified"),
    }  # fmt: skip
    said = {field: _first_text(item.get(name) for name in own) for field, own in names.items()}
    only_text = not item.get("summary") and item.get("content_text")
    # A plain text may hold a `<` that begins no tag.
    return said | {"summary": html.escape(said["summary"]) if only_text or item.get("summary") else said["summary"]}


def _parsed(page: FetchedPage) -> list[Any]:
    """Return the entries of an RSS or Atom feed, as `feedparser` makes them."""
    import feedparser  # loaded by the one function that reads feeds

    # Nobody writes entities into a feed but whoever wants one to grow; without NULs, because a UTF-16 one has them.
    if ENTITY.search(page.body.replace(b"\0", b"")):
        raise UnreadFeedError("declares entities of its own, which feeds do not need and attackers use")
    headers = {"content-type": page.content_type, "content-location": page.address}
    try:
        # What is HTML becomes plain text below, so nobody needs it clean or its links whole: half of the time is saved.
        parsed = feedparser.parse(
            BytesIO(page.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as exc:  # whatever a parser of twenty formats makes of what nobody foresaw
        raise UnreadFeedError("cannot be read as a feed") from exc
    if not parsed.get("version"):
        raise UnreadFeedError(_no_feed(page))
    return list(parsed.entries)


def _no_feed(page: FetchedPage) -> str:
    if not page.body.strip():
        return "is empty"
    text = page.body[:200_000].decode("utf-8", "replace")
    if found := _ALTERNATE.search(text):
        named = _HREF.search(found[0])
        address = _followed(html.unescape(named[1]), page.address) if named else ""
        if address:
            return f"is a web page and no feed; the page names {address} as its feed"
    return (
        "is a web page and no feed" if "<html" in text.lower() else "is no feed that we can read (RSS, Atom, JSON Feed)"
    )


def _of_xml(entry: Any) -> dict[str, str]:
    content = entry.get("content") or [{}]
    pictures = [
        *(each.get("url") for each in entry.get("media_thumbnail") or []),
        *(each.get("url") for each in entry.get("media_content") or [] if _is_picture(each)),
        *(each.get("href") for each in entry.get("enclosures") or [] if _is_picture(each)),
    ]
    # `updated_parsed` without a fallback of feedparser's own, which it warns of at each entry.
    moments = (entry.get(name) if name in entry else None for name in ("published_parsed", "updated_parsed"))
    moment = next((each for each in moments if each), None)
    return {
        "key": _first_text([entry.get("id")]),
        "title": _first_text([entry.get("title")]),
        "link": _first_text([entry.get("link")]),
        "summary": _first_text([entry.get("summary"), content[0].get("value")]),
        "picture": _first_text(pictures),
        "published": ""
        if moment is None
        else f"{moment[0]:04}-{moment[1]:02}-{moment[2]:02}T{moment[3]:02}:{moment[4]:02}:{min(moment[5], 59):02}Z",
    }


def _is_picture(media: Mapping[str, Any]) -> bool:
    return str(media.get("type", "")).startswith("image/") or media.get("medium") == "image"


def _entry(fields: Mapping[str, str], base: str) -> FeedEntry | None:
    """Return an entry as plain text; None if nobody could tell what it is."""
    title, link = _words(fields["title"], LONGEST_TITLE), _followed(fields["link"], base)
    summary = _words(fields["summary"], LONGEST_SUMMARY)
    if not title and not (link and summary):
        return None
    key = fields["key"] or link or f"{title} {fields['published']}"
    return FeedEntry(
        sha256(key.encode("utf-8", "replace")).hexdigest()[:16],
        title or _cut(summary, LONGEST_TITLE // 2),
        link,
        "" if summary == title else summary,
        _followed(fields["picture"], base),
        _moment(fields["published"]),
    )


def _words(markup: str, longest: int) -> str:
    """Return the words of HTML on one line, without scripts, styles and remarks."""
    import nh3

    plain = html.unescape(nh3.clean(_spaced(markup[:LONGEST_TEXT]), tags=set()))
    return _cut(one_line(plain), longest)


def _spaced(markup: str) -> str:
    """Return HTML in which words of two paragraphs do not grow together once the tags are gone."""
    return re.sub(r"(?i)<(?=/?(?:p|br|li|ul|ol|h[1-6]|div|td|tr|blockquote)\b)", " <", markup)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[: longest - 1].rpartition(' ')[0].rstrip(' ,;:.–-') or text[: longest - 1]}…"


def _followed(link: str, base: str) -> str:
    """Return the whole address of a link that can be followed; of any other, nothing."""
    try:
        address = urljoin(base, link.strip()) if link.strip() else ""
        parts = urlsplit(address)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        return ""
    plain = re.fullmatch(r"[!-~\xa1-\uffff]+", address) is not None and not re.search(r"[<>\"`{}\\^|]", address)
    good = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and port_is_number
    return address if good and plain and len(address) <= LONGEST_ADDRESS else ""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _first_text(values: Iterable[object] | Iterator[object]) -> str:
    return next((value for value in values if isinstance(value, str) and value.strip()), "")
