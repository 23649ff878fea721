"""The part of docs/openapi.json that programs with a key use: made of the tables of routes and of the types they name.

Addresses, methods and rights are those of the routes; what an operation does is the docstring of the function that
answers; fields are those of its types, with their docstrings. Nothing is written here that the code says already.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from newsletter.control.api import lists, people, routes
from newsletter.control.api.door import VERSION, VERSION_HEADER
from newsletter.control.api.problems import ABOUT, MEDIA_TYPE, URN
from newsletter.control.api.request import BASE, ApiRoute, Nothing
from newsletter.desk.api_keys.enter_by_key import MOST_A_MINUTE
from newsletter.desk.api_keys.kept_answer import LONGEST_IDEMPOTENCY_KEY
from newsletter.desk.domain.act import MAY

API_ROUTES = (*routes.ROUTES, *people.ROUTES, *lists.ROUTES)

JSON = "application/json"
TAG = "Programs"
NAMES = {"slug": "The name of an issue.", "name": "The name of a send or a report.", "id": "The id of a reader."}
"""What the parts of a path are."""

FORMATS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
}

HEADERS = {
    "RateLimit-Policy": f'How many requests a key has: `"key";q={MOST_A_MINUTE};w=60`.',
    "RateLimit": 'What is left of them, and for how many seconds: `"key";r=119;t=42`.',
    VERSION_HEADER: "The version of the API that answered.",
}
"""In every answer to somebody with a key."""


def api_paths() -> dict[str, Any]:
    """Return the paths of the API, each with its operations."""
    paths: dict[str, Any] = {}
    for route in API_ROUTES:
        path = BASE + re.sub(r"<(\w+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    return paths


def api_components() -> dict[str, Any]:
    """Return what the operations refer to."""
    shapes: dict[str, type] = {}
    for route in API_ROUTES:
        for shape in (route.body, _result(route)):
            _gather(shape, shapes)
    del shapes[Nothing.__name__]
    bodies = {route.body for route in API_ROUTES}
    return {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key made at the desk."}},
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
        "responses": {
            str(status): _problem_answer(status) for status in sorted({status for status, _ in ABOUT.values()})
        },
        "schemas": {
            "Problem": _problem(),
            **{
                name: _schema(shape, closed=shape in bodies)
                for name, shape in sorted(shapes.items())
                if shape is not Nothing
            },
        },
    }


def _operation(route: ApiRoute) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(route.answer.__doc__ or "").partition("\n\n")
    roles = ", ".join(sorted(MAY[route.act]))
    operation: dict[str, Any] = {
        "operationId": route.answer.__name__,
        "summary": summary,
        "description": " ".join(filter(None, (description, f"Takes the right `{route.act}`: {roles}."))),
        "tags": [TAG],
        "security": [{"key": []}],
        "parameters": _parameters(route),
        "responses": {
            "200": {
                "description": "Done, or shown.",
                "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS},
                "content": {JSON: {"schema": _reference(_result(route))}},
            },
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _refusals(route)},
        },
    }
    if route.body is not Nothing:
        needed = any(each.default is MISSING for each in fields(route.body))
        operation["requestBody"] = {"required": needed, "content": {JSON: {"schema": _reference(route.body)}}}
    return operation


def _refusals(route: ApiRoute) -> list[int]:
    found = [400, 401, 403, 422, 429, 503]
    if "<" in route.path:
        found.append(404)
    if route.method != "GET":
        found += [413, 415]
    if route.changes:
        found.append(409)
    return sorted(found)


def _parameters(route: ApiRoute) -> list[dict[str, Any]]:
    of_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": NAMES[name],
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$", "maxLength": 200},
        }
        for name in re.findall(r"<(\w+)>", route.path)
    ]
    words, hints = _field_words(route.query), get_type_hints(route.query)
    of_query = [
        {
            "name": each.name,
            "in": "query",
            "required": False,
            "description": words.get(each.name, ""),
            "schema": _without_null(_field(each, hints[each.name])),
        }
        for each in fields(route.query)
    ]
    of_header = []
    if route.changes and route.method == "POST":
        description = (
            "Any text of your own, new for each request. The same request again gets the same answer for a day."
        )
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_IDEMPOTENCY_KEY, "pattern": "^[!-~]+$"}
        of_header = [
            {"name": "Idempotency-Key", "in": "header", "required": True, "description": description, "schema": schema}
        ]
    return [*of_path, *of_query, *of_header]


def _problem_answer(status: int) -> dict[str, Any]:
    kinds = [f"`{kind}`: {title}." for kind, (code, title) in ABOUT.items() if code == status]
    answer: dict[str, Any] = {
        "description": " ".join(kinds),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
    return answer


def _problem() -> dict[str, Any]:
    fault = {"type": "object", "required": ["field", "message"], "properties": {
        "field": {"type": "string"}, "message": {"type": "string"},
    }}  # fmt: skip
    return {
        "type": "object",
        "description": "What could not be done, and why (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": [f"{URN}{kind}" for kind in ABOUT]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "A sentence: what is wrong, and what to do about it."},
            "errors": {"type": "array", "items": fault, "description": "Each field that cannot be what it says."},
        },
    }


def _gather(shape: Any, shapes: dict[str, type]) -> None:
    """Add every record that this one is made of."""
    if is_dataclass(shape) and isinstance(shape, type):
        known = shapes.setdefault(shape.__name__, shape)
        if known is not shape:
            raise ValueError(f"two types of the API are called {shape.__name__}")
        for hint in get_type_hints(shape).values():
            _gather(hint, shapes)
    for part in get_args(shape):
        _gather(part, shapes)


def _schema(shape: type, *, closed: bool) -> dict[str, Any]:
    hints, words = get_type_hints(shape), _field_words(shape)
    properties = {}
    for each in fields(shape):
        described = {"description": words[each.name]} if each.name in words else {}
        properties[each.name] = {**_field(each, hints[each.name]), **described}
    schema = {
        "type": "object",
        "description": (shape.__doc__ or "").strip(),
        "required": [each.name for each in fields(shape) if not closed or each.default is MISSING],
        "properties": properties,
    }
    return schema | ({"additionalProperties": False} if closed else {})


def _field(each: Field[Any], hint: Any) -> dict[str, Any]:
    schema = _of_type(hint) | dict(each.metadata)
    if each.default is not MISSING:
        schema["default"] = each.default.value if isinstance(each.default, Enum) else each.default
    return schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which is there or is not."""
    plain = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    if isinstance(plain.get("type"), list):
        plain["type"] = plain["type"][0]
    if "enum" in plain:
        plain["enum"] = [each for each in plain["enum"] if each is not None]
    return plain


def _of_type(hint: Any) -> dict[str, Any]:
    if hint in FORMATS:
        return dict(FORMATS[hint])
    if is_dataclass(hint):
        return _reference(hint)
    if isinstance(hint, UnionType):
        (inner,) = (_of_type(each) for each in get_args(hint) if each is not NoneType)
        if "$ref" in inner:
            return {"anyOf": [inner, {"type": "null"}]}
        nullable = inner | {"type": [inner["type"], "null"]}
        return nullable | ({"enum": [*inner["enum"], None]} if "enum" in inner else {})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [each.value for each in hint]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _of_type(get_args(hint)[0])}
    if get_origin(hint) is Mapping or get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
        inner = _of_type(get_args(hint)[1])
        return {"type": "object", "additionalProperties": inner or True}
    raise TypeError(f"the description has no form for {hint}")


def _reference(shape: Any) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _result(route: ApiRoute) -> Any:
    return get_type_hints(route.answer)["return"]


def _field_words(shape: type) -> dict[str, str]:
    """Return the docstrings of the fields of a record: the texts that stand below them."""
    body = _classes(shape.__module__)[shape.__name__].body
    return {
        above.target.id: " ".join(textwrap.dedent(below.value.value).split())
        for above, below in zip(body, body[1:], strict=False)
        if isinstance(above, ast.AnnAssign)
        and isinstance(above.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


ABOUT_THE_API = (
    f"Below `{BASE}` a program shows a key that an owner made at the desk, in `Authorization: Bearer`; docs/api.md says"
    f" how. This describes version {VERSION}."
)
