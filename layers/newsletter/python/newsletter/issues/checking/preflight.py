"""The preflight: every check of an issue before it may be sent, in one table.

What is checked is what will be sent: the rendered mail, filled in for a reader, rather than its Markdown. The Markdown
is searched only to name the line.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from newsletter.core.audience.expression import AudienceExpression
from newsletter.core.audience.look import AudienceLook
from newsletter.core.audience.part_of_list import part_of_list
from newsletter.core.newsletter import Newsletter
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.issues.checking import preflight_audience as of_audience
from newsletter.issues.checking import preflight_foreign_links as of_foreign_links
from newsletter.issues.checking import preflight_hour as of_hour
from newsletter.issues.checking import preflight_links as of_links
from newsletter.issues.checking import preflight_own_links as of_own_links
from newsletter.issues.checking import preflight_shape as of_shape
from newsletter.issues.checking import preflight_source as of_source
from newsletter.issues.checking import preflight_words as of_words
from newsletter.issues.checking.preflight_answers import Answer
from newsletter.issues.checking.preflight_codes import CODES
from newsletter.issues.checking.preflight_findings import quoted, warning
from newsletter.issues.checking.preflight_specimen import Specimen, lay_out
from newsletter.issues.domain.issue import Issue, RenderedIssue, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.own_links import OwnLinks
from newsletter.issues.domain.preflight import AUDIENCE_READERS, Finding, Level, Preflight
from newsletter.issues.domain.size import worst_case

MOST = 12
"""Findings of one check and one level that are listed. Whoever mends these sees the next ones."""

Ask = Callable[[Iterable[str]], Mapping[str, Answer]]
LookAtAudience = Callable[[AudienceExpression], AudienceLook]


CHECKS: tuple[Callable[[Specimen], Iterator[Finding]], ...] = (
    of_shape.size,
    of_shape.text_part,
    of_shape.footer,
    of_words.placeholders,
    of_words.leftovers,
    of_source.losses,
    of_foreign_links.foreign_links,
    of_links.links,
    of_own_links.own_links,
    of_links.link_words,
    of_links.answers,
    of_shape.pictures,
    of_shape.weight,
    of_shape.alt,
    of_shape.headings,
    of_shape.colours,
    of_words.subject,
    of_words.dates,
    of_hour.hour,
    of_words.language,
    of_words.duplicates,
    of_audience.audience,
)
"""All checks, in the order in which their findings are told; what each can find is in `preflight_codes`."""


class IssueChecks:
    """Looks at issues of one newsletter; asks links, and counts audiences, when it was given somebody to ask."""

    def __init__(
        self,
        newsletter: Newsletter,
        public_url: str,
        *,
        ask: Ask | None = None,
        reader_fields: Sequence[ReaderField] = (),
        look_at_audience: LookAtAudience | None = None,
        offers_digest: bool = False,
    ) -> None:
        self._reader_fields = reader_fields
        self._newsletter = newsletter
        self._public_url = public_url.rstrip("/")
        self._ask = ask
        self._look_at_audience = look_at_audience
        self._offers_digest = offers_digest

    def check(
        self,
        issue: Issue,
        rendered: RenderedIssue,
        *,
        missing: Sequence[str],
        refused: Mapping[str, str],
        others: Sequence[IssueRecord],
        today: datetime.date,
        time_of_day: datetime.time = datetime.time.min,
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
            time_of_day=time_of_day,
            own_links=own_links,
            reader_fields=self._reader_fields,
        )
        if self._ask is not None:
            specimen = replace(specimen, answers=dict(self._ask(of_links.to_ask(specimen))))
        expression = self._goes_to(issue, today)
        if self._look_at_audience is not None and expression is not None:
            specimen = replace(specimen, audience=self._look_at_audience(expression))
        found = list(dict.fromkeys(finding for check in CHECKS for finding in check(specimen)))
        kept = [finding for finding in found if not _accepts(issue, finding)]
        return Preflight(
            (*_listed(kept), *_idle(issue, found)),
            _measures(specimen),
            rendered.content_hash,
            tuple(finding for finding in found if _accepts(issue, finding)),
        )

    def _goes_to(self, issue: Issue, today: datetime.date) -> AudienceExpression | None:
        """Return the readers it goes to; None for everybody, or nobody."""
        if issue.translation or issue.send is SendPolicy.NEVER:  # a translation was counted with its original
            return None
        day = issue.send_at.day if issue.send_at else max(issue.date, today)
        return part_of_list(issue.audience, issue.digest, offers_digest=self._offers_digest, day=day).expression


def _accepts(issue: Issue, finding: Finding) -> bool:
    return finding.code in issue.accept and not CODES[finding.code].final


def _idle(issue: Issue, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield what is wrong with the list of what the editors accept."""
    line = issue.lines.get("accept")
    codes = {finding.code for finding in found}
    for code in dict.fromkeys(issue.accept):
        if code not in CODES:
            what = f"`accept` names {quoted(code)}, and there is no such finding."
            yield warning("accept-unknown", what, "Its name stands behind each finding, in square brackets.", line)
        elif CODES[code].final:
            what = f"`accept` names {quoted(code)}, which would break the send and cannot be accepted."
            yield warning("accept-final", what, "Mend it, and take it out of `accept`.", line)
        elif code not in codes:
            what = f"`accept` names {quoted(code)}, and nothing of that kind was found."
            yield warning("accept-idle", what, "Take it out of `accept`.", line)


def _listed(found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings check by check, errors first, and no endless list."""
    for check in dict.fromkeys(code.check for code in CODES.values()):
        for level in Level:
            some = [finding for finding in found if finding.check == check and finding.level is level]
            yield from some[:MOST]
            if len(some) > MOST:
                what = f"There are {len(some) - MOST} more of this kind."
                yield replace(
                    some[MOST], message=what, remedy="Mend these first; the next upload shows the others.", line=None
                )


def _measures(specimen: Specimen) -> dict[str, int]:
    sizes = {} if specimen.unknown_variables else _sizes(specimen)
    counted = {AUDIENCE_READERS: specimen.audience.readers} if specimen.audience else {}
    return {
        **sizes,
        **counted,
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
