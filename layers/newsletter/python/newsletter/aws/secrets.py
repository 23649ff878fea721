"""The secrets of a deployment, from Secrets Manager."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsletter.core.link_token import SigningKeys

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_secretsmanager import SecretsManagerClient


def address_key(client: SecretsManagerClient, secret: str) -> str:
    """Return the key that turns addresses into ids. It never changes."""
    return client.get_secret_value(SecretId=secret)["SecretString"]


def signing_keys(client: SecretsManagerClient, secret: str) -> SigningKeys:
    """Return the keys that sign links.

    Shape: {"current": text, "previous": text, "retired": [text]}.
    """
    plain = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
    return SigningKeys(plain["current"], plain.get("previous", ""), tuple(plain.get("retired", ())))


def last_changed(client: SecretsManagerClient, secret: str) -> datetime | None:
    """Return when the keys in a secret were made or turned last, without reading them."""
    said = client.describe_secret(SecretId=secret)
    return said.get("LastChangedDate") or said.get("CreatedDate")
