"""Both places in which keys are kept, held to one contract; on moto, which checks each call as AWS describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from newsletter.aws.secrets import KeyStore, ParameterStore, SecretsManager, is_parameter, key_store, read_signing_keys
from newsletter.core.link_token import SigningKeys
from newsletter_cli.key_parameters import KeyParameters, parameter_name
from tests.moto_aws import REGION

RING = json.dumps({"current": "c" * 64, "previous": "p" * 64, "retired": ["r" * 64]})
PARAMETER = parameter_name("prod", "SigningKeys")


def client(service: Any) -> Any:
    return boto3.client(service, region_name=REGION)


@dataclass(frozen=True)
class Place:
    """A store, and a key that is in it."""

    store: KeyStore
    name: str


@pytest.fixture(params=["secret", "parameter"])
def place(request: pytest.FixtureRequest, credentials: None) -> Iterator[Place]:  # noqa: ARG001
    with mock_aws():
        if request.param == "secret":
            made = client("secretsmanager").create_secret(Name="SigningKeys-1ABC", SecretString=RING)
            yield Place(SecretsManager(client("secretsmanager")), made["ARN"])
        else:
            KeyParameters(client("ssm"), "prod").put("SigningKeys", RING)
            yield Place(ParameterStore(client("ssm")), PARAMETER)


def test_a_key_is_read_as_it_was_written(place: Place) -> None:
    assert place.store.read(place.name) == RING
    assert read_signing_keys(place.store.read(place.name)) == SigningKeys("c" * 64, "p" * 64, ("r" * 64,))


def test_when_a_key_was_written_is_known(place: Place) -> None:
    at = place.store.changed_at(place.name)

    assert at is not None
    assert abs(at - datetime.now(UTC)) < timedelta(days=1)


def test_a_key_that_is_not_there_is_an_error_and_no_empty_key(place: Place) -> None:
    with pytest.raises(ClientError, match="NotFound"):
        place.store.read(f"{place.name}-of-another")


def test_a_store_is_found_by_the_name_of_the_key_and_no_client_is_made_of_the_other(place: Place) -> None:
    asked = []

    def make(service: str) -> Any:
        asked.append(service)
        return client(service)

    assert type(key_store(place.name, make)) is type(place.store)
    assert asked == ["ssm" if is_parameter(place.name) else "secretsmanager"]


def test_the_time_is_asked_for_without_having_the_key_decrypted(credentials: None) -> None:  # noqa: ARG001
    asked: list[dict[str, Any]] = []
    with mock_aws():
        ssm = client("ssm")
        KeyParameters(ssm, "prod").put("EditorKeys", RING)
        ssm.meta.events.register("provide-client-params.ssm.GetParameter", lambda params, **_: asked.append(params))
        ParameterStore(ssm).changed_at(parameter_name("prod", "EditorKeys"))

    assert [each["WithDecryption"] for each in asked] == [False]
