"""The fields of a request, read strictly by the type that a route names; and answers as JSON has them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from newsletter.control.api.problems import ApiProblem, FieldFault, ProblemError, ProblemType, invalid
from newsletter.control.api.request import DEFAULT_LIMIT, MOST_AT_ONCE

LONGEST = "maxLength"
"""In the metadata of a field: the most characters of a text."""

Record = TypeVar("Record")


def up_to(longest: int, *, default: Any = MISSING) -> Any:
    """Return a field for a text of at most so many characters; without a default it must be there."""
    return field(default=default, metadata={LONGEST: longest})


def page_size() -> Any:
    """Return the field `limit`."""
    return field(default=DEFAULT_LIMIT, metadata={"minimum": 1, "maximum": MOST_AT_ONCE})


def read_body(record_shape: type[Record], content_type: str, json_body: bytes) -> Record:
    """Return the body of a request.

    Raises:
        ProblemError: It is no JSON object, or not one with these fields and no others.
    """
    if not json_body:
        return read_fields(record_shape, {})
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ProblemError(ApiProblem(ProblemType.NOT_JSON, "Send the body as application/json."))
    return read_fields(record_shape, _object(json_body))


def read_query(record_shape: type[Record], query: Mapping[str, str]) -> Record:
    """Return what stands behind the question mark.

    Raises:
        ProblemError: There is a name that this address does not know, or a value that cannot be.
    """
    numbers = {each.name for each, hint in _fields(record_shape) if hint is int}
    return read_fields(
        record_shape, {name: _number(value) if name in numbers else value for name, value in query.items()}
    )


def read_fields(record_shape: type[Record], raw_fields: Mapping[str, Any]) -> Record:
    """Return a record of these fields.

    Raises:
        ProblemError: One is missing, unknown or cannot be what it says; all of them are named.
    """
    known = _fields(record_shape)
    faults = [
        FieldFault(name[:LONGEST_NAME], "there is no such field")
        for name in raw_fields
        if name not in {each.name for each, _ in known}
    ]
    values: dict[str, Any] = {}
    for each, hint in known:
        if each.name not in raw_fields:
            if each.default is MISSING and each.default_factory is MISSING:
                faults.append(FieldFault(each.name, "is missing"))
            continue
        try:
            values[each.name] = _value(hint, raw_fields[each.name], each.metadata)
        except ValueError as exc:
            faults.append(FieldFault(each.name, str(exc)))
    if faults:
        raise invalid(*faults[:MOST_FAULTS])
    return record_shape(**values)


LONGEST_NAME, MOST_FAULTS = 60, 20
"""Of what is said about somebody else's mistakes."""


def plain(value: Any) -> Any:
    """Return a value as JSON has it: records as objects, moments and days as texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    match value:
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
    return value


def _object(json_body: bytes) -> dict[str, Any]:
    try:
        pairs = json.loads(json_body.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise ProblemError(ApiProblem(ProblemType.MALFORMED, "The body is not JSON that can be read.")) from exc
    if not isinstance(pairs, dict):
        raise ProblemError(ApiProblem(ProblemType.MALFORMED, "The body should be a JSON object."))
    return pairs


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice, and readers of JSON differ in which one counts")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _number(value: str) -> Any:
    return int(value) if re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII) else value


def _fields(record_shape: Any) -> list[tuple[Field[Any], Any]]:
    return _fields_of(record_shape)


@cache
def _fields_of(record_shape: Any) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(record_shape)
    return [(each, hints[each.name]) for each in fields(record_shape)]


def _value(hint: Any, given: Any, limits: Mapping[str, Any]) -> Any:
    """Return a value of the type that a field has.

    Raises:
        ValueError: It is none; the sentence says what it should be.
    """
    if isinstance(hint, UnionType):
        if given is None:
            return None
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    if isinstance(hint, type) and issubclass(hint, Enum):
        words = [str(each.value) for each in hint]
        if given not in words:
            raise ValueError(f"should be one of {', '.join(words)}")
        return hint(given)
    return READERS[hint](given, limits)


def _text(given: Any, limits: Mapping[str, Any]) -> str:
    if not isinstance(given, str):
        raise ValueError("should be a text")
    if any("\ud800" <= character <= "\udfff" for character in given):
        raise ValueError("holds half of a character")
    if len(given) > limits.get(LONGEST, len(given)):
        raise ValueError(f"should have at most {limits[LONGEST]} characters")
    return given


def _whole_number(given: Any, limits: Mapping[str, Any]) -> int:
    least, most = limits["minimum"], limits["maximum"]
    if type(given) is not int or not least <= given <= most:
        raise ValueError(f"should be a whole number from {least} to {most}")
    return given


def _day(given: Any, _: Mapping[str, Any]) -> date:
    if not isinstance(given, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
        raise ValueError("should be a day such as 2026-12-29")
    try:
        return date.fromisoformat(given)
    except ValueError as exc:
        raise ValueError("should be a day such as 2026-12-29") from exc


READERS: dict[Any, Callable[[Any, Mapping[str, Any]], Any]] = {str: _text, int: _whole_number, date: _day}
"""What reads a field of each type."""
