"""The files that make up an issue on this machine: the original, and its translations beside it."""

from __future__ import annotations

from pathlib import Path

from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.upload import translation_of
from newsletter_cli.problems import CommandError


def edition_of(file: Path) -> tuple[str, str]:
    """Return the slug of the issue that a file belongs to, and its language code; none of the original."""
    slug, code = translation_of(f"issues/{file.name}")
    return (slug, code) if code else (file.stem, "")


def meant_by(path: Path) -> list[Path]:
    """Return the files that are meant by a path, each original followed by its translations.

    A translation means itself, an original its translations too. The folder of an issue's pictures means the issue, any
    other folder the issues in it.

    Raises:
        CommandError: There is no issue in this folder.
    """
    if not path.is_dir():
        return [path] if edition_of(path)[1] else [path, *_translations(path)]
    own = path.parent / f"{path.resolve().name}.md"
    if own.is_file():
        return meant_by(own)
    originals = [file for file in sorted(path.glob("*.md")) if is_slug(file.stem)]
    alone = [file for file in sorted(path.glob("*.md")) if edition_of(file)[1]]
    found = list(dict.fromkeys([file for each in originals for file in meant_by(each)] + alone))
    if not found:
        raise CommandError(f"{path} cannot be read: there is no issue in it. Name the Markdown file of an issue.")
    return found


def _translations(original: Path) -> list[Path]:
    slug = original.stem
    return [
        file
        for file in sorted(original.parent.glob("*.md"))
        if edition_of(file) != (slug, "") and edition_of(file)[0] == slug
    ]
