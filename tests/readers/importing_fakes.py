"""The ports of imports in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from newsletter.core.upload_form import UploadForm
from newsletter.readers.importing.adapters.import_queue import ImportTask
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.domain.list_import import ListImport
from newsletter.readers.importing.ports import (
    ImportDeskPorts,
    ListImportPorts,
    StoredList,
)
from newsletter.readers.ports import ImportPorts
from tests.core.fakes import VirtualClock
from tests.readers.fakes import MemoryNewcomers, MemorySubscribers, MemorySuppressions, PlainAddresses


class MemoryImports:
    """What is known about imports."""

    def __init__(self) -> None:
        self.by_id: dict[str, ListImport] = {}

    def add(self, list_import: ListImport) -> bool:
        if list_import.import_id in self.by_id:
            return False
        self.by_id[list_import.import_id] = replace(list_import, version=1)
        return True

    def get(self, import_id: str) -> ListImport | None:
        return self.by_id.get(import_id)

    def save(self, list_import: ListImport) -> bool:
        if self.by_id[list_import.import_id].version != list_import.version:
            return False
        self.by_id[list_import.import_id] = replace(list_import, version=list_import.version + 1)
        return True

    def account(self, import_id: str, *, attempt: int, piece: int, row_counts: Mapping[str, int]) -> ListImport | None:
        stored = self.by_id[import_id]
        if stored.attempt != attempt or piece in stored.done:
            return None
        counts = {
            word: stored.counts.get(word, 0) + row_counts.get(word, 0) for word in {**stored.counts, **row_counts}
        }
        self.by_id[import_id] = replace(stored, counts=counts, done=stored.done | {piece}, version=stored.version + 1)
        return self.by_id[import_id]

    def newest(self) -> Sequence[ListImport]:
        return list(reversed(self.by_id.values()))


class MemoryListFiles:
    """A bucket, whose etags are what the files hold."""

    def __init__(self, chunk: int = 1 << 20) -> None:
        self.by_key: dict[str, bytes] = {}
        self._chunk = chunk

    def look(self, key: str) -> StoredList | None:
        body = self.by_key.get(key)
        return StoredList(len(body), str(hash(body))) if body is not None else None

    def chunks(self, key: str, etag: str) -> Iterator[bytes]:
        body = self._body(key, etag)
        yield from (body[start : start + self._chunk] for start in range(0, len(body), self._chunk))

    def part(self, key: str, etag: str, *, begin: int, end: int) -> bytes:
        return self._body(key, etag)[begin:end]

    def read(self, key: str) -> bytes | None:
        return self.by_key.get(key)

    def put(self, key: str, file_parts: Iterable[bytes], *, content_type: str) -> None:
        self.by_key[key] = b"".join(file_parts)

    def put_once(self, key: str, file_body: bytes) -> bytes:
        return self.by_key.setdefault(key, file_body)

    def _body(self, key: str, etag: str) -> bytes:
        found = self.look(key)
        if found is None or found.etag != etag:
            raise list_fault(ListFault.REPLACED)
        return self.by_key[key]


class RecordingDoors:
    """Addresses that say what they are of."""

    def upload_form(self, key: str, *, most: int, back_to: str) -> UploadForm:
        return UploadForm(f"https://bucket.example/?most={most}", {"key": key, "success_action_redirect": back_to})

    def download(self, key: str, *, file_name: str) -> str:
        return f"https://bucket.example/{key}?as={file_name}"


@dataclass
class MemoryImportQueue:
    """Messages that wait."""

    tasks: list[ImportTask] = field(default_factory=list)

    def describe(self, import_id: str) -> None:
        self.tasks.append(ImportTask("describe", import_id))

    def plan(self, import_id: str, attempt: int) -> None:
        self.tasks.append(ImportTask("plan", import_id, attempt))

    def pieces(self, import_id: str, attempt: int, numbers: Sequence[int]) -> None:
        self.tasks += [ImportTask("import", import_id, attempt, number) for number in numbers]


@dataclass
class MemoryExportQueue:
    """Exports that were asked for."""

    asked: list[tuple[str, bool]] = field(default_factory=list)

    def export(self, export_id: str, *, of_suppressions: bool) -> None:
        self.asked.append((export_id, of_suppressions))


class CutOffError(Exception):
    """The function died here."""


class Watched:
    """Stands before a port: counts all calls of a story, and dies before or after the one that was said."""

    def __init__(self, port: Any, story: Story) -> None:
        self._port = port
        self._story = story

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **options: Any) -> Any:
            self._story.calls += 1
            if self._story.calls == self._story.dies_before:
                raise CutOffError
            result = found(*args, **options)
            if self._story.calls == self._story.dies_after:
                raise CutOffError
            return result

        return call


@dataclass
class Story:
    """The world around imports, and when whoever works in it dies."""

    subscribers: MemorySubscribers = field(default_factory=MemorySubscribers)
    imports: MemoryImports = field(default_factory=MemoryImports)
    files: MemoryListFiles = field(default_factory=MemoryListFiles)
    queue: MemoryImportQueue = field(default_factory=MemoryImportQueue)
    exports: MemoryExportQueue = field(default_factory=MemoryExportQueue)
    clock: VirtualClock = field(default_factory=VirtualClock)
    dies_before: int = 0
    dies_after: int = 0
    calls: int = 0

    def __post_init__(self) -> None:
        self.suppressions = MemorySuppressions(subscribers=self.subscribers)

    @property
    def work(self) -> ListImportPorts:
        def watched(port: object) -> Any:
            return Watched(port, self)

        newcomers = MemoryNewcomers(self.subscribers, self.suppressions)
        return ListImportPorts(
            imports=watched(self.imports),
            files=watched(self.files),
            import_queue=watched(self.queue),
            addresses=PlainAddresses(),
            people=ImportPorts(watched(self.subscribers), watched(self.suppressions), watched(newcomers)),
            guess=lambda odd: "cp1252",
            clock=self.clock,
        )

    @property
    def desk(self) -> ImportDeskPorts:
        return ImportDeskPorts(self.imports, self.files, RecordingDoors(), self.queue, self.exports)
