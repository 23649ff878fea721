"""The public archive: pages, list, feeds and map, as files for a bucket.

Nothing here looks at a clock: the same issues make the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from types import MappingProxyType

from markupsafe import Markup

from newsletter.core.archive_entry import ArchiveEntry, WithHeadline
from newsletter.core.language import NAMES
from newsletter.core.newsletter import Newsletter
from newsletter.core.site_file import SiteFile
from newsletter.issues.archive.feeds import Feeds
from newsletter.issues.archive.privacy_page import as_html
from newsletter.issues.archive.search_index import LETTERS, search_entry
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.privacy_notice import Practice
from newsletter.issues.domain.site import SOON, IssueCard, ShownIssue
from newsletter.issues.writing.narrow_screens import with_scrolling_tables
from newsletter.web.jinja import Templates

LATER = "public, max-age=86400"
"""The icon."""

FOR_EVER = "public, max-age=31536000, immutable"
"""Stylesheet and scripts: their names hold the hash of what they say, and old ones stay for old pages."""

HTML = "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"
XML = "application/xml; charset=utf-8"

NO_OTHER_LANGUAGE: Mapping[str, Sequence[ShownIssue]] = MappingProxyType({})

ON_THE_HOME_PAGE = 20
"""Issues the home page lists; it names the years for the others."""


class Archive:
    """Writes the files of the public site."""

    def __init__(
        self,
        templates: Templates,
        newsletter: Newsletter,
        public_url: str,
        *,
        feed_namespace: str,
        practice: Practice = Practice(),  # noqa: B008 - frozen
        draw: Callable[[IssueCard], bytes] | None = None,
    ) -> None:
        """Make the writer of one archive.

        Args:
            templates: The templates layer.
            newsletter: Who publishes.
            public_url: Where readers find the archive.
            feed_namespace: What the ids in the feeds hang on; whatever else changes, it must not.
            practice: What readers are told about their data.
            draw: Draws the picture of an issue that has none of its own; without it there is none.
        """
        self._templates = templates
        self._newsletter = newsletter
        self._public_url = public_url.rstrip("/")
        self._feeds = Feeds(templates, newsletter, self._public_url, namespace=feed_namespace)
        self._practice = practice
        self._draw = lru_cache(maxsize=32)(draw) if draw else None
        self._made_in: dict[str, object] = {}
        self._same_for_all: dict[frozenset[str], list[SiteFile]] = {}

    def issue_page(
        self,
        shown_issue: ShownIssue,
        *,
        older: ArchiveEntry | None = None,
        newer: ArchiveEntry | None = None,
    ) -> SiteFile:
        """Return the page of one issue."""
        return self._issue(shown_issue, shown_issue.rendered, older=older, newer=newer)

    def translated_pages(
        self, shown_issue: ShownIssue, *, older: ArchiveEntry | None = None, newer: ArchiveEntry | None = None
    ) -> list[SiteFile]:
        """Return the pages of an issue in its other languages, each behind the card that it names."""
        files: list[SiteFile] = []
        for translation in shown_issue.rendered.translations:
            shown = ShownIssue(translation, shown_issue.corrected_at, shown_issue.sent_hash)
            card = self.card(shown)
            files += [card] if card else []
            files.append(self._issue(shown, shown_issue.rendered, older=older, newer=newer))
        return files

    def card(self, shown_issue: ShownIssue) -> SiteFile | None:
        """Return the picture that is shown beside a link to an issue; none if the issue names one of its own."""
        issue = shown_issue.rendered
        if issue.image or self._draw is None:
            return None
        brand = self._templates.brand["light"]
        colours = {name: brand[name] for name in ("paper", "text", "muted", "accent")}
        day = self._templates.day(issue.date, lang=issue.lang)
        drawn = self._draw(IssueCard(issue.title, day, self._newsletter.name, **colours))
        name = f"card-{hashlib.sha256(drawn).hexdigest()[:12]}.png"
        return SiteFile(f"{issue.path}{name}", drawn, "image/png", FOR_EVER)

    def sealed_file(self, shown_issue: ShownIssue) -> SiteFile | None:
        """Return what the hash of an issue is made of, so that readers can make it again.

        There is none of what was never mailed, nor of what an earlier release sealed with other fields.
        """
        issue, sealed = shown_issue.rendered, shown_issue.rendered.to_seal()
        if not shown_issue.sent_hash or hashlib.sha256(sealed).hexdigest() != issue.content_hash:
            return None
        return SiteFile(f"issues/{issue.slug}/issue.json", sealed, "application/json; charset=utf-8", SOON)

    def preview_page(self, shown_issue: ShownIssue, sentence: str, *, lang: str = "") -> SiteFile:
        """Return the page of an issue that is not public, below a banner with this sentence; no site keeps it."""
        original = shown_issue.rendered
        shown = ShownIssue(original.in_language(lang), shown_issue.corrected_at)
        return self._issue(shown, original, preview_sentence=sentence)

    def _issue(
        self,
        shown_issue: ShownIssue,
        original: RenderedIssue,
        *,
        older: ArchiveEntry | None = None,
        newer: ArchiveEntry | None = None,
        preview_sentence: str = "",
    ) -> SiteFile:
        rendered = shown_issue.rendered
        body = self._render(
            "site/issue.html",
            rendered.lang,
            issue=rendered,
            article=Markup(self._with_scrolling(rendered)),  # noqa: S704 - cleaned by nh3
            url=self._address_of(rendered),
            corrected_at=shown_issue.corrected_at,
            facts=self._facts(shown_issue),
            editions=original.editions if original.translations else (),
            feed_language=self._feeds.language_of(rendered.lang, translation=bool(rendered.translation)),
            languages=NAMES,
            older=older,
            newer=newer,
            preview_sentence=preview_sentence,
            card=None if preview_sentence else self.card(shown_issue),
            sent_hash=shown_issue.sent_hash,
            shown_hash=original.content_hash,
            sealed_file=self.sealed_file(ShownIssue(original, sent_hash=shown_issue.sent_hash)),
        )
        return _file(f"{rendered.path}index.html", body, HTML)

    def year(self, year: int, listed_issues: Sequence[RenderedIssue], years: Sequence[int]) -> list[SiteFile]:
        """Return the files of one year: its page, its map, and what the search reads.

        Args:
            year: Which one.
            listed_issues: Those of the year that are in the archive, newest first.
            years: All years that have issues, newest first.
        """
        entries = [ArchiveEntry.of(issue) for issue in listed_issues]
        before = next((each for each in years if each < year), 0)
        after = next((each for each in reversed(years) if each > year), 0)
        page = self._render("site/year.html", year=year, entries=entries, before=before, after=after)
        editions = [edition for issue in listed_issues for edition in issue.editions]
        found = [search_entry(each, self._templates.day(each.date)) for each in editions]
        index = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        return [
            _file(f"archive/{year}/index.html", page, HTML),
            _file(f"sitemap-{year}.xml", self._render("site/sitemap.xml", pages=(), entries=entries), XML),
            _file(f"search/{year}.json", index, "application/json; charset=utf-8"),
        ]

    def privacy(self, privacy_notice: str) -> SiteFile:
        """Return the page of the privacy notice; an empty one gives ours, which is in English."""
        words = privacy_notice or self.our_notice
        body = self._render("site/privacy.html", notice=Markup(as_html(words)), own=bool(privacy_notice))  # noqa: S704 - no HTML in it
        return _file("privacy/index.html", body, HTML)

    @property
    def our_notice(self) -> str:
        """The privacy notice that we bring along, as Markdown: about what this stack does."""
        return self._render("site/privacy_notice.md")

    def feed_languages(self, headline: WithHeadline) -> frozenset[str]:
        """Return the languages, in small letters, whose own feeds hold this issue."""
        return self._feeds.languages(headline)

    def archive(
        self,
        newest: Sequence[ArchiveEntry],
        recent: Sequence[ShownIssue],
        years: Sequence[int],
        recent_by_language: Mapping[str, Sequence[ShownIssue]] = NO_OTHER_LANGUAGE,
    ) -> list[SiteFile]:
        """Return every file that belongs to no issue and no year; what pages need comes before them.

        Args:
            newest: The newest issues, for the home page and the map, newest first.
            recent: The newest of them with their text, for the feeds, newest first.
            years: All years that have issues, newest first.
            recent_by_language: The newest editions in each language that has feeds beside the newsletter's own.
        """
        home = self._render(
            "site/index.html",
            entries=newest[:ON_THE_HOME_PAGE],
            years=years,
            feed_names={lang: NAMES.get(lang.partition("-")[0], lang) for lang in recent_by_language},
        )
        folds = json.dumps(LETTERS, ensure_ascii=False)
        pages = ["", "subscribe/", *(f"archive/{year}/" for year in years)]
        return [
            *self._without_issues(frozenset(recent_by_language)),
            _file("search/index.html", self._render("site/search.html", years=years, folds=folds), HTML),
            _file("index.html", home, HTML),
            *self._feeds.written(recent),
            *(
                file
                for lang, editions in recent_by_language.items()
                for file in self._feeds.written(editions, lang=lang)
            ),
            _file("sitemap.xml", self._render("site/sitemap.xml", pages=pages, entries=newest), XML),
            _file("robots.txt", self._render("site/robots.txt", years=years), "text/plain; charset=utf-8"),
        ]

    def _without_issues(self, feed_languages: frozenset[str]) -> list[SiteFile]:
        """Return the files that name no issue: most of the work of rendering, so made once for each house style."""
        brand = self._templates.brand
        if self._made_in is not brand:  # it is made anew with each style that is taken over
            self._made_in, self._same_for_all = brand, {}
        if feed_languages not in self._same_for_all:
            self._same_for_all[feed_languages] = [
                *self._assets(),
                _file("icon.svg", self._render("site/icon.svg"), "image/svg+xml", LATER),
                *self._sign_up_pages(feed_languages),
                _file("verify/index.html", self._render("site/verify.html"), HTML),
                _file("404.html", self._render("site/404.html"), HTML),
                _file("busy.html", self._render("site/busy.html"), HTML),
            ]
        return self._same_for_all[feed_languages]

    def _assets(self) -> Iterator[SiteFile]:
        yield from self._templates.logo.files if self._templates.logo else ()
        yield _file(_named("style.css", self._css), self._css, "text/css; charset=utf-8", FOR_EVER)
        yield _file(_named("search.js", self._search), self._search, JAVASCRIPT, FOR_EVER)
        if self._script:
            yield _file(_named("sign-up.js", self._script), self._script, JAVASCRIPT, FOR_EVER)
            yield _file("sign-up.js", self._script, JAVASCRIPT)  # other websites, and pages of functions, ask for this

    def _sign_up_pages(self, feed_languages: Collection[str]) -> Iterator[SiteFile]:
        """Yield the pages around a sign-up in every language, the newsletter's own at the shortest address."""
        own = self._templates.language("")
        ways = {each: "" if each == own else f"{each}/" for each in self._templates.languages}
        names = {each: NAMES.get(each, each) for each in ways}
        for each, way in ways.items():
            feed_language = each if way and each in feed_languages else ""
            page = self._render("site/subscribe.html", each, names=names, ways=ways, feed_language=feed_language)
            thanks = self._render("site/thanks.html", each, feed_language=feed_language)
            yield _file(f"subscribe/{way}index.html", page, HTML)
            yield _file(f"subscribe/thanks/{way}index.html", thanks, HTML)

    def _render(self, template: str, lang: str = "", /, **context: object) -> str:
        surroundings = {
            "newsletter": self._templates.publisher(self._newsletter),
            "public_url": self._public_url,
            "home": "",
            "feed_language": "",
            "practice": self._practice,
            "stylesheet": f"/{_named('style.css', self._css)}",
            "script": f"/{_named('sign-up.js', self._script)}" if self._script else "",
            "search_script": f"/{_named('search.js', self._search)}",
        }
        return self._templates.render(template, {**surroundings, **context}, lang=lang)

    @cached_property
    def _script(self) -> str:
        return self._templates.source("site/sign-up.js")

    @cached_property
    def _search(self) -> str:
        return self._templates.source("site/search.js")

    @property
    def _css(self) -> str:
        return self._templates.stylesheet

    def _address_of(self, issue: RenderedIssue | ArchiveEntry) -> str:
        return f"{self._public_url}/{issue.path}"

    def _facts(self, shown: ShownIssue) -> dict[str, object]:
        """Return what search engines want to know, in the words of schema.org."""
        issue = shown.rendered
        publisher = {"@type": "Organization", "name": self._newsletter.name, "url": f"{self._public_url}/"}
        facts: dict[str, object] = {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": issue.title,
            "description": issue.summary,
            "datePublished": issue.date.isoformat(),
            "inLanguage": issue.lang,
            "url": self._address_of(issue),
            "mainEntityOfPage": issue.canonical,
            "publisher": publisher,
            "author": self._author(issue.author) or publisher,
            "isAccessibleForFree": True,
        }
        if shown.corrected_at:
            facts["dateModified"] = shown.corrected_at.isoformat(timespec="seconds")
        if issue.image:
            facts["image"] = issue.image
        if issue.topics:
            facts["keywords"] = list(issue.topics)
        return facts

    def _author(self, name: str) -> dict[str, object] | None:
        """Return who wrote an issue; nobody if the publisher did, which the front matter says by no name, or its own.

        Who stands in the postal address is an organisation, as publishers do; any other name is a person's.
        """
        if not name or name.casefold() == self._newsletter.name.casefold():
            return None
        ours = {part.strip().casefold() for part in re.split("[\n,]", self._newsletter.postal_address)}
        return {"@type": "Organization" if name.casefold() in ours else "Person", "name": name}

    def _with_scrolling(self, rendered: RenderedIssue) -> str:
        """Return the article; what is wider than a phone scrolls on its own, also by keyboard, and says what it is."""
        article = with_scrolling_tables(rendered.web_html, self._templates, lang=rendered.lang, dress='class="wide"')
        return re.sub("<pre(?=[ >])", '<pre tabindex="0"', article)


def _file(path: str, body: str, content_type: str, cache_control: str = SOON) -> SiteFile:
    return SiteFile(path, body.encode(), content_type, cache_control)


def _named(name: str, content: str) -> str:
    """Return the name of a file that holds the hash of its content: style-0123456789ab.css."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{hashlib.sha256(content.encode()).hexdigest()[:12]}.{ending}"
