"""Messages to ourselves, on SQS: how they are written and how they are read.

Shapes: plan {"slug", "shard"}; batch {"slug", "batch"}; settle {"settle": slug or "open sends"};
{"settle": "suppression list", "progress": JSON}, without progress at the beginning;
publish {"refresh": "archive", "slug": slug or null} (beside S3's own events, see s3_events);
{"publish": slug}; report {"report": name of a send, "list growth" or "what is due"};
greet {"occasion", "subscriber", "asked_at"} and {"remind": "unconfirmed"}. Ids only, never an address.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.domain.greeting import Greeting, Occasion
from newsletter.domain.issue import is_slug
from newsletter.domain.reconciliation import Reconciliation, Step
from newsletter.domain.report_name import LIST_GROWTH, WHAT_IS_DUE
from newsletter.domain.send import is_send_name
from newsletter.domain.shard import Shard
from newsletter.errors import MalformedMessageError, StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

CALL = 10
"""SQS takes ten messages in one call."""

REFRESH_DELAY = 1
"""Seconds. The archive is read from an index that follows the table with a delay."""

OPEN_SENDS = "open sends"
SUPPRESSIONS = "suppression list"
"""With a blank, like the one above: no issue can have such a name."""


class SqsQueues:
    """Writes the messages."""

    def __init__(
        self,
        client: SQSClient,
        *,
        plan_url: str,
        batch_url: str,
        settle_url: str,
        publish_url: str,
        greet_url: str,
        report_url: str,
    ) -> None:
        self._client = client
        self._plan_url = plan_url
        self._batch_url = batch_url
        self._settle_url = settle_url
        self._publish_url = publish_url
        self._greet_url = greet_url
        self._report_url = report_url

    def plan(self, slug: str, shards: Iterable[Shard]) -> None:
        """Ask for shards to be planned."""
        self._put(self._plan_url, [{"slug": slug, "shard": shard.first} for shard in shards])

    def send(self, slug: str, batches: Iterable[str], *, delay: int = 0) -> None:
        """Ask for batches to be handed to SES. Units: `delay` in seconds, at most 900."""
        self._put(self._batch_url, [{"slug": slug, "batch": after} for after in batches], delay)

    def settle(self, slug: str, *, delay: int = 0) -> None:
        """Ask for a look at a send. Units: `delay` in seconds, at most 900."""
        self._put(self._settle_url, [{"settle": slug}], delay)

    def reconcile(self, so_far: Reconciliation) -> None:
        """Ask for the comparison of suppressions to go on."""
        self._put(self._settle_url, [{"settle": SUPPRESSIONS, "progress": json.dumps(asdict(so_far))}])

    def publish_again(self, slug: str, *, delay: int = 0) -> None:
        """Ask for another look at the issue's file. Units: `delay` in seconds, at most 900."""
        self._put(self._publish_url, [{"publish": slug}], delay)

    def refresh_archive(self, slug: str = "") -> None:
        """Ask for the page of an issue, if one is named, and for every page that names issues, to be written."""
        self._put(self._publish_url, [{"refresh": "archive", "slug": slug or None}], REFRESH_DELAY)

    def greet(self, greeting: Greeting, *, delay: int = 0) -> None:
        """Ask for a mail to one subscriber. Units: `delay` in seconds, at most 900."""
        message = {
            "occasion": str(greeting.occasion),
            "subscriber": greeting.subscriber_id,
            "asked_at": greeting.asked_at.isoformat(),
        }
        self._put(self._greet_url, [message], delay)

    def report(self, slug: str, *, delay: int = 0) -> None:
        """Ask for the report of a send, or LIST_GROWTH. Units: `delay` in seconds, at most 900."""
        self._put(self._report_url, [{"report": slug}], delay)

    def _put(self, url: str, messages: Sequence[Mapping[str, str | None]], delay: int = 0) -> None:
        for start in range(0, len(messages), CALL):
            answer = self._client.send_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "MessageBody": json.dumps(message), "DelaySeconds": delay}
                    for number, message in enumerate(messages[start : start + CALL])
                ],
            )
            if answer.get("Failed"):
                raise StoreBusyError("SQS did not take every message; the same messages can be sent again")


@dataclass(frozen=True, slots=True)
class PlanMessage:
    """Plan one shard of a send."""

    slug: str
    shard: str


@dataclass(frozen=True, slots=True)
class BatchMessage:
    """Hand one batch of a send to SES."""

    slug: str
    batch: str


def read_plan(body: str) -> PlanMessage:
    """Raises: MalformedMessageError: Not one of our messages."""  # noqa: D402 - the whole story is the error
    plain = _fields(body, "slug", "shard")
    return PlanMessage(plain["slug"], plain["shard"])


def read_batch(body: str) -> BatchMessage:
    """Raises: MalformedMessageError: Not one of our messages."""  # noqa: D402
    plain = _fields(body, "slug", "batch")
    return BatchMessage(plain["slug"], plain["batch"])


def read_settle(body: str) -> str:
    """Return the slug to settle, or OPEN_SENDS for all of them.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    slug = _fields(body, "settle")["settle"]
    if slug != OPEN_SENDS and not is_send_name(slug):
        raise MalformedMessageError("the settle message names no issue")
    return slug


def read_reconcile(body: str) -> Reconciliation | None:
    """Return where the comparison of suppressions stands; None if the message says something else.

    Raises:
        MalformedMessageError: It stands nowhere.
    """
    plain = _json(body)
    if not isinstance(plain, dict) or plain.get("settle") != SUPPRESSIONS:
        return None
    try:
        progress = json.loads(plain.get("progress", "{}"))
        counts = {name: int(value) for name, value in progress.items() if name not in ("step", "at")}
        step, at = Step(progress.get("step", Step.THEIRS)), str(progress.get("at", ""))
        return Reconciliation(step=step, at=at, **counts)
    except (ValueError, TypeError, AttributeError) as exc:
        raise MalformedMessageError("the message does not say how far suppressions were compared") from exc


def read_report(body: str) -> str:
    """Return the name of the send to report on, LIST_GROWTH, or WHAT_IS_DUE.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    name = _fields(body, "report")["report"]
    if name not in (LIST_GROWTH, WHAT_IS_DUE) and not is_send_name(name):
        raise MalformedMessageError("the message asks for a report on no send")
    return name


def read_greeting(body: str) -> Greeting:
    """Return whom to write to, and why.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    plain = _fields(body, "occasion", "subscriber", "asked_at")
    try:
        asked_at = datetime.fromisoformat(plain["asked_at"])
        return Greeting(Occasion(plain["occasion"]), plain["subscriber"], asked_at)
    except ValueError as exc:
        raise MalformedMessageError("the message names no occasion or moment that we know") from exc


def read_publish(body: str) -> str | None:
    """Return the slug whose file is to be looked at again; None if the message says something else."""
    plain = _json(body)
    slug = plain.get("publish") if isinstance(plain, dict) and len(plain) == 1 else None
    return slug if isinstance(slug, str) and is_slug(slug) else None


def is_remind(body: str) -> bool:
    """Return whether this is the daily wish to remind whoever did not confirm."""
    return bool(_json(body) == {"remind": "unconfirmed"})


def read_refresh(body: str) -> str | None:
    """Return whose page to write anew with the archive: a slug, or nothing for no page; None if this is no such wish.

    Raises:
        MalformedMessageError: The wish names something that is no issue.
    """
    plain = _json(body)
    if not isinstance(plain, dict) or plain.get("refresh") != "archive":
        return None
    slug = plain.get("slug") or ""
    if not isinstance(slug, str) or (slug and not is_slug(slug)):
        raise MalformedMessageError("the wish to write the archive anew names no issue")
    return slug


def _fields(body: str, *names: str) -> dict[str, str]:
    plain = _json(body)
    if not isinstance(plain, dict) or set(plain) != set(names):
        raise MalformedMessageError(f"the message is not one of ours: it should hold {', '.join(names)}")
    if not all(isinstance(value, str) for value in plain.values()):
        raise MalformedMessageError("the message is not one of ours: its values should be texts")
    return plain


def _json(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as exc:
        raise MalformedMessageError("the message is not JSON") from exc
