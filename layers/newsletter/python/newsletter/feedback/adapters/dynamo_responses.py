"""What readers say about issues, in DynamoDB: table `limits`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from newsletter.aws.dynamo import all_or_nothing, busy_store
from newsletter.aws.dynamo_counters import counter_key
from newsletter.core.links import vote_half_of_issue
from newsletter.core.races import LOST, Race, win
from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.reply import ReplyMark
from newsletter.feedback.domain.response import Responses, Vote, VoteLink

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COUNTED_AS = {Vote.YES: "useful", Vote.NO: "not_useful"}
"""The attribute of each vote. `yes` and `no` are no words for a table that is read in ten years."""

TRIES = 3
"""Two readers who vote at the same moment meet at the one item of their issue; ten in a row would be an outage."""


class DynamoResponses:
    """Two items for each, written together: a count, which is kept, and a mark, which says that and no more.

    Shapes of counts: {"counter_key": "responses#<slug>", "useful", "not_useful"} and {"counter_key": "replies#<half>",
    "replies"}; of marks: {"counter_key": "voted#<slug>#<mark>" or "replied#<half>#<mark>", "expires_at": seconds}.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def vote(self, vote_link: VoteLink, vote: Vote) -> bool:
        """Count the vote, unless this link has voted."""
        mark, count = f"voted#{vote_link.slug}#{vote_link.mark}", f"responses#{vote_link.slug}"
        return self._count(mark, vote_link.forgotten_at, count, COUNTED_AS[vote])

    def reply(self, reply_mark: ReplyMark) -> bool:
        """Count a reply, unless this reader's to this issue are counted."""
        half = reply_mark.issue_half
        return self._count(f"replied#{half}#{reply_mark.mark}", reply_mark.forgotten_at, f"replies#{half}", "replies")

    def of_issue(self, slug: str) -> Responses | None:
        """Return the counts of an issue."""
        keys = (f"responses#{slug}", f"replies#{vote_half_of_issue(slug)}")
        with busy_store():
            found = [self._client.get_item(TableName=self._table, Key=counter_key(key)).get("Item") for key in keys]
        counts = {name: int(value["N"]) for item in found if item for name, value in item.items() if "N" in value}
        return Responses.of_plain(counts) if counts else None

    def _count(self, mark_key: str, forgotten_at: datetime, count_key: str, attribute: str) -> bool:
        return win(
            lambda: self._once(mark_key, forgotten_at, count_key, attribute),
            busy="what a reader said could not be counted just now",
            tries=TRIES,
        )

    def _once(self, mark_key: str, forgotten_at: datetime, count_key: str, attribute: str) -> bool | Literal[Race.LOST]:
        expires_at = str(int(forgotten_at.timestamp()))
        try:
            return all_or_nothing(
                self._client,
                [
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": counter_key(mark_key) | {"expires_at": {"N": expires_at}},
                            "ConditionExpression": "attribute_not_exists(counter_key)",
                        }
                    },
                    {
                        "Update": {
                            "TableName": self._table,
                            "Key": counter_key(count_key),
                            "UpdateExpression": "ADD #said :one",
                            "ExpressionAttributeNames": {"#said": attribute},
                            "ExpressionAttributeValues": {":one": {"N": "1"}},
                        }
                    },
                ],
            )
        except StoreBusyError:
            return LOST
