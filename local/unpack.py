"""Archives of functions and layers, unpacked once for a stack: the emulator unpacks them for each worker.

A layer of ours is five hundred files, a stack has some thirty workers, and each compiled what it read of its own copy.
Now a worker's folder leads to the one copy, and what the first has compiled serves all. In AWS nobody can write there
either.
"""

import tempfile
import threading
import zipfile
from hashlib import sha256
from pathlib import Path

_one_at_a_time = threading.Lock()


class SharedArchive(zipfile.ZipFile):
    """An archive as the emulator sees it: what it uses of `zipfile.ZipFile`."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        name = f"unpacked-{sha256(Path(file).read_bytes()).hexdigest()}"
        self.shared = Path(tempfile.gettempdir()) / name

    def namelist(self) -> list[str]:
        """Return the names that are still to be looked at: none, once they were, and it is unpacked."""
        return [] if self.shared.exists() else super().namelist()

    def extractall(self, path: str) -> None:  # type: ignore[override]
        """Unpack it unless that is done, and let `path`, an empty folder, lead there."""
        with _one_at_a_time:
            if not self.shared.exists():
                unfinished = self.shared.with_suffix(".new")
                super().extractall(unfinished)
                unfinished.rename(self.shared)
        Path(path).rmdir()
        Path(path).symlink_to(self.shared)
