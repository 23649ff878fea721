"""Ports of this wing: interfaces to the outside world, in the words of its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.file_ports import FileShelf
from newsletter.issues.picture_ports import PictureShelf
from newsletter.issues.site_ports import ArchiveRenderer, Cache, Site
from newsletter.issues.translation_ports import TranslationFiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor
    from datetime import date, datetime, timedelta

    from newsletter.issues.domain.issue import IssueStatus, RenderedIssue
    from newsletter.issues.domain.issue_record import IssueRecord
    from newsletter.issues.domain.upload import Upload


class IssueStore(Protocol):
    """What we know about the issues besides their text."""

    def get(self, slug: str) -> IssueRecord | None: ...
    def get_many(self, slugs: Sequence[str]) -> dict[str, IssueRecord]:
        """Return the records of these issues, each as it stands now, by slug; who is unknown is left out."""
        ...

    def put(self, record: IssueRecord, *, before: IssueRecord | None) -> bool:
        """Write the record if it still stands as `before`; False otherwise."""
        ...

    def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
        """Turn a ready issue with exactly this content to sending; False if it is anything else, held or unapproved."""
        ...

    def approve(
        self, slug: str, content_hash: str, *, noted: str, corrected_at: datetime | None = None
    ) -> IssueRecord | None:
        """Approve exactly this content, and clear it for readers; None if another stands there, or it was withdrawn."""
        ...

    def hold(self, slug: str, *, held: bool, noted: str) -> IssueRecord | None:
        """Hold or release an issue; None if it was so already, or is unknown."""
        ...

    def note(self, slug: str, *, noted: str) -> IssueRecord | None:
        """Write down a decision that changes nothing in the record itself; None if the issue is unknown."""
        ...

    def set_status(self, slug: str, status: IssueStatus, *, sent_at: datetime | None = None) -> None: ...
    def set_announced(self, slug: str, announced: str, *, version: str, translations: Mapping[str, str]) -> None:
        """Note what the editors were told about: the version of its file, and of each translation's by its code."""
        ...

    def set_listed(self, record: IssueRecord, *, listed: bool) -> bool:
        """Note whether the site shows the issue, and wake it by its date if nothing else is missing.

        Returns:
            Whether the record still stands as it was read.
        """
        ...

    def set_preview_since(self, slug: str, since: datetime) -> None:
        """Make another address of the preview page the only one that opens it."""
        ...

    def with_status(self, status: IssueStatus) -> list[IssueRecord]:
        """Return the issues of one status, oldest date first."""
        ...

    def set_shown(self, slug: str, shown: date | None) -> None: ...
    def coming(self, today: date, limit: int) -> list[IssueRecord]:
        """Return issues for the archive only whose date has come and that are not listed yet, oldest date first."""
        ...

    def newest(self, limit: int) -> list[IssueRecord]:
        """Return the newest listed issues, newest first."""
        ...

    def listed_in(self, year: int) -> list[IssueRecord]:
        """Return the listed issues of one year, newest first."""
        ...

    def older_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        """Return the listed issues before this place in the archive, nearest first."""
        ...

    def newer_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        """Return the listed issues behind this place in the archive, nearest first."""
        ...

    def years(self) -> list[int]:
        """Return the years that have listed issues, newest first; asks once for each."""
        ...


class ContentStore(TranslationFiles, Protocol):
    """The bucket editors upload to, and what we write beside their files."""

    def read(self, key: str) -> bytes | None:
        """Return what stands under this key now, or None."""
        ...

    def stands(self, key: str) -> bool:
        """Return whether there is anything under this key now, without reading it."""
        ...

    def files_of(self, slug: str) -> dict[str, str]:
        """Return the keys `issues/<slug>.…` and `issues/<slug>/…`, each with a mark that changes when the file does.

        That is the file of the issue, its translations, what we write beside them, its pictures and its files.
        """
        ...

    def uploader(self, key: str) -> str:
        """Return whom the metadata of what stands under this key names; empty if it names nobody."""
        ...

    def version(self, key: str, version: str) -> bytes | None:
        """Return one version of what stood under this key, or None if it is gone for good."""
        ...

    def remove(self, key: str) -> None:
        """Remove the file; the bucket keeps its versions."""
        ...

    def put_problems(self, key: str, text: str, *, version: str) -> None:
        """Write `<key without .md or .yaml>.problems.txt` beside this version of the file."""
        ...

    def problems_of(self, key: str) -> str:
        """Return which version of the file the list of problems is about, or nothing if there is none."""
        ...

    def clear_problems(self, key: str) -> None: ...
    def put_preflight(self, key: str, text: str) -> None:
        """Write `<key without .md>.preflight.json` beside the file."""
        ...

    def clear_preflight(self, key: str) -> None: ...
    def put_report(self, name: str, text: str) -> None:
        """Write the report of this name over the one before; the bucket keeps its versions."""
        ...

    def report(self, name: str) -> str | None:
        """Return the newest report of this name, or None."""
        ...

    def put_rendered(self, rendered: RenderedIssue) -> None: ...
    def rendered(self, slug: str, content_hash: str) -> RenderedIssue:
        """Return an issue exactly as it was rendered from this content.

        Raises:
            MissingRenderingError: Somebody deleted it.
        """
        ...


class PublishQueue(Protocol):
    """Messages to whoever publishes, beside the bucket's own events."""

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        """Ask for another look at the issue's file. Units: `delay` in seconds, at most 900 (SQS)."""
        ...

    def send_at_hour(self, slug: str, *, delay: int = 0) -> None:
        """Ask for the send of an issue with its own hour, if that has come by then. Units: as above."""
        ...

    def make_digest(self, month: str) -> None:
        """Ask for the draft of the digest of a month, such as 2026-11."""
        ...

    def look_later(self, upload: Upload, *, delay: int) -> None:
        """Ask for a look at the issue that counts only if no event came behind this one. Units: as above."""
        ...

    def mail_test(self, slug: str, editor_id: str) -> None:
        """Ask for the issue's email to one editor."""
        ...

    def mail_named_test(self, slug: str, test_id: str) -> None:
        """Ask for the issue's email as a test that the desk has written down, with its address and its name."""
        ...

    def mail_comments(self, slug: str, quarter: datetime, *, delay: int) -> None:
        """Ask for the email about the comments of a quarter of an hour. Units: `delay` in seconds, at most 900."""
        ...

    def refresh_archive(self, slug: str = "", *, then_plan: bool = False) -> None:
        """Ask for the site to be made to agree with the table: this issue's page, and every page that names issues.

        Args:
            slug: The issue, if the request is about one.
            then_plan: Wake the planners of its open send once its page stands.
        """
        ...

    def refresh_year(self, year: int) -> None:
        """Ask for every page of one year to be written anew: they look different now."""
        ...

    def take_settings_again(self, key: str, *, delay: int) -> None:
        """Ask for another look at a file of `settings/`. Units: `delay` in seconds."""
        ...


@dataclass(frozen=True, slots=True)
class PublishPorts:
    """What publishing touches."""

    content: ContentStore
    issues: IssueStore
    pictures: PictureShelf
    files: FileShelf
    examination: ExaminationPorts
    editors: Editors
    publish_queue: PublishQueue
    needs_approval: bool
    """Whether only approved content is sent."""
    send_now_delay: timedelta
    """How long editors can hold an issue that asks to go out at once."""
    threads: Executor
    """Makes calls that do not wait for one another."""


@dataclass(frozen=True, slots=True)
class ArchivePorts:
    """What writing the site touches."""

    content: ContentStore
    issues: IssueStore
    site: Site
    archive: ArchiveRenderer
    cache: Cache
    files: FileShelf
    needs_approval: bool
    """Whether only approved content is public."""
    threads: Executor
    """Makes calls that do not wait for one another."""
