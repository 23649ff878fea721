"""The preflight: every check of an issue before it may be sent, in one table.

What is checked is what will be sent: the rendered mail, filled in for a reader, rather than its Markdown. The Markdown
is searched only to name the line.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter.core.newsletter import Newsletter
from newsletter.issues.checking import preflight_links as of_links
from newsletter.issues.checking import preflight_own_links as of_own_links
from newsletter.issues.checking import preflight_shape as of_shape
from newsletter.issues.checking import preflight_words as of_words
from newsletter.issues.checking.preflight_answers import Answer
from newsletter.issues.checking.preflight_specimen import Specimen, lay_out
from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.own_links import OwnLinks
from newsletter.issues.domain.preflight import Finding, Level, Preflight
from newsletter.issues.domain.size import worst_case

MOST = 12
"""Findings of one check and one level that are listed. Whoever mends these sees the next ones."""

Ask = Callable[[Iterable[str]], Mapping[str, Answer]]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table."""

    name: str
    errors: str
    """What it refuses, in an editor's words; empty when it never does."""
    warnings: str
    """What it points to."""
    look: Callable[[Specimen], Iterator[Finding]]


CHECKS = (
    Check(
        "size",
        "above 102,000 bytes of HTML, where Gmail cuts a mail off",
        "within 10,000 bytes of that",
        of_shape.size,
    ),
    Check(
        "text",
        "the text part has less than half of the words",
        "hardly a word besides pictures",
        of_shape.text_part,
    ),
    Check(
        "footer",
        "a part lacks a link to unsubscribe, to the preferences or to the page, or the postal address",
        "",
        of_shape.footer,
    ),
    Check(
        "placeholder",
        "`{{ first_name }}`, `{name}`, `*|FNAME|*`, `%recipient%` and the like, outside code",
        "`[Name]`, `[insert date]`",
        of_words.placeholders,
    ),
    Check(
        "leftover",
        "TODO, FIXME, TK, lorem ipsum",
        "TBC, TBD, TBA, XXX; TK before a name, as in TK Maxx",
        of_words.leftovers,
    ),
    Check(
        "link",
        "an address that cannot work: no such host, a space, a password, a private network",
        "`http:`, a bare IP address, an address for examples, a heading that is not there",
        of_links.links,
    ),
    Check(
        "own link",
        "a file, a page or an issue of our own that is not there when this one goes out",
        "",
        of_own_links.own_links,
    ),
    Check(
        "link words",
        "a link without words",
        "“click here” and other words that do not say where it leads",
        of_links.link_words,
    ),
    Check(
        "answer",
        "a page of our own that is not there (404, 410)",
        "any other page that is not there, is broken, or does not answer",
        of_links.answers,
    ),
    Check(
        "picture",
        "a picture that is not there, or cannot be shown",
        "a picture from another site",
        of_shape.pictures,
    ),
    Check(
        "weight",
        "",
        "a picture above 300 KB, or pictures above 1.5 MB together",
        of_shape.weight,
    ),
    Check(
        "alt",
        "a picture without words for those who do not see it",
        "words that are a file name, or longer than 250 characters",
        of_shape.alt,
    ),
    Check(
        "heading",
        "",
        "a heading that skips a rank, or is empty",
        of_shape.headings,
    ),
    Check(
        "contrast",
        "text that is hard to read on what is behind it, in light or dark mode (WCAG 2.2 AA)",
        "",
        of_shape.colours,
    ),
    Check(
        "subject",
        "no words without the reader's name, or more than 200 characters",
        "above 70 characters, mostly capitals, `!!`, more than 2 emoji (15 in the text)",
        of_words.subject,
    ),
    Check(
        "date",
        "",
        "past although not sent yet, or more than 180 days ahead",
        of_words.dates,
    ),
    Check(
        "duplicate",
        "title, subject, summary and date of another issue",
        "the title or the subject of another issue",
        of_words.duplicates,
    ),
)
"""All checks, in the order in which their findings are told."""


class IssueChecks:
    """Looks at issues of one newsletter; asks their links when it was given somebody to ask."""

    def __init__(self, newsletter: Newsletter, public_url: str, *, ask: Ask | None = None) -> None:
        self._newsletter = newsletter
        self._public_url = public_url.rstrip("/")
        self._ask = ask

    def check(
        self,
        issue: Issue,
        rendered: RenderedIssue,
        *,
        missing: Sequence[str],
        refused: Mapping[str, str],
        others: Sequence[IssueRecord],
        today: datetime.date,
        own_links: OwnLinks = OwnLinks(),  # noqa: B008 - frozen
    ) -> Preflight:
        """Return everything found, check by check, and what was measured."""
        specimen = lay_out(
            issue,
            rendered,
            public_url=self._public_url,
            postal_address=self._newsletter.postal_address,
            missing=missing,
            refused=refused,
            others=others,
            today=today,
            own_links=own_links,
        )
        if self._ask is not None:
            specimen = replace(specimen, answers=dict(self._ask(of_links.to_ask(specimen))))
        findings = [finding for check in CHECKS for finding in _found(check, specimen)]
        return Preflight(tuple(findings), _measures(specimen), rendered.content_hash)


def _found(check: Check, specimen: Specimen) -> Iterator[Finding]:
    """Yield what the check finds, each thing once, errors first, and no endless list."""
    found = list(dict.fromkeys(replace(finding, check=check.name) for finding in check.look(specimen)))
    for level in Level:
        some = [finding for finding in found if finding.level is level]
        yield from some[:MOST]
        if len(some) > MOST:
            what = f"There are {len(some) - MOST} more of this kind."
            yield Finding(level, check.name, what, "Mend these first; the next upload shows the others.")


def _measures(specimen: Specimen) -> dict[str, int]:
    sizes = {} if specimen.unknown_variables else _sizes(specimen)
    return {
        **sizes,
        "words": len(specimen.article.everything.split()),
        "links": len({link.address for link in specimen.article.links if link.address}),
        "links_asked": len(specimen.answers),
        "headings": len(specimen.article.headings),
        "pictures": len({shown.address for shown in specimen.article.pictures}),
        "files": len(specimen.rendered.files),
        "file_bytes": sum(each.weight for each in specimen.rendered.files),
        "picture_bytes": sum(picture.weight for picture in specimen.rendered.pictures),
        "subject_characters": len(specimen.subject),
    }


def _sizes(specimen: Specimen) -> dict[str, int]:
    largest = worst_case(specimen.rendered, specimen.public_url)
    return {"html_bytes": largest.html, "text_bytes": largest.text}
