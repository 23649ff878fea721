"""One import of a list, from the upload to its account: what is known about it without opening its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from newsletter.readers.domain.takeover import ExternalStatus
from newsletter.readers.importing.domain.rows import LONGEST_EVIDENCE, Vouched

LARGEST_UPLOAD = 200 << 20
"""Bytes: what one function reads from the first to the last in a minute or two."""

MOST_ROWS = 1_000_000
"""Rows of one file; the ids of so many mailboxes, 120 MB, are compared in memory."""

PIECE_ROWS = 2000
"""Rows for each message: ten seconds of work, and little to do again after a crash."""


class ImportState(StrEnum):
    """How far an import is."""

    UPLOADED = "uploaded"
    """There is a place for the file; it may still be on its way."""
    READ = "read"
    """It is known what kind of file it is, and which columns it has."""
    CHECKING = "checking"
    """A dry run is under way."""
    CHECKED = "checked"
    """The dry run has told what would become of every row."""
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Somebody stopped it; it can go on."""
    REFUSED = "refused"
    """The file cannot be imported; `problem` says why, and what to do."""


UNDER_WAY = frozenset({ImportState.CHECKING, ImportState.RUNNING})
BEFORE_ITS_RUN = frozenset({ImportState.UPLOADED, ImportState.READ, ImportState.CHECKED, ImportState.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImport:
    """One import. It holds no address and no name of a reader."""

    import_id: str
    state: ImportState = ImportState.UPLOADED
    file_name: str = ""
    """As whoever uploaded it calls the file."""
    started_by: str
    """Who imports, as the desk or AWS knows them."""
    uploaded_at: datetime
    encoding: str = ""
    """Said by whoever imports; empty where it is found out."""
    mapped: Mapping[str, str] = field(default_factory=dict)
    """Headings, or numbers from 1, by field; as `find_columns` takes them."""
    consent: str = ""
    consent_date: datetime | None = None
    status_there: ExternalStatus | None = None
    """The status that everybody in the file has in the other system."""
    keep_out: bool = False
    """Whether to remember who left, bounced or complained there."""
    tags: frozenset[str] = frozenset()
    """What everybody in the file is tagged with."""
    etag: str = ""
    """S3's name for the bytes that were read: no other file is imported in their place."""
    attempt: int = 0
    """Counts the checks and runs; a message of an earlier one does nothing."""
    planned: int = 0
    """The attempt that cut the file into pieces; a run uses the pieces of the check before it."""
    rows: int = 0
    pieces: int = 0
    done: frozenset[int] = frozenset()
    """Pieces that stand in the account."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Rows by what became of them, or what would; of the pieces in `done`."""
    began_at: datetime | None = None
    """Of this check or run. The record of everybody whom a run adds bears it, so a repeated piece knows its own."""
    running: bool = False
    """Whether people are written, or only counted."""
    ended_at: datetime | None = None
    problem: str = ""
    version: int = 0

    @property
    def vouched(self) -> Vouched:
        """What whoever imports answers for."""
        return Vouched(self.consent, self.consent_date, self.status_there, self.tags)

    @property
    def may_be_read(self) -> bool:
        """Whether a look at the file, with this encoding or another, still means anything."""
        return not self.running and self.state in BEFORE_ITS_RUN

    @property
    def may_be_checked(self) -> bool:
        """Whether a dry run can begin: whoever imports may change their mind until people are written."""
        return not self.running and self.state in (ImportState.READ, ImportState.CHECKED, ImportState.STOPPED)

    @property
    def may_go_on(self) -> bool:
        """Whether it can be asked to go on: it was stopped, or its messages may have been lost."""
        return self.state is ImportState.STOPPED or self.state in UNDER_WAY

    def is_at(self, attempt: int) -> bool:
        """Return whether a message of this check or run still has something to do."""
        return self.attempt == attempt and self.state in UNDER_WAY

    @property
    def is_whole(self) -> bool:
        """Whether every piece stands in the account."""
        return 0 < self.pieces == len(self.done)

    @property
    def missing(self) -> list[int]:
        """Pieces that do not stand in the account yet."""
        return [number for number in range(self.pieces) if number not in self.done]

    @property
    def counted(self) -> int:
        """Rows that stand in the account."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever imports has to say once the file was looked at."""

    mapped: Mapping[str, str] = field(default_factory=dict)
    vouched: Vouched = Vouched()
    keep_out: bool = False


def read_again(list_import: ListImport, encoding: str) -> ListImport:
    """Return the import before a look at its file, with what was said about its encoding."""
    return replace(
        list_import, state=ImportState.UPLOADED, encoding=encoding, etag="", rows=0, pieces=0, planned=0, problem=""
    )


def checked_anew(list_import: ListImport, import_choices: Choices, *, now: datetime) -> ListImport:
    """Return the import at the beginning of a dry run with these choices."""
    return replace(
        list_import,
        state=ImportState.CHECKING,
        mapped=dict(import_choices.mapped),
        consent=import_choices.vouched.consent[:LONGEST_EVIDENCE],
        consent_date=import_choices.vouched.consent_date,
        status_there=import_choices.vouched.out,
        keep_out=import_choices.keep_out,
        tags=import_choices.vouched.tags,
        attempt=list_import.attempt + 1,
        pieces=0,
        done=frozenset(),
        counts={},
        began_at=now,
        ended_at=None,
        running=False,
        problem="",
    )


def begun(list_import: ListImport, *, now: datetime) -> ListImport:
    """Return the import at the beginning of its run, with the pieces of its check."""
    return replace(
        list_import,
        state=ImportState.RUNNING,
        attempt=list_import.attempt + 1,
        done=frozenset(),
        counts={},
        began_at=now,
        ended_at=None,
        running=True,
    )


def going_on(list_import: ListImport) -> ListImport:
    """Return the import that was stopped and goes on where it was."""
    state = ImportState.RUNNING if list_import.running else ImportState.CHECKING
    return replace(list_import, state=state, ended_at=None)


def ended(list_import: ListImport, *, now: datetime) -> ListImport:
    """Return the import after its last piece."""
    return replace(list_import, state=ImportState.DONE if list_import.running else ImportState.CHECKED, ended_at=now)


def refused(list_import: ListImport, sentence: str, *, now: datetime) -> ListImport:
    """Return the import of a file that cannot be imported."""
    return replace(list_import, state=ImportState.REFUSED, problem=sentence, ended_at=now)
