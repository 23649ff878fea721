"""The key that the command line shows to an API: from the environment, or from a file that only its owner reads.

It is never an option: what stands on a command line is in the history of the shell and in the list of processes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from newsletter.desk.api_keys.api_key import PREFIX
from newsletter_cli.problems import CommandError

VARIABLE = "FORTNIGHTLY_API_KEY"
LARGEST_FILE = 4096
"""Bytes; a key has a hundred. Whatever is larger is not a file with a key."""


def read_api_key(file: Path | None, environment: Mapping[str, str]) -> str:
    """Return the key: of the file where one is named, and of the environment otherwise.

    Raises:
        CommandError: There is none, others can read the file, or what is there is no key. The key is in no message.
    """
    where = str(file) if file else VARIABLE
    api_key = (_in_file(file) if file else environment.get(VARIABLE, "")).strip()
    if not api_key:
        raise CommandError(
            f"There is no key in {where}. An owner makes one at the desk, under Team; put it into {VARIABLE},"
            " or into a file that only you can read, and name that with --api-key-file."
        )
    if not api_key.startswith(PREFIX) or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise CommandError(f"What is in {where} is no key of the API: one begins with {PREFIX} and is one word.")
    return api_key


def _in_file(file: Path) -> str:
    with file.open("rb") as opened:
        facts = os.fstat(opened.fileno())
        if os.name == "posix" and stat.S_IMODE(facts.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
            raise CommandError(f"Others on this machine can read {file}. Say: chmod 600 {file}")
        return opened.read(LARGEST_FILE).decode("utf-8-sig", errors="replace")  # some editors mark UTF-8
