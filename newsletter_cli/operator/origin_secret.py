"""The secret by which CloudFront proves itself to the API: turned while requests go on, and none is refused for it.

The new value and the old one are both good until the next rotation. So each step may be the last one for a while: who
is cut off runs the command again, and it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from newsletter.aws.secrets import is_parameter
from newsletter.core.link_token import SigningKeys
from newsletter.web.http import ORIGIN_HEADER
from newsletter_cli.console import err, out
from newsletter_cli.key_parameters import SHOWN, fresh_key
from newsletter_cli.operator.signing_keys import Ring, read_ring, reload, write_key, write_ring
from newsletter_cli.problems import CommandError
from newsletter_cli.progress import progress
from newsletter_cli.stack import Stack

READERS = ("subscribe", "confirm", "unsubscribe", "preferences")
"""Functions that compare the secret."""

LOOK_EVERY = timedelta(seconds=15)
PATIENCE = timedelta(minutes=40)
"""CloudFront tells its edges within five to fifteen minutes; a busy day takes longer."""

NO_CLOUDFRONT = "There is no CloudFront, and so no secret of its own to turn."


def has_origin_secret(stack: Stack) -> bool:
    """Return whether CloudFront stands before the API of this stack."""
    return bool(stack.settings.origin_keys_secret and stack.resources.distribution_id)


def turn_origin_secret(stack: Stack, *, stolen: bool, now: datetime) -> None:
    """Have CloudFront show a new secret; or finish a rotation that was cut off, with the secret that it made.

    Args:
        stack: Whose.
        stolen: Forget the old secret as soon as every edge shows the new one, and not at the next rotation.
        now: The moment.

    Raises:
        CommandError: CloudFront does not show a secret, is being changed by somebody else, or takes too long.
    """
    secret, distribution = stack.settings.origin_keys_secret, _Distribution(stack)
    ring = read_ring(stack, secret)
    if distribution.shown() == ring.keys.current and distribution.is_deployed():
        ring = Ring(SigningKeys(fresh_key(), ring.keys.current), now)
        write_ring(stack, ring, secret)
    else:
        out.print("The last rotation of CloudFront's secret was cut off. It is finished; no other secret is made.")
    _reload(stack, "Functions know the secret that comes", now=now)
    if is_parameter(secret):  # the next deployment must not bring the old one back
        write_key(stack, f"{secret.rpartition('/')[0]}/{SHOWN}", ring.keys.current)
    distribution.show(ring.keys.current)
    _wait(stack, distribution)
    if stolen:
        write_ring(stack, Ring(SigningKeys(ring.keys.current), ring.rotated_at), secret)
        _reload(stack, "Functions forget the old secret", now=now)
    out.print("CloudFront shows the new secret everywhere.")


def _reload(stack: Stack, description: str, *, now: datetime) -> None:
    with progress() as bar:
        for word in bar.track(READERS, description=description):
            reload(stack, word, now=now)


def _wait(stack: Stack, distribution: _Distribution) -> None:
    said = "CloudFront tells its edges, which takes minutes. Who stops here says `newsletter rotate-keys --cloudfront`."
    with err.status(said):
        for _ in range(PATIENCE // LOOK_EVERY):
            if distribution.is_deployed():
                return
            stack.clock.sleep(LOOK_EVERY.total_seconds())
    raise CommandError(
        "CloudFront has not told all its edges yet. Old and new secret are both good, so nothing is refused. "
        "Run `newsletter rotate-keys --cloudfront` later."
    )


@dataclass(frozen=True, slots=True)
class _Distribution:
    """The CloudFront of a stack, as far as it proves itself to the API."""

    stack: Stack

    def shown(self) -> str:
        """Return the secret that CloudFront is to show, whether or not every edge does so yet."""
        return str(next(_headers(self._described()["DistributionConfig"]))["HeaderValue"])

    def is_deployed(self) -> bool:
        """Return whether every edge does what the configuration says."""
        named = self.stack.resources.distribution_id
        return bool(self._client.get_distribution(Id=named)["Distribution"]["Status"] == "Deployed")

    def show(self, secret: str) -> None:
        """Change the configuration, unless it says so already; everything else in it stays."""
        described = self._described()
        headers = list(_headers(described["DistributionConfig"]))
        if all(header["HeaderValue"] == secret for header in headers):
            return
        for header in headers:
            header["HeaderValue"] = secret
        try:
            self._client.update_distribution(
                Id=self.stack.resources.distribution_id,
                DistributionConfig=described["DistributionConfig"],
                IfMatch=described["ETag"],  # refused if somebody changed it since: theirs must not be undone
            )
        except ClientError as exc:
            if exc.response.get("Error", {}).get("Code") != "PreconditionFailed":
                raise
            raise CommandError(
                "Somebody changed CloudFront at the same moment. Run `newsletter rotate-keys --cloudfront`."
            ) from exc

    def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = self._client.get_distribution_config(Id=self.stack.resources.distribution_id)
        if not list(_headers(described["DistributionConfig"])):
            raise CommandError("CloudFront shows the API no secret. Deploy this version of template.yaml first.")
        return described

    @property
    def _client(self) -> Any:
        return self.stack.client("cloudfront")


def _headers(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find the header with the secret, in each origin that has it."""
    for origin in config["Origins"]["Items"]:
        for header in origin.get("CustomHeaders", {}).get("Items", ()):
            if header["HeaderName"].lower() == ORIGIN_HEADER:
                yield header
