"""An issue, rendered: Markdown becomes a mail, its text part, and the article for page and feeds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from types import MappingProxyType

import css_inline
from markupsafe import Markup

from newsletter.core.newsletter import Newsletter
from newsletter.core.text import without_line_breaks
from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Issue, Problem, RenderedIssue
from newsletter.issues.domain.linked_file import LinkedFile
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.site import hidden_link
from newsletter.issues.writing.addresses import Addresses
from newsletter.issues.writing.blocks import events_of
from newsletter.issues.writing.clean_html import Article, Sanitiser, without_controls
from newsletter.issues.writing.directions import with_code_from_left_to_right
from newsletter.issues.writing.file_kinds import fault_of_name, kind_of
from newsletter.issues.writing.file_notes import file_note
from newsletter.issues.writing.front_matter import read_issue, read_translation
from newsletter.issues.writing.mail_blocks import dress_blocks
from newsletter.issues.writing.markdown import Body, Markdown, refuse_more_than_enough
from newsletter.issues.writing.narrow_screens import with_breaks, with_records, with_scrolling_tables
from newsletter.issues.writing.stand_ins import StandIns
from newsletter.issues.writing.text_part import write_text
from newsletter.web.jinja import Templates, direction

COLUMN = 536
"""Pixels between the margins of the mail; Outlook shows a picture at its full size unless told a width."""

COLUMN_IN_BOX = COLUMN - 39
"""Pixels between the margins of a box: its padding and its edge are in article.css."""


MOST_PICTURES = 60
"""Of its own in one issue. Each is fetched, unpacked and made smaller within the two minutes that publishing has."""

MOST_FILES = 60
"""Beside one issue. Each is asked for and looked at within the two minutes that publishing has."""

NO_FILES: Mapping[str, LinkedFile] = MappingProxyType({})


class Renderer:
    """Renders issues in the name of one newsletter.

    Unless `engagement` is off, the mail says what is counted, holds a link for machines to fall for, and tells SES
    which links are the reader's own. Where readers are asked whether an issue was useful, its mail ends with two words.
    Source: https://docs.aws.amazon.com/ses/latest/dg/faqs-metrics.html (ses:no-track)
    """

    def __init__(
        self,
        templates: Templates,
        newsletter: Newsletter,
        public_url: str,
        *,
        engagement_mode: str = "off",
        asks_whether_useful: bool = False,
        markdown: Markdown | None = None,
        sanitiser: Sanitiser | None = None,
    ) -> None:
        self._markdown, self._sanitiser = markdown or Markdown(), sanitiser or Sanitiser()
        self._templates = templates
        self._newsletter = newsletter
        self._public_url = public_url.rstrip("/")
        self._engagement = engagement_mode
        self._asks_whether_useful = asks_whether_useful

    def read(self, slug: str, source: bytes) -> Manuscript:
        """Return the issue that the file holds.

        Raises:
            InvalidIssueError: It cannot be published; every problem with its line and its remedy.
        """
        issue, body = read_issue(slug, source, self._markdown, self._field_keys)
        return self._manuscript(issue, body)

    def read_translation(self, original: Issue, code: str, source: bytes) -> Manuscript:
        """Return the translation that the file holds; what it leaves out, it has of the original.

        Raises:
            InvalidIssueError: As `read` does, and when it contradicts the original.
        """
        issue, body = read_translation(original, code, source, self._markdown, self._field_keys)
        return self._manuscript(issue, body)

    def open(self, issue: Issue) -> Manuscript:
        """Return an issue that is not in a file."""
        return self._manuscript(issue, Body(issue.body, issue.source_hash, self._markdown, self._field_keys))

    @property
    def _field_keys(self) -> list[str]:
        return [each.key for each in self._templates.reader_fields if each.can_be_shown]

    def _manuscript(self, issue: Issue, issue_body: Body) -> Manuscript:
        return Manuscript(issue, issue_body, self, self._markdown, self._sanitiser)

    def addresses(
        self,
        issue: Issue,
        pictures: Mapping[str, Picture] | None = None,
        linked_files: Mapping[str, LinkedFile] | None = None,
        *,
        named: Iterable[str] = (),
    ) -> Addresses:
        """Return what makes the addresses of this issue absolute."""
        return Addresses(
            self._public_url,
            issue.slug,
            pictures or {},
            list(named),
            linked_files or {},
            translation=issue.translation,
        )

    def render(
        self, manuscript: Manuscript, pictures: Mapping[str, Picture], linked_files: Mapping[str, LinkedFile]
    ) -> RenderedIssue:
        """Return the issue ready for its readers; see `Manuscript.render`."""
        issue, stand_ins = manuscript.issue, manuscript.body.stand_ins
        addresses = self.addresses(issue, pictures, linked_files, named=manuscript.named)
        note = partial(file_note, say_in=self._templates.say, lang=issue.lang)
        article, bare = (
            with_code_from_left_to_right(one.with_pictures(addresses, note), issue.lang)
            for one in (manuscript.article, manuscript.bare_article)
        )
        image = addresses.picture(issue.image) or "" if issue.image else ""
        words = {
            name: without_controls(stand_ins.placeholders(getattr(issue, name)))
            for name in ("title", "subject", "summary", "author")
        }
        styled = with_breaks(self._styled(bare, issue.lang), unbroken=stand_ins.pattern)
        say, newsletter = self.speaker(issue.lang), self._templates.publisher(self._newsletter)

        def text_note(absolute: str, link_words: str, after: str) -> str:
            linked_file = addresses.file_at(absolute)
            return note(linked_file, link_words, after) if linked_file else ""

        written = write_text(
            manuscript.body.tokens,
            link=addresses.link,
            visible=stand_ins.plain,
            link_note=text_note,
            say=say,
        )
        context: dict[str, object] = {
            "issue": issue,
            "page_url": addresses.own_page,
            "unsubscribe_url": stand_ins.unsubscribe_url,
            "preferences_url": stand_ins.preferences_url,
            "vote_url": stand_ins.vote_url if self._asks_whether_useful else "",
            "public_url": self._public_url,
            "engagement": self._engagement,
            "hidden_url": hidden_link(addresses.own_page),
        }
        html = self._templates.render(
            "email/issue.html",
            {
                **context,
                **{name: stand_ins.braces(text) for name, text in words.items()},
                "article": Markup(stand_ins.braces(styled)),  # noqa: S704 - cleaned by nh3
                "newsletter": _shielded(newsletter, stand_ins),
            },
            lang=issue.lang,
        )
        text = self._templates.render(
            "email/issue.txt",
            {**context, **words, "written": without_controls(written), "newsletter": newsletter},
            lang=issue.lang,
        )
        plain = {name: stand_ins.plain(text) for name, text in words.items()}
        return RenderedIssue(
            slug=issue.slug,
            title=plain["title"],
            subject=stand_ins.mail_text(without_line_breaks(words["subject"])),
            summary=plain["summary"],
            date=issue.date,
            lang=issue.lang,
            html=stand_ins.mail_html(html),
            text=stand_ins.mail_text(text),
            web_html=stand_ins.web_html(article),
            name_fallbacks=tuple(stand_ins.fallbacks),
            field_placeholders=tuple(stand_ins.fields),
            pictures=tuple(pictures[name] for name in addresses.named if name in pictures),
            files=_by_path(linked_files[name] for name in manuscript.files if name in linked_files),
            author=plain["author"],
            topics=issue.topics,
            image=image,
            image_alt=issue.image_alt,
            canonical=issue.canonical or addresses.own_page,
            events=tuple(replace(each, page=addresses.own_page) for each in events_of(manuscript.body.tokens)),
            accepted=tuple(sorted(set(issue.accept))),
            audience=issue.audience,
            asks_whether_useful=self._asks_whether_useful,
            digest=issue.digest,
            translation=issue.translation,
        ).sealed()

    def speaker(self, lang: str) -> Callable[[str], str]:
        """Return what translates words of ours within an issue of this language."""
        return lambda words: self._templates.say(words, lang=lang)

    def _styled(self, article: str, lang: str) -> str:
        """Return the article as its mail has it: as narrow as a phone, with the styles that must stand on elements."""
        fitted = _BOX.sub(lambda box: _fitted(box[0], COLUMN_IN_BOX), _fitted(article, COLUMN))
        sized = re.sub(r"<figure><img (?![^>]*\bwidth=)", f'<figure><img width="{COLUMN}" ', fitted)
        dress = 'class="wide" style="overflow-x:auto"'
        scrolling = with_scrolling_tables(with_records(sized), self._templates, lang=lang, dress=dress)
        css = self._templates.render("email/article.css", {"direction": direction(lang)})
        styled = css_inline.inline_fragment(scrolling, css, minify_css=True)
        return dress_blocks(styled, self._templates, lang=lang)


class Manuscript:
    """An issue that was read: its text is parsed once, and once made into HTML, whatever is asked of it."""

    def __init__(
        self, issue: Issue, issue_body: Body, renderer: Renderer, markdown: Markdown, sanitiser: Sanitiser
    ) -> None:
        self.issue = issue
        self.body = issue_body
        self._renderer = renderer
        self._markdown = markdown
        self._sanitiser = sanitiser

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """The names of the issue's own pictures, in the order of their first appearance.

        Raises:
            InvalidIssueError: As `render` does, and when there are too many.
        """
        named = self.named
        if len(named) > MOST_PICTURES:
            what = f"The issue names {len(named):,} pictures of its own; one may name {MOST_PICTURES}."
            remedy = "Put several into one picture, or make two issues of it."
            raise InvalidIssueError(self.issue.key, [Problem(None, what, remedy)])
        return tuple(named)

    @cached_property
    def named(self) -> list[str]:
        """The names of the issue's own pictures, however many."""
        addresses = self._renderer.addresses(self.issue, named=self.article.named)
        if self.issue.image:
            addresses.picture(self.issue.image)
        return addresses.named

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The names of the files beside the issue that its text links to; whether they can be published or not.

        Raises:
            InvalidIssueError: As `render` does, and when there are too many.
        """
        names = tuple(name for name in self.linked if kind_of(name) and not fault_of_name(name))
        if len(names) > MOST_FILES:
            what = f"The issue links to {len(names):,} files of its own; one may link to {MOST_FILES}."
            remedy = "Put several into one ZIP, or make two issues of it."
            raise InvalidIssueError(self.issue.key, [Problem(None, what, remedy)])
        return names

    @cached_property
    def linked(self) -> tuple[str, ...]:
        """What its links name below its own page, but pictures and the calendar files that we write."""
        events = {each.name for each in events_of(self.body.tokens)}
        return tuple(name for name in self.article.linked if name not in events)

    @cached_property
    def neighbours(self) -> tuple[str, ...]:
        """The other issues that its links lead to."""
        return tuple(self.article.neighbours)

    def render(
        self, pictures: Mapping[str, Picture], linked_files: Mapping[str, LinkedFile] = NO_FILES
    ) -> RenderedIssue:
        """Return the issue ready for its readers; the same issue always gives the same bytes.

        Args:
            pictures: Its own pictures by their names; one that is not among them is shown as its words.
            linked_files: The files beside it by the names that the text uses.

        Raises:
            InvalidIssueError: The text nests deeper than mail programs, or we, can follow.
        """
        return self._renderer.render(self, pictures, linked_files)

    @cached_property
    def article(self) -> Article:
        """The text of the issue, for its page and the feeds."""
        return self._cleaned(with_ids=True)

    @cached_property
    def bare_article(self) -> Article:
        """The text of the issue, for its mail."""
        return self._cleaned(with_ids=False)

    def _cleaned(self, *, with_ids: bool) -> Article:
        addresses, stand_ins = self._renderer.addresses(self.issue), self.body.stand_ins
        return Article(self._html, addresses, stand_ins, self._sanitiser, with_ids=with_ids)

    @cached_property
    def _html(self) -> str:
        refuse_more_than_enough(self.body.tokens, self.issue.key)
        return self._markdown.to_html(self.body.tokens, self._renderer.speaker(self.issue.lang))


def _by_path(linked_files: Iterable[LinkedFile]) -> tuple[LinkedFile, ...]:
    """Return each file once, though the text may spell its name in two ways."""
    return tuple({each.path: each for each in linked_files}.values())


_BOX = re.compile(r'<aside class="box [a-z]+">.*?</aside>', re.DOTALL)


def _fitted(article: str, column: int) -> str:
    """Return the article with no picture wider than the column: Outlook obeys these attributes and no style."""

    def fit(found: re.Match[str]) -> str:
        width, height = int(found[2]), int(found[3])
        shown = min(width, column)
        return f'<img{found[1] or ""} width="{shown}" height="{max(1, round(height * shown / max(width, 1)))}"'

    return re.sub(r'<img( [^>]*)? width="(\d+)" height="(\d+)"', fit, article)


def _shielded(newsletter: Newsletter, stand_ins: StandIns) -> Newsletter:
    """Return the newsletter with its braces, should it have any, out of reach of SES."""
    return Newsletter(
        name=stand_ins.braces(newsletter.name),
        sender_email=newsletter.sender_email,
        reply_to=newsletter.reply_to,
        postal_address=stand_ins.braces(newsletter.postal_address),
        editor_email=newsletter.editor_email,
    )
