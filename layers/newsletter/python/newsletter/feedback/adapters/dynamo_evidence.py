"""What SES reported about the recipients of a send, in DynamoDB: table `sends`, in the partitions of the send.

Items, by sort key:
    evidence#<part>         ids that SES is known to have accepted, and what it reported about them afterwards. A part
                            is fifty of a batch: `<after>`, then `<after>-1`, `<after>-2` ...
    tally#<since>           how many were accepted, bounced and complained, for the circuit breaker; and `mailed`, by
                            the books
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from newsletter.aws.dynamo import busy_store
from newsletter.feedback.adapters.evidence_format import decode, encode
from newsletter.feedback.domain.feedback import TAKEN_BACK, FeedbackKind
from newsletter.feedback.domain.results import IssueResults, RecordedEvents
from newsletter.readers.domain.subscriber import ID_LENGTH
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of
from newsletter.sending.domain.batch import batch_of_part

ID_BYTES = ID_LENGTH // 2


class DynamoEvidence(IssuePartition):
    """Proof that SES accepted a mail, and what became of it."""

    def add(
        self, slug: str, part: str, subscriber_ids: Collection[str], recorded: RecordedEvents | None = None
    ) -> frozenset[tuple[FeedbackKind, str]]:
        """Remember what SES reported about a part of a batch, in one write; sets, so adding twice adds once."""
        packed = {"accepted": [bytes.fromhex(subscriber_id) for subscriber_id in subscriber_ids]}
        packed |= {kind.value: [encode(each) for each in which] for kind, which in (recorded or {}).items()}
        wanted = {name: members for name, members in packed.items() if members}
        if not wanted:
            return frozenset()
        with busy_store():
            answer = self._client.update_item(
                TableName=self._table,
                Key=key_of(self.partition_of(slug, batch_of_part(part)), f"evidence#{part}"),
                UpdateExpression="ADD " + ", ".join(f"#{name} :{name}" for name in wanted),
                ExpressionAttributeNames={f"#{name}": name for name in wanted},
                ExpressionAttributeValues={f":{name}": {"BS": members} for name, members in wanted.items()},
                ReturnValues="ALL_OLD",
            )
        before = answer.get("Attributes", {})
        return frozenset(
            (FeedbackKind.SENT if name == "accepted" else FeedbackKind(name), subscriber_id)
            for name, members in wanted.items()
            for subscriber_id in _ids(members) - _ids(before.get(name, {"BS": []})["BS"])
        )

    def results(self, slug: str) -> IssueResults:
        """Add up what SES reported about a send; reads about 2 KB for each batch."""
        return IssueResults.of(
            (
                _ids(item["accepted"]["BS"]) if "accepted" in item else frozenset(),
                {
                    kind: [decode(each) for each in item[kind.value]["BS"]]
                    for kind in FeedbackKind
                    if kind.value in item
                },
            )
            for item in self.query_all(slug, "begins_with(#item, :from)", {":from": {"S": "evidence#"}})
        )

    def tally(
        self, slug: str, since: datetime | None, counts: Mapping[FeedbackKind, int]
    ) -> Mapping[FeedbackKind, int]:
        """Count more of what happened to mails that left since then; return how many there are."""
        return self._tallied(
            slug, since, "ADD " + ", ".join(f"#{kind} :{kind}" for kind in counts),
            {"ExpressionAttributeNames": {f"#{kind}": kind for kind in counts}},
            {f":{kind}": {"N": str(number)} for kind, number in counts.items()},
        )  # fmt: skip

    def note_mailed(self, slug: str, since: datetime | None, mailed: int) -> Mapping[FeedbackKind, int]:
        """Note how many the books say were mailed since then; return the counts."""
        return self._tallied(slug, since, "SET mailed = :mailed", {}, {":mailed": {"N": str(mailed)}})

    def _tallied(
        self, slug: str, since: datetime | None, expression: str, names: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Mapping[FeedbackKind, int]:
        with busy_store():
            found = self._client.update_item(
                TableName=self._table,
                Key=key_of(slug, f"tally#{since.isoformat() if since else ''}"),
                UpdateExpression=expression,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                **names,
            )["Attributes"]
        tally = {kind: int(found[kind]["N"]) for kind in FeedbackKind if kind in found}
        mailed = int(found.get("mailed", {"N": "0"})["N"])
        return tally | {FeedbackKind.SENT: max(tally.get(FeedbackKind.SENT, 0), mailed)}

    def accepted(self, slug: str, after: str) -> frozenset[str]:
        """Return the ids that SES is known to have accepted and did not take back, read consistently."""
        # All parts of this batch, and of no other: behind `<after>` they hold a hyphen, which sorts before the full
        # stop, while the name of a batch that begins like this one goes on with a digit, which sorts behind it.
        first, bound = f"evidence#{after}", f"evidence#{after}."
        said: dict[str, set[str]] = defaultdict(set)
        # In a large send, a function of an older version writes under the slug, as long as an upgrade lasts.
        for partition in {self.partition_of(slug, after), slug}:
            for item in self.query(
                partition, "#item BETWEEN :from AND :to", {":from": {"S": first}, ":to": {"S": bound}}
            ):
                for name in ("accepted", *TAKEN_BACK):
                    said[name] |= _ids(item[name]["BS"]) if name in item else frozenset()
        return frozenset(said.pop("accepted", set())).difference(*said.values())


def _ids(members: Iterable[bytes]) -> frozenset[str]:
    return frozenset(each[:ID_BYTES].hex() for each in members)
