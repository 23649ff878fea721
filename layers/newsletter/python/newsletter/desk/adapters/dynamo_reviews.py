"""What passes between people about an issue before it goes out, in DynamoDB: table `reviews`, a partition an issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, required_moment, to_item
from newsletter.desk.domain import comment as comments
from newsletter.desk.domain import named_test, presence
from newsletter.desk.domain.comment import Comment, CommentLink
from newsletter.desk.domain.named_test import NamedTest
from newsletter.desk.domain.presence import Doing, Presence

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LINK, COMMENT, HERE, TEST = "link#", "comment#", "here#", "test#"


class DynamoReviews:
    """Items `link#<id>`, `comment#<moment>-<chance>`, `here#<member>` and `test#<id>`; each has its end.

    Shapes: {"made_at", "made_by", "made_for", "ended"}; {"at", "link_id", "author", "words", "line", "quote", "answer",
    "answered_by", "done_by"}; {"label", "doing", "at"}; {"email", "name", "asked_by", "asked_at"}.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def make_link(self, slug: str, comment_link: CommentLink) -> None:
        """Remember a link."""
        fields = {"made_at": comment_link.made_at, "made_by": comment_link.made_by, "made_for": comment_link.made_for}
        self._put(slug, f"{LINK}{comment_link.link_id}", fields, comment_link.made_at + comments.KEPT)

    def link(self, slug: str, link_id: str) -> CommentLink | None:
        """Return the link; None if there is none."""
        item = self._get(slug, f"{LINK}{link_id}")
        return None if item is None else _link(item)

    def links(self, slug: str) -> Sequence[CommentLink]:
        """Return the links of an issue, oldest first."""
        return sorted(map(_link, self._all(slug, LINK)), key=lambda link: link.made_at)

    def end_link(self, slug: str, link_id: str) -> bool:
        """End a link; return whether there is one of this name."""
        return self._change(slug, f"{LINK}{link_id}", "SET ended = :yes", {":yes": {"BOOL": True}})

    def add(self, slug: str, comment: Comment) -> None:
        """Add a comment; none is written over another."""
        fields = {
            "at": comment.at,
            "link_id": comment.link_id,
            "author": comment.author,
            "words": comment.words,
            "line": comment.line,
            "quote": comment.quote,
        }
        self._put(slug, f"{COMMENT}{comment.comment_id}", fields, comment.at + comments.KEPT, is_new=True)

    def comments(self, slug: str) -> Sequence[Comment]:
        """Return the comments on an issue, oldest first."""
        return [_comment(item) for item in self._all(slug, COMMENT)]

    def answer(self, slug: str, comment_id: str, words: str, *, answered_by: str) -> bool:
        """Write the answer to a comment; return whether there is one of this name."""
        values = {":words": {"S": words}, ":by": {"S": answered_by}}
        return self._change(slug, f"{COMMENT}{comment_id}", "SET answer = :words, answered_by = :by", values)

    def tick_off(self, slug: str, comment_id: str, *, done_by: str) -> bool:
        """Mark a comment as done by somebody, or as open again by nobody; return whether there is one of this name."""
        return self._change(slug, f"{COMMENT}{comment_id}", "SET done_by = :by", {":by": {"S": done_by}})

    def note_presence(self, slug: str, presence_of: Presence) -> None:
        """Remember that somebody is at an issue at this moment."""
        fields = {"label": presence_of.label, "doing": presence_of.doing, "at": presence_of.at}
        self._put(slug, f"{HERE}{presence_of.member_id}", fields, presence_of.at + presence.KEPT)

    def present(self, slug: str) -> Sequence[Presence]:
        """Return who was at an issue lately."""
        return [
            Presence(item["entry"].removeprefix(HERE), item["label"], Doing(item["doing"]), required_moment(item["at"]))
            for item in self._all(slug, HERE)
        ]

    def ask_for_test(self, slug: str, test: NamedTest) -> None:
        """Remember a test that is to be sent."""
        fields = {"email": test.email, "name": test.name, "asked_by": test.asked_by, "asked_at": test.asked_at}
        self._put(slug, f"{TEST}{test.test_id}", fields, test.asked_at + named_test.KEPT)

    def test(self, slug: str, test_id: str) -> NamedTest | None:
        """Return a test that is to be sent; None if there is none."""
        item = self._get(slug, f"{TEST}{test_id}")
        if item is None:
            return None
        asked_at = required_moment(item["asked_at"])
        return NamedTest(test_id, item["email"], item.get("name", ""), item["asked_by"], asked_at)

    def _put(
        self, slug: str, entry: str, fields: dict[str, Any], expires_at: datetime, *, is_new: bool = False
    ) -> None:
        item = to_item({"slug": slug, "entry": entry, **fields, "expires_at": int(expires_at.timestamp())})
        condition: Any = {"ConditionExpression": "attribute_not_exists(entry)"} if is_new else {}
        with busy_store():
            self._client.put_item(TableName=self._table, Item=item, **condition)

    def _change(self, slug: str, entry: str, expression: str, values: dict[str, Any]) -> bool:
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(slug, entry),
                UpdateExpression=expression,
                ConditionExpression="attribute_exists(entry)",
                ExpressionAttributeValues=values,
            )
        )

    def _get(self, slug: str, entry: str) -> dict[str, Any] | None:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(slug, entry), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def _all(self, slug: str, beginning: str) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="slug = :slug AND begins_with(entry, :beginning)",
            ExpressionAttributeValues={":slug": {"S": slug}, ":beginning": {"S": beginning}},
            ConsistentRead=True,  # whoever comes back from a form looks for what they just did
        )
        with busy_store():
            return [from_item(item) for page in pages for item in page["Items"]]


def _key(slug: str, entry: str) -> Any:
    return {"slug": {"S": slug}, "entry": {"S": entry}}


def _link(item: dict[str, Any]) -> CommentLink:
    return CommentLink(
        item["entry"].removeprefix(LINK),
        required_moment(item["made_at"]),
        item["made_by"],
        item.get("made_for", ""),
        item.get("ended", False),
    )


def _comment(item: dict[str, Any]) -> Comment:
    return Comment(
        required_moment(item["at"]),
        item["entry"].rpartition("-")[2],
        item["link_id"],
        item["author"],
        item["words"],
        item.get("line", 0),
        item.get("quote", ""),
        item.get("answer", ""),
        item.get("answered_by", ""),
        item.get("done_by", ""),
    )
