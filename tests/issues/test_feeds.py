"""Feeds one a language: what they hold, how they are named, and when they fill and empty."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import feedparser
import html5lib
import pytest

from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.own_links import is_page
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.jobs.refresh_archive import FEED_ITEMS, refresh_archive
from newsletter.issues.ports import ArchivePorts
from tests.core.fakes import NOW, OneByOne
from tests.issues.fakes import MemoryCache
from tests.issues.rendering_samples import ARCHIVE, NEWSLETTER, URL, rendered
from tests.issues.test_translations import ORIGINAL, RHYTHM, SLUG, TRANSLATION, Press

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ARCHIVED = ORIGINAL.replace(b"date: 2026-12-01", b"date: 2026-11-20\nsend: never")


def bilingual(slug: str = "2026-12-01-words", *, lang: str = "en", other: str = "cy") -> RenderedIssue:
    """Return an issue with a translation, sealed as publishing does."""
    code = other.lower()
    translation = rendered("Geiriau am y cartrefi.", title="Geiriau", slug=slug, lang=other, translation=code)
    return replace(rendered("Words about homes.", slug=slug, lang=lang), translations=(translation,)).sealed()


def made(*issues: RenderedIssue, **by_language: RenderedIssue) -> dict[str, str]:
    """Return the files of an archive by path."""
    others = {lang: [ShownIssue(issue)] for lang, issue in by_language.items()}
    return {
        file.path: file.body.decode()
        for file in ARCHIVE.archive([], [ShownIssue(issue) for issue in issues], [], others)
        if file.content_type != "image/png"
    }


def welsh_of(issue: RenderedIssue) -> RenderedIssue:
    return issue.translations[0]


def test_the_feeds_of_a_language_hold_its_editions_and_name_themselves() -> None:
    issue = bilingual()
    files = made(issue, cy=welsh_of(issue))

    for path in ("cy/feed.atom", "cy/feed.rss"):
        feed = feedparser.parse(files[path])
        assert not feed.bozo
        assert (feed.feed.title, feed.feed.language) == (f"{NEWSLETTER.name} (Cymraeg)", "cy")
        assert [link.href for link in feed.feed.links if link.rel == "self"] == [f"{URL}/{path}"]
        (entry,) = feed.entries
        assert (entry.title, entry.link) == ("Geiriau", f"{URL}/issues/{issue.slug}/cy/")
        assert "Geiriau am y cartrefi." in entry.content[0].value
        assert '<div lang="cy"' in files[path].replace("&lt;", "<").replace("&#34;", '"')
    feed = json.loads(files["cy/feed.json"])
    assert (feed["title"], feed["language"]) == (f"{NEWSLETTER.name} (Cymraeg)", "cy")
    assert feed["feed_url"] == f"{URL}/cy/feed.json"
    assert [(item["url"], item["language"]) for item in feed["items"]] == [(f"{URL}/issues/{issue.slug}/cy/", "cy")]
    assert all(is_page(f"/{path}") for path in files if "feed." in path)


def test_the_newsletters_own_feeds_are_what_they_were_without_the_others() -> None:
    issue = bilingual()
    alone, together = made(issue), made(issue, cy=welsh_of(issue))

    for path in ("feed.atom", "feed.rss", "feed.json"):
        assert together[path] == alone[path]
        assert "Words about homes." in alone[path]
        assert "Geiriau" not in alone[path]
    assert set(together) - set(alone) == {"cy/feed.atom", "cy/feed.rss", "cy/feed.json"}


def ids(files: dict[str, str], folder: str) -> tuple[str, str]:
    """Return the ids of a feed and of its one entry, which are the same in all formats."""
    atom = ElementTree.fromstring(files[f"{folder}feed.atom"])  # noqa: S314 - our own
    (entry,) = [each.findtext(f"{ATOM}id") or "" for each in atom.findall(f"{ATOM}entry")]
    assert feedparser.parse(files[f"{folder}feed.rss"]).entries[0].id == entry
    assert json.loads(files[f"{folder}feed.json"])["items"][0]["id"] == entry
    return atom.findtext(f"{ATOM}id") or "", entry


def test_an_edition_has_an_id_of_its_own_that_outlives_its_words() -> None:
    issue = bilingual()
    reworded = replace(welsh_of(issue), title="Geiriau newydd", web_html="<p>Newydd.</p>", content_hash="")
    before, after = made(issue, cy=welsh_of(issue)), made(issue, cy=reworded)

    assert ids(before, "cy/") == ids(after, "cy/")
    assert len({*ids(before, ""), *ids(before, "cy/"), *ids(made(issue, de=welsh_of(issue)), "de/")[:1]}) == 5


def test_an_original_in_another_language_is_the_same_entry_in_the_feeds_of_that_language() -> None:
    arabic = rendered("كلمات.", title="كلمات", lang="ar")
    files = made(arabic, ar=arabic)

    assert ids(files, "")[1] == ids(files, "ar/")[1]
    assert ids(files, "")[0] != ids(files, "ar/")[0]


def test_a_word_of_ours_in_another_language_than_the_feed_says_so() -> None:
    dutch = rendered("Woorden.", title="Woorden", lang="nl")
    atom = ElementTree.fromstring(made(dutch, nl=dutch)["nl/feed.atom"])  # noqa: S314 - our own
    subtitle = atom.find(f"{ATOM}subtitle")

    assert atom.get(XML_LANG) == "nl"
    assert subtitle is not None
    assert subtitle.get(XML_LANG) == "en"


@pytest.mark.parametrize(
    ("issue", "languages"),
    [
        (rendered("Words."), set()),
        (rendered("Words.", lang="en-GB"), set()),
        (rendered("Woorden.", lang="nl"), {"nl"}),
        (bilingual(), {"cy"}),
        (bilingual(other="pt-BR"), {"pt-br"}),
        (bilingual(lang="cy", other="en"), {"cy", "en"}),
    ],
)
def test_an_issue_is_in_the_feeds_of_its_translations_and_of_its_own_language_if_that_is_another(
    issue: RenderedIssue, languages: set[str]
) -> None:
    assert ARCHIVE.feed_languages(issue) == languages


def feeds_of(page: bytes) -> list[tuple[str | None, str | None]]:
    """Return language and address of the feeds that the head of a page names."""
    document = html5lib.parse(page, namespaceHTMLElements=False)
    links = [link for link in document.iter("link") if "feed" in link.get("type", "") + link.get("href", "")]
    return [(link.get("hreflang"), link.get("href")) for link in links]


def test_a_page_names_the_feeds_of_its_language_in_its_head_and_at_its_foot() -> None:
    issue = bilingual()
    english = ARCHIVE.issue_page(ShownIssue(issue)).body
    (welsh,) = [page.body for page in ARCHIVE.translated_pages(ShownIssue(issue)) if page.path.endswith(".html")]

    names = ("feed.atom", "feed.rss", "feed.json")
    assert feeds_of(english) == [(None, f"/{name}") for name in names]
    assert feeds_of(welsh) == [("cy", f"/cy/{name}") for name in names]
    assert re.findall(r'<a href="([^"]*feed[^"]*)"', welsh.decode()) == [f"/cy/{name}" for name in names]


def test_the_home_page_and_the_form_in_a_language_name_its_feed_once_there_is_one() -> None:
    issue = bilingual()
    without, together = made(issue), made(issue, cy=welsh_of(issue))

    assert ("cy", "/cy/feed.atom") in feeds_of(together["index.html"].encode())
    assert (None, "/feed.atom") in feeds_of(together["index.html"].encode())
    assert "/cy/feed" not in without["index.html"] + without["subscribe/cy/index.html"]
    assert ("cy", "/cy/feed.rss") in feeds_of(together["subscribe/cy/index.html"].encode())
    assert ("cy", "/cy/feed.rss") in feeds_of(together["subscribe/thanks/cy/index.html"].encode())
    assert (None, "/feed.rss") in feeds_of(together["subscribe/de/index.html"].encode())


class Site(Press):
    """The issue in the archive, and what a refresh of its site makes of it."""

    def __init__(self, **files: bytes) -> None:
        super().__init__(**files)
        self.cache = MemoryCache()
        self.archive_ports = ArchivePorts(
            self.content, self.issues, self.site, ARCHIVE, self.cache, self.files, False, OneByOne()
        )

    def refresh(self, slug: str = SLUG) -> None:
        refresh_archive(slug, ports=self.archive_ports, rhythm=RHYTHM, now=NOW)

    def publish(self) -> None:
        self.look()
        self.refresh()

    def titles(self, path: str) -> list[str]:
        return [item["title"] for item in json.loads(self.site.files[path].body)["items"]]

    @property
    def forgotten(self) -> set[str]:
        return set(self.cache.forgotten[-1])


WELSH_FEEDS = {"cy/feed.atom", "cy/feed.rss", "cy/feed.json"}


def test_a_hold_and_a_withdrawal_empty_the_feeds_of_every_language_and_a_release_fills_them() -> None:
    press = Site(original=ARCHIVED, cy=TRANSLATION)
    press.publish()
    assert press.titles("cy/feed.json") == ["Cartrefi i bawb"]
    assert press.titles("feed.json") == ["Homes for all"]

    changes: list[dict[str, Any]] = [{"held": True}, {"held": False}, {"withdrawn": True}]
    for change in changes:
        press.issues.by_slug[SLUG] = replace(press.record, **change)
        press.refresh()

        titles = ["Cartrefi i bawb"] if change == {"held": False} else []
        assert press.titles("cy/feed.json") == titles
        assert ("Cartrefi" in press.site.files["cy/feed.atom"].body.decode()) == bool(titles)
        assert not feedparser.parse(press.site.files["cy/feed.atom"].body).bozo
        assert press.forgotten >= WELSH_FEEDS


def test_the_feeds_of_a_language_outlast_its_last_translation() -> None:
    press = Site(original=ARCHIVED, cy=TRANSLATION)
    press.publish()
    del press.content.objects[f"issues/{SLUG}.cy.md"]
    press.publish()

    assert press.titles("cy/feed.json") == []
    assert press.titles("feed.json") == ["Homes for all"]
    assert press.forgotten >= WELSH_FEEDS

    press.put("cy", TRANSLATION)
    press.publish()
    assert press.titles("cy/feed.json") == ["Cartrefi i bawb"]


def test_an_issue_in_one_language_makes_no_feeds_beside_the_newsletters_own() -> None:
    press = Site(original=ARCHIVED)
    press.publish()

    assert not [path for path in press.site.files if "/feed." in path]


def test_nothing_stands_in_the_feeds_of_a_language_before_it_is_public() -> None:
    press = Site(original=ORIGINAL, cy=TRANSLATION)  # ready, and to be sent
    press.publish()

    assert not [path for path in press.site.files if "/feed." in path]


def test_the_feeds_of_a_language_hold_the_newest_issues_that_have_it_however_many_have_not() -> None:
    press = Site(original=ARCHIVED, cy=TRANSLATION)
    press.publish()
    record = press.record
    for number in range(FEED_ITEMS + 5):
        slug = f"later-{number:02}"
        later = rendered("Later.", slug=slug, title=slug, date=datetime.date(2026, 11, 21)).sealed()
        press.content.put_rendered(later)
        fields: dict[str, Any] = {"title": slug, "date": later.date, "translated_into": (), "once_translated_into": ()}
        content: dict[str, Any] = {"content_hash": later.content_hash, "cleared": later.content_hash}
        press.issues.by_slug[slug] = replace(record, slug=slug, shown=later.date, listed=True, **fields, **content)
    press.refresh()

    assert len(press.titles("feed.json")) == FEED_ITEMS
    assert "Homes for all" not in press.titles("feed.json")
    assert press.titles("cy/feed.json") == ["Cartrefi i bawb"]


def test_a_corrected_edition_says_so_in_the_feeds_of_its_language() -> None:
    issue = bilingual()
    corrected = ShownIssue(welsh_of(issue), datetime.datetime(2026, 12, 3, 10, 30, tzinfo=datetime.UTC))
    files = {
        file.path: file.body.decode()
        for file in ARCHIVE.archive([], [], [], {"cy": [corrected]})
        if file.path.startswith("cy/")
    }

    (item,) = json.loads(files["cy/feed.json"])["items"]
    assert item["date_modified"] == "2026-12-03T10:30:00Z"
    assert "Cywirwyd" in item["content_html"]
    assert "<updated>2026-12-03T10:30:00Z</updated>" in files["cy/feed.atom"]


def test_the_fingerprint_on_the_page_of_a_translation_is_that_of_a_file_that_holds_its_text() -> None:
    issue = bilingual()
    reworded = replace(issue, translations=(replace(welsh_of(issue), web_html="<p>Geiriau eraill.</p>"),)).sealed()

    for each in (issue, reworded):
        shown = ShownIssue(each, sent_hash=each.content_hash)
        (page,) = [file for file in ARCHIVE.translated_pages(shown) if file.path.endswith(".html")]
        sealed_file = ARCHIVE.sealed_file(shown)
        assert sealed_file is not None
        (fingerprint,) = re.findall(r"<code>([0-9a-f]{64})</code>", page.body.decode())
        assert hashlib.sha256(sealed_file.body).hexdigest() == fingerprint
        assert f'href="/{sealed_file.path}"' in page.body.decode()
        (text,) = [edition["web_html"] for edition in json.loads(sealed_file.body)["translations"]]
        assert text in page.body.decode()
    assert issue.content_hash != reworded.content_hash
