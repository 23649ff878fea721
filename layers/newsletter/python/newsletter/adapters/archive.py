"""The public archive: pages, list, feeds and map, as files for a bucket.

Nothing here looks at a clock: the same issues make the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from markupsafe import Markup, escape

from newsletter.adapters.jinja import Templates
from newsletter.domain.issue import RenderedIssue
from newsletter.domain.language import LANGUAGES, msg
from newsletter.domain.newsletter import Newsletter
from newsletter.domain.site import ArchiveEntry, SiteFile

SOON = "public, max-age=300"
"""Pages and feeds: a correction is seen within five minutes."""

LATER = "public, max-age=86400"
"""The stylesheet: pages ask for it by the hash of what it says."""

HTML = "text/html; charset=utf-8"


class Archive:
    """Writes the files of the public site."""

    def __init__(self, templates: Templates, newsletter: Newsletter, public_url: str) -> None:
        self._templates = templates
        self._newsletter = newsletter
        self._public_url = public_url.rstrip("/")

    def issue_page(self, rendered: RenderedIssue, *, listed: bool) -> SiteFile:
        """Return the page of one issue; search engines are told to pass over one that is not listed."""
        body = self._render(
            "site/issue.html",
            issue=rendered,
            article=Markup(self._with_scrolling(rendered)),  # noqa: S704 - cleaned by nh3
            url=self._address_of(rendered),
            listed=listed,
            facts=self._facts(rendered),
        )
        return _file(f"issues/{rendered.slug}/index.html", body, HTML)

    def archive(self, entries: Sequence[ArchiveEntry], recent: Sequence[RenderedIssue]) -> list[SiteFile]:
        """Return everything but the issue pages.

        Args:
            entries: All issues that readers may find, newest first.
            recent: The newest of them with their text, for the feeds, newest first.
        """
        years = [(year, list(issues)) for year, issues in groupby(entries, key=lambda entry: entry.date.year)]
        updated = max((issue.date for issue in recent), default=None)
        feed = {"issues": recent, "updated": updated, "address_of": self._address_of}
        return [
            _file("index.html", self._render("site/index.html", years=years), HTML),
            *self._sign_up_pages(),
            _file("404.html", self._render("site/404.html"), HTML),
            _file("feed.atom", self._render("site/feed.atom", **feed), "application/atom+xml; charset=utf-8"),
            _file("feed.rss", self._render("site/feed.rss", **feed), "application/rss+xml; charset=utf-8"),
            _file("feed.json", self._json_feed(recent), "application/feed+json; charset=utf-8"),
            _file(
                "sitemap.xml",
                self._render("site/sitemap.xml", entries=entries),
                "application/xml; charset=utf-8",
            ),
            _file("robots.txt", self._render("site/robots.txt"), "text/plain; charset=utf-8"),
            _file("icon.svg", self._render("site/icon.svg"), "image/svg+xml", LATER),
            _file("style.css", self._css, "text/css; charset=utf-8", LATER),
            *([_file("sign-up.js", self._script, "text/javascript; charset=utf-8", LATER)] if self._script else []),
        ]

    def _sign_up_pages(self) -> Iterator[SiteFile]:
        """Yield the pages around a sign-up in every language, the newsletter's own at the shortest address."""
        own = self._templates.language("")
        ways = {each: "" if each == own else f"{each}/" for each in self._templates.languages}
        names = {each: LANGUAGES.get(each, each) for each in ways}
        for each, way in ways.items():
            page = self._render("site/subscribe.html", each, names=names, ways=ways)
            yield _file(f"subscribe/{way}index.html", page, HTML)
            yield _file(f"subscribe/thanks/{way}index.html", self._render("site/thanks.html", each), HTML)

    def _render(self, template: str, lang: str = "", /, **context: object) -> str:
        surroundings = {
            "newsletter": self._newsletter,
            "public_url": self._public_url,
            "home": "",
            "stylesheet": f"/style.css?v={_version(self._css)}",
            "script": f"/sign-up.js?v={_version(self._script)}" if self._script else "",
        }
        return self._templates.render(template, {**surroundings, **context}, lang=lang)

    @cached_property
    def _script(self) -> str:
        return self._templates.source("site/sign-up.js")

    @cached_property
    def _css(self) -> str:
        return self._templates.render("site/style.css", {})

    def _address_of(self, issue: RenderedIssue | ArchiveEntry) -> str:
        return f"{self._public_url}/issues/{issue.slug}/"

    def _facts(self, issue: RenderedIssue) -> dict[str, object]:
        """Return what search engines want to know, in the words of schema.org."""
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
            "author": {"@type": "Person", "name": issue.author} if issue.author else publisher,
            "isAccessibleForFree": True,
        }
        if issue.image:
            facts["image"] = issue.image
        if issue.topics:
            facts["keywords"] = list(issue.topics)
        return facts

    def _with_scrolling(self, rendered: RenderedIssue) -> str:
        """Return the article; what is wider than a phone scrolls on its own, also by keyboard, and says what it is."""
        count = 0

        def region(found: re.Match[str]) -> str:
            nonlocal count
            count += 1
            label = escape(self._templates.say(msg("Table %(number)s"), lang=rendered.lang, number=count))
            return f'<div class="wide" role="region" aria-label="{label}" tabindex="0">{found[0]}'

        article = re.sub(r"<table\b", region, rendered.web_html)
        article = article.replace("</table>", "</table></div>")
        return article.replace("<pre>", '<pre tabindex="0">')

    def _json_feed(self, recent: Sequence[RenderedIssue]) -> str:
        items = [
            {
                "id": self._address_of(issue),
                "url": self._address_of(issue),
                "title": issue.title,
                "summary": issue.summary,
                "content_html": issue.web_html,
                "date_published": f"{issue.date.isoformat()}T00:00:00Z",
                "language": issue.lang,
                "tags": list(issue.topics),
                **({"image": issue.image} if issue.image else {}),
                **({"authors": [{"name": issue.author}]} if issue.author else {}),
            }
            for issue in recent
        ]
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self._newsletter.name,
            "description": self._templates.brand["strapline"],
            "home_page_url": f"{self._public_url}/",
            "feed_url": f"{self._public_url}/feed.json",
            "icon": f"{self._public_url}/icon.svg",
            "language": self._templates.brand["language"],
            "authors": [{"name": self._newsletter.name, "url": f"{self._public_url}/"}],
            "items": items,
        }
        return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _file(path: str, body: str, content_type: str, cache_control: str = SOON) -> SiteFile:
    return SiteFile(path, body.encode(), content_type, cache_control)


def _version(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:12]
