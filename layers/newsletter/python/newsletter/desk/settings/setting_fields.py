"""The fields of a file in YAML as a form shows them, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

LISTS = ("postal_address", "footer_links", "feeds")
"""Fields whose items a form shows one a line."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u200b\u2028\u2029\ufeff]")
"""What YAML refuses, and what nobody means."""


def values_of(file_text: str) -> dict[str, str]:
    """Return the fields, `light.paper` for a name within a name; of a file that cannot be read, none."""
    # Not above: most pages of the desk show no settings, and should not wait for YAML.
    from newsletter.issues.writing.yaml_fields import Field, read_nested_fields

    fields: dict[str, Field] = {}
    read_nested_fields(file_text, fields, [])
    return {
        name: "\n".join(line.strip() for item in field.value for line in item.splitlines()).strip()
        if name in LISTS
        else field.text
        for name, field in fields.items()
    }


def written(typed_values: Mapping[str, str]) -> str:
    """Return the file that says this; an empty value leaves its field out."""
    plain: list[str] = []
    nested: dict[str, list[str]] = {}
    for name, value in typed_values.items():
        lines = [line.strip() for line in clean(value).split("\n") if line.strip()]
        if not lines:
            continue
        outer, _, inner = name.partition(".")
        if inner:
            nested.setdefault(outer, []).append(f"  {inner}: {_quoted(' '.join(lines))}\n")
        elif name in LISTS:
            plain.append(f"{name}:\n" + "".join(f"  - {_quoted(line)}\n" for line in lines))
        else:
            plain.append(f"{name}: {_quoted(' '.join(lines))}\n")
    return "".join([*plain, *(f"{outer}:\n{''.join(lines)}" for outer, lines in nested.items())])


def clean(text: str) -> str:
    """Return a text as it can stand in a file: line ends as ours, and without what nobody can see."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _quoted(text: str) -> str:
    """Return a text as YAML reads it in double quotes: JSON is a part of YAML."""
    return json.dumps(text, ensure_ascii=False)
