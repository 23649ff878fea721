"""As much of IAM's policy language as a sending policy uses: actions, resources, conditions, allow and deny.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Request:
    """What somebody wants to do. Condition keys may have several values; a key that is not there has none."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    allow: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]]

    def applies(self, request: Request) -> bool:
        """Return whether the statement speaks of the request."""
        if self.actions and not _matches(request.action, self.actions, ignore_case=True):
            return False
        if self.not_actions and _matches(request.action, self.not_actions, ignore_case=True):
            return False
        if self.resources and not _matches(request.resource, self.resources):
            return False
        if self.not_resources and _matches(request.resource, self.not_resources):
            return False
        return all(
            _holds(operator, wanted, _values(request.context, key), denying=not self.allow)
            for operator, keys in self.conditions.items()
            for key, wanted in keys.items()
        )


def parse_policy(document: str | Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document."""
    policy: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    given = policy.get("Statement", [])
    return [_statement(each) for each in (given if isinstance(given, list) else [given])]


def allows(statements: Iterable[Statement], request: Request) -> bool:
    """Return whether the statements allow the request: one allows it and none denies it."""
    applying = [statement for statement in statements if statement.applies(request)]
    return bool(applying) and all(statement.allow for statement in applying)


def _statement(given: Mapping[str, Any]) -> Statement:
    return Statement(
        allow=given["Effect"] == "Allow",
        actions=_several(given.get("Action")),
        not_actions=_several(given.get("NotAction")),
        resources=_several(given.get("Resource")),
        not_resources=_several(given.get("NotResource")),
        conditions={
            operator: {key: _several(values) for key, values in keys.items()}
            for operator, keys in given.get("Condition", {}).items()
        },
    )


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in values)


def _values(context: Mapping[str, tuple[str, ...]], key: str) -> tuple[str, ...] | None:
    return next((values for name, values in context.items() if name.lower() == key.lower()), None)


@lru_cache(maxsize=1024)
def _pattern(wanted: str, flags: int) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", wanted))
    return re.compile("".join(parts), flags | re.DOTALL)


def _like(value: str, wanted: str, *, ignore_case: bool = False) -> bool:
    return _pattern(wanted, re.IGNORECASE if ignore_case else 0).fullmatch(value) is not None


def _matches(value: str, patterns: Sequence[str], *, ignore_case: bool = False) -> bool:
    return any(_like(value, pattern, ignore_case=ignore_case) for pattern in patterns)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda value, wanted: value == wanted,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
    "numericequals": lambda value, wanted: float(value) == float(wanted),
}


def _holds(operator: str, wanted: tuple[str, ...], values: tuple[str, ...] | None, *, denying: bool) -> bool:
    name = operator.lower()
    quantifier, colon, rest = name.partition(":")
    if colon:
        name = rest
    if name == "null":
        return (values is None) == (wanted == ("true",))
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    negated = "not" in name
    test = _OPERATORS.get(name.replace("not", "", 1) if negated else name)
    if test is None:
        # An operator we cannot judge must not open a door: it bars what is allowed and keeps what is denied.
        return denying
    if values is None:
        return optional or negated or quantifier == "forallvalues"
    found = (any(test(value, each) for each in wanted) != negated for value in values)
    return any(found) if quantifier == "foranyvalue" else all(found)
