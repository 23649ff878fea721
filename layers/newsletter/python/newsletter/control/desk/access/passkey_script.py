"""The script of passkeys, which also whoever is not signed in yet may load."""

from __future__ import annotations

import hashlib
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

NAME = "desk/passkeys.js"
"""In the templates. Not among the desk's other scripts, which are for those who are signed in."""


def script_address(directory: Path) -> str:
    """Return the address of the script, which says what is in it."""
    return f"/desk/sign-in/passkeys.js?v={_version(directory / NAME)}"


def passkeys_fit(public_url: str) -> bool:
    """Return whether browsers make passkeys for this address: it takes a name, over https or on this very machine.

    Source: https://www.w3.org/TR/webauthn-3/#rp-id
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost"
    return False


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
