"""The desk's scripts: files of the templates layer, under addresses that change with them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from newsletter.control.desk.request import Answer, DeskRequest, File, Show

FOLDER = "desk/files"
NAMES = (
    "write.js",
    "preview.js",
    "here.js",
    "calendar.js",
    "settings.js",
    "markdown-toolbar-element.js",
    "markdown-toolbar-element.LICENSE.txt",
)
TYPES = {".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8"}


def show(request: DeskRequest) -> Answer:
    """Return a script, to be kept for as long as its address is asked for."""
    name = request.parts["name"]
    if name not in NAMES:
        return Show("missing", status_code=404)
    content = request.app.templates.source(f"{FOLDER}/{name}")
    return File(content, TYPES[Path(name).suffix], {"Cache-Control": "private, max-age=31536000, immutable"})


def address(directory: Path, name: str) -> str:
    """Return the address of a script, which says what is in it."""
    return f"/desk/files/{name}/?v={_version(directory / FOLDER / name)}"


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
