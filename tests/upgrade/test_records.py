"""Whatever one release wrote, the next one reads, and the one before it after a rollback."""

from __future__ import annotations

import hashlib
import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from newsletter.readers.domain.consent import Consent
from tests.core.fakes import NOW
from tests.upgrade.record import FOLDER, at
from tests.upgrade.record_types import CONSENT, RECORD_TYPES, RecordType

ROOT = Path(__file__).parents[2]
RECORDED = {
    "1.0.0": "928f30280ecfa249",
    "1.1.0": "fce5ab2488b5fde9",
}
"""What was recorded when a release was made, as a digest of all files: it is written once."""

WRITTEN_ANEW = {"version", "archive"}
"""What each write counts up, and where each write lists an issue by the rule of its own release."""

SAMPLES = [path for release in RECORDED for path in sorted((FOLDER / release).glob("*.json"))]
NEWER = ["a word", {"in": "it"}]


def name_of(path: Path) -> str:
    """Return `<release>/<type>`."""
    return f"{path.parent.name}/{path.stem}"


def typed(kind: RecordType, value: Any) -> Any:
    """Return a value as the record holds it: DynamoDB names the type of each."""
    if not kind.stands_in.endswith("Table"):
        return value
    return {"S": value} if isinstance(value, str) else {"M": {name: {"S": text} for name, text in value.items()}}


def within(earlier: Any, later: Any) -> bool:
    """Return whether everything that stands in one record stands in the other, which may hold more."""
    if isinstance(earlier, dict) and isinstance(later, dict):
        return all(name in later and within(value, later[name]) for name, value in earlier.items())
    if isinstance(earlier, list) and isinstance(later, list):
        return len(earlier) == len(later) and all(map(within, earlier, later))
    if isinstance(earlier, str) and isinstance(later, str) and earlier.startswith("{") and earlier != later:
        return within(json.loads(earlier), json.loads(later))
    return bool(earlier == later)


@pytest.mark.parametrize("value", NEWER, ids=str)
@pytest.mark.parametrize("name", RECORD_TYPES)
def test_a_field_of_a_newer_release_is_left_out(name: str, value: Any) -> None:
    kind = RECORD_TYPES[name]
    plain = kind.write()
    expected = kind.read(plain)
    for path in kind.objects:
        newer = deepcopy(plain)
        at(newer, path)["of_a_newer_release"] = typed(kind, value)

        assert kind.read(newer) == expected, path


@pytest.mark.parametrize("field", ["forecast", "probe", "books"])
def test_so_is_one_in_the_json_that_a_header_holds(field: str) -> None:
    kind = RECORD_TYPES["send"]
    plain = kind.write()
    newer = deepcopy(plain)
    newer[field]["S"] = json.dumps(json.loads(plain[field]["S"]) | {"of_a_newer_release": 1})

    assert kind.read(newer) == kind.read(plain)


def test_a_receipt_of_consent_keeps_what_a_newer_release_sealed() -> None:
    sealed = Consent(asked_at=NOW, further={"country": "cy"}).sealed("key")

    found = Consent.from_held(sealed.as_held())

    assert found == sealed
    assert found.holds("key")
    assert found.as_held()["country"] == "cy"
    assert hash(found) == hash(sealed)
    assert not CONSENT.from_held(CONSENT.as_held() | {"country": "cy"}).holds("key")


@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_what_an_earlier_release_wrote_is_read_and_nothing_of_it_is_lost(path: Path) -> None:
    kind = RECORD_TYPES[path.stem]
    recorded = json.loads(path.read_text(encoding="utf-8"))["record"]

    found = kind.read(recorded)

    assert found is not None
    assert not getattr(found, "unreadable", False)
    if kind.again:
        again = kind.again(found)
        assert {name for name in recorded.keys() - WRITTEN_ANEW if not within(recorded[name], again.get(name))} == set()


@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_what_this_release_writes_holds_what_an_earlier_one_cannot_do_without(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    written = RECORD_TYPES[path.stem].write()
    for *where, name in recorded["needs"]:
        before, now = at(recorded["record"], where)[name], at(written, where).get(name)

        assert type(now) is type(before), (where, name)
        if isinstance(before, dict) and len(before) == 1:
            assert now.keys() == before.keys(), (where, name)  # DynamoDB's name of the type


@pytest.mark.parametrize("release", RECORDED)
def test_a_release_is_recorded_once(release: str) -> None:
    digest = hashlib.sha256()
    for path in sorted((FOLDER / release).glob("*.json")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")

    assert digest.hexdigest()[:16] == RECORDED[release]


def test_the_newest_release_of_the_changelog_is_recorded() -> None:
    releases = re.findall(r"^## \[(\d[\d.]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert releases[0] in RECORDED
    assert RECORDED.keys() <= set(releases)
