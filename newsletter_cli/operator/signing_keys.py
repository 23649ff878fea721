"""The signing keys of a stack: how they are read, turned and written. A key is never shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from newsletter.aws.secrets import is_parameter, key_store
from newsletter.core.link_token import SigningKeys
from newsletter_cli.key_parameters import AS_LARGE_AS_NEEDED
from newsletter_cli.problems import CommandError
from newsletter_cli.stack import Stack

VERIFIERS = (
    "confirm", "unsubscribe", "inbound", "preferences", "decide", "preview", "comment", "release", "show_report",
    "sign_in", "desk", "desk_people", "desk_tagged", "api_issues", "vote",
)  # fmt: skip
"""Functions that check links. They read new keys first: a link with a new key must not meet an old reader of keys."""

SIGNERS = ("greet", "send", "publish", "report", "control")
"""Functions that put links into mails."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys, and when they were last turned."""

    keys: SigningKeys
    rotated_at: datetime | None = None

    def turned(self, fresh: str, *, stolen: bool, now: datetime) -> Ring:
        """Return the ring with a fresh current key.

        A stolen key goes to the retired ones at once: from then on it opens nothing but the links that must work for
        ever. Otherwise it stays as `previous`, so that confirmation links in flight work.
        """
        old, before = self.keys.current, self.keys.previous
        gone = (old, before) if stolen else (before,)
        keys = SigningKeys(
            current=fresh,
            previous="" if stolen else old,
            retired=(*(key for key in gone if key), *self.keys.retired),
        )
        return replace(self, keys=keys, rotated_at=now)

    def turned_beside(self, readers: Ring, fresh: str, *, stolen: bool, adopt: bool, now: datetime) -> Ring:
        """Return the ring of editors' keys with a fresh current key; none is kept for ever, as none of its links is.

        Editors' links of an older stack are signed with the key of readers. Who adopts it makes it the `previous` one
        of editors, instead of their own, until the next rotation.
        """
        turned = self.turned(fresh, stolen=stolen, now=now).keys
        previous = readers.keys.current if adopt and not stolen else turned.previous
        return Ring(SigningKeys(turned.current, previous), now)


def read_key(stack: Stack, name: str) -> str:
    """Return what a secret or a parameter holds."""
    return key_store(name, stack.client).read(name)


def write_key(stack: Stack, name: str, text: str) -> None:
    """Put another text into a secret or a parameter. What it held before is its previous version."""
    if is_parameter(name):
        stack.client("ssm").put_parameter(Name=name, Value=text, Overwrite=True, Tier=AS_LARGE_AS_NEEDED)
    else:
        stack.client("secretsmanager").put_secret_value(SecretId=name, SecretString=text)


def read_ring(stack: Stack, secret: str = "") -> Ring:
    """Return the keys of readers' links, or those under another name, as they stand.

    Raises:
        CommandError: There is something else under the name.
    """
    named = secret or stack.settings.signing_keys_secret
    said = read_key(stack, named)
    try:
        plain: dict[str, Any] = json.loads(said)
        keys = SigningKeys(plain["current"], plain.get("previous", ""), tuple(plain.get("retired", ())))
        rotated = plain.get("rotated_at")
        return Ring(keys, datetime.fromisoformat(rotated).astimezone(UTC) if rotated else None)
    except (ValueError, KeyError, TypeError) as exc:
        raise CommandError(
            f"{named} is not of the shape that docs/data.md describes. Put its previous version back."
        ) from exc


def write_ring(stack: Stack, ring: Ring, secret: str = "") -> None:
    """Store the keys of readers' links, or those under another name; AWS keeps the version before."""
    keys = ring.keys
    plain = {"current": keys.current, "previous": keys.previous, "retired": list(keys.retired)}
    if ring.rotated_at:
        plain["rotated_at"] = ring.rotated_at.isoformat(timespec="seconds")
    write_key(stack, secret or stack.settings.signing_keys_secret, json.dumps(plain))


READ_AFTER = "SECRETS_READ_AFTER"
"""A variable that no function reads. The next deployment may take it away."""


def reload(stack: Stack, word: str, *, now: datetime) -> None:
    """Make a function read its secrets again: a change of its variables ends the environments that run."""
    functions, name = stack.client("lambda"), stack.resources.functions[word]
    stands = functions.get_function_configuration(FunctionName=name)
    functions.update_function_configuration(
        FunctionName=name,
        Environment={"Variables": {**stands["Environment"]["Variables"], READ_AFTER: now.isoformat()}},
        RevisionId=stands["RevisionId"],  # refused if somebody deploys in this moment: theirs must not be undone
    )
    functions.get_waiter("function_updated").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
