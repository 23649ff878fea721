"""The Python client says what docs/openapi.json says."""

from __future__ import annotations

from fortnightly_client.operations import Operations
from local.documents.api_description import API_ROUTES
from local.documents.client import as_files


def test_the_generated_files_are_those_of_the_description() -> None:
    for file, text in as_files().items():
        assert file.read_text(encoding="utf-8") == text, "run: make documents"


def test_there_is_a_method_for_each_operation() -> None:
    assert {route.answer.__name__ for route in API_ROUTES} == {
        name for name in vars(Operations) if not name.startswith("_")
    }
