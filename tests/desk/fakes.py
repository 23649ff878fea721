"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice

from newsletter.desk.domain.decision import Decision
from newsletter.desk.drafts.draft import Draft, DraftNote, DraftVersion
from tests.issues.fakes import MemoryContent


class PlainLinks:
    """Links that say what they are for."""

    def to_decide(self, decision: Decision, *, now: datetime) -> str:
        whose = f"/{decision.editor.editor_id}" if decision.editor and decision.editor.name else ""
        return f"https://b.example.org/decide/{decision.verb}/{decision.content_hash[:4]}{whose}"

    def to_test(self, decision: Decision, *, now: datetime) -> str:
        return "https://b.example.org/test"

    def to_page(self, slug: str, *, since: datetime) -> str:
        return f"https://b.example.org/preview/{slug}.{since:%Y%m%d%H%M%S}/"


class MemoryDrafts:
    """Drafts with all their versions; two versions with the same text have the same ETag, as on S3."""

    def __init__(self, now: datetime = datetime(2026, 11, 26, 12, tzinfo=UTC)) -> None:
        self.now = now
        self.kept: dict[str, list[tuple[Draft, datetime]]] = {}
        self.removed: set[str] = set()

    def newest(self, slug: str) -> Draft | None:
        return self.kept[slug][-1][0] if slug in self.kept and slug not in self.removed else None

    def put(self, slug: str, text: str, draft_note: DraftNote, *, instead_of: Draft | None) -> Draft | None:
        current = self.newest(slug)
        if (current and current.etag) != (instead_of and instead_of.etag):
            return None
        versions = self.kept.setdefault(slug, [])
        draft = Draft(slug, text, f"v{len(versions) + 1}", sha256(text.encode()).hexdigest(), draft_note)
        versions.append((draft, self.now))
        self.removed.discard(slug)
        return draft

    def version(self, slug: str, version: str) -> Draft | None:
        return next((draft for draft, _ in self.kept.get(slug, []) if draft.version == version), None)

    def versions(self, slug: str, limit: int) -> list[DraftVersion]:
        kept = self.kept.get(slug, [])
        texts = ["", *(draft.text for draft, _ in kept)]
        distinct = [each for each, before in zip(kept, texts, strict=False) if each[0].text != before]
        return [
            DraftVersion(draft.version, saved_at, draft.note.saved_by, draft.note.words)
            for draft, saved_at in islice(reversed(distinct), limit)
        ]

    def slugs(self) -> list[str]:
        return sorted(self.kept.keys() - self.removed)

    def remove(self, slug: str) -> None:
        self.removed.add(slug)


class MemoryUploads:
    """Drafts become files in the bucket."""

    def __init__(self, content: MemoryContent) -> None:
        self.content = content

    def hand_in(self, slug: str, text: str, *, expected_version: str, uploaded_by: str) -> str | None:
        key = f"issues/{slug}.md"
        current = self.content.newest(key)
        if (current.version if current else "") != expected_version:
            return None
        self.content.objects[key] = text.encode()
        self.content.uploaders[key] = uploaded_by
        written = self.content.newest(key)
        return written.version if written else None

    def copy_files(self, slug: str, *, to_slug: str) -> None:
        for key, body in [*self.content.objects.items()]:
            if key.startswith(f"issues/{slug}/"):
                self.content.add(f"issues/{to_slug}/{key.removeprefix(f'issues/{slug}/')}", body)
