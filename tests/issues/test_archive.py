import datetime
import json
import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import html5lib
import pytest

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.house_style import HouseStyle
from newsletter.core.language import NAMES
from newsletter.core.site_file import SiteFile
from newsletter.issues.archive.archive import Archive
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import ShownIssue
from newsletter.reports.domain.report_words import FILTERS
from newsletter.web.jinja import Templates
from tests.issues.rendering_samples import ARCHIVE, NEWSLETTER, ROOT, TEMPLATES, URL, rendered, sample

CORRECTED_AT = datetime.datetime(2026, 12, 3, 10, 30, tzinfo=datetime.UTC)


def entry(year: int, month: int, title: str = "An issue") -> ArchiveEntry:
    return ArchiveEntry(f"{year}-{month:02}-issue", title, "A summary.", datetime.date(year, month, 3))


def files() -> dict[str, SiteFile]:
    issue = sample()
    hostile = rendered("Words & <b>more</b> {{x}}.", title='<A> & {{B}} "C"', author="D & E", topics=("f & g",))
    entries = [ArchiveEntry.of(issue), ArchiveEntry.of(hostile), entry(2025, 12), entry(2025, 11)]
    recent = [ShownIssue(issue), ShownIssue(hostile, corrected_at=CORRECTED_AT)]
    made = [
        *ARCHIVE.archive(entries, recent, [2026, 2025]),
        *ARCHIVE.year(2026, [issue, hostile], [2026, 2025]),
        ARCHIVE.issue_page(ShownIssue(issue, CORRECTED_AT, "0" * 64), older=entries[1], newer=entries[2]),
    ]
    return {file.path: file for file in made}


OTHERS = sorted(set(NAMES) - {"en"})


def text(path: str) -> str:
    return files()[path].body.decode()


PAGES = sorted(path for path, file in files().items() if file.content_type.startswith("text/html"))


def test_the_archive_is_made_of_these_files() -> None:
    assert sorted(re.sub("-[0-9a-f]{12}", "-HASH", path) for path in files()) == sorted(
        [
            "404.html",
            "archive/2026/index.html",
            "busy.html",
            "feed.atom",
            "feed.json",
            "feed.rss",
            "icon.svg",
            "index.html",
            "issues/2026-12-01-more-for-more/index.html",
            "robots.txt",
            "search-HASH.js",
            "search/2026.json",
            "search/index.html",
            "sign-up-HASH.js",
            "sign-up.js",
            "sitemap-2026.xml",
            "sitemap.xml",
            "style-HASH.css",
            *(f"subscribe/{lang}/index.html" for lang in OTHERS),
            "subscribe/index.html",
            *(f"subscribe/thanks/{lang}/index.html" for lang in OTHERS),
            "subscribe/thanks/index.html",
            "verify/index.html",
        ]
    )


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

    scripts = [
        script.get("src", "") for script in document.iter("script") if script.get("type") != "application/ld+json"
    ]
    needed = ["/search" if form.get("role") == "search" else "/sign-up" for form in document.iter("form")]
    assert [re.sub(r"-[0-9a-f]{12}\.js$", "", address) for address in scripts] == needed
    assert all(address.lstrip("/") in files() for address in scripts)
    loaded = [link.get("href") for link in document.iter("link") if link.get("rel") in ("stylesheet", "icon")]
    loaded += [image.get("src") for image in document.iter("img")]
    assert all(urlsplit(address).netloc in ("", urlsplit(URL).netloc) for address in loaded)
    assert not [element for element in document.iter() if element.get("style") or element.tag == "style"]


@pytest.mark.parametrize("path", PAGES)
def test_no_heading_level_is_left_out(path: str) -> None:
    document = html5lib.parse(text(path), namespaceHTMLElements=False)
    levels = [int(e.tag[1]) for e in document.iter() if e.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]

    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_the_list_is_newest_first_with_dates_and_summaries_and_leads_to_the_years() -> None:
    index = text("index.html")

    assert index.index("3 December 2025") < index.index("3 November 2025")
    assert '<a href="/issues/2026-12-01-more-for-more/">More for more</a>' in index
    assert "Four councils let residents" in index
    assert index.index('<a href="/archive/2026/">2026</a>') < index.index('<a href="/archive/2025/">2025</a>')


def test_the_home_page_does_not_grow_with_the_archive() -> None:
    entries = [entry(2000 + number // 12, number % 12 + 1) for number in range(100, 0, -1)]
    made = {file.path: file.body.decode() for file in ARCHIVE.archive(entries, [], [2008])}

    assert made["index.html"].count('<a href="/issues/') == 20
    assert made["sitemap.xml"].count("<lastmod>") == 100


def test_the_page_of_a_year_leads_to_the_years_beside_it() -> None:
    pages = {file.path: file.body.decode() for file in ARCHIVE.year(2024, [sample()], [2026, 2024, 2019])}
    page = pages["archive/2024/index.html"]

    assert '<a rel="prev" href="/archive/2019/">' in page
    assert '<a rel="next" href="/archive/2026/">' in page
    assert f"<loc>{URL}/issues/2026-12-01-more-for-more/</loc>" in pages["sitemap-2024.xml"]


def test_an_issue_page_leads_to_its_neighbours_and_says_when_it_was_corrected() -> None:
    page = text("issues/2026-12-01-more-for-more/index.html")

    assert '<a rel="prev" href="/issues/2026-12-01-words/">' in page
    assert '<a rel="next" href="/issues/2025-12-issue/">' in page
    assert "Corrected on 3 December 2026, after the issue was sent." in page
    assert '"dateModified": "2026-12-03T10:30:00+00:00"' in page


def test_a_new_house_style_is_at_once_on_the_pages_that_no_issue_changes() -> None:
    style = HouseStyle()
    templates = Templates(ROOT / "templates", FILTERS, current_style=lambda: style)
    archive = Archive(templates, NEWSLETTER, URL, feed_namespace="the stack of the tests")

    def subscribe() -> str:
        return next(each.body.decode() for each in archive.archive([], [], []) if each.path == "subscribe/index.html")

    before = subscribe()
    style = HouseStyle(brand={"postal_address": "9 New Street"})
    assert subscribe() == before, "until it is taken over, all pages look alike"
    templates.refresh()

    assert "9 New Street" not in before
    assert "9 New Street" in subscribe()


def test_an_archive_without_issues_says_so_and_still_has_feeds() -> None:
    empty = {file.path: file.body.decode() for file in ARCHIVE.archive([], [], [])}

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
    assert set(fields) == {"source", "lang", "form", "email", "name", "reference"}
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
    assert links == {other: f"/subscribe/{'' if other == 'en' else f'{other}/'}" for other in NAMES if other != lang}
    assert f'href="/subscribe/{lang}/"' in text(f"subscribe/thanks/{lang}/index.html")


def test_an_issue_page_tells_machines_what_it_is() -> None:
    page = text("issues/2026-12-01-more-for-more/index.html")
    document = html5lib.parse(page, namespaceHTMLElements=False)
    facts = json.loads(document.findtext(".//script") or "")
    url = f"{URL}/issues/2026-12-01-more-for-more/"

    assert f'<link rel="canonical" href="{url}">' in page
    assert f'<meta property="og:url" content="{url}">' in page
    assert f'<meta property="og:image" content="{URL}/{sample().pictures[0].path}">' in page
    assert facts["headline"] == "More for more"
    assert facts["datePublished"] == "2026-12-01"
    assert facts["publisher"]["name"] == NEWSLETTER.name


@pytest.mark.parametrize(
    ("author", "kind", "name"),
    [
        ("Ada Lovelace", "Person", "Ada Lovelace"),
        ("", "Organization", NEWSLETTER.name),
        (NEWSLETTER.name.upper(), "Organization", NEWSLETTER.name),
        ("Institute for Public Life", "Organization", "Institute for Public Life"),
    ],
)
def test_machines_read_that_an_organisation_wrote_it_unless_a_person_is_named(
    author: str, kind: str, name: str
) -> None:
    page = ARCHIVE.issue_page(ShownIssue(rendered("Words.", author=author))).body.decode()
    document = html5lib.parse(page, namespaceHTMLElements=False)

    facts = json.loads(document.findtext(".//script") or "")
    assert (facts["author"]["@type"], facts["author"]["name"]) == (kind, name)


def test_what_stands_around_an_issue_is_in_its_language_if_we_have_the_words() -> None:
    welsh = ARCHIVE.issue_page(ShownIssue(rendered("Geiriau.", lang="cy"))).body.decode()
    arabic = ARCHIVE.issue_page(ShownIssue(rendered("كلمات.", lang="ar"))).body.decode()
    persian = ARCHIVE.issue_page(ShownIssue(rendered("واژه‌ها.", lang="fa"))).body.decode()

    assert '<html lang="cy" dir="ltr">' in welsh
    assert "1 Rhagfyr 2026" in welsh
    assert '<html lang="ar" dir="rtl">' in arabic
    assert '<article lang="ar" dir="rtl">' in arabic
    assert "1 ديسمبر 2026" in arabic
    assert '<html lang="en" dir="ltr">' in persian
    assert '<article lang="fa" dir="rtl">' in persian
    assert '<p class="date" lang="en" dir="ltr">' in persian


def test_a_feed_says_which_way_an_issue_is_written() -> None:
    arabic, english = (ShownIssue(rendered(text, lang=lang)) for text, lang in (("كلمات.", "ar"), ("Words.", "en")))
    written = {file.path: file.body.decode() for file in ARCHIVE.archive([], [arabic, english], [2026])}

    items = json.loads(written["feed.json"])["items"]
    assert items[0]["content_html"] == f'<div lang="ar" dir="rtl">\n{arabic.rendered.web_html}\n</div>'
    assert items[1]["content_html"] == english.rendered.web_html
    assert all("&lt;div lang=&#34;ar&#34; dir=&#34;rtl&#34;&gt;" in written[name] for name in ("feed.atom", "feed.rss"))


def test_an_issue_is_read_without_a_script() -> None:
    """What is in JSON-LD is data, which no browser runs; the script of the form comes last, and only helps the form."""
    page = ARCHIVE.issue_page(ShownIssue(rendered("Words."))).body.decode()
    document = html5lib.parse(page, namespaceHTMLElements=False)
    article = document.find(".//article")

    scripts = {f"/{path}" for path in files() if path.startswith("sign-up-")}
    data, helper = document.iter("script")
    assert data.get("type") == "application/ld+json"
    assert (helper.get("src"), helper.get("defer"), helper.text) == (scripts.pop(), "", None)
    assert article is not None
    assert list(article.iter("script")) == []
    assert not [name for element in document.iter() for name in element.attrib if name.startswith("on")]
    assert "javascript:" not in page


def test_facts_cannot_close_their_own_element() -> None:
    page = ARCHIVE.issue_page(ShownIssue(rendered("Words.", title="</script><script>alert(1)"))).body.decode()

    assert "</script><script>" not in page


def test_a_preview_may_not_be_found_by_search_engines() -> None:
    assert b'content="noindex"' not in ARCHIVE.issue_page(ShownIssue(sample())).body
    assert b'content="noindex"' in ARCHIVE.preview_page(ShownIssue(sample()), "Not yet.").body


def test_a_wide_table_can_be_scrolled_by_keyboard() -> None:
    page = text("issues/2026-12-01-more-for-more/index.html")

    assert '<div class="wide" role="region" aria-label="Table 1" tabindex="0"><table>' in page


@pytest.mark.parametrize("path", ["feed.atom", "feed.rss"])
def test_a_feed_reader_reads_the_feed(path: str) -> None:
    feed = feedparser.parse(files()[path].body)

    assert not feed.bozo
    assert feed.feed.title == NEWSLETTER.name
    first, second = feed.entries
    assert first.link == f"{URL}/issues/2026-12-01-more-for-more/"
    assert first.id == "urn:uuid:471c2e4c-788a-54ff-a641-8d006d629ac3"
    assert first.updated_parsed[:3] == (2026, 12, 1) if path == "feed.atom" else "updated" not in first
    assert second.updated_parsed[:5] == (2026, 12, 3, 10, 30)
    assert "<em>Corrected on 3 December 2026, after the issue was sent.</em>" in second.content[0].value
    assert first.published_parsed[:3] == (2026, 12, 1)
    assert "Hello there," in first.content[0].value
    assert sample().pictures[0].path in first.content[0].value
    assert second.title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == '<A> & {{B}} "C"'
    assert "{{x}}" in second.content[0].value


def test_the_json_feed_follows_version_1_1() -> None:
    feed = json.loads(text("feed.json"))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{URL}/feed.json"
    assert [item["url"] for item in feed["items"]] == [
        f"{URL}/issues/2026-12-01-more-for-more/",
        f"{URL}/issues/2026-12-01-words/",
    ]
    assert feed["items"][1]["title"] == '<A> & {{B}} "C"'
    assert feed["items"][0]["date_published"] == feed["items"][0]["date_modified"] == "2026-12-01T00:00:00Z"
    assert feed["items"][1]["date_modified"] == "2026-12-03T10:30:00Z"
    assert "Corrected on" in feed["items"][1]["content_html"]


def test_an_issue_keeps_its_id_when_address_and_name_change() -> None:
    renamed = replace(NEWSLETTER, name="Another name", sender_email="a@elsewhere.example")
    moved = Archive(TEMPLATES, renamed, "https://elsewhere.example", feed_namespace="the stack of the tests")
    recent = [ShownIssue(sample())]

    def ids(archive: Archive) -> set[str]:
        made = {file.path: file.body for file in archive.archive([], recent, [])}
        atom, rss = feedparser.parse(made["feed.atom"]), feedparser.parse(made["feed.rss"])
        return {atom.entries[0].id, rss.entries[0].id, json.loads(made["feed.json"])["items"][0]["id"]}

    assert ids(moved) == ids(ARCHIVE)
    assert len(ids(ARCHIVE)) == 1


ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_the_atom_feed_keeps_the_rules_of_rfc_4287() -> None:
    feed = ElementTree.fromstring(files()["feed.atom"].body)  # noqa: S314 - our own

    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
        assert RFC_3339.fullmatch(element.findtext(f"{ATOM}updated") or "")
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id") or "")
        for link in element.findall(f"{ATOM}link"):
            assert urlsplit(link.get("href", "")).scheme == "https"
    assert feed.findtext(f"{ATOM}updated") == max(
        entry.findtext(f"{ATOM}updated") or "" for entry in feed.iter(f"{ATOM}entry")
    )
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None  # so no entry needs one
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")].count("self") == 1
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == 2


def test_the_rss_feed_keeps_the_rules_of_rss_2_0() -> None:
    feed = ElementTree.fromstring(files()["feed.rss"].body)  # noqa: S314 - our own
    channel = feed.find("channel")

    assert (feed.tag, feed.get("version")) == ("rss", "2.0")
    assert channel is not None
    for name in ("title", "link", "description"):
        assert channel.findtext(name), name
    for item in channel.findall("item"):
        guid = item.find("guid")
        assert item.findtext("title")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        assert parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo is not None
        assert urlsplit(item.findtext("link") or "").scheme == "https"


def test_the_json_feed_holds_what_it_must_and_nothing_it_must_not() -> None:
    feed = json.loads(text("feed.json"))

    assert {"version", "title", "items"} <= set(feed)
    allowed = {
        "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
        "date_published", "date_modified", "authors", "tags", "language", "attachments",
    }  # fmt: skip
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_html"]
        assert set(item) <= allowed
        assert RFC_3339.fullmatch(item["date_published"])


def test_every_address_in_a_feed_is_absolute() -> None:
    for item in json.loads(text("feed.json"))["items"]:
        document = html5lib.parseFragment(item["content_html"], namespaceHTMLElements=False)
        for element in document.iter():
            address = element.get("href") or element.get("src")
            assert address is None or urlsplit(address).scheme in ("https", "mailto")


def test_the_map_names_the_newest_issues_and_robots_all_maps() -> None:
    sitemap = text("sitemap.xml")

    assert sitemap.count("<url>") == 8
    assert f"<loc>{URL}/archive/2025/</loc>" in sitemap
    assert f"<loc>{URL}/issues/2025-11-issue/</loc><lastmod>2025-11-03</lastmod>" in sitemap
    for name in ("sitemap.xml", "sitemap-2026.xml", "sitemap-2025.xml"):
        assert f"\nSitemap: {URL}/{name}\n" in text("robots.txt")


def test_pages_are_kept_for_minutes_and_what_is_named_by_its_hash_for_ever() -> None:
    assert files()["index.html"].cache_control == "public, max-age=300"
    hashed = [file for path, file in files().items() if re.search("-[0-9a-f]{12}", path)]
    assert len(hashed) == 3
    assert {file.cache_control for file in hashed} == {"public, max-age=31536000, immutable"}
    assert all(f'"/{file.path}"' in text("search/index.html") + text("index.html") for file in hashed)


def test_the_search_knows_the_words_of_title_summary_topics_headings_and_text() -> None:
    issue = rendered(
        "## Über Brücken\n\nStraße, naïve cafés, ŁÓDŹ.", title="Ponts", topics=("Ferries",), summary="Æther"
    )
    (index,) = (file for file in ARCHIVE.year(2026, [issue], [2026]) if file.path == "search/2026.json")
    (found,) = json.loads(index.body)

    assert found["path"] == "/issues/2026-12-01-words/"
    assert found["title"] == "Ponts"
    assert set(found["headings"].split()) == {"uber", "brucken", "ferries"}
    assert {"strasse", "naive", "cafes", "lodz", "aether"} <= set(found["words"].split())


def bilingual() -> RenderedIssue:
    """Return an issue with a Welsh translation."""
    welsh = rendered("Geiriau am y cartrefi.", title="Geiriau", lang="cy", translation="cy")
    return replace(rendered("Words about homes."), translations=(welsh,))


def test_an_issue_in_two_languages_has_a_page_in_each_and_each_names_both() -> None:
    original = bilingual()
    english = ARCHIVE.issue_page(ShownIssue(original))
    (welsh,) = [page for page in ARCHIVE.translated_pages(ShownIssue(original)) if page.path.endswith(".html")]

    assert english.path == f"issues/{original.slug}/index.html"
    assert welsh.path == f"issues/{original.slug}/cy/index.html"
    for page in (english.body.decode(), welsh.body.decode()):
        for lang, address in (
            ("en", f"{URL}/issues/{original.slug}/"),
            ("cy", f"{URL}/issues/{original.slug}/cy/"),
            ("x-default", f"{URL}/issues/{original.slug}/"),
        ):
            assert page.count(f'<link rel="alternate" hreflang="{lang}" href="{address}">') == 1
    assert f'href="/issues/{original.slug}/cy/">Cymraeg</a>' in english.body.decode()
    assert f'href="/issues/{original.slug}/">English</a>' in welsh.body.decode()
    assert '<html lang="cy"' in welsh.body.decode()
    assert '"inLanguage": "cy"' in welsh.body.decode()
    assert f'<link rel="canonical" href="{URL}/issues/{original.slug}/cy/">' in welsh.body.decode()


def test_a_preview_leads_to_the_preview_of_the_other_language() -> None:
    original = bilingual()
    english = ARCHIVE.preview_page(ShownIssue(original), "Not yet.").body.decode()
    welsh = ARCHIVE.preview_page(ShownIssue(original), "Not yet.", lang="cy").body.decode()

    assert 'href="?lang=cy">Cymraeg</a>' in english
    assert 'href="?lang=en">English</a>' in welsh
    assert "Geiriau am y cartrefi." in welsh


def test_an_issue_in_one_language_names_no_other() -> None:
    page = ARCHIVE.issue_page(ShownIssue(rendered("Words."))).body.decode()

    assert "hreflang" not in page
    assert "Also in" not in page
    assert ARCHIVE.translated_pages(ShownIssue(rendered("Words."))) == []


def test_map_and_search_know_every_language_of_an_issue() -> None:
    original = bilingual()
    files = {file.path: file.body.decode() for file in ARCHIVE.year(2026, [original], [2026])}

    entries = json.loads(files["search/2026.json"])
    assert [(each["lang"], each["path"]) for each in entries] == [
        ("en", f"/issues/{original.slug}/"),
        ("cy", f"/issues/{original.slug}/cy/"),
    ]
    tree = ElementTree.fromstring(files["sitemap-2026.xml"])  # noqa: S314 - our own
    places = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    assert [url.findtext("s:loc", namespaces=places) for url in tree.findall("s:url", places)] == [
        f"{URL}/issues/{original.slug}/",
        f"{URL}/issues/{original.slug}/cy/",
    ]
    for url in tree.findall("s:url", places):
        assert [link.get("hreflang") for link in url.findall("x:link", places)] == ["en", "cy"]
