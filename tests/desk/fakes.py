"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice

from newsletter.desk.domain.decision import Decision
from newsletter.desk.drafts.draft import Draft, DraftNote, DraftVersion


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
        kept = reversed(self.kept.get(slug, []))
        return [DraftVersion(d.version, at, d.note.saved_by, d.note.words) for d, at in islice(kept, limit)]

    def slugs(self) -> list[str]:
        return sorted(self.kept.keys() - self.removed)

    def remove(self, slug: str) -> None:
        self.removed.add(slug)
