"""What an import remembers beside its file: how far it came, so that the next run goes on and doubles nothing."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from newsletter_cli.problems import CommandError

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (id BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Journal:
    """A small database. It holds keyed hashes and counts; no address and no name.

    Written with each piece of work, in one transaction with the mailboxes of that piece: an import that is killed
    loses at most the account of what was under way, and tells that anew.
    """

    def __init__(self, path: Path | None, *, work: str, now: datetime) -> None:
        """Open or begin a journal.

        Args:
            path: Beside the file; None for a dry run, which remembers nothing.
            work: The fingerprint of the file and of all that was said about it.
            now: When an import begins that does not go on with another.

        Raises:
            CommandError: The journal is in use, of another file, or damaged.
        """
        self.path = path
        try:
            self._db = sqlite3.connect(str(path) if path else "", timeout=0)
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            # A process that dies loses nothing; a machine that does loses the last moments, which are told anew.
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(SCHEMA)
            facts = dict(self._db.execute("SELECT name, value FROM facts").fetchall())
        except sqlite3.OperationalError as exc:
            raise CommandError(
                f"{path} cannot be written: another import of this file is running, or the folder is read-only."
            ) from exc
        except sqlite3.DatabaseError as exc:
            raise CommandError(f"{path} is damaged. Remove it, and run the import again: nothing is doubled.") from exc
        if facts and facts["work"] != work:
            self._db.close()
            raise CommandError(
                f"{path} belongs to another version of the file, or to other options. Run the import as it was begun, "
                "or remove that journal to begin anew; nothing is doubled either way."
            )
        self.goes_on = bool(facts)
        self.began_at = datetime.fromisoformat(facts["began_at"]) if facts else now
        self.line = int(facts.get("line", 0))
        """Everything up to this line is done."""
        self.rejects = int(facts.get("rejects", 0))
        """Bytes of the file of rejects that belong to it."""
        self.counts: Counter[str] = Counter(json.loads(facts.get("counts", "{}")))
        self._write({"work": work, "began_at": self.began_at.isoformat()})
        self._db.commit()

    def is_repeated(self, subscriber_id: str, line: int) -> bool:
        """Return whether this mailbox stood on an earlier line already, and remember it."""
        key = bytes.fromhex(subscriber_id)
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line)).rowcount:
            return False
        first: int = self._db.execute("SELECT line FROM seen WHERE id = ?", (key,)).fetchone()[0]
        return first != line

    def record(self, outcomes: Iterable[str], *, line: int, rejects: int) -> None:
        """Write down what became of the next rows, up to a line."""
        self.counts.update(outcomes)
        self.line, self.rejects = line, rejects
        self._write({"line": str(line), "rejects": str(rejects), "counts": json.dumps(self.counts)})
        self._db.commit()

    def finish(self) -> None:
        """Forget everything: the work is done."""
        self._db.close()
        if self.path:
            self.path.unlink(missing_ok=True)

    def _write(self, facts: dict[str, str]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
