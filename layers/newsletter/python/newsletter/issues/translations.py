"""An issue with its translations: read, waited for and examined together, because they are approved and sent as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Issue, Problem
from newsletter.issues.domain.preflight import Finding
from newsletter.issues.domain.upload import SourceFile, translation_of
from newsletter.issues.examination import Examined
from newsletter.issues.examination_ports import Manuscript
from newsletter.issues.translation_ports import TranslationFiles, TranslationReader

MOST_TRANSLATIONS = 8
"""Of one issue. Each is read and rendered within the two minutes that publishing has."""

NO_ORIGINAL = "This is a translation of an issue that is not here."


def translations_among(listed_keys: Iterable[str], translation_files: TranslationFiles) -> dict[str, SourceFile]:
    """Return the files of translations that stand under some of these keys, in the order of their codes."""
    found = {key: translation_files.newest(key) for key in sorted(listed_keys) if translation_of(key)[0]}
    return {key: file for key, file in found.items() if file is not None}


def read_translations(
    original: Issue, files: Mapping[str, SourceFile], *, reader: TranslationReader
) -> dict[str, Manuscript]:
    """Return the translations of an issue, by the keys of their files.

    Raises:
        InvalidIssueError: One of them cannot be published; the error names its file. Or there are too many.
    """
    if len(files) > MOST_TRANSLATIONS:
        what = f"The issue has {len(files)} translations; one may have {MOST_TRANSLATIONS}."
        raise InvalidIssueError(original.key, [Problem(None, what, "Remove some of them.")])
    return {key: reader.read_translation(original, translation_of(key)[1], file.body) for key, file in files.items()}


def with_translations(examined: Examined, examined_translations: Mapping[str, Examined]) -> Examined:
    """Return the issue as one with its translations: one content with one hash, and what was found in any of it."""
    if not examined_translations:
        return examined
    rendered = replace(
        examined.rendered, translations=tuple(each.rendered for each in examined_translations.values())
    ).sealed()
    found = {key: each.preflight for key, each in examined_translations.items()}
    preflight = replace(
        examined.preflight,
        findings=(*examined.preflight.findings, *(_named(key, each) for key in found for each in found[key].findings)),
        accepted=(*examined.preflight.accepted, *(_named(key, each) for key in found for each in found[key].accepted)),
        content_hash=rendered.content_hash,
    )
    return Examined(examined.issue, rendered, preflight)


def _named(key: str, finding: Finding) -> Finding:
    """Return a finding of a translation as it stands among those of its original: it names its file."""
    where = key.rpartition("/")[2] + (f", line {finding.line}" if finding.line is not None else "")
    return replace(finding, message=f"{where}: {finding.message}", line=None)


def without_original(key: str) -> Problem:
    """Return what is said of a translation whose original is not there."""
    return Problem(None, NO_ORIGINAL, f"Upload issues/{translation_of(key)[0]}.md as well; the two become one issue.")
