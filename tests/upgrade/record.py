"""Records what a release writes: `python -m tests.upgrade.record 1.2.0`, once, in the commit that makes the release."""

from __future__ import annotations

import json
import os
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.moto_aws import CREDENTIALS, aws_in_process
from tests.upgrade.record_types import RECORD_TYPES, Plain, RecordType

FOLDER = Path(__file__).parent


def at(plain: Any, path: tuple[str | int, ...]) -> Any:
    """Return the object at a path."""
    for step in path:
        plain = plain[step]
    return plain


def needed(kind: RecordType, plain: Plain) -> list[list[str | int]]:
    """Return the fields without which this release cannot read the record."""
    found: list[list[str | int]] = []
    before = kind.read(plain)
    for path in kind.objects:
        for name in at(plain, path):
            without = deepcopy(plain)
            del at(without, path)[name]
            try:
                same = type(kind.read(without)) is type(before) and not getattr(kind.read(without), "unreadable", False)
            except Exception:  # noqa: BLE001 - whatever a reader raises, it needs the field
                same = False
            if not same:
                found.append([*path, name])
    return found


def main(release: str) -> None:
    """Write one file for each type of record; never over another."""
    os.environ.update(CREDENTIALS)
    folder = FOLDER / release
    folder.mkdir()
    with aws_in_process():
        for name, kind in RECORD_TYPES.items():
            plain = kind.write()
            text = json.dumps(
                {"needs": needed(kind, plain), "record": plain}, indent=1, ensure_ascii=False, sort_keys=True
            )
            (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
