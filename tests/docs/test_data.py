"""docs/data.md has a table for each kind of item, with a row for each attribute that is written."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from newsletter.core.link_token import SigningKeys
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.domain.suppression import Suppression
from newsletter.readers.importing.domain.list_import import ListImport
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.send import Send

TEXT = (Path(__file__).parents[2] / "docs/data.md").read_text()


def rows(heading: str) -> set[str]:
    """Return what the first cells of the tables below a heading name, up to the next heading."""
    found = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    cells = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", found[1], re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "noun", "written_otherwise"),
    [
        ("subscribers", Subscriber, {"rests_until": "paused_until", "last_notice_at": "told_at"}),
        ("subscribers", Consent, {"further": ""}),
        ("issues", IssueRecord, {"listed": "archive"}),
        ("header", Send, {"slug": "", "editors_informed_of": "told", "unreadable": ""}),
        ("batch", Batch, {"slug": "", "after": ""}),
        ("suppressions", Suppression, {}),
        ("import", ListImport, {"counts": "count_<word>"}),
        ("Secrets", SigningKeys, {}),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_each_field_has_its_row(heading: str, noun: type, written_otherwise: dict[str, str]) -> None:
    wanted = {written_otherwise.get(field.name, field.name) for field in fields(noun)} - {""}
    assert wanted - rows(heading) == set()
