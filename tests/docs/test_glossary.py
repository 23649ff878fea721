"""Each term of the glossary stands once, and the code names it where the glossary says so."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([^|]+) \| (.+) \| `([\w.]+):(\w+)` \|$", re.MULTILINE)
TEXT = (ROOT / "docs/glossary.md").read_text()
TERMS = ROW.findall(TEXT)


def test_every_line_of_a_table_is_a_term() -> None:
    lines = [line for line in TEXT.splitlines() if line.startswith("|") and not line.startswith(("| term ", "| --- "))]
    assert len(lines) == len(TERMS)


def test_a_term_stands_once() -> None:
    assert [term for term, times in Counter(term for term, *_ in TERMS).items() if times > 1] == []


@pytest.mark.parametrize(("module", "name"), [(module, name) for *_, module, name in TERMS])
def test_the_code_names_a_term_where_the_glossary_says_so(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("meaning", [meaning for _, meaning, *_ in TERMS])
def test_a_meaning_is_a_sentence(meaning: str) -> None:
    assert re.match(r"[A-Z`]", meaning)
    assert meaning.endswith(".")
