"""The expressions of DynamoDB that a worker writes, applied to an item: for a benchmark, not a copy of DynamoDB."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

BETWEEN = re.compile(r"(\S+) BETWEEN (\S+) AND (\S+?)(?=\)| |$)")
EXISTS = re.compile(r"attribute_(not_)?exists\((\S+)\)")
COMPARED = re.compile(r"([#\w]+) (=|<>|<=|>=|<|>) ([:#]\w+)")


def holds(item: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Return whether the condition of a write holds for an item."""
    names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})

    def value(word: str) -> Any:
        return _plain(values[word] if word.startswith(":") else item.get(names.get(word, word)))

    def exists(found: re.Match[str]) -> str:
        return str((names.get(found[2], found[2]) in item) is not bool(found[1]))

    def compare(found: re.Match[str]) -> str:
        left, sign, right = value(found[1]), found[2], value(found[3])
        if left is None:
            return "False"
        return str(
            {"=": left == right, "<>": left != right, "<=": left <= right, ">=": left >= right}.get(
                sign, _strictly(left, sign, right)
            )
        )

    text = BETWEEN.sub(r"(\1 >= \2 AND \1 <= \3)", asked["ConditionExpression"])
    text = COMPARED.sub(compare, EXISTS.sub(exists, text))
    told = re.fullmatch(r"(?:True|False|AND|OR|[() ])+", text)
    assert told, f"a condition of another form: {text}"
    return bool(eval(text.replace("AND", "and").replace("OR", "or"), {"__builtins__": {}}))  # noqa: S307 - looked at


def updated(item: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the item after an update."""
    names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
    after = dict(item)
    verb, _, changes = asked["UpdateExpression"].partition(" ")
    if verb == "REMOVE":
        gone = {names.get(name, name) for name in changes.split(", ")}
        return {name: value for name, value in item.items() if name not in gone}

    def value_of(word: str) -> Any:
        return values[word] if word.startswith(":") else after[names.get(word, word)]

    for change in changes.split(", "):
        if verb == "ADD":
            name, word = change.split(" ")
            name = names.get(name, name)
            after[name] = _added(after.get(name), values[word])
            continue
        name, _, new = change.partition(" = ")
        first, _, second = new.partition(" + ")
        value = value_of(first)
        after[names.get(name, name)] = {"N": str(int(value["N"]) + int(value_of(second)["N"]))} if second else value
    return after


def _added(before: Mapping[str, Any] | None, more: Mapping[str, Any]) -> dict[str, Any]:
    if "BS" in more:
        return {"BS": list(dict.fromkeys([*(before["BS"] if before else ()), *more["BS"]]))}
    return {"N": str(Decimal(before["N"] if before else 0) + Decimal(more["N"]))}


def _strictly(left: Any, sign: str, right: Any) -> bool:
    return bool(left < right if sign == "<" else left > right)


def _plain(value: Any) -> Any:
    if value is None:
        return None
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content
