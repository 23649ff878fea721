"""The generated half of the Python client: a method for each operation of docs/openapi.json, types for its fields."""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
from typing import Any

from local.documents.openapi import described
from local.process import ROOT

FOLDER = ROOT / "clients" / "python" / "fortnightly_client"
MODELS, OPERATIONS = FOLDER / "models.py", FOLDER / "operations.py"

WIDTH = 110
PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
}


def as_files() -> dict[Any, str]:
    """Return the text of each generated file."""
    spec = described()
    schemas = spec["components"]["schemas"]
    operations = [
        (method.upper(), path, operation)
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if "security" in operation
    ]
    return {MODELS: _formatted(_models(schemas)), OPERATIONS: _formatted(_operations(operations))}


def _formatted(source: str) -> str:
    """Return source as `make format` leaves it."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(OPERATIONS), "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def write() -> None:
    """Write them."""
    for file, text in as_files().items():
        file.write_text(text, encoding="utf-8")
        print(f"Wrote {file.relative_to(ROOT)}")


def _models(schemas: dict[str, Any]) -> str:
    parts = [
        '"""What the API takes and answers. Generated from docs/openapi.json by `make documents`."""',
        "from __future__ import annotations",
        "from typing import Any, Literal, NotRequired, TypedDict",
    ]
    for name, schema in schemas.items():
        lines = [f"class {name}(TypedDict):", _docstring(schema["description"], 4)]
        closed = schema.get("additionalProperties") is False
        for field, described_field in schema["properties"].items():
            hint = _hint(described_field)
            lines.append(
                f"    {field}: {hint if field in schema['required'] or not closed else f'NotRequired[{hint}]'}"
            )
            if "description" in described_field:
                lines.append(_docstring(described_field["description"], 4))
        parts.append("\n".join(lines))
    return "\n\n".join(parts[:3]) + "\n\n\n" + "\n\n\n".join(parts[3:]) + "\n"


def _operations(operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    named = re.findall(r'"#/components/schemas/(\w+)"', json.dumps([each for *_, each in operations]))
    head = [
        '"""The operations of the API, a method each. Generated from docs/openapi.json by `make documents`."""',
        "from __future__ import annotations",
        "from typing import Literal, cast\nfrom urllib.parse import quote",
        "from fortnightly_client.models import (\n" + "".join(f"    {name},\n" for name in sorted(set(named))) + ")\n"
        "from fortnightly_client.transport import Transport",
        "",
        'class Operations(Transport):\n    """A connection to the API of one stack: a method for each operation."""',
    ]
    methods = [_method(*each) for each in operations]
    return "\n\n".join(head[:4]) + "\n\n\n" + head[5] + "\n\n" + "\n\n".join(methods) + "\n"


def _method(method: str, path: str, operation: dict[str, Any]) -> str:
    of_path = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
    of_query = [each for each in operation["parameters"] if each["in"] == "query"]
    named = any(each["name"] == "Idempotency-Key" for each in operation["parameters"])
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    result = _hint(operation["responses"]["200"]["content"]["application/json"]["schema"])
    arguments = ["self", *(f"{_safe(name)}: str" for name in of_path)]
    arguments += [f"body: {_hint(body)}"] if body else []
    keywords = [f"{_safe(each['name'])}: {_hint(each['schema'])} | None = None" for each in of_query]
    keywords += ["idempotency_key: str | None = None"] if named else []
    arguments += ["*", *keywords] if keywords else []
    address = re.sub(r"\{(\w+)\}", lambda part: f"{{quote({_safe(part[1])}, safe='')}}", path)
    passed = [f'"{method}"', f'f"{address}"' if of_path else f'"{address}"']
    if of_query:
        passed.append("query={" + ", ".join(f'"{each["name"]}": {_safe(each["name"])}' for each in of_query) + "}")
    passed += ["body=body"] if body else []
    passed += ["idempotency_key=idempotency_key", "named=True"] if named else []
    words = (
        f"{operation['summary']}\n\n{operation['description']}" if operation["description"] else operation["summary"]
    )
    return "\n".join(
        [
            f"    def {operation['operationId']}(",
            *(f"        {each}," for each in arguments),
            f"    ) -> {result}:",
            _docstring(words, 8),
            "        answered = self.send(",
            *(f"            {each}," for each in passed),
            "        )",
            f"        return cast({result}, answered)",
        ]
    )


def _hint(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name_of(schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(_hint(each) for each in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(each) if each is not None else 'None' for each in schema['enum'])}]"
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return " | ".join(_hint({**schema, "type": each}) for each in kinds)
    if kinds == "array":
        return f"list[{_hint(schema['items'])}]"
    if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"dict[str, {_hint(schema['additionalProperties'])}]"
    return PLAIN[kinds] if kinds else "Any"


def _name_of(reference: str) -> str:
    return reference.strip('"').rpartition("/")[2]


def _safe(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _docstring(text: str, indent: int) -> str:
    first, _, more = text.partition("\n\n")
    margin = " " * indent
    lines = textwrap.wrap(first, WIDTH - indent)
    if more or len(lines) > 1:
        rest = [*textwrap.wrap(more, WIDTH - indent)] if more else []
        whole = [*lines, *(["", *rest] if rest else [])]
        return "\n".join(
            [f'{margin}"""{whole[0]}', *(f"{margin}{each}".rstrip() for each in whole[1:]), f'{margin}"""']
        )
    return f'{margin}"""{lines[0]}"""'
