"""What the pages of the settings have of their own: their fields, the file these make, and what it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from newsletter.control.desk.request import DeskRequest, File
from newsletter.desk.settings.setting import Meeting


class SettingEditor(Protocol):
    """One file, as its page edits it."""

    title: str
    page: str
    """Name of its template."""

    def values(self, file_text: str) -> Mapping[str, str]:
        """Return what the form shows of a file."""
        ...

    def typed(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """Return what was typed into the form."""
        ...

    def source(self, typed_values: Mapping[str, str], values_before: Mapping[str, str]) -> str:
        """Return the file that says what was typed; what it said before that the form does not show stays."""
        ...

    def meet(
        self, base_values: Mapping[str, str], own_values: Mapping[str, str], their_values: Mapping[str, str]
    ) -> Meeting:
        """Put together what two people typed at the same time."""
        ...

    def words(self, sentence: str) -> str:
        """Return what a check says, in the words of the form."""
        ...

    def context(self, request: DeskRequest, form_values: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what the page shows besides."""
        ...

    def preview(self, request: DeskRequest, file_text: str) -> File:
        """Return what readers would see of a file that is good."""
        ...
