"""What one refresh changes in the site."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from newsletter.aws.side_by_side import side_by_side
from newsletter.core.site_file import SiteFile
from newsletter.issues.site_ports import Site

if TYPE_CHECKING:
    from concurrent.futures import Executor


@dataclass
class SiteChanges:
    """Writes and removes files, and remembers which of them are not what they were."""

    site: Site
    threads: Executor
    paths: set[str] = field(default_factory=set)
    writes: int = 0
    """Files written or removed so far; one file counts each time."""

    def put(self, site_files: Sequence[SiteFile]) -> None:
        """Write files side by side: first what pages need, then the pages."""
        for pages in (False, True):
            wave = [each for each in site_files if each.path.endswith(".html") is pages]
            if wave:
                written = side_by_side([partial(self.site.put, each) for each in wave], self.threads)
                self.note([each.path for each, is_new in zip(wave, written, strict=True) if is_new])

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        if self.site.remove(path):
            self.note([path])

    def note(self, paths: Collection[str]) -> None:
        """Remember what was written or removed just now."""
        self.writes += len(paths)
        self.paths |= {*paths}
