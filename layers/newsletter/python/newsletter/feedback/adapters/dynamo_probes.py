"""What SES reported of probes, in DynamoDB: table `sends`, partition `probes`, one item a probe, for two weeks."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.aws.dynamo import busy_store, from_item, required_moment
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of
from newsletter.sending.domain.probe import Returned

PARTITION = "probes"
KEPT = timedelta(days=14)


class DynamoProbes(IssuePartition):
    """Each report is a member of a set: `<message id> <when SES took it>`; the same one twice is one."""

    def note(self, probe_id: str, message_id: str, mailed_at: datetime, *, now: datetime) -> None:
        """Remember that SES reported a message of a probe."""
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=key_of(PARTITION, probe_id),
                UpdateExpression="ADD reported :one SET expires_at = :expires",
                ExpressionAttributeValues={
                    ":one": {"SS": [f"{message_id} {mailed_at.isoformat()}"]},
                    ":expires": {"N": str(int((now + KEPT).timestamp()))},
                },
            )

    def returned(self, probe_id: str) -> Returned | None:
        """Return what was reported of a probe, read consistently."""
        item = self.item(PARTITION, probe_id)
        if item is None:
            return None
        reported: set[str] = from_item(item)["reported"]
        return Returned(len(reported), min(required_moment(each.rpartition(" ")[2]) for each in reported))
