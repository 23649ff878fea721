"""What an audience expression says, once it is read, and whether it holds for one reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

ATTRIBUTES = ("tags", "muted_topics", "lang", "source", "confirmed_at", "fields", "digest_since", "digest_months")
"""Of a reader's item, all that an expression may ask for; docs/data.md says what each holds."""

FIELD = "field."
"""What the name of a field that a publisher defined begins with, in an expression."""


class Relation(StrEnum):
    """How one thing that is known of a reader is compared with a value."""

    IS = "="
    CONTAINS = ":"
    """Of a source alone: the value stands somewhere in it."""
    BEFORE = "<"
    AT_MOST = "<="
    FROM = ">="
    AFTER = ">"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing that is asked about a reader."""

    name: str
    """`tag`, `topic`, `language`, `source`, `joined`, or `field.` and the key of a field; `digest_since` and
    `digest_months` are added to what editors write, and can be written by nobody."""
    relation: Relation
    value: str

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Return whether it is so of a reader of whom this is known."""
        match self.name:
            case "tag":
                return self.value in attributes.get("tags", ())
            case "topic":
                return self.value not in attributes.get("muted_topics", ())
            case "language":
                lang = str(attributes.get("lang", ""))
                return lang == self.value or lang.startswith(f"{self.value}-")
            case "source":
                source = str(attributes.get("source", ""))
                return self.value in source if self.relation is Relation.CONTAINS else source == self.value
            case "digest_months":
                return self.value in attributes.get("digest_months", ())
            case "digest_since":
                return _in_order(attributes.get("digest_since"), self.relation, self.value)
            case "joined":
                return _in_order(attributes.get("confirmed_at"), self.relation, self.value)
        return _in_order(attributes.get("fields", {}).get(self.name.removeprefix(FIELD)), self.relation, self.value)


def _in_order(held: str | None, relation: Relation, value: str) -> bool:
    """Compare two texts; days and moments in ISO 8601 are in the order of their letters."""
    if not held:
        return False
    match relation:
        case Relation.BEFORE:
            return held < value
        case Relation.AT_MOST:
            return held <= value
        case Relation.FROM:
            return held >= value
        case Relation.AFTER:
            return held > value
    return held == value


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of something."""

    condition: Condition

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Return whether it is so of a reader of whom this is known."""
        return not self.condition.holds(attributes)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several things at once."""

    conditions: tuple[Condition, ...]

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Return whether it is so of a reader of whom this is known."""
        return all(each.holds(attributes) for each in self.conditions)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One thing or another."""

    conditions: tuple[Condition, ...]

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Return whether it is so of a reader of whom this is known."""
        return any(each.holds(attributes) for each in self.conditions)


Condition = Comparison | Not | AllOf | OneOf


@dataclass(frozen=True)
class AudienceExpression:
    """A part of the list, said by what its readers have in common."""

    text: str
    """As somebody wrote it, on one line."""
    condition: Condition

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Return whether a reader is in this part of the list.

        Args:
            attributes: Of the reader, as the table keeps them: see `ATTRIBUTES`; what is not known is missing.
        """
        return self.condition.holds(attributes)

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All that is asked, in the order in which it is written."""
        return tuple(_comparisons(self.condition))

    def values(self, name: str) -> tuple[str, ...]:
        """Return what is compared with one thing, such as all tags, each once."""
        return tuple(dict.fromkeys(each.value for each in self.comparisons if each.name == name))


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    match condition:
        case Comparison():
            yield condition
        case Not():
            yield from _comparisons(condition.condition)
        case AllOf() | OneOf():
            for each in condition.conditions:
                yield from _comparisons(each)
