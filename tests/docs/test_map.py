"""The map in docs/README.md shows the package as it is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/newsletter/python/newsletter"
MAP = (ROOT / "docs/README.md").read_text()
ROOMS = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}


def test_every_wing_and_room_is_on_the_map() -> None:
    assert {room for room in ROOMS if f"`{room}/`" not in MAP} == set()


def test_every_path_of_the_package_on_the_map_exists() -> None:
    named = {text for text in re.findall(r"`([\w./]+)`", MAP) if "/" in text and text.split("/")[0] in ROOMS}
    assert len(named) > len(ROOMS)
    assert {text for text in named if not (PACKAGE / text).exists()} == set()
