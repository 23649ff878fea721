"""A file that lies where an issue should, and is none."""

from __future__ import annotations

from pathlib import PurePosixPath

_ANSWERS = {
    ".txt": "Name it .md instead of .txt, and begin it with its title and date between two lines of three hyphens.",
    ".html": "Open it in a browser, copy the text into a Word document, and upload that as .docx: it becomes a draft.",
    **dict.fromkeys((".doc", ".odt", ".rtf", ".pages"), "Save it as .docx and upload that: it becomes a draft."),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".pdf", ".xlsx", ".csv"),
        "Put it into issues/<name of the issue>/, and name it in the text.",
    ),
}
"""What can be done with a file of another kind, by how its name ends."""


def answer_to(key: str) -> tuple[str, str]:
    """Return what is wrong with a file that is no issue, and what to do with it; both are sentences for the editor."""
    ending = PurePosixPath(key).suffix.lower()
    ending = ".html" if ending == ".htm" else ending
    usual = "Issues are .md files directly below issues/; pictures and files go into issues/<name of the issue>/."
    return "This is not a Markdown file.", f"{_ANSWERS[ending]} {usual}" if ending in _ANSWERS else usual
