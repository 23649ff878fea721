"""What readers say about issues, in DynamoDB: table `limits`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from newsletter.aws.dynamo import all_or_nothing, busy_store
from newsletter.aws.dynamo_counters import counter_key
from newsletter.core.races import LOST, Race, win
from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.response import Responses, Vote, VoteLink

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COUNTED_AS = {Vote.YES: "useful", Vote.NO: "not_useful"}
"""The attribute of each vote. `yes` and `no` are no words for a table that is read in ten years."""

TRIES = 3
"""Two readers who vote at the same moment meet at the one item of their issue; ten in a row would be an outage."""


class DynamoResponses:
    """Two items, written together.

    Shape: {"counter_key": "responses#<slug>", "useful", "not_useful", "replies"}, which is kept, and for each link that
    has voted {"counter_key": "voted#<slug>#<mark>", "expires_at": epoch seconds}, which says that and no more.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def vote(self, vote_link: VoteLink, vote: Vote) -> bool:
        """Count the vote, unless this link has voted."""
        return win(lambda: self._once(vote_link, vote), busy="the vote could not be counted just now", tries=TRIES)

    def of_issue(self, slug: str) -> Responses | None:
        """Return the counts of an issue."""
        with busy_store():
            found = self._client.get_item(TableName=self._table, Key=counter_key(f"responses#{slug}")).get("Item")
        if found is None:
            return None
        return Responses(*(int(found.get(name, {"N": "0"})["N"]) for name in ("useful", "not_useful", "replies")))

    def _once(self, vote_link: VoteLink, vote: Vote) -> bool | Literal[Race.LOST]:
        expires_at = str(int(vote_link.forgotten_at.timestamp()))
        try:
            return all_or_nothing(
                self._client,
                [
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": counter_key(f"voted#{vote_link.slug}#{vote_link.mark}")
                            | {"expires_at": {"N": expires_at}},
                            "ConditionExpression": "attribute_not_exists(counter_key)",
                        }
                    },
                    {
                        "Update": {
                            "TableName": self._table,
                            "Key": counter_key(f"responses#{vote_link.slug}"),
                            "UpdateExpression": "ADD #said :one",
                            "ExpressionAttributeNames": {"#said": COUNTED_AS[vote]},
                            "ExpressionAttributeValues": {":one": {"N": "1"}},
                        }
                    },
                ],
            )
        except StoreBusyError:
            return LOST
