"""Ports of importing and exporting lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from newsletter.core.ports import Clock
    from newsletter.core.reader_fields.reader_field import ReaderField
    from newsletter.core.upload_form import UploadForm
    from newsletter.readers.importing.domain.csv_text import Guess
    from newsletter.readers.importing.domain.list_import import ListImport
    from newsletter.readers.ports import Addresses, AllSuppressions, ImportPorts, SubscriberStore, WholeList


@dataclass(frozen=True, slots=True)
class StoredList:
    """What lies where an upload belongs."""

    size: int
    """Units: bytes."""
    etag: str
    """Another one for other bytes."""


class ImportStore(Protocol):
    """What is known about imports."""

    def add(self, list_import: ListImport) -> bool:
        """Write a new import, and name it among the newest; False if there is one of this id."""
        ...

    def get(self, import_id: str) -> ListImport | None:
        """Read an import, consistently."""
        ...

    def save(self, list_import: ListImport) -> bool:
        """Write over the version that this one was made from; False if somebody else wrote meanwhile."""
        ...

    def account(self, import_id: str, *, attempt: int, piece: int, row_counts: Mapping[str, int]) -> ListImport | None:
        """Add a piece to the account, unless it stands there or the attempt is another by now.

        Returns:
            The import as it is then; None if nothing was added.
        """
        ...

    def newest(self) -> Sequence[ListImport]:
        """Return the last imports, newest first."""
        ...


class ListFiles(Protocol):
    """Uploads, and what is made of them."""

    def look(self, key: str) -> StoredList | None:
        """Return what stands under a key, or None."""
        ...

    def chunks(self, key: str, etag: str) -> Iterator[bytes]:
        """Yield a whole file, the first chunk with its first line.

        Raises:
            InvalidListError: Other bytes stand there by now.
        """
        ...

    def part(self, key: str, etag: str, *, begin: int, end: int) -> bytes:
        """Return some bytes of a file.

        Raises:
            InvalidListError: Other bytes stand there by now.
        """
        ...

    def read(self, key: str) -> bytes | None:
        """Return a small file of ours."""
        ...

    def put(self, key: str, file_parts: Iterable[bytes], *, content_type: str) -> None:
        """Write a file of ours over the one before, however long it is, and all of it or nothing."""
        ...

    def put_once(self, key: str, file_body: bytes) -> bytes:
        """Write a file of ours unless one stands there; return what stands there then."""
        ...


class ListDoors(Protocol):
    """Ways for a browser to files, past us and for some minutes."""

    def upload_form(self, key: str, *, most: int, back_to: str) -> UploadForm:
        """Return a form that puts one file under a key.

        Args:
            key: Where it will stand.
            most: Bytes; a larger file is refused at the door.
            back_to: The page that the browser is sent to after; empty for none.
        """
        ...

    def download(self, key: str, *, file_name: str) -> str:
        """Return the address of a file that a browser saves under this name."""
        ...


class ImportQueue(Protocol):
    """Messages to whoever imports."""

    def describe(self, import_id: str) -> None:
        """Ask for a look at an upload."""
        ...

    def plan(self, import_id: str, attempt: int) -> None:
        """Ask for the pieces of a check or run to be queued."""
        ...

    def pieces(self, import_id: str, attempt: int, numbers: Sequence[int]) -> None:
        """Ask for some pieces of a check or run."""
        ...


class ExportQueue(Protocol):
    """Messages to whoever may read the whole list."""

    def export(self, export_id: str, *, of_suppressions: bool) -> None:
        """Ask for the whole list, or for all suppressions, as a file."""
        ...


@dataclass(frozen=True, slots=True)
class ListImportPorts:
    """What the work on an upload touches."""

    imports: ImportStore
    files: ListFiles
    import_queue: ImportQueue
    addresses: Addresses
    people: ImportPorts
    guess: Guess
    clock: Clock
    reader_fields: Callable[[], Sequence[ReaderField]] = tuple
    """Returns what the publisher asks of readers."""


@dataclass(frozen=True, slots=True)
class ImportDeskPorts:
    """What somebody who imports or exports touches: no reader."""

    imports: ImportStore
    files: ListFiles
    doors: ListDoors
    import_queue: ImportQueue
    export_queue: ExportQueue
    reader_fields: Callable[[], Sequence[ReaderField]] = tuple
    """Returns what the publisher asks of readers."""


@dataclass(frozen=True, slots=True)
class ExportPorts:
    """What giving the list out touches."""

    whole_list: WholeList
    subscribers: SubscriberStore
    whole_suppressions: AllSuppressions
    files: ListFiles
    reader_fields: Callable[[], Sequence[ReaderField]] = tuple
    """Returns what the publisher asks of readers."""
