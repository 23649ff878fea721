"""The feeds: the newest issues as Atom, RSS and JSON, the newsletter's own and one for each other language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5

from markupsafe import escape

from newsletter.core.archive_entry import WithHeadline
from newsletter.core.language import NAMES, msg
from newsletter.core.newsletter import Newsletter
from newsletter.core.site_file import SiteFile
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import SOON, ShownIssue
from newsletter.issues.writing.directions import with_own_direction
from newsletter.web.jinja import Templates, direction, moment

CORRECTED = msg("Corrected on %(day)s, after the issue was sent.")


class Feeds:
    """Writes the feeds of one archive."""

    def __init__(self, templates: Templates, newsletter: Newsletter, public_url: str, *, namespace: str) -> None:
        """Make the writer of one archive's feeds.

        Args:
            templates: The templates layer.
            newsletter: Who publishes.
            public_url: Where readers find the archive, without a slash behind it.
            namespace: What the ids hang on; whatever else changes, it must not.
        """
        self._templates = templates
        self._newsletter = newsletter
        self._public_url = public_url
        self._namespace = namespace

    def languages(self, headline: WithHeadline) -> frozenset[str]:
        """Return the languages, in small letters, whose own feeds hold an issue; the newsletter's feed holds each."""
        original = self.language_of(headline.lang)
        return frozenset({*(lang.lower() for lang in headline.translated_into), *([original] if original else [])})

    def language_of(self, lang: str, *, translation: bool = False) -> str:
        """Return the language whose feed holds an edition in this one; nothing for what the newsletter's feed holds."""
        own = self._templates.brand["language"].partition("-")[0].lower()
        return lang.lower() if translation or lang.partition("-")[0].lower() != own else ""

    def written(self, recent: Sequence[ShownIssue], *, lang: str = "") -> Iterator[SiteFile]:
        """Yield the feeds of these issues, newest first; without a language, the newsletter's own.

        In the feeds of a language each issue is the edition in it.
        """
        folder = f"{lang}/" if lang else ""
        context = {
            "newsletter": self._templates.publisher(self._newsletter),
            "public_url": self._public_url,
            "folder": folder,
            "feed_name": self._name(lang),
            "feed_language": lang or self._templates.brand["language"],
            "issues": [(each.rendered, each.corrected_at, self._content(each)) for each in recent],
            "updated": max((_changed(each) for each in recent), default="1970-01-01T00:00:00Z"),
            "address_of": self._address_of,
            "id_of": self._id_of,
            "id_of_feed": self._id(f"/{lang}" if lang else ""),
        }
        for name, content_type in (("atom", "application/atom+xml"), ("rss", "application/rss+xml")):
            body = self._templates.render(f"site/feed.{name}", context, lang=lang)
            yield _file(f"{folder}feed.{name}", body, content_type)
        yield _file(f"{folder}feed.json", self._json(recent, context, lang), "application/feed+json")

    def _name(self, lang: str) -> str:
        """Return the title of a feed; whoever reads two of them tells them apart."""
        name = self._newsletter.name
        return f"{name} ({NAMES.get(lang.partition('-')[0], lang)})" if lang else name

    def _address_of(self, issue: RenderedIssue) -> str:
        return f"{self._public_url}/{issue.path}"

    def _id_of(self, issue: RenderedIssue) -> str:
        """Return the name of an edition for feed readers. The address may change, it does not."""
        return self._id(f"{issue.slug}/{issue.translation}" if issue.translation else issue.slug)

    def _id(self, place: str) -> str:
        return uuid5(NAMESPACE_URL, f"{self._namespace}#{place}").urn

    def _content(self, issue: ShownIssue) -> str:
        """Return the article for a feed, with the note about its correction before it."""
        lang, content = issue.rendered.lang, issue.rendered.web_html
        if lang != self._templates.brand["language"] or direction(lang) == "rtl":
            content = with_own_direction(content, lang)
        if issue.corrected_at is None:
            return content
        day = self._templates.day(issue.corrected_at.date(), lang=lang)
        note = self._templates.say(CORRECTED, lang=lang, day=day)
        return f"<p><em>{escape(note)}</em></p>\n{content}"

    def _json(self, recent: Sequence[ShownIssue], context: Mapping[str, object], lang: str) -> str:
        items = [
            {
                "id": self._id_of(shown.rendered),
                "url": self._address_of(shown.rendered),
                "title": shown.rendered.title,
                "summary": shown.rendered.summary,
                "content_html": self._content(shown),
                "date_published": f"{shown.rendered.date.isoformat()}T00:00:00Z",
                "date_modified": _changed(shown),
                "language": shown.rendered.lang,
                "tags": list(shown.rendered.topics),
                **({"image": shown.rendered.image} if shown.rendered.image else {}),
                **({"authors": [{"name": shown.rendered.author}]} if shown.rendered.author else {}),
            }
            for shown in recent
        ]
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": context["feed_name"],
            "description": self._templates.brand_in(self._templates.language(lang))["strapline"],
            "home_page_url": f"{self._public_url}/",
            "feed_url": f"{self._public_url}/{context['folder']}feed.json",
            "icon": f"{self._public_url}/icon.svg",
            "language": context["feed_language"],
            "authors": [{"name": self._newsletter.name, "url": f"{self._public_url}/"}],
            "items": items,
        }
        return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _file(path: str, body: str, content_type: str) -> SiteFile:
    return SiteFile(path, body.encode(), f"{content_type}; charset=utf-8", SOON)


def _changed(issue: ShownIssue) -> str:
    """Return when an issue last changed, as feeds write a moment in UTC."""
    if issue.corrected_at is None:
        return f"{issue.rendered.date.isoformat()}T00:00:00Z"
    return moment(issue.corrected_at)
