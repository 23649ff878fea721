"""The desk's scripts and pictures: files of the templates layer, under addresses that change with them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from newsletter.control.desk.request import Answer, DeskRequest, File, Show

FOLDER = "desk/files"
PICTURES = ("help-write.png", "help-calendar.png", "help-send.png")
"""Of the help, by `make help-pictures`."""

NAMES = (
    "write.js",
    "preview.js",
    "here.js",
    "calendar.js",
    "settings.js",
    "markdown-toolbar-element.js",
    "markdown-toolbar-element.LICENSE.txt",
    *PICTURES,
)
TYPES = {".js": "text/javascript; charset=utf-8", ".png": "image/png", ".txt": "text/plain; charset=utf-8"}


def show(request: DeskRequest) -> Answer:
    """Return a script or a picture, to be kept for as long as its address is asked for."""
    name = request.parts["name"]
    if name not in NAMES:
        return Show("missing", status_code=404)
    path = Path(request.app.settings.templates_dir) / FOLDER / name
    content = path.read_bytes() if name in PICTURES else path.read_text("utf-8")
    return File(content, TYPES[path.suffix], {"Cache-Control": "private, max-age=31536000, immutable"})


def address(directory: Path, name: str) -> str:
    """Return the address of a file, which says what is in it."""
    return f"/desk/files/{name}/?v={_version(directory / FOLDER / name)}"


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
