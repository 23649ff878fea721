"""One rate for all workers: a reservation book of a few numbers, kept in one item of DynamoDB's table `limits`.

`until` is the moment until which the account is taken. Reserving n recipients moves it n/rate seconds on and returns
where it stood, so that workers queue up in time without talking to each other. One write, and in the steady state no
worker ever has to try twice. `slowed_at`, `slowed_from`, `squeezed` and `in_vain` are the pace (see
`domain/pace.py`): a worker whose idea of the pace is old has its write refused, and learns the new one before it books
anything. `line` is where the line of those ends who found no room, and `idle_at` when the account was found idle last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.aws.dynamo import busy_store, refused
from newsletter.errors import StoreBusyError
from newsletter.sending.domain.pace import Pace, largest_call, seconds, seconds_in_line

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRIES_IN_LINE = 2
"""Whoever is overtaken once more comes back in a quarter of an hour at most, and a look of `settle` sooner."""

TRIES = 8
"""Writes that may be overtaken by somebody else's before the account counts as busy; the second try mostly succeeds."""

LONGEST_LINE = timedelta(minutes=15)
"""SQS delays a message for no longer."""

IDLE = timedelta(seconds=10)
"""An account that was free for so long has nobody waiting for it: what is left of the line is forgotten."""

KEY = {"counter_key": {"S": "rate"}}
NAMES = {"#until": "until", "#each": "each"}
FRESH = timedelta(seconds=1)
"""Of what a worker knows of the item: others may have booked since, and a refused write costs five times a read."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

SAME_PACE = "slowed_at = :pace"
NEVER_SLOWED = "attribute_not_exists(slowed_at)"


class DynamoRate:
    """Reserves room at the account's rate. Units in the table: microseconds since 1970, and per mille."""

    def __init__(self, client: DynamoDBClient, table: str, *, account_rate: Callable[[], float]) -> None:
        self._client = client
        self._table = table
        self._account_rate = account_rate
        # What this worker knows of the item. Threads share it; the table refuses whoever is behind.
        self._pace = Pace()
        self._until = EPOCH
        self._idle_at = EPOCH
        """When the account was found idle last."""
        self._line = EPOCH
        self._line_since = EPOCH
        self._crowded = False
        """Whether this worker was refused, or found no room, when it asked last: others book beside it."""
        self._asked_at = EPOCH
        self._turn: AbstractContextManager[object] = Lock()
        """Batches side by side in one worker ask one after the other: each then knows what the one before it found."""

    @property
    def largest_call(self) -> int:
        """Recipients one call may name."""
        return largest_call(self._account_rate())

    def seconds(self, recipient_count: int, *, now: datetime) -> float:
        """Return how long so many recipients take up the account, at the pace of this moment."""
        return seconds(recipient_count, self._account_rate(), self._pace.share(now))

    def reserve(self, recipient_count: int, *, now: datetime, latest: datetime) -> datetime | None:
        """Take room that begins by `latest`; None, and nothing taken, when there is none so soon."""
        rate = self._account_rate()
        with self._turn:
            # `until` never goes back, so what is known to be taken is. What is known to be free may not be any more:
            # for a worker that is not alone, a read is cheaper than a write that is refused.
            if self._until <= latest and (self._crowded or now - self._asked_at > FRESH):
                self._learn()
            self._asked_at = now
            for _ in range(TRIES):
                if self._until > latest:
                    break
                pace = self._pace
                each = seconds(1, rate, pace.share(now))
                cost = round(1_000_000 * recipient_count * each)
                if self._until < now:
                    until = self._restart(cost, each, pace, now)
                else:
                    until = self._extend(cost, each, pace, now, latest)
                if until is not None:
                    self._crowded = False
                    return EPOCH + (until - cost) * MICROSECOND
                # The account is taken beyond `latest`, the pace is another, or somebody wrote in between.
                self._crowded = True
            self._crowded = True
            return None

    def place_in_line(self, recipient_count: int, *, now: datetime) -> datetime:
        """Return when to ask for room again, behind everybody who was told a moment before; nothing is booked."""
        cost = round(1_000_000 * seconds_in_line(recipient_count, self._account_rate()))
        latest = now + LONGEST_LINE
        with self._turn:
            for _ in range(TRIES_IN_LINE):
                values = {":idle": _stamp(self._idle_at), ":now": _stamp(now)}
                if self._line_since == self._idle_at and now <= self._line:
                    change, condition = (
                        "SET line = line + :cost",
                        "line_since = :idle AND line BETWEEN :now AND :latest",
                    )
                    values |= {":cost": _number(cost), ":latest": _stamp(latest)}
                else:
                    first = min(max(now, self._until), latest)
                    change = "SET line = :end, line_since = :idle"
                    condition = "attribute_not_exists(line_since) OR line_since <> :idle OR line < :now"
                    values |= {":end": _number(_micros(first) + cost)}
                if self._write(change, condition, values):
                    return self._line - cost * MICROSECOND
                if self._line_since == self._idle_at and self._line > latest:
                    break
        return latest

    def slow_down(self, start: datetime, *, calls: bool, now: datetime) -> Pace:
        """Lower the pace of all workers, because SES throttled a call that was booked for `start`."""
        for _ in range(TRIES):
            pace = self._pace
            slower = pace.throttled(start, calls=calls, since=now)
            if slower is None:
                return pace
            change = "slowed_from = :from, squeezed = :squeezed, in_vain = :in_vain"
            values = {
                ":from": _number(1000 * slower.slowed_from),
                ":squeezed": _number(slower.squeezed),
                ":in_vain": _number(slower.in_vain),
                ":now": _stamp(now),
            }
            # What is booked already leaves at the old pace, and SES may throttle it too: the new pace begins behind it.
            written = self._book(f"SET slowed_at = #until, {change}", "#until > :now", values, pace) or self._book(
                f"SET slowed_at = :now, {change}", "(attribute_not_exists(#until) OR #until <= :now)", values, pace
            )
            if written is not None:
                return self._pace
        raise StoreBusyError("the rate is being changed by too many at the same moment; try again")

    def restore(self) -> None:
        """Go back to the full rate: what slowed us down was not the recipients."""
        with busy_store():
            self._client.update_item(
                TableName=self._table, Key=KEY, UpdateExpression="REMOVE slowed_at, slowed_from, squeezed, in_vain"
            )
        self._pace = Pace()

    def take(self, now: datetime) -> None:
        """Book the place of one recipient who is mailed at once. An idle account has places enough.

        Nobody's mail depends on it: at worst one recipient is over the rate.
        """
        try:
            with busy_store():
                self._client.update_item(
                    TableName=self._table,
                    Key=KEY,
                    UpdateExpression="SET #until = #until + #each",
                    ConditionExpression="#until >= :now AND attribute_exists(#each)",
                    ExpressionAttributeNames=NAMES,
                    ExpressionAttributeValues={":now": _stamp(now)},
                )
        except StoreBusyError:
            return
        except ClientError as exc:
            if not refused(exc):
                raise

    def _extend(self, cost: int, each: float, pace: Pace, now: datetime, latest: datetime) -> int | None:
        values = {":cost": _number(cost), ":each": _number(1_000_000 * each)}
        values |= {":now": _stamp(now), ":latest": _stamp(latest)}
        return self._book("SET #until = #until + :cost, #each = :each", "#until BETWEEN :now AND :latest", values, pace)

    def _restart(self, cost: int, each: float, pace: Pace, now: datetime) -> int | None:
        values = {":now": _stamp(now), ":each": _number(1_000_000 * each)}
        values[":end"] = _number(_micros(now) + cost)
        change = "SET #until = :end, #each = :each"
        if self._until < now - IDLE:
            change += ", idle_at = :now"
        return self._book(change, "(attribute_not_exists(#until) OR #until < :now)", values, pace)

    def _book(self, change: str, condition: str, values: dict[str, Any], pace: Pace) -> int | None:
        """Write if the condition holds and the pace is the one we know; return `until` as it stands then."""
        known = {":pace": _stamp(pace.slowed_at)} if pace.slowed_at else {}
        condition = f"{condition} AND {SAME_PACE if known else NEVER_SLOWED}"
        return _micros(self._until) if self._write(change, condition, values | known) else None

    def _write(self, change: str, condition: str, values: dict[str, Any]) -> bool:
        """Write if the condition holds; either way, note how the item stands."""
        names = {name: word for name, word in NAMES.items() if name in change + condition}
        aliases: Any = {"ExpressionAttributeNames": names} if names else {}
        try:
            with busy_store():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=KEY,
                    UpdateExpression=change,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **aliases,
                )
        except ClientError as exc:
            if not refused(exc):
                raise
            stored: Any = exc.response.get("Item")
            if stored:
                self._note(stored)
            else:  # there is none, or the emulator does not tell
                self._learn()
            return False
        self._note(answer["Attributes"])
        return True

    def _learn(self) -> None:
        """Read how the item stands."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=KEY, ConsistentRead=True)
        self._note(answer.get("Item", {}))

    def _note(self, item: Mapping[str, Any]) -> None:
        self._pace, self._until, self._idle_at = _pace(item), _moment(item, "until"), _moment(item, "idle_at")
        self._line, self._line_since = _moment(item, "line"), _moment(item, "line_since")


def _pace(item: Mapping[str, Any]) -> Pace:
    if "slowed_at" not in item:
        return Pace()
    return Pace(
        slowed_at=EPOCH + int(item["slowed_at"]["N"]) * MICROSECOND,
        slowed_from=int(item["slowed_from"]["N"]) / 1000,
        squeezed=int(item["squeezed"]["N"]),
        in_vain=int(item.get("in_vain", {"N": "0"})["N"]),
    )


def _moment(item: Mapping[str, Any], name: str) -> datetime:
    return EPOCH + int(item[name]["N"]) * MICROSECOND if name in item else EPOCH


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _stamp(moment: datetime) -> dict[str, str]:
    return _number(_micros(moment))


def _number(value: float) -> dict[str, str]:
    return {"N": str(round(value))}
