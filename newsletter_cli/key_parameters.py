"""The keys of a stack in Parameter Store: their names, and how they come to be there. A key is never shown."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from newsletter.aws.secrets import ParameterStore

SIGNING, EDITORS, ORIGIN = "SigningKeys", "EditorKeys", "OriginKeys"
RINGS = (SIGNING, EDITORS, ORIGIN)
"""What functions read, as the template calls the secrets in whose stead they are."""

SHOWN = "OriginSecret"
"""The current one of `OriginKeys` by itself: CloudFormation reads it, into the header that CloudFront shows.

CloudFormation takes no SecureString there, and nothing out of a JSON text. Whoever may read the distribution reads the
header anyway. Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm-secure-strings.html
"""

ALL = (*RINGS, SHOWN)

AS_LARGE_AS_NEEDED = "Intelligent-Tiering"
"""A parameter for nothing holds 4 KB: keys of some fifty rotations. A larger one, by itself, costs 0.05 USD a month."""

KEY_BYTES = 48
"""384 bits, as 64 letters: as long as the key that a new secret begins with."""


def fresh_key() -> str:
    """Return a new key."""
    return secrets.token_urlsafe(KEY_BYTES)


def parameter_name(stack_name: str, key: str) -> str:
    """Return where template.yaml has a key of a stack.

    The stack's name is not the first part: AWS takes no name that begins with `aws` or `ssm`, and a stack's may.
    """
    return f"/fortnightly/{stack_name}/{key}"


class KeyParameters:
    """Makes and changes the keys of one stack in Parameter Store."""

    def __init__(self, client: Any, stack_name: str) -> None:
        self._client, self._stack_name = client, stack_name

    def find(self, key: str) -> str | None:
        """Return what a key's parameter holds; None if there is none."""
        try:
            return ParameterStore(self._client).read(parameter_name(self._stack_name, key))
        except ClientError as exc:
            if exc.response.get("Error", {}).get("Code") != "ParameterNotFound":
                raise
            return None

    def put(self, key: str, text: str) -> None:
        """Write a key, also over one that is there; AWS keeps the hundred versions before."""
        self._client.put_parameter(
            Name=parameter_name(self._stack_name, key),
            Value=text,
            Type=kind_of(key),
            Overwrite=True,
            Tier=AS_LARGE_AS_NEEDED,
        )

    def make_missing(self) -> Sequence[str]:
        """Make the keys that are not there, and return the names of their parameters. One that is there stays."""
        made = [key for key in RINGS if self._make(key, json.dumps({"current": fresh_key(), "previous": ""}))]
        ring = self.find(ORIGIN)
        if ring is not None and self._make(SHOWN, str(json.loads(ring)["current"])):
            made.append(SHOWN)
        return [parameter_name(self._stack_name, key) for key in made]

    def _make(self, key: str, text: str) -> bool:
        """Return whether it was made; AWS refuses a second one of the same name, whoever was first."""
        try:
            self._client.put_parameter(
                Name=parameter_name(self._stack_name, key),
                Value=text,
                Type=kind_of(key),
                Description=f"A key of the newsletter {self._stack_name}; docs/data.md says which.",
            )
        except ClientError as exc:
            if exc.response.get("Error", {}).get("Code") != "ParameterAlreadyExists":
                raise
            return False
        return True


def kind_of(key: str) -> str:
    """Return the type of a key's parameter; a SecureString is encrypted with the account's key `aws/ssm`, for free."""
    return "String" if key == SHOWN else "SecureString"
