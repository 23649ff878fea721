"""The two secrets, put into a stack that is to know people and links of another one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from newsletter.core.link_token import SigningKeys
from newsletter_cli.operator.backup.manifest import Manifest, fingerprint
from newsletter_cli.operator.signing_keys import SIGNERS, VERIFIERS, Ring, read_ring, reload, write_key, write_ring
from newsletter_cli.problems import CommandError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

ID_MAKERS = ("subscribe", "import_people", "api_people", "feedback", "settle")
"""Functions that read the address key and no signing keys."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What `secrets.json` holds."""

    address_key: str
    signing_keys: SigningKeys


def read_secrets(file: Path, manifest: Manifest) -> Secrets:
    """Return the secrets that belong to the backup.

    Raises:
        CommandError: The file cannot be read, or belongs to another stack.
    """
    try:
        plain: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        keys = plain["signing_keys"]
        ring = SigningKeys(keys["current"], keys.get("previous", ""), tuple(keys.get("retired", ())))
        secrets = Secrets(plain["address_key"], ring)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise CommandError(f"{file} holds no secrets of a backup. Name the file with --secrets.") from exc
    if fingerprint(secrets.address_key) != manifest.address_key:
        raise CommandError(f"{file} belongs to another stack than the backup.")
    return secrets


def put_secrets(stack: Stack, secrets: Secrets, *, now: datetime) -> None:
    """Give the stack the address key and the signing keys, and make its functions read them.

    The stack's own keys stay among the retired ones, so links that it mailed already go on working.
    """
    write_key(stack, stack.settings.address_key_secret, secrets.address_key)
    own, theirs = read_ring(stack).keys, secrets.signing_keys
    known = (theirs.current, theirs.previous, *theirs.retired)
    kept = tuple(key for key in (own.current, own.previous, *own.retired) if key and key not in known)
    keys = SigningKeys(theirs.current, theirs.previous, (*theirs.retired, *kept))
    write_ring(stack, Ring(keys))
    with progress() as bar:
        for word in bar.track((*VERIFIERS, *SIGNERS, *ID_MAKERS), description="Functions read the keys"):
            reload(stack, word, now=now)
