"""One issue laid out for its preflight: as it will arrive, and as it was written."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from newsletter.core.audience.look import AudienceLook
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.core.text import LONGEST_NAME
from newsletter.issues.checking.preflight_answers import Answer
from newsletter.issues.checking.preflight_reading import Reading, read_html
from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.own_links import OwnLinks
from newsletter.issues.domain.personal import VARIABLE, variables

NOTHING_FOLLOWED = OwnLinks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """All that a check may look at; nothing in it changes, and nothing in it asks anybody."""

    issue: Issue
    rendered: RenderedIssue
    public_url: str
    postal_address: str
    missing: Sequence[str]
    refused: Mapping[str, str]
    others: Sequence[IssueRecord]
    today: datetime.date
    time_of_day: datetime.time
    own_links: OwnLinks
    answers: Mapping[str, Answer]
    """What the addresses in the text answered; empty when nobody asked."""
    audience: AudienceLook | None = None
    """Of the part of the list it goes to; None for everybody, or when nobody counted."""
    subject: str
    html: str
    text: str
    mail: Reading
    """The whole mail, as a reader whose name we do not know gets it."""
    article: Reading
    """The text of the issue alone."""
    unknown_variables: tuple[str, ...]
    """What SES would be asked for and nobody could say."""
    reader_fields: tuple[ReaderField, ...] = ()
    """What is asked of readers, and can stand in placeholders."""

    @property
    def page_url(self) -> str:
        """The page of the issue."""
        return f"{self.public_url}/{self.rendered.path}"

    @property
    def unsubscribe_url(self) -> str:
        """What stands for the reader's own link."""
        return f"{self.public_url}/unsubscribe?token=t"

    @property
    def preferences_url(self) -> str:
        """What stands for the reader's own link."""
        return f"{self.public_url}/preferences?token=t"

    def is_ours(self, address: str) -> bool:
        """Return whether an address is on our own site."""
        return address == self.public_url or address.startswith(f"{self.public_url}/")

    @property
    def longest_subject(self) -> int:
        """Characters of the subject for the reader with the longest name and the longest answers there can be."""
        answers = {each.key: "n" * each.longest for each in self.reader_fields}
        values = variables(
            self.rendered, name="n" * LONGEST_NAME, unsubscribe_url="", preferences_url="", field_values=answers
        )
        return max(len(self.subject.strip()), len(_fill(self.rendered.subject, values)))

    def line_of_link(self, address: str, words: str = "") -> int | None:
        """Return the line of a link or picture, in whichever way its author may have written the address."""
        files = {each.address(self.public_url): each.name for each in self.rendered.files}
        own = files.get(address.partition("#")[0], address.removeprefix(self.page_url).removeprefix("#text-"))
        other = address.removeprefix(f"{self.public_url}/issues/").rstrip("/")
        named = [] if own == address else [unquote(own), own]
        path = address.removeprefix(self.public_url) if self.is_ours(address) else ""
        below = [f"({path}", f'"{path}', path] if path.strip("/") else []
        written = [address, unquote(address), _in_its_script(address), *named, *below, f"{other}.md"]
        return self.line_of(*written, *([f"[{words}]"] if words else []))

    def name_of_picture(self, address: str) -> str:
        """Return what the author calls a picture: its name beside the issue, or the end of its address."""
        own = {f"{self.public_url}/{picture.path}": picture.name for picture in self.rendered.pictures}
        return own.get(address) or unquote(urlsplit(address).path.rsplit("/", 1)[-1])

    def line_of_picture(self, address: str, alt: str = "") -> int | None:
        """Return the line of a picture; served from the site it has another name than beside the issue."""
        if not self.is_ours(address):
            return self.line_of_link(address, alt)
        name = self.name_of_picture(address)
        return self.line_of(name, name.replace(" ", "%20"), f"[{alt}]" if alt else "")

    def line_of(self, *texts: str) -> int | None:
        """Return the line of the first of these texts that stands on one, or None."""
        for text in texts:
            at = self.issue.body.find(text) if text.strip() else -1
            if at >= 0:
                return self._line_at(at)
        return None

    def line_of_word(self, word: str) -> int | None:
        """Return the line where this stands as a word of its own."""
        found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self.issue.body)
        return self._line_at(found.start()) if found else None

    def _line_at(self, place: int) -> int:
        return self.issue.lines.get("body", 1) + self.issue.body.count("\n", 0, place)


def lay_out(
    issue: Issue,
    rendered: RenderedIssue,
    *,
    public_url: str,
    postal_address: str,
    missing: Sequence[str] = (),
    refused: Mapping[str, str] | None = None,
    others: Sequence[IssueRecord] = (),
    today: datetime.date,
    time_of_day: datetime.time = datetime.time.min,
    own_links: OwnLinks = NOTHING_FOLLOWED,
    answers: Mapping[str, Answer] | None = None,
    reader_fields: Sequence[ReaderField] = (),
) -> Specimen:
    """Return the issue as the checks want it."""
    values = variables(
        rendered,
        name="",
        unsubscribe_url=f"{public_url}/unsubscribe?token=t",
        preferences_url=f"{public_url}/preferences?token=t",
        vote_url=f"{public_url}/vote?issue={rendered.slug}&token=t&answer=",
    )
    html = _fill(rendered.html, values)
    asked = [name for part in (rendered.subject, rendered.html, rendered.text) for name in VARIABLE.findall(part)]
    return Specimen(
        issue=issue,
        rendered=rendered,
        public_url=public_url,
        postal_address=postal_address,
        missing=tuple(missing),
        refused=dict(refused or {}),
        others=tuple(others),
        today=today,
        time_of_day=time_of_day,
        own_links=own_links,
        answers=dict(answers or {}),
        subject=_fill(rendered.subject, values),
        html=html,
        text=_fill(rendered.text, values),
        mail=read_html(html),
        article=read_html(rendered.web_html),
        unknown_variables=tuple(name for name in dict.fromkeys(asked) if name not in values),
        reader_fields=tuple(reader_fields),
    )


def _in_its_script(address: str) -> str:
    """Return the address with its host in letters rather than in the form that travels."""
    host = urlsplit(address).netloc if "//xn--" in address or ".xn--" in address else ""
    try:
        return address.replace(host, host.encode().decode("idna")) if host else address
    except UnicodeError:
        return address


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template filled in; a variable that nobody knows stays, to be found."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), template)
