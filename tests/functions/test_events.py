"""The payloads in events/ are there to be used."""

from __future__ import annotations

from pathlib import Path

from tests.functions.conftest import EVENTS


def test_every_payload_is_used_by_a_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("*.py"))

    unused = [
        str(path.relative_to(EVENTS))
        for path in sorted(EVENTS.rglob("*.json"))
        if f"{path.parent.name}/{path.stem}" not in tests and f'"{path.stem}"' not in tests
    ]

    assert unused == []
