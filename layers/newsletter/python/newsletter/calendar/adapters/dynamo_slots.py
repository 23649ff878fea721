"""Slots that were given away, in DynamoDB: table `sends`, partition `slots`, one item a day."""

from __future__ import annotations

from datetime import date

from newsletter.sending.adapters.issue_partition import IssuePartition, key_of

SLOTS = "slots"


class DynamoSlots(IssuePartition):
    """Gives each slot to one issue."""

    def take(self, day: date, slug: str) -> str:
        """Give the slot to this issue unless it was given away before; return the slug that has it."""
        item = {**key_of(SLOTS, day.isoformat()), "holder": {"S": slug}}
        self.put_new(item)
        return self.holder(day) or slug

    def holder(self, day: date) -> str | None:
        """Return the slug that has this slot."""
        item = self.item(SLOTS, day.isoformat())
        return item["holder"]["S"] if item else None
