"""A preview as files in a folder: for sending around, for looking at without a server."""

from __future__ import annotations

from pathlib import Path

from newsletter_cli.editor.showing import Showing
from newsletter_cli.problems import CommandError


def write_files(showing: Showing, folder: Path) -> list[Path]:
    """Write mail (by day and by night), text part, page, findings, pictures and files; return what was written.

    Raises:
        CommandError: The folder cannot be written.
    """
    contents: dict[str, bytes] = {"findings.json": showing.looked.preflight.to_json().encode()}
    if showing.rendered is not None:
        texts = {
            "mail.html": showing.mail(base=".", dark=False),
            "mail-dark.html": showing.mail(base=".", dark=True),
            "mail.txt": showing.text(),
            "page.html": showing.page(base=".", dark=False),
            "page-dark.html": showing.page(base=".", dark=True),
        }
        contents |= {name: text.encode() for name, text in texts.items()}
        contents |= {path: file.body for path, file in showing.files.items() if not path.endswith(".css")}
        contents |= {path: each.place.read_bytes() for path, each in showing.downloads.items()}
    try:
        for name, body in contents.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(body)
    except OSError as exc:
        raise CommandError(f"{folder} cannot be written: {exc.strerror}. Name another folder with --once.") from exc
    return [folder / name for name in contents]
