"""What we know about the issues, in DynamoDB: table `issues`, indexes `status` and `archive`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.adapters.dynamo import busy_store, conditionally, from_item, moment, refused, to_item
from newsletter.domain.issue import IssueStatus, SendPolicy
from newsletter.domain.issue_record import IssueRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LISTED = "listed"
"""The one partition of the sparse index `archive`: a newsletter has dozens of issues, not millions."""


class DynamoIssues:
    """One item per issue. Shape: the fields of IssueRecord, `date_slug` to sort by, `archive` when listed."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, slug: str) -> IssueRecord | None:
        """Read one record, consistently."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key={"slug": {"S": slug}}, ConsistentRead=True)
        return _record(answer["Item"]) if "Item" in answer else None

    def put(self, record: IssueRecord, *, before: IssueRecord | None) -> bool:
        """Write the record if status, content and the editors' decisions still stand as `before`."""
        plain = asdict(record) | {
            "date": record.date.isoformat(),
            "date_slug": f"{record.date.isoformat()}#{record.slug}",
            "archive": LISTED if record.listed else "",
            "topics": list(record.topics) or None,
            "preflight": dict(record.preflight) or None,
            "decisions": list(record.decisions) or None,
        }
        del plain["listed"]
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(slug)"}
        if before is not None:
            condition = _still(before)
        item = to_item(plain) | {"sequencer": {"S": record.sequencer}}
        return conditionally(lambda: self._client.put_item(TableName=self._table, Item=item, **condition))

    def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
        """Turn a ready issue with exactly this content to sending, and list it in the archive."""
        free = "attribute_not_exists(held) AND approved = :hash" if needs_approval else "attribute_not_exists(held)"
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key={"slug": {"S": slug}},
                UpdateExpression="SET #status = :sending, #archive = :listed, sent_hash = :hash",
                ConditionExpression=f"#status = :ready AND content_hash = :hash AND {free}",
                ExpressionAttributeNames={"#status": "status", "#archive": "archive"},
                ExpressionAttributeValues={
                    ":sending": {"S": IssueStatus.SENDING},
                    ":ready": {"S": IssueStatus.READY},
                    ":listed": {"S": LISTED},
                    ":hash": {"S": content_hash},
                },
            )
        )

    def approve(self, slug: str, content_hash: str, *, decision: str) -> IssueRecord | None:
        """Approve exactly this content, and write down the decision."""
        return self._decide(
            slug,
            "SET approved = :hash",
            decision,
            condition="content_hash = :hash AND attribute_not_exists(withdrawn)",
            values={":hash": {"S": content_hash}},
        )

    def hold(self, slug: str, *, held: bool, decision: str) -> IssueRecord | None:
        """Hold the issue or release it, and write down the decision."""
        if held:
            condition = "attribute_exists(slug) AND attribute_not_exists(held)"
            return self._decide(
                slug, "SET held = :held", decision, condition=condition, values={":held": {"BOOL": True}}
            )
        return self._decide(slug, "REMOVE held SET", decision, condition="attribute_exists(held)", values={})

    def note(self, slug: str, *, decision: str) -> IssueRecord | None:
        """Write down a decision."""
        return self._decide(slug, "SET", decision, condition="attribute_exists(slug)", values={})

    def set_status(self, slug: str, status: IssueStatus, *, sent_at: datetime | None = None) -> None:
        """Record where the send of an issue stands."""
        extra = ", sent_at = :sent_at" if sent_at else ""
        values: dict[str, Any] = {":status": {"S": status}}
        if sent_at:
            values[":sent_at"] = {"S": sent_at.isoformat()}
        self._set(slug, f"#status = :status{extra}", values, {"#status": "status"})

    def set_announced(self, slug: str, announced: str, *, version: str) -> None:
        """Remember what the editors were told about, and which version of the file that was."""
        values = {":announced": {"S": announced}, ":version": {"S": version}}
        self._set(slug, "announced = :announced, announced_version = :version", values, {})

    def set_listed(self, slug: str) -> None:
        """Name the issue in the archive and the feeds, unless it was withdrawn since the index was read."""
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key={"slug": {"S": slug}},
                UpdateExpression="SET #archive = :listed",
                ConditionExpression="#status = :ready AND attribute_not_exists(withdrawn)",
                ExpressionAttributeNames={"#archive": "archive", "#status": "status"},
                ExpressionAttributeValues={":listed": {"S": LISTED}, ":ready": {"S": IssueStatus.READY}},
            )
        )

    def with_status(self, status: IssueStatus) -> list[IssueRecord]:
        """Return the issues of one status, oldest date first. Eventually consistent, as indexes are."""
        return self._query("status", "#key = :key", {"#key": "status"}, status, newest_first=False)

    def listed(self) -> list[IssueRecord]:
        """Return what home page and feeds show, newest first. Eventually consistent, as indexes are."""
        return self._query("archive", "#key = :key", {"#key": "archive"}, LISTED, newest_first=True)

    def _query(
        self, index: str, condition: str, names: dict[str, str], key: str, *, newest_first: bool
    ) -> list[IssueRecord]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":key": {"S": key}},
            ScanIndexForward=not newest_first,
        )
        with busy_store():
            return [_record(item) for page in pages for item in page["Items"]]

    def _decide(
        self, slug: str, change: str, decision: str, *, condition: str, values: dict[str, Any]
    ) -> IssueRecord | None:
        noted = "decisions = list_append(if_not_exists(decisions, :none), :decision)"
        try:
            with busy_store():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key={"slug": {"S": slug}},
                    UpdateExpression=f"{change} {noted}" if change.endswith("SET") else f"{change}, {noted}",
                    ConditionExpression=condition,
                    ExpressionAttributeValues={":none": {"L": []}, ":decision": {"L": [{"S": decision}]}, **values},
                    ReturnValues="ALL_NEW",
                )
        except ClientError as exc:
            if refused(exc):
                return None
            raise
        return _record(answer["Attributes"])

    def _set(self, slug: str, change: str, values: dict[str, Any], names: dict[str, str]) -> None:
        extra: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key={"slug": {"S": slug}},
                UpdateExpression=f"SET {change}",
                ConditionExpression="attribute_exists(slug)",
                ExpressionAttributeValues=values,
                **extra,
            )


def _still(before: IssueRecord) -> dict[str, Any]:
    """Return the condition that nothing happened to the record that the next writer must know of."""
    values: dict[str, Any] = {
        ":status": {"S": before.status},
        ":hash": {"S": before.content_hash},
        ":sequencer": {"S": before.sequencer},
    }
    if before.decisions:
        values[":decisions"] = {"L": [{"S": each} for each in before.decisions]}
    decided = "decisions = :decisions" if before.decisions else "attribute_not_exists(decisions)"
    return {
        "ConditionExpression": f"#status = :status AND content_hash = :hash AND #sequencer = :sequencer AND {decided}",
        "ExpressionAttributeNames": {"#status": "status", "#sequencer": "sequencer"},
        "ExpressionAttributeValues": values,
    }


def _record(item: Mapping[str, Any]) -> IssueRecord:
    plain = from_item(item)
    return IssueRecord(
        slug=plain["slug"],
        status=IssueStatus(plain["status"]),
        title=plain["title"],
        subject=plain["subject"],
        summary=plain.get("summary", ""),
        date=date.fromisoformat(plain["date"]),
        content_hash=plain["content_hash"],
        send=SendPolicy(plain["send"]),
        lang=plain.get("lang", "en"),
        topics=tuple(plain.get("topics", ())),
        sequencer=plain.get("sequencer", ""),
        announced=plain.get("announced", ""),
        listed="archive" in plain,
        withdrawn=plain.get("withdrawn", False),
        version=plain.get("version", ""),
        announced_version=plain.get("announced_version", ""),
        preflight={name: int(count) for name, count in plain.get("preflight", {}).items()},
        approved=plain.get("approved", ""),
        held=plain.get("held", False),
        decisions=tuple(plain.get("decisions", ())),
        sent_hash=plain.get("sent_hash", ""),
        corrected_at=moment(plain.get("corrected_at")),
        sent_at=moment(plain.get("sent_at")),
    )
