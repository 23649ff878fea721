"""An issue: what editors write, and what it becomes when it is rendered."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from newsletter.core.language import best_match
from newsletter.core.stored import known_fields
from newsletter.core.time_zones import WallTime
from newsletter.issues.domain.event import Event
from newsletter.issues.domain.linked_file import LinkedFile
from newsletter.issues.domain.picture import Picture

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A slug is part of an address, of a file name and of an SES tag: it holds what is safe in all three."""

LONGEST_SLUG = 100


def is_slug(text: str) -> bool:
    """Return whether the text can name an issue."""
    return len(text) <= LONGEST_SLUG and SLUG.fullmatch(text) is not None


class IssueStatus(StrEnum):
    """Where an issue stands. A withdrawn issue has no status: it is simply absent from the archive."""

    DRAFT = "draft"
    """Previewed for the editors; never sent, not in the archive."""
    READY = "ready"
    """Waiting for its slot."""
    SENDING = "sending"
    """A send is open; the content is locked."""
    SENT = "sent"
    """The books of its send are closed."""
    PAUSED = "paused"
    """The send is held and can be resumed."""
    CANCELLED = "cancelled"
    """The send was stopped for good."""


class SendPolicy(StrEnum):
    """When an issue goes out."""

    SCHEDULED = "scheduled"
    """In the first slot on or after its date."""
    NOW = "now"
    """As soon as it is published."""
    NEVER = "never"
    """Only to the archive."""
    AT = "at"
    """At an hour of its own. In the file that hour stands in the place of this word."""


WRITTEN_POLICIES = tuple(policy for policy in SendPolicy if policy is not SendPolicy.AT)
"""Those that stand in a file by their own word."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an issue file: where, what, and how to put it right."""

    line: int | None
    """Counted from 1; None when the problem is not on one line."""
    message: str
    remedy: str

    def __str__(self) -> str:
        """Return the problem as one readable paragraph."""
        where = f"Line {self.line}: " if self.line is not None else ""
        return f"{where}{self.message} {self.remedy}"


NOT_IN_FRONT_MATTER = frozenset({"slug", "body", "source_hash", "lines", "translation", "send_at"})
"""Fields of an issue that stand elsewhere: in the name of its file, below the front matter, or nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issue as its editors wrote it."""

    slug: str
    title: str
    date: datetime.date
    """The cover date, and the earliest day it may be sent."""
    summary: str
    subject: str
    body: str
    """Markdown."""
    author: str = ""
    topics: tuple[str, ...] = ()
    lang: str = "en"
    image: str = ""
    """The picture that other sites show beside a link to the page."""
    image_alt: str = ""
    canonical: str = ""
    """Where the text first appeared, when that is not here."""
    ready: bool = True
    """False for a draft."""
    send: SendPolicy = SendPolicy.SCHEDULED
    send_at: WallTime | None = None
    """Its own hour, by the newsletter's clock; None unless `send` is AT."""
    audience: str = ""
    """The part of the list that it goes to, as an expression that can be read; empty for everybody."""
    digest: str = ""
    """The month whose digest it is, such as 2026-11; empty for any other issue."""
    accept: tuple[str, ...] = ()
    """Codes of findings that its editors know and accept, in this issue alone."""
    source_hash: str
    """SHA-256 of the source file, 64 hexadecimal characters."""
    lines: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Where each field, and the `body`, begins in the file; counted from 1."""
    translation: str = ""
    """The language code in the name of its file, if this is a translation; empty for the original."""

    @property
    def key(self) -> str:
        """Where its file stands in the content bucket."""
        return f"issues/{self.slug}.{self.translation}.md" if self.translation else f"issues/{self.slug}.md"


@dataclass(frozen=True, slots=True)
class FieldPlaceholder:
    """A place in an issue for what a reader answered to a field."""

    key: str
    """Of the field."""
    fallback: str
    """What stands there for whoever did not answer, or when the field is gone."""


NOT_READ_ON_THE_PAGE = frozenset(
    {"slug", "content_hash", "subject", "html", "text", "name_fallbacks", "pictures", "files", "image", "canonical"}
    | {
        "field_placeholders",
        "accepted",
        "audience",
        "asks_whether_useful",
        "digest",
        "translations",
    }  # each translation is compared with itself
)
"""Fields of a rendered issue that may differ while a reader of its page reads the same. A new field is not one."""

LATER_FIELDS = frozenset(
    {"asks_whether_useful", "audience", "digest", "field_placeholders", "files", "translation", "translations"}
)
"""Fields that are not written while they are empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedIssue:
    """An issue made ready for the reader.

    `html`, `text` and `subject` are templates for one recipient: they hold `{{variables}}` and nothing else
    in double braces (see `domain.personal`). All other fields are final.
    """

    slug: str
    content_hash: str = ""
    """SHA-256 over all other fields, 64 hexadecimal characters; empty until `sealed`.

    What an editor approved, a send is locked to and the page shows are the same when their hashes are."""
    title: str
    subject: str
    summary: str
    date: datetime.date
    lang: str
    html: str
    """The whole mail."""
    text: str
    """The whole text part."""
    web_html: str
    """The article alone, sanitised, every address absolute: for the page and the feeds."""
    name_fallbacks: tuple[str, ...]
    """What stands for a name we do not know; the position is the N of `{{name_N_html}}`."""
    field_placeholders: tuple[FieldPlaceholder, ...] = ()
    """Where values of fields stand; the position is the N of `{{field_N_html}}`."""
    pictures: tuple[Picture, ...]
    """Its own pictures, as they are served."""
    files: tuple[LinkedFile, ...] = ()
    """The files beside it that its text links to: exactly these versions are published with it."""
    author: str = ""
    topics: tuple[str, ...] = ()
    image: str = ""
    """Absolute address."""
    image_alt: str = ""
    canonical: str = ""
    """Absolute address; never empty once rendered."""
    events: tuple[Event, ...] = ()
    """What readers can put into their calendars, each by a file beside the page."""
    accepted: tuple[str, ...] = ()
    """Codes of findings that are accepted: whoever approves the issue approves that."""
    audience: str = ""
    """The part of the list that it goes to: whoever approves the issue approves that. Empty for everybody."""
    asks_whether_useful: bool = False
    """Whether its emails ask "Was this useful?": they hold `{{vote_url}}` then."""
    digest: str = ""
    """The month whose digest it is; empty for any other issue."""
    translation: str = ""
    """The language code below the issue's address, if this is a translation; empty for the original."""
    translations: tuple[RenderedIssue, ...] = ()
    """The same issue in other languages, in the order of their codes; a translation has none."""

    @property
    def path(self) -> str:
        """Where its page is found, below the address of the site."""
        return f"issues/{self.slug}/{f'{self.translation}/' if self.translation else ''}"

    @property
    def editions(self) -> tuple[RenderedIssue, ...]:
        """The issue in every language it has, the original first."""
        return (self, *self.translations)

    @property
    def translated_into(self) -> tuple[str, ...]:
        """The languages it has beside its own."""
        return tuple(each.lang for each in self.translations)

    def in_language(self, lang: str) -> RenderedIssue:
        """Return what a reader of this language gets: their own, else its main language, else the original."""
        best = best_match(lang, [each.lang for each in self.editions])
        return next((each for each in self.editions if each.lang == best), self)

    def reads_like(self, other: RenderedIssue) -> bool:
        """Return whether the page says the same, whatever templates and footer the mails have."""
        read = [each.name for each in fields(self) if each.name not in NOT_READ_ON_THE_PAGE]
        if self.translated_into != other.translated_into:
            return False
        same_files = [each.reads_as for each in self.files] == [each.reads_as for each in other.files]
        same = same_files and all(getattr(self, name) == getattr(other, name) for name in read)
        translations = zip(self.translations, other.translations, strict=True)
        return same and all(own.reads_like(others) for own, others in translations)

    def sealed(self) -> RenderedIssue:
        """Return the issue named by what it holds, the templates' part in it included."""
        return replace(self, content_hash=hashlib.sha256(self.to_seal()).hexdigest())

    def to_seal(self) -> bytes:
        """Return what its hash is made of. Of an issue that an earlier release rendered it may be something else."""
        return replace(self, content_hash="").to_json().encode()

    def to_json(self) -> str:
        """Return the same text for the same issue, always."""
        return json.dumps(self._plain(), ensure_ascii=False, sort_keys=True)

    def _plain(self) -> dict[str, Any]:
        plain = {**asdict(replace(self, translations=())), "date": self.date.isoformat()}
        plain["translations"] = [each._plain() for each in self.translations]
        # An issue without them keeps the hash that it had before there were any.
        return {name: value for name, value in plain.items() if value or name not in LATER_FIELDS}

    @classmethod
    def from_json(cls, json_text: str) -> RenderedIssue:
        """Return the issue that `to_json` wrote, in this release or another."""
        return cls._from_plain(json.loads(json_text))

    @classmethod
    def _from_plain(cls, stored: Mapping[str, Any]) -> RenderedIssue:
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in known_fields(cls, stored).items()
        }
        plain["pictures"] = tuple(Picture(**known_fields(Picture, each)) for each in stored["pictures"])
        plain["events"] = tuple(Event(**known_fields(Event, each)) for each in stored.get("events", ()))
        plain["files"] = tuple(LinkedFile(**known_fields(LinkedFile, each)) for each in stored.get("files", ()))
        plain["field_placeholders"] = tuple(
            FieldPlaceholder(**known_fields(FieldPlaceholder, each)) for each in stored.get("field_placeholders", ())
        )
        plain["date"] = datetime.date.fromisoformat(stored["date"])
        plain["translations"] = tuple(cls._from_plain(each) for each in stored.get("translations", ()))
        return cls(**plain)


OPTIONAL_WORDS = tuple(
    field.name
    for field in fields(RenderedIssue)
    if field.default == ""
    and field.name not in {"audience", "content_hash", "digest", "image", "canonical", "translation"}
)
"""Fields that may be empty and hold words for a reader, not a hash or an address; a new one is among them by itself."""
