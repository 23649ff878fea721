"""The records of issues in DynamoDB: table `issues`, indexes `status` and `archive`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment, refused, to_item
from newsletter.aws.dynamo_batch_get import batch_get
from newsletter.core.time_zones import WallTime
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import Headline, IssueRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LISTED, COMING = "listed", "coming"
"""The two partitions of the sparse index `archive`: what readers find, and what waits for its date alone."""

MOST_KEYS = 100
"""Items that DynamoDB returns by one BatchGetItem."""

BEFORE_ALL, AFTER_ALL = "0", "~"
"""Sort before and after every `date_slug`."""


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

    def get_many(self, slugs: Sequence[str]) -> dict[str, IssueRecord]:
        """Read records, consistently, by slug; a hundred at a time, which is DynamoDB's most."""
        item_keys = [{"slug": {"S": slug}} for slug in dict.fromkeys(slugs)]
        parts = [item_keys[start : start + MOST_KEYS] for start in range(0, len(item_keys), MOST_KEYS)]
        records = [_record(item) for part in parts for item in batch_get(self._client, self._table, part)]
        return {each.slug: each for each in records}

    def put(self, record: IssueRecord, *, before: IssueRecord | None) -> bool:
        """Write the record if status, content and the editors' decisions still stand as `before`."""
        plain = asdict(record) | {
            "date": record.date.isoformat(),
            # A release before there were own hours reads the record, and sends the issue in a slot.
            "send": SendPolicy.SCHEDULED if record.send is SendPolicy.AT else record.send,
            "send_at": str(record.send_at) if record.send_at else None,
            "date_slug": _place((record.as_cleared() or record).date, record.slug),
            "cleared_headline": _headline_item(record.cleared_headline),
            "archive": _partition(record),
            "shown": record.shown.isoformat() if record.shown else None,
            "topics": list(record.topics) or None,
            "translated_into": list(record.translated_into) or None,
            "once_translated_into": list(record.once_translated_into) or None,
            "preflight": dict(record.preflight) or None,
            "decisions": list(record.decisions) or None,
        }
        del plain["listed"]
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(slug)"}
        if before is not None:
            condition = _still(before)
        # Without the attribute a record is of a time before there was one.
        item = to_item(plain) | {"sequencer": {"S": record.sequencer}, "cleared": {"S": record.cleared}}
        return conditionally(lambda: self._client.put_item(TableName=self._table, Item=item, **condition))

    def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
        """Turn a ready issue with exactly this content to sending, and list it in the archive."""
        free = "attribute_not_exists(held) AND approved = :hash" if needs_approval else "attribute_not_exists(held)"
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key={"slug": {"S": slug}},
                UpdateExpression="SET #status = :sending, #archive = :listed, sent_hash = :hash, cleared = :hash",
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

    def approve(
        self, slug: str, content_hash: str, *, noted: str, corrected_at: datetime | None = None
    ) -> IssueRecord | None:
        """Approve exactly this content, clear it for readers, and write down the decision."""
        values = {":hash": {"S": content_hash}}
        change = "REMOVE corrected_at SET approved = :hash, cleared = :hash"
        if corrected_at:
            change = "SET corrected_at = :corrected, approved = :hash, cleared = :hash"
            values[":corrected"] = {"S": corrected_at.isoformat()}
        condition = "content_hash = :hash AND attribute_not_exists(withdrawn)"
        return self._decide(slug, change, noted, condition=condition, values=values)

    def hold(self, slug: str, *, held: bool, noted: str) -> IssueRecord | None:
        """Hold the issue or release it, and write down the decision."""
        if held:
            condition = "attribute_exists(slug) AND attribute_not_exists(held)"
            return self._decide(slug, "SET held = :held", noted, condition=condition, values={":held": {"BOOL": True}})
        return self._decide(slug, "REMOVE held SET", noted, condition="attribute_exists(held)", values={})

    def note(self, slug: str, *, noted: str) -> IssueRecord | None:
        """Write down a decision."""
        return self._decide(slug, "SET", noted, condition="attribute_exists(slug)", values={})

    def set_status(self, slug: str, status: IssueStatus, *, sent_at: datetime | None = None) -> None:
        """Record where the send of an issue stands."""
        extra = ", sent_at = :sent_at" if sent_at else ""
        values: dict[str, Any] = {":status": {"S": status}}
        if sent_at:
            values[":sent_at"] = {"S": sent_at.isoformat()}
        self._set(slug, f"SET #status = :status{extra}", values, {"#status": "status"})

    def set_announced(self, slug: str, announced: str, *, version: str, translations: Mapping[str, str]) -> None:
        """Remember what the editors were told about, and which versions of the files that was."""
        values: dict[str, Any] = {
            ":announced": {"S": announced},
            ":version": {"S": version},
            ":translations": {"M": {code: {"S": each} for code, each in translations.items()}},
        }
        changes = "announced = :announced, announced_version = :version, announced_translations = :translations"
        self._set(slug, f"SET {changes}", values, {})

    def set_preview_since(self, slug: str, since: datetime) -> None:
        """Remember when the address of the preview page was made."""
        self._set(slug, "SET preview_since = :since", {":since": {"S": since.isoformat()}}, {})

    def set_listed(self, record: IssueRecord, *, listed: bool) -> bool:
        """Put the issue into the partition of the index where it belongs, if the record still stands."""
        still = _still(record)
        partition = _partition(replace(record, listed=listed))
        place = {":place": {"S": _place((record.as_cleared() or record).date, record.slug)}}
        values = still["ExpressionAttributeValues"] | place | ({":in": {"S": partition}} if partition else {})
        change = "SET date_slug = :place, #archive = :in" if partition else "SET date_slug = :place REMOVE #archive"
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key={"slug": {"S": record.slug}},
                UpdateExpression=change,
                ConditionExpression=still["ConditionExpression"],
                ExpressionAttributeNames=still["ExpressionAttributeNames"] | {"#archive": "archive"},
                ExpressionAttributeValues=values,
            )
        )

    def set_shown(self, slug: str, shown: date | None) -> None:
        """Remember under which date the site shows the issue."""
        names = {"#shown": "shown"}
        if shown:
            self._set(slug, "SET #shown = :shown", {":shown": {"S": shown.isoformat()}}, names)
        else:
            self._set(slug, "REMOVE #shown", {}, names)

    def with_status(self, status: IssueStatus) -> list[IssueRecord]:
        """Return the issues of one status, oldest date first. Eventually consistent, as indexes are."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="status",
            KeyConditionExpression="#key = :key",
            ExpressionAttributeNames={"#key": "status"},
            ExpressionAttributeValues={":key": {"S": status}},
        )
        with busy_store():
            return [_record(item) for page in pages for item in page["Items"]]

    def coming(self, today: date, limit: int) -> list[IssueRecord]:
        """Return issues for the archive only whose date has come and that are not listed yet, oldest date first."""
        return self._between(BEFORE_ALL, f"{today.isoformat()}{AFTER_ALL}", limit, COMING, newest_first=False)

    def newest(self, limit: int) -> list[IssueRecord]:
        """Return the newest listed issues. Eventually consistent, as indexes are, and so are all below."""
        return self._between(BEFORE_ALL, AFTER_ALL, limit)

    def listed_in(self, year: int) -> list[IssueRecord]:
        """Return the listed issues of one year, newest first."""
        return self._between(f"{year:04}-", f"{year:04}-{AFTER_ALL}", None)

    def older_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        """Return the listed issues before this place, nearest first."""
        # The limit is counted with the place itself, which may stand there: BETWEEN takes both its ends.
        found = self._between(BEFORE_ALL, _place(day, slug), limit + 1)
        return [each for each in found if each.slug != slug][:limit]

    def newer_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        """Return the listed issues behind this place, nearest first."""
        found = self._between(_place(day, slug), AFTER_ALL, limit + 1, newest_first=False)
        return [each for each in found if each.slug != slug][:limit]

    def years(self) -> list[int]:
        """Return the years that have listed issues, newest first: one small question for each."""
        years: list[int] = []
        while newest := self._items_between(BEFORE_ALL, f"{years[-1]:04}-" if years else AFTER_ALL, 1):
            # By the place in the index, which may be behind the record for a moment.
            years.append(int(newest[0]["date_slug"]["S"][:4]))
        return years

    def _between(
        self, first: str, last: str, limit: int | None, partition: str = LISTED, *, newest_first: bool = True
    ) -> list[IssueRecord]:
        found = self._items_between(first, last, limit, partition, newest_first=newest_first)
        return [_record(item) for item in found]

    def _items_between(
        self, first: str, last: str, limit: int | None, partition: str = LISTED, *, newest_first: bool = True
    ) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="archive",
            KeyConditionExpression="#archive = :partition AND date_slug BETWEEN :first AND :last",
            ExpressionAttributeNames={"#archive": "archive"},
            ExpressionAttributeValues={":partition": {"S": partition}, ":first": {"S": first}, ":last": {"S": last}},
            ScanIndexForward=not newest_first,
            PaginationConfig={"MaxItems": limit, "PageSize": limit} if limit else {},
        )
        with busy_store():
            return [item for page in pages for item in page["Items"]]

    def _decide(
        self, slug: str, change: str, noted: str, *, condition: str, values: dict[str, Any]
    ) -> IssueRecord | None:
        append = "decisions = list_append(if_not_exists(decisions, :none), :decision)"
        try:
            with busy_store():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key={"slug": {"S": slug}},
                    UpdateExpression=f"{change} {append}" if change.endswith("SET") else f"{change}, {append}",
                    ConditionExpression=condition,
                    ExpressionAttributeValues={":none": {"L": []}, ":decision": {"L": [{"S": noted}]}, **values},
                    ReturnValues="ALL_NEW",
                )
        except ClientError as exc:
            if refused(exc):
                return None
            raise
        return _record(answer["Attributes"])

    def _set(self, slug: str, change: str, values: dict[str, Any], names: dict[str, str]) -> None:
        extra: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        if values:
            extra["ExpressionAttributeValues"] = values
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key={"slug": {"S": slug}},
                UpdateExpression=change,
                ConditionExpression="attribute_exists(slug)",
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
    if before.shown:
        values[":shown"] = {"S": before.shown.isoformat()}
    if before.preview_since:
        values[":preview"] = {"S": before.preview_since.isoformat()}
    unmoved = (
        "#status = :status AND content_hash = :hash AND #sequencer = :sequencer",
        "decisions = :decisions" if before.decisions else "attribute_not_exists(decisions)",
        "#shown = :shown" if before.shown else "attribute_not_exists(#shown)",
        "preview_since = :preview" if before.preview_since else "attribute_not_exists(preview_since)",
    )
    return {
        "ConditionExpression": " AND ".join(unmoved),
        "ExpressionAttributeNames": {"#status": "status", "#sequencer": "sequencer", "#shown": "shown"},
        "ExpressionAttributeValues": values,
    }


def _record(item: Mapping[str, Any]) -> IssueRecord:
    plain = from_item(item)
    headline = plain.get("cleared_headline")
    return IssueRecord(
        slug=plain["slug"],
        status=IssueStatus(plain["status"]),
        title=plain["title"],
        subject=plain["subject"],
        summary=plain.get("summary", ""),
        date=date.fromisoformat(plain["date"]),
        content_hash=plain["content_hash"],
        send=SendPolicy.AT if "send_at" in plain else SendPolicy(plain["send"]),
        send_at=WallTime.parse(plain["send_at"]) if "send_at" in plain else None,
        lang=plain.get("lang", "en"),
        topics=tuple(plain.get("topics", ())),
        audience=plain.get("audience", ""),
        digest=plain.get("digest", ""),
        translated_into=tuple(plain.get("translated_into", ())),
        once_translated_into=tuple(plain.get("once_translated_into", ())),
        sequencer=plain.get("sequencer", ""),
        announced=plain.get("announced", ""),
        listed=plain.get("archive") == LISTED,
        withdrawn=plain.get("withdrawn", False),
        version=plain.get("version", ""),
        announced_version=plain.get("announced_version", ""),
        announced_translations=plain.get("announced_translations"),
        preflight={name: int(count) for name, count in plain.get("preflight", {}).items()},
        approved=plain.get("approved", ""),
        held=plain.get("held", False),
        decisions=tuple(plain.get("decisions", ())),
        uploaded_by=plain.get("uploaded_by", ""),
        sent_hash=plain.get("sent_hash", ""),
        corrected_at=moment(plain.get("corrected_at")),
        sent_at=moment(plain.get("sent_at")),
        leaves_at=moment(plain.get("leaves_at")),
        shown=date.fromisoformat(plain["shown"]) if "shown" in plain else None,
        cleared=plain.get("cleared", plain["content_hash"]),
        cleared_headline=_headline(headline) if headline else None,
        preview_since=moment(plain.get("preview_since")),
    )


def _place(day: date, slug: str) -> str:
    return f"{day.isoformat()}#{slug}"


def _partition(record: IssueRecord) -> str:
    if record.listed:
        return LISTED
    return COMING if record.comes_by_itself else ""


def _headline_item(headline: Headline | None) -> dict[str, Any] | None:
    if headline is None:
        return None
    lists = {"topics": list(headline.topics), "translated_into": list(headline.translated_into)}
    return asdict(headline) | lists | {"date": headline.date.isoformat()}


def _headline(plain: Mapping[str, Any]) -> Headline:
    return Headline(
        title=plain["title"],
        summary=plain["summary"],
        date=date.fromisoformat(plain["date"]),
        lang=plain["lang"],
        topics=tuple(plain["topics"]),
        translated_into=tuple(plain.get("translated_into", ())),
    )
