"""The keys of a deployment, in Secrets Manager or in Parameter Store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from newsletter.core.link_token import SigningKeys

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_secretsmanager import SecretsManagerClient


class KeyStore(Protocol):
    """Where keys are read, each by the name that the settings have for it."""

    def read(self, name: str) -> str:
        """Return a key, or the text that holds several."""
        ...

    def changed_at(self, name: str) -> datetime | None:
        """Return when a key was made or turned last, without reading it."""
        ...


class SecretsManager:
    """Keys in AWS Secrets Manager, under the ARN or the name of a secret."""

    def __init__(self, client: SecretsManagerClient) -> None:
        self._client = client

    def read(self, name: str) -> str:
        """Return what a secret holds."""
        return self._client.get_secret_value(SecretId=name)["SecretString"]

    def changed_at(self, name: str) -> datetime | None:
        """Return when a secret was made or written last."""
        said = self._client.describe_secret(SecretId=name)
        return said.get("LastChangedDate") or said.get("CreatedDate")


class ParameterStore:
    """Keys in AWS Systems Manager Parameter Store, as parameters of the type SecureString."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def read(self, name: str) -> str:
        """Return what a parameter holds.

        AWS decrypts it with the key `aws/ssm` of the account, which lets everybody in the account do so by way of
        Parameter Store. Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html
        """
        return str(self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])

    def changed_at(self, name: str) -> datetime | None:
        """Return when a parameter was written last."""
        found = self._client.get_parameter(Name=name, WithDecryption=False)["Parameter"]
        changed_at: datetime | None = found.get("LastModifiedDate")
        return changed_at


def is_parameter(name: str) -> bool:
    """Return whether a key lies in Parameter Store: the names of ours there begin with a slash, and no ARN does."""
    return name.startswith("/")


def key_store(name: str, make_client: Callable[..., Any]) -> KeyStore:
    """Return where a key lies, by its name in the settings.

    Args:
        name: ARN or name of a secret, or name of a parameter.
        make_client: Makes a client of a service; it is asked for one alone, because making one takes time.
    """
    if is_parameter(name):
        return ParameterStore(make_client("ssm"))
    return SecretsManager(make_client("secretsmanager"))


def read_signing_keys(text: str) -> SigningKeys:
    """Return the keys that sign links.

    Shape: {"current": text, "previous": text, "retired": [text]}.
    """
    plain = json.loads(text)
    return SigningKeys(plain["current"], plain.get("previous", ""), tuple(plain.get("retired", ())))
