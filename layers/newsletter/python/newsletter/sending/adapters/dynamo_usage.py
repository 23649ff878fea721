"""What functions used of AWS while they worked for a send, in DynamoDB: table `sends`, item `usage#<function>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsletter.aws.dynamo import busy_store
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of
from newsletter.sending.domain.usage import Usage


class DynamoUsage(IssuePartition):
    """Adds up calls and units by send and function."""

    def add(self, slug: str, function: str, used: Usage) -> None:
        """Add what a function used for this send, in one write."""
        numbers = {f"calls {name}": number for name, number in used.calls.items()}
        numbers |= {f"units {name}": number for name, number in used.units.items()} | {"guessed": used.guessed}
        wanted = {name: f"{number:.6f}" for name, number in numbers.items() if number}
        if not wanted:
            return
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=key_of(slug, f"usage#{function}"),
                UpdateExpression="ADD " + ", ".join(f"#n{place} :n{place}" for place, _ in enumerate(wanted)),
                ExpressionAttributeNames={f"#n{place}": name for place, name in enumerate(wanted)},
                ExpressionAttributeValues={f":n{place}": {"N": each} for place, each in enumerate(wanted.values())},
            )

    def by_function(self, slug: str) -> Mapping[str, Usage]:
        """Return what was used for this send, by function."""
        items = self.query(slug, "begins_with(#item, :from)", {":from": {"S": "usage#"}})
        return {item["item"]["S"].removeprefix("usage#"): _usage(item) for item in items}


def _usage(item: Mapping[str, Any]) -> Usage:
    def numbers(beginning: str) -> dict[str, float]:
        return {name.removeprefix(beginning): float(item[name]["N"]) for name in item if name.startswith(beginning)}

    return Usage(numbers("calls "), numbers("units "), sum(numbers("guessed").values()))
