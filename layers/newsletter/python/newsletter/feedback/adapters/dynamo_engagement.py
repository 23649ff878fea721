"""Opens and clicks, in DynamoDB: table `sends`, in the partition of their send.

Items, by sort key:
    engagement              the links by what stands for them, and the salt of the names; after folding, the numbers
    engagement#<part>       a set of touches of the recipients of this part of a batch, 26 bytes each

Where readers are not followed one by one, all but the numbers carries the moment of its expiry: nobody is remembered
because a job failed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_bytes
from struct import Struct
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally
from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.engagement import TOUCHES_OF_ONE, Engagement, Touch, pseudonym
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.feedback.domain.user_agent import Agent
from newsletter.readers.domain.subscriber import ID_LENGTH

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=14)
"""For the case that nobody folds; the second report comes two days after a send closed."""

CROWDED = 500
"""Touches of a part, ten for each recipient, behind which each recipient is looked at before more are added."""

SALT_BYTES = 32
LAYOUT = Struct(f">{ID_LENGTH // 2}sIcc4s")
"""Recipient, seconds since the mail left, open or click, who asked, which link."""

KINDS = {FeedbackKind.OPENED: b"o", FeedbackKind.CLICKED: b"c"}
AGENTS = {
    Agent.READER: b"r",
    Agent.READERS_PROXY: b"g",
    Agent.PRIVACY_PROXY: b"p",
    Agent.SCANNER: b"s",
    Agent.SCRIPT: b"x",
    Agent.UNNAMED: b"u",
}
KIND_OF = {letter: kind for kind, letter in KINDS.items()}
AGENT_OF = {letter: agent for agent, letter in AGENTS.items()}
NO_LINK = bytes(4)
DELETED_AT_ONCE = 25
"""The most that one BatchWriteItem takes."""


class DynamoEngagement:
    """Sets of touches, so that the order and the number of events do not matter."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        *,
        individual: bool,
        new_salt: Callable[[], bytes] = lambda: token_bytes(SALT_BYTES),
    ) -> None:
        self._client = client
        self._table = table
        self._individual = individual
        self._new_salt = new_salt

    def record(
        self,
        slug: str,
        touches_by_part: Mapping[str, Collection[Touch]],
        urls: Mapping[str, str],
        *,
        now: datetime,
    ) -> None:
        """Remember the touches of each part of a batch, in one write for each; only count, if it is folded."""
        expires_at = None if self._individual else int((now + KEPT).timestamp())
        register = self._register(slug, urls, expires_at)
        if "totals" in register:
            self._count_late(slug, touches_by_part.values())
            return
        salt = register["salt"]["B"] if "salt" in register else None
        for part, of_part in touches_by_part.items():
            self._add(slug, part, {_packed(touch, salt) for touch in of_part}, expires_at)

    def read(self, slug: str) -> Engagement | None:
        """Add up what was opened and clicked; reads about 3 KB for each part of a batch, or the numbers alone."""
        register = self._item(slug, "engagement")
        return self._summed(slug, register) if register else None

    def fold(self, slug: str) -> Engagement | None:
        """Write the numbers in the place of the salt, then delete the entries; a second call deletes what is left."""
        register = self._item(slug, "engagement")
        if not register or self._individual:
            return self.read(slug)
        folded = self._summed(slug, register)
        if "totals" not in register:
            item = {**_key(slug, "engagement"), "totals": {"S": json.dumps(folded.plain())}}
            conditionally(
                lambda: self._client.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(totals)"
                )
            )
        self._delete(slug, (item["item"]["S"] for item in self._entries(slug)))
        return self.read(slug)

    def _register(self, slug: str, links: Mapping[str, str], expires_at: int | None) -> dict[str, Any]:
        """Return the first item of a send, with these links in it unless it is folded."""
        known = self._item(slug, "engagement") or {}
        wanted = {f"{short} {url}" for short, url in links.items()}
        missing = wanted - set(known.get("links", {"SS": []})["SS"])
        ready = self._individual or "salt" in known
        if "totals" in known or (known and ready and not missing):
            return known
        # `begun` is there for a send whose readers are followed and whose first event is an open.
        sets = ["begun = :begun"]
        values: dict[str, Any] = {":begun": {"BOOL": True}}
        if expires_at is not None:
            sets += ["salt = if_not_exists(salt, :salt)", "expires_at = if_not_exists(expires_at, :expires_at)"]
            values |= {":salt": {"B": self._new_salt()}, ":expires_at": {"N": str(expires_at)}}
        if missing:
            values[":links"] = {"SS": sorted(missing)}
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(slug, "engagement"),
                UpdateExpression=f"SET {', '.join(sets)}" + (" ADD links :links" if missing else ""),
                ConditionExpression="attribute_not_exists(totals)",
                ExpressionAttributeValues=values,
            )
        )
        return self._item(slug, "engagement") or {}

    def _add(self, slug: str, part: str, entries: set[bytes], expires_at: int | None) -> None:
        if not self._write(slug, part, entries, expires_at, surplus=(), unless_crowded=True):
            there = set((self._item(slug, f"engagement#{part}") or {}).get("entries", {"BS": []})["BS"])
            fitting, surplus = _fitting(entries - there, there)
            self._write(slug, part, fitting, expires_at, surplus=surplus, unless_crowded=False)

    def _write(
        self,
        slug: str,
        part: str,
        entries: set[bytes],
        expires_at: int | None,
        *,
        surplus: Collection[bytes],
        unless_crowded: bool,
    ) -> bool:
        """Add entries, and count those that are too many; False if the item should be looked at first."""
        adds: dict[str, Any] = {"entries": {"BS": sorted(entries)}} if entries else {}
        counted = Counter(_unpacked(each).kind for each in surplus)
        adds |= {f"surplus_{kind}": {"N": str(number)} for kind, number in counted.items()}
        if not adds:
            return True
        values = {f":{name}": value for name, value in adds.items()}
        update = "ADD " + ", ".join(f"{name} :{name}" for name in adds)
        if expires_at is not None:
            update += " SET expires_at = if_not_exists(expires_at, :expires_at)"
            values[":expires_at"] = {"N": str(expires_at)}
        condition: dict[str, Any] = {}
        if unless_crowded:
            condition = {"ConditionExpression": "attribute_not_exists(entries) OR size(entries) < :crowded"}
            values[":crowded"] = {"N": str(CROWDED)}
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(slug, f"engagement#{part}"),
                UpdateExpression=update,
                ExpressionAttributeValues=values,
                **condition,
            )
        )

    def _count_late(self, slug: str, parts: Iterable[Collection[Touch]]) -> None:
        counts = Counter(touch.kind for touches in parts for touch in touches)
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=_key(slug, "engagement"),
                UpdateExpression="ADD " + ", ".join(f"late_{kind} :{kind}" for kind in counts),
                ExpressionAttributeValues={f":{kind}": {"N": str(number)} for kind, number in counts.items()},
            )

    def _summed(self, slug: str, register: Mapping[str, Any]) -> Engagement:
        if "totals" in register:
            late = {kind: int(register.get(f"late_{kind}", {"N": "0"})["N"]) for kind in KINDS}
            totals = Engagement.of_plain(json.loads(register["totals"]["S"]))
            return replace(totals, late_opens=late[FeedbackKind.OPENED], late_clicks=late[FeedbackKind.CLICKED])
        links = dict(each.split(" ", 1) for each in register.get("links", {"SS": []})["SS"])
        surplus: Counter[FeedbackKind] = Counter()

        def parts() -> Iterator[list[Touch]]:
            for item in self._entries(slug):
                surplus.update({kind: int(item.get(f"surplus_{kind}", {"N": "0"})["N"]) for kind in KINDS})
                yield [_unpacked(each) for each in item.get("entries", {"BS": []})["BS"]]

        return Engagement.of(parts(), links, surplus=surplus)

    def _entries(self, slug: str) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="slug = :slug AND begins_with(#item, :from)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":slug": {"S": slug}, ":from": {"S": "engagement#"}},
            ConsistentRead=True,
        )
        with busy_store():
            for page in pages:
                yield from page["Items"]

    def _delete(self, slug: str, items: Iterable[str]) -> None:
        """Delete them all, or say that it has to be done again.

        Raises:
            StoreBusyError: DynamoDB left some undone.
        """
        every = list(items)
        for first in range(0, len(every), DELETED_AT_ONCE):
            names = every[first : first + DELETED_AT_ONCE]
            wanted: dict[str, Any] = {self._table: [{"DeleteRequest": {"Key": _key(slug, name)}} for name in names]}
            with busy_store():
                answer = self._client.batch_write_item(RequestItems=wanted)
            if answer.get("UnprocessedItems"):
                raise StoreBusyError("the database is busy; fold again")

    def _item(self, slug: str, item: str) -> dict[str, Any] | None:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(slug, item), ConsistentRead=True)
        return answer.get("Item")


def _key(slug: str, item: str) -> dict[str, Any]:
    return {"slug": {"S": slug}, "item": {"S": item}}


def _packed(touch: Touch, salt: bytes | None) -> bytes:
    recipient = pseudonym(touch.recipient, salt) if salt is not None else touch.recipient
    link = bytes.fromhex(touch.link) if touch.link else NO_LINK
    return LAYOUT.pack(bytes.fromhex(recipient), touch.seconds, KINDS[touch.kind], AGENTS[touch.agent], link)


def _unpacked(packed: bytes) -> Touch:
    """Return the touch; an agent that a later version wrote is a reader."""
    recipient, seconds, kind, agent, link = LAYOUT.unpack(packed)
    short = link.hex() if link != NO_LINK else ""
    return Touch(recipient.hex(), seconds, KIND_OF[kind], AGENT_OF.get(agent, Agent.READER), short)


def _fitting(new: Collection[bytes], there: Collection[bytes]) -> tuple[set[bytes], list[bytes]]:
    """Return the entries that may be added to a crowded item, and those of recipients who have enough."""
    room = Counter(each[: ID_LENGTH // 2] for each in there)
    fitting: set[bytes] = set()
    surplus: list[bytes] = []
    for each in sorted(new):
        recipient = each[: ID_LENGTH // 2]
        room[recipient] += 1
        if room[recipient] > TOUCHES_OF_ONE:
            surplus.append(each)
        else:
            fitting.add(each)
    return fitting, surplus
