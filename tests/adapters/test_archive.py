import datetime
import json
from urllib.parse import urlsplit

import feedparser
import html5lib
import pytest

from newsletter.domain.language import LANGUAGES
from newsletter.domain.site import ArchiveEntry, SiteFile
from tests.adapters.rendering_samples import ARCHIVE, NEWSLETTER, URL, rendered, sample


def entry(year: int, month: int, title: str = "An issue") -> ArchiveEntry:
    return ArchiveEntry(f"{year}-{month:02}-issue", title, "A summary.", datetime.date(year, month, 3))


def files() -> dict[str, SiteFile]:
    issue = sample()
    hostile = rendered("Words & <b>more</b> {{x}}.", title='<A> & {{B}} "C"', author="D & E", topics=("f & g",))
    entries = [ArchiveEntry.of(issue), ArchiveEntry.of(hostile), entry(2025, 12), entry(2025, 11)]
    made = [*ARCHIVE.archive(entries, [issue, hostile]), ARCHIVE.issue_page(issue, listed=True)]
    return {file.path: file for file in made}


OTHERS = sorted(set(LANGUAGES) - {"en"})


def text(path: str) -> str:
    return files()[path].body.decode()


PAGES = sorted(path for path, file in files().items() if file.content_type.startswith("text/html"))


def test_the_archive_is_made_of_these_files() -> None:
    assert sorted(files()) == [
        "404.html",
        "feed.atom",
        "feed.json",
        "feed.rss",
        "icon.svg",
        "index.html",
        "issues/2026-12-01-more-for-more/index.html",
        "robots.txt",
        "sign-up.js",
        "sitemap.xml",
        "style.css",
        *(f"subscribe/{lang}/index.html" for lang in OTHERS),
        "subscribe/index.html",
        *(f"subscribe/thanks/{lang}/index.html" for lang in OTHERS),
        "subscribe/thanks/index.html",
    ]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_strictly_well_formed(path: str) -> None:
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text(path))

    assert document.get("lang") == next((lang for lang in OTHERS if f"/{lang}/" in path), "en")
    assert document.findtext("head/title")
    assert len(document.findall(".//h1")) == 1
    assert len(document.findall(".//main")) == 1
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", PAGES)
def test_no_page_loads_more_than_the_script_of_its_form_or_asks_anybody_else_for_anything(path: str) -> None:
    document = html5lib.parse(text(path), namespaceHTMLElements=False)

    scripts = [script.get("src") for script in document.iter("script") if script.get("type") != "application/ld+json"]
    assert [urlsplit(address).path for address in scripts] == ["/sign-up.js"] * len(list(document.iter("form")))
    loaded = [link.get("href") for link in document.iter("link") if link.get("rel") in ("stylesheet", "icon")]
    loaded += [image.get("src") for image in document.iter("img")]
    assert all(urlsplit(address).netloc in ("", urlsplit(URL).netloc) for address in loaded)
    assert not [element for element in document.iter() if element.get("style") or element.tag == "style"]


@pytest.mark.parametrize("path", PAGES)
def test_no_heading_level_is_left_out(path: str) -> None:
    document = html5lib.parse(text(path), namespaceHTMLElements=False)
    levels = [int(e.tag[1]) for e in document.iter() if e.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]

    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_the_list_is_by_year_newest_first_with_dates_and_summaries() -> None:
    index = text("index.html")

    assert index.index(">2026</h3>") < index.index(">2025</h3>")
    assert index.count("</h3>") == 2
    assert index.index("3 December 2025") < index.index("3 November 2025")
    assert '<a href="/issues/2026-12-01-more-for-more/">More for more</a>' in index
    assert "Four councils let residents" in index


def test_an_archive_without_issues_says_so_and_still_has_feeds() -> None:
    empty = {file.path: file.body.decode() for file in ARCHIVE.archive([], [])}

    assert "The first issue is on its way" in empty["index.html"]
    assert not feedparser.parse(empty["feed.atom"]).bozo


@pytest.mark.parametrize("path", ["index.html", "subscribe/index.html", "issues/2026-12-01-more-for-more/index.html"])
def test_the_form_asks_for_an_address_and_sets_a_trap(path: str) -> None:
    document = html5lib.parse(text(path), namespaceHTMLElements=False)
    form = document.find(".//form")

    assert form is not None
    assert (form.get("method"), form.get("action")) == ("post", "/subscriptions")
    assert form.findtext(".//legend") == "Please send me the fortnightly briefing"
    fields = {field.get("name"): field for field in form.iter("input")}
    assert set(fields) == {"source", "lang", "email", "name", "reference"}
    assert fields["email"].get("type") == "email"
    assert fields["reference"].get("tabindex") == "-1"
    assert len(list(form.iter("button"))) == 1
    labelled = {label.get("for") for label in form.iter("label")}
    assert {fields["email"].get("id"), fields["name"].get("id")} <= labelled


@pytest.mark.parametrize("lang", OTHERS)
def test_one_can_sign_up_in_every_language_and_change_it(lang: str) -> None:
    document = html5lib.parse(text(f"subscribe/{lang}/index.html"), namespaceHTMLElements=False)
    form = document.find(".//form")

    assert form is not None
    assert {field.get("name"): field.get("value") for field in form.iter("input")}["lang"] == lang
    links = {link.get("hreflang"): link.get("href") for link in document.iter("a") if link.get("hreflang")}
    assert links == {
        other: f"/subscribe/{'' if other == 'en' else f'{other}/'}" for other in LANGUAGES if other != lang
    }
    assert f'href="/subscribe/{lang}/"' in text(f"subscribe/thanks/{lang}/index.html")


def test_an_issue_page_tells_machines_what_it_is() -> None:
    page = text("issues/2026-12-01-more-for-more/index.html")
    document = html5lib.parse(page, namespaceHTMLElements=False)
    facts = json.loads(document.findtext(".//script") or "")
    url = f"{URL}/issues/2026-12-01-more-for-more/"

    assert f'<link rel="canonical" href="{url}">' in page
    assert f'<meta property="og:url" content="{url}">' in page
    assert f'<meta property="og:image" content="{url}services-planned-together.png">' in page
    assert facts["headline"] == "More for more"
    assert facts["datePublished"] == "2026-12-01"
    assert facts["publisher"]["name"] == NEWSLETTER.name


def test_facts_cannot_close_their_own_element() -> None:
    page = ARCHIVE.issue_page(rendered("Words.", title="</script><script>alert(1)"), listed=True).body.decode()

    assert "</script><script>" not in page


def test_only_a_listed_issue_may_be_found_by_search_engines() -> None:
    assert b'content="noindex"' not in ARCHIVE.issue_page(sample(), listed=True).body
    assert b'content="noindex"' in ARCHIVE.issue_page(sample(), listed=False).body


def test_a_wide_table_can_be_scrolled_by_keyboard() -> None:
    page = text("issues/2026-12-01-more-for-more/index.html")

    assert '<div class="wide" role="region" aria-label="Table 1" tabindex="0"><table>' in page


@pytest.mark.parametrize("path", ["feed.atom", "feed.rss"])
def test_a_feed_reader_reads_the_feed(path: str) -> None:
    feed = feedparser.parse(files()[path].body)

    assert not feed.bozo
    assert feed.feed.title == NEWSLETTER.name
    first, second = feed.entries
    assert first.id == first.link == f"{URL}/issues/2026-12-01-more-for-more/"
    assert first.published_parsed[:3] == (2026, 12, 1)
    assert "Hello there," in first.content[0].value
    assert "services-planned-together.png" in first.content[0].value
    assert second.title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == '<A> & {{B}} "C"'
    assert "{{x}}" in second.content[0].value


def test_the_json_feed_follows_version_1_1() -> None:
    feed = json.loads(text("feed.json"))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{URL}/feed.json"
    assert [item["id"] for item in feed["items"]] == [
        f"{URL}/issues/2026-12-01-more-for-more/",
        f"{URL}/issues/2026-12-01-words/",
    ]
    assert feed["items"][1]["title"] == '<A> & {{B}} "C"'
    assert feed["items"][0]["date_published"] == "2026-12-01T00:00:00Z"


def test_every_address_in_a_feed_is_absolute() -> None:
    for item in json.loads(text("feed.json"))["items"]:
        document = html5lib.parseFragment(item["content_html"], namespaceHTMLElements=False)
        for element in document.iter():
            address = element.get("href") or element.get("src")
            assert address is None or urlsplit(address).scheme in ("https", "mailto")


def test_the_map_names_every_issue() -> None:
    sitemap = text("sitemap.xml")

    assert sitemap.count("<url>") == 6
    assert f"<loc>{URL}/issues/2025-11-issue/</loc><lastmod>2025-11-03</lastmod>" in sitemap


def test_pages_ask_for_the_stylesheet_by_what_it_says() -> None:
    assert "/style.css?v=" in text("index.html")
    assert "max-age=86400" in files()["style.css"].cache_control
    assert "max-age=300" in files()["index.html"].cache_control
