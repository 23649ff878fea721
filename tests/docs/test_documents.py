"""What is made in docs/ is what the code and the template say today."""

from __future__ import annotations

from types import ModuleType

import pytest

from local.documents import architecture, blast_radius, cost, growth_curve, numbers


@pytest.mark.parametrize(
    "document",
    [architecture, blast_radius, cost, growth_curve, numbers],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_a_document_is_what_it_is_made_from(document: ModuleType) -> None:
    assert document.FILE.read_text(encoding="utf-8") == document.as_text(), "run: make documents"


def test_the_diagram_knows_every_function_and_every_clock() -> None:
    text = architecture.as_text()
    for word in ("subscribe", "fan_out", "settle", "control"):
        assert f"([{word}])" in text
    assert "SettleQueue --> Settle" in text
    assert "SettleClock((SettleClock)) --> SettleQueue" in text
    assert 'Reader((reader)) -- "/confirm" --> Confirm' in text
