"""Drafts in memory, held to the same contract as the bucket: see test_drafts_contract.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import md5

from newsletter.desk.drafts.draft import Draft, DraftVersion, NewVersion
from newsletter.issues.domain.upload import SourceFile

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass
class MemoryBucket:
    """What was uploaded: every version of it, by key."""

    versions: dict[str, list[SourceFile]] = field(default_factory=dict)

    def put(self, key: str, body: bytes, uploaded_by: str = "") -> str:
        """Upload, and return the version."""
        stored = self.versions.setdefault(key, [])
        stored.append(SourceFile(body, f"upload-{len(stored) + 1}", uploaded_by))
        return stored[-1].version

    def newest(self, key: str) -> SourceFile | None:
        stored = self.versions.get(key)
        return stored[-1] if stored else None

    def version(self, key: str, version: str) -> bytes | None:
        return next((each.body for each in self.versions.get(key, []) if each.version == version), None)


class MemoryDrafts:
    """Drafts, every version of them, and their files."""

    def __init__(self, bucket: MemoryBucket | None = None) -> None:
        self.bucket = bucket or MemoryBucket()
        self.writes = 0
        self._versions: dict[str, list[Draft]] = {}
        self._gone: set[str] = set()
        self._files: dict[tuple[str, str], bytes] = {}

    def newest(self, slug: str) -> Draft | None:
        return None if slug in self._gone or slug not in self._versions else self._versions[slug][-1]

    def version_of(self, slug: str, version: str) -> str | None:
        return next((each.text for each in self._versions.get(slug, []) if each.version == version), None)

    def write(self, new: NewVersion, *, over: Draft | None) -> Draft | None:
        before = self.newest(new.slug)
        # As S3: the text is compared, by its digest, and nothing that stands beside it.
        if (before.etag if before else None) != (over.etag if over else None):
            return None
        self.writes += 1
        draft = Draft(
            new.slug, new.text, f"v{self.writes}", _etag(new.text), new.saved_by,
            upload_version=new.upload_version, saves=new.saves, hands=new.hands or tuple(filter(None, [new.saved_by])),
        )  # fmt: skip
        stored = replace(draft, saved_at=BEGIN + timedelta(seconds=self.writes))
        self._versions.setdefault(new.slug, []).append(stored)
        self._gone.discard(new.slug)
        return draft

    def history(self, slug: str) -> Sequence[DraftVersion]:
        return [DraftVersion(each.version, each.saved_at or BEGIN) for each in reversed(self._versions.get(slug, []))]

    def hands(self, slug: str, version_names: Sequence[str]) -> Sequence[tuple[str, ...]]:
        known = {each.version: each.hands for each in self._versions.get(slug, [])}
        return [known.get(version, ()) for version in version_names]

    def slugs(self) -> Sequence[str]:
        return sorted(self._versions.keys() - self._gone)

    def remove(self, slug: str) -> None:
        self._gone.add(slug)

    def put_file(self, slug: str, name: str, body: bytes) -> None:
        self._files[slug, name] = body

    def weight(self, slug: str, name: str) -> int | None:
        body = self.file(slug, name)
        return None if body is None else len(body)

    def file(self, slug: str, name: str) -> bytes | None:
        uploaded = self.bucket.newest(f"issues/{slug}/{name}")
        return self._files.get((slug, name), uploaded.body if uploaded else None)

    def file_names(self, slug: str) -> Sequence[str]:
        uploaded = {key.removeprefix(f"issues/{slug}/") for key in self.bucket.versions}
        return sorted({name for of, name in self._files if of == slug} | {each for each in uploaded if "/" not in each})

    def copy_file(self, slug: str, name: str, *, to: str) -> None:
        body = self.file(slug, name)
        if body is not None:
            self.put_file(to, name, body)

    def hand_over(self, slug: str, text: str, *, uploaded_by: str, upload_version: str) -> str | None:
        upload = self.bucket.newest(f"issues/{slug}.md")
        if (upload.version if upload else "") != upload_version:
            return None
        for (of, name), body in self._files.items():
            if of == slug:
                self.bucket.put(f"issues/{slug}/{name}", body)
        return self.bucket.put(f"issues/{slug}.md", text.encode(), uploaded_by)


def _etag(text: str) -> str:
    return f'"{md5(text.encode(), usedforsecurity=False).hexdigest()}"'
