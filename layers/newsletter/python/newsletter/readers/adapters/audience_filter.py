"""An audience expression as DynamoDB's filter: the table looks at the readers, and hands over only whom it means."""

from __future__ import annotations

from typing import Any

from newsletter.core.audience.expression import FIELD, AllOf, AudienceExpression, Comparison, Condition, Not, Relation

OR, AND, NOT, WHOLE = range(4)
"""How tightly a part of a filter holds together. DynamoDB refuses brackets that change nothing."""


def audience_filter(expression: AudienceExpression) -> dict[str, Any]:
    """Return the parameters of a query that has this filter.

    Shape: {"FilterExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}.
    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    """
    terms = _Terms()
    text, _ = terms.written(expression.condition)
    return {
        "FilterExpression": text,
        "ExpressionAttributeNames": {sign: name for name, sign in terms.names.items()},
        "ExpressionAttributeValues": {sign: {"S": value} for value, sign in terms.values.items()},
    }


class _Terms:
    """Writes a filter; every name and value stands in it by a sign of ours, so that nothing of an editor's does."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, str] = {}

    def written(self, condition: Condition) -> tuple[str, int]:
        match condition:
            case Comparison():
                return self._comparison(condition)
            case Not(inner):
                return f"NOT {self._within(inner, WHOLE)}", NOT
            case AllOf():
                return " AND ".join(self._within(each, NOT) for each in condition.conditions), AND
        return " OR ".join(self._within(each, AND) for each in condition.conditions), OR

    def _within(self, condition: Condition, least: int) -> str:
        text, holds_together = self.written(condition)
        return text if holds_together >= least else f"({text})"

    def _comparison(self, comparison: Comparison) -> tuple[str, int]:
        value = self._value(comparison.value)
        match comparison.name:
            case "tag" | "digest_months":
                listed = self._name("tags" if comparison.name == "tag" else comparison.name)
                return f"contains({listed}, {value})", WHOLE
            case "topic":
                return f"NOT contains({self._name('muted_topics')}, {value})", NOT
            case "language":
                lang = self._name("lang")
                return f"{lang} = {value} OR begins_with({lang}, {self._value(f'{comparison.value}-')})", OR
            case "source":
                source = self._name("source")
                exactly = comparison.relation is Relation.IS
                return f"{source} = {value}" if exactly else f"contains({source}, {value})", WHOLE
            case "joined" | "digest_since":
                held = self._name("confirmed_at" if comparison.name == "joined" else comparison.name)
                return f"{held} {comparison.relation} {value}", WHOLE
        key = self._name(comparison.name.removeprefix(FIELD))
        return f"{self._name('fields')}.{key} {comparison.relation} {value}", WHOLE

    def _name(self, name: str) -> str:
        return self.names.setdefault(name, f"#n{len(self.names)}")

    def _value(self, value: str) -> str:
        return self.values.setdefault(value, f":v{len(self.values)}")
