"""A connection to an API: the client of `clients/python`, whose errors are sentences here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from fortnightly_client import ApiError, Client
from newsletter.core.ports import Clock
from newsletter_cli.backend import WITH_AWS, Backend, system_clock
from newsletter_cli.console import err
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.remote.actions import ACTIONS
from newsletter_cli.remote.api_key import read_api_key

BELOW = "/api/v1"
"""What may stand behind the address, as in the documentation; the client adds it."""

PROBLEM = "urn:fortnightly:problem:"
WORTH_SAYING = 3
"""Seconds: somebody who waits for longer is told why."""


class NotThereError(CommandError):
    """The API knows nothing of this name or id."""


class SpeakingClient(Client):
    """The client, whose errors are sentences that say what to do."""

    def __init__(self, url: str, key: str, **more: Any) -> None:
        super().__init__(url, key, **more)
        self.host = urlsplit(url).netloc

    def send(self, *request: Any, **more: Any) -> Any:
        """Send a request as the client does.

        Raises:
            NotThereError: There is nothing of this name.
            CommandError: It was refused, or no answer came.
        """
        try:
            return super().send(*request, **more)
        except ApiError as refusal:
            raise _as_sentence(refusal, self.host) from None
        except httpx.HTTPError:
            # Not chained: what httpx writes may name headers, and the key is one.
            raise CommandError(
                f"{self.host} does not answer. Check the network, and the address after --api."
            ) from None


@dataclass(frozen=True)
class ApiConnection:
    """A newsletter by its API."""

    client: SpeakingClient = field(repr=False)
    given_clock: Clock | None = None
    """In place of the machine's."""

    @property
    def clock(self) -> Clock:
        """For commands that wait."""
        return self.given_clock or system_clock()

    def control(self, action: str, **request: Any) -> Mapping[str, Any]:
        """Carry out an action of `control` by the API, and return what `control` would answer.

        Raises:
            CommandError: It cannot be done, or the API has no way for it.
        """
        if action not in ACTIONS:
            raise CommandError(f"The API has no way to do this. {WITH_AWS}")
        return ACTIONS[action](self.client, request)

    def stored_report(self, name: str) -> dict[str, Any] | None:
        """Return the report of a send, or of the list's growth; None if it is not written yet."""
        try:
            return self.client.read_report(name)["report"]
        except NotThereError:
            return None


def connect(url: str, api_key_file: Path | None) -> ApiConnection:
    """Return a connection with the key of this shell; nothing is asked yet.

    Raises:
        UsageError: The address cannot be that of an API.
        CommandError: There is no key.
    """
    api_key = read_api_key(api_key_file, os.environ)
    try:
        client = SpeakingClient(base_of(url), api_key, sleep=_wait)
    except (ValueError, httpx.InvalidURL):
        raise UsageError(
            "--api takes an address that begins with https://, such as the stack's output ApiUrl; only one of this"
            " machine may begin with http://."
        ) from None
    return ApiConnection(client)


def base_of(url: str) -> str:
    """Return the address without what the client adds to it."""
    return url.strip().rstrip("/").removesuffix(BELOW)


def connection_of(backend: Backend) -> ApiConnection:
    """Return the backend as the connection that it is."""
    if not isinstance(backend, ApiConnection):
        raise TypeError("this is no connection to an API")
    return backend


def _wait(seconds: float) -> None:
    if seconds >= WORTH_SAYING:
        err.print(f"The API asks to wait; it goes on in {seconds:.0f} seconds.")
    system_clock().sleep(seconds)


def _as_sentence(refusal: ApiError, host: str) -> CommandError:
    kind = refusal.type.removeprefix(PROBLEM)
    match kind, refusal.status:
        case "no-key", _:
            return CommandError(f"{refusal.detail} An owner makes a new key at the desk, under Team.")
        case "not-allowed", _:
            return CommandError(f"{refusal.detail} An owner makes a key with more roles at the desk, under Team.")
        case "not-found", _:
            return NotThereError(refusal.detail)
        case "", 404:
            # CloudFront puts a page for people in the place of this answer.
            return NotThereError(
                f"There is nothing of this name, or {host} is not where the API is: that is the stack's output ApiUrl."
            )
        case "", _:
            return CommandError(
                f"{host} answered {refusal.status} ({refusal.detail}), and not as the API does. Check the address after"
                " --api: it is the stack's output ApiUrl."
            )
    return CommandError(refusal.detail)
