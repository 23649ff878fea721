"""An audience expression, as a sentence names the readers it means."""

from __future__ import annotations

from datetime import date, timedelta

from newsletter.core.audience.expression import FIELD, AllOf, AudienceExpression, Comparison, Condition, Not, Relation
from newsletter.core.audience.grammar import parse_audience
from newsletter.core.language import NAMES
from newsletter.errors import InvalidAudienceError

_OF_FIELDS = {
    Relation.BEFORE: "before", Relation.AT_MOST: "at most", Relation.FROM: "at least", Relation.AFTER: "after",
}  # fmt: skip


def in_words(expression: AudienceExpression) -> str:
    """Return the readers of a part of the list: `readers tagged “members” and not tagged “staff”`."""
    return f"readers {_words(expression.condition)}"


def part_in_words(expression_text: str) -> str:
    """Return the readers of the part that a stored expression names; of one that cannot be read, the expression."""
    try:
        return in_words(parse_audience(expression_text)) if expression_text else "everybody on the list"
    except InvalidAudienceError:
        return expression_text


def _words(condition: Condition) -> str:
    match condition:
        case Comparison():
            return _comparison(condition)
        case Not(Comparison() as one):
            return f"not {_comparison(one)}"
        case Not(inner):
            return f"not ({_words(inner)})"
    together = " and " if isinstance(condition, AllOf) else " or "
    return together.join(
        _words(each) if isinstance(each, Comparison | Not) else f"({_words(each)})" for each in condition.conditions
    )


def _comparison(comparison: Comparison) -> str:
    value = f"“{comparison.value}”"
    match comparison.name:
        case "tag":
            return f"tagged {value}"
        case "topic":
            return f"who have not muted {value}"
        case "language":
            return f"who read in {NAMES.get(comparison.value, comparison.value)}"
        case "source":
            where = "from a source with" if comparison.relation is Relation.CONTAINS else "from the source"
            return f"{where} {value}"
        case "joined":
            day = date.fromisoformat(comparison.value)
            if comparison.relation is Relation.FROM:
                return f"who joined since {day.isoformat()}"
            return f"who joined by {(day - timedelta(days=1)).isoformat()}" if day > date.min else "who joined never"
    key = comparison.name.removeprefix(FIELD)
    if comparison.relation is Relation.IS:
        return f"whose {key} is {value}"
    return f"whose {key} is {_OF_FIELDS[comparison.relation]} {comparison.value}"
