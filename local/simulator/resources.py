"""What the deployed template says about sending: configuration sets, their event destinations, verified senders."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.simulator.addresses import domain_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

T = TypeVar("T")
REMEMBERED_SECONDS = 2.0  # short enough that an operator who pauses a configuration set sees it act at once


@dataclass(frozen=True)
class EventDestination:
    """A topic of SNS or a stream of Firehose, and the event types (API spelling: SEND, BOUNCE, ...) it is told of."""

    arn: str
    event_types: frozenset[str]


@dataclass(frozen=True)
class ConfigurationSet:
    """What a configuration set decides about the messages sent with it."""

    name: str
    destinations: tuple[EventDestination, ...] = ()
    sending_enabled: bool = True
    suppressed_reasons: frozenset[str] = frozenset({"BOUNCE", "COMPLAINT"})


def api_name(event_type: str) -> str:
    """Return the name by which SES's API answers with a type of event that a template calls `renderingFailure`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", event_type).upper()


class Resources(Protocol):
    """Where the simulator looks things up."""

    async def configuration_set(self, region: str, name: str) -> ConfigurationSet | None:
        """Return the configuration set, or None if there is none of that name."""

    async def sender_identity(self, region: str, address: str) -> str | None:
        """Return the verified identity that covers the address (itself or its domain), or None."""


class FixedResources:
    """Resources given beforehand, for tests and for running without an AWS endpoint."""

    def __init__(
        self, configuration_sets: Iterable[ConfigurationSet] = (), identities: Iterable[str] | None = None
    ) -> None:
        """Identities None: every sender is verified."""
        self.configuration_sets = {each.name: each for each in configuration_sets}
        self.identities = None if identities is None else frozenset(identities)

    async def configuration_set(self, region: str, name: str) -> ConfigurationSet | None:  # noqa: ARG002
        """Return the configuration set, or None if there is none of that name."""
        return self.configuration_sets.get(name)

    async def sender_identity(self, region: str, address: str) -> str | None:  # noqa: ARG002
        """Return the verified identity that covers the address (itself or its domain), or None."""
        if self.identities is None:
            return domain_of(address)
        return next((each for each in (address, domain_of(address)) if each in self.identities), None)


class Remembered:
    """Remembers answers for a moment, and asks once when many callers want the same answer."""

    def __init__(self, seconds: float = REMEMBERED_SECONDS) -> None:
        self._seconds = seconds
        self._answers: dict[object, tuple[float, asyncio.Future[Any]]] = {}

    async def get(self, key: object, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer to `ask`, at most a moment old. An error is nobody's answer and is not remembered."""
        found = self._answers.get(key)
        if found is None or found[0] < time.monotonic():
            answer: asyncio.Future[Any] = asyncio.ensure_future(ask())
            self._answers[key] = (time.monotonic() + self._seconds, answer)
        else:
            answer = found[1]
        try:
            result: T = await asyncio.shield(answer)
        except BaseException:
            self._answers.pop(key, None)
            raise
        return result


class AwsResources:
    """Resources as an AWS endpoint (MiniStack) has them, after the template was deployed to it."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._remembered = Remembered()
        self._client = lru_cache(self._new_client)

    def _new_client(self, region: str) -> "SESV2Client":
        # The endpoint is named: the environment's AWS_ENDPOINT_URL_SESV2 is this very simulator.
        return boto3.client(
            "sesv2",
            endpoint_url=self._endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - MiniStack's root, not a secret
            config=Config(retries={"total_max_attempts": 3}, max_pool_connections=20),
        )

    async def configuration_set(self, region: str, name: str) -> ConfigurationSet | None:
        """Return the configuration set, or None if there is none of that name."""
        return await self._remembered.get(
            ("set", region, name), lambda: asyncio.to_thread(self._configuration_set, region, name)
        )

    async def sender_identity(self, region: str, address: str) -> str | None:
        """Return the verified identity that covers the address (itself or its domain), or None."""
        return await self._remembered.get(
            ("identity", region, address), lambda: asyncio.to_thread(self._sender_identity, region, address)
        )

    def _configuration_set(self, region: str, name: str) -> ConfigurationSet | None:
        client = self._client(region)
        try:
            found: Mapping[str, Any] = client.get_configuration_set(ConfigurationSetName=name)
            destinations = client.get_configuration_set_event_destinations(ConfigurationSetName=name)
        except ClientError as exc:
            if exc.response["Error"]["Code"] == "NotFoundException":
                return None
            raise
        return ConfigurationSet(
            name=name,
            destinations=tuple(
                EventDestination(arn, frozenset(map(api_name, each["MatchingEventTypes"])))
                for each in destinations.get("EventDestinations", [])
                if each.get("Enabled") and (arn := _arn(each))
            ),
            sending_enabled=found.get("SendingOptions", {}).get("SendingEnabled", True),
            suppressed_reasons=frozenset(
                found.get("SuppressionOptions", {}).get("SuppressedReasons", ("BOUNCE", "COMPLAINT"))
            ),
        )

    def _sender_identity(self, region: str, address: str) -> str | None:
        for identity in (address, domain_of(address)):
            try:
                found = self._client(region).get_email_identity(EmailIdentity=identity)
            except ClientError as exc:
                if exc.response["Error"]["Code"] == "NotFoundException":
                    continue
                raise
            if found.get("VerifiedForSendingStatus"):
                return identity
        return None


def _arn(destination: Mapping[str, Any]) -> str:
    """Return where events of a destination go; empty if it is of a kind that this stack does not use."""
    topic, stream = destination.get("SnsDestination"), destination.get("KinesisFirehoseDestination")
    return str(topic["TopicArn"] if topic else stream["DeliveryStreamArn"] if stream else "")
