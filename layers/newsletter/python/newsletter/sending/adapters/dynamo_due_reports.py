"""Second reports that are not due yet, in DynamoDB: table `sends`, partition `reports`, item `<moment>#<send>`."""

from __future__ import annotations

from datetime import datetime

from newsletter.aws.dynamo import busy_store, required_moment
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of

REPORTS = "reports"


class DynamoDueReports(IssuePartition):
    """Remembers which report is due when."""

    def add(self, slug: str, *, due: datetime) -> None:
        """Remember that the second report about a send is due then."""
        with busy_store():
            self._client.put_item(TableName=self._table, Item=key_of(REPORTS, f"{due.isoformat()}#{slug}"))

    def due_by(self, now: datetime) -> list[tuple[str, datetime]]:
        """Return the reports that are due by now, oldest first."""
        # "$" is the sign behind "#": whatever is due at this very moment is in it too.
        items = self.query(REPORTS, "#item < :now", {":now": {"S": f"{now.isoformat()}$"}})
        due = (item["item"]["S"].partition("#") for item in items)
        return [(slug, required_moment(at)) for at, _, slug in due]

    def remove(self, slug: str, *, due: datetime) -> None:
        """Remove the note that the report is due; it does not matter if there is none."""
        with busy_store():
            self._client.delete_item(TableName=self._table, Key=key_of(REPORTS, f"{due.isoformat()}#{slug}"))
