"""The layer that is deployed, built once for all parts of the bench that load functions out of it."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from local.built_layer import build


@cache
def _folder() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()  # removed when the bench ends
    build(Path(folder.name), platform.machine())
    return folder


def built_layer() -> str:
    """Return the folder that Python finds the layer's modules in."""
    return f"{_folder().name}/python"
