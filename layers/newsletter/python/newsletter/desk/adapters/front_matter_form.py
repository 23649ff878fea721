"""The front matter of a draft as a form: one field is changed in the YAML, all else stays letter for letter."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import yaml

from newsletter.desk.drafts.draft import plain_lines
from newsletter.desk.drafts.fields import DraftFields, FieldValue
from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Problem
from newsletter.issues.writing.yaml_fields import FIELDS, Field, read_fields

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)


class YamlForm:
    """Reads and changes the fields of a draft."""

    def read(self, text: str) -> DraftFields:
        """Return the fields of a draft, its body, and what of the fields cannot be read."""
        front_matter, body = _split(plain_lines(text))
        fields: dict[str, Field] = {}
        problems: list[Problem] = []
        # A first empty line, so that lines are counted from the one of the hyphens.
        read_fields(f"\n{front_matter}", fields, problems)
        values = {name: each.value if each.is_list else each.text for name, each in fields.items()}
        return DraftFields(values, body, tuple(problems))

    def changed(self, text: str, field_values: Mapping[str, FieldValue | None]) -> str:
        """Return the draft with these fields, and everything else as it was typed."""
        text = plain_lines(text)
        front_matter, body = _split(text)
        before: dict[str, Field] = {}
        problems: list[Problem] = []
        if not read_fields(f"\n{front_matter}", before, problems):
            raise InvalidIssueError("the draft", problems[-1:])
        wanted = {name: _plain(value) for name, value in field_values.items()}
        wanted = {name: value for name, value in wanted.items() if not _says(before.get(name), value)}
        for name in sorted(wanted, key=_place):
            front_matter = _with_field(front_matter, name, wanted[name])
        return f"---\n{front_matter}---\n{body if _FRONT_MATTER.match(text) else f'{chr(10)}{body}'}"


def _split(text: str) -> tuple[str, str]:
    """Return front matter and body; a text without front matter is all body."""
    found = _FRONT_MATTER.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def _place(name: str) -> int:
    return FIELDS.index(name) if name in FIELDS else len(FIELDS)


def _plain(value: FieldValue | None) -> FieldValue:
    """Return a value on one line, as fields are; a space that does not break stays one."""
    if isinstance(value, tuple):
        return tuple(filter(None, map(_on_one_line, value)))
    return _on_one_line(value or "")


def _on_one_line(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def _says(field: Field | None, value: FieldValue) -> bool:
    """Return whether a field says this already, however it is written."""
    if field is None:
        return not value
    if isinstance(value, tuple):
        items = field.value if field.is_list else tuple(item.strip() for item in field.text.split(","))
        return items == value
    return not field.is_list and field.text == value


def _with_field(front_matter: str, name: str, value: FieldValue) -> str:
    found = _found(front_matter, name)
    written = _written(name, value)
    if found is None:
        gap = "" if not front_matter or front_matter.endswith("\n") else "\n"
        return f"{front_matter}{gap}{name}: {written}\n" if value else front_matter
    key, begin, end = found
    if value and "\n" in front_matter[key:begin]:  # a list below its name, perhaps with a remark behind that
        colon = front_matter.index(":", key) + 1
        return f"{front_matter[:colon]} {written}{front_matter[colon:begin].rstrip()}{front_matter[end:]}"
    if value:
        space = "" if front_matter[begin - 1 : begin].isspace() else " "
        return f"{front_matter[:begin]}{space}{written}{front_matter[end:]}"
    # Without a value the field goes with its line, and with the remark at the end of it.
    rest = front_matter.find("\n", end)
    return front_matter[:key] + ("" if rest < 0 else front_matter[rest + 1 :])


def _found(front_matter: str, name: str) -> tuple[int, int, int] | None:
    """Return where a field stands: its name, and the begin and the end of its value."""
    root = yaml.compose(front_matter, Loader=yaml.SafeLoader)
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        problem = Problem(2, "The fields stand in braces.", "Write each as `name: text` on its own line.")
        raise InvalidIssueError("the draft", [problem])
    for key, value in root.value:
        if isinstance(key, yaml.ScalarNode) and key.value.strip() == name:
            begin, end = value.start_mark.index, _end(value)
            return key.start_mark.index, begin, begin + len(front_matter[begin:end].rstrip())
    return None


def _end(node: yaml.Node) -> int:
    """Return where a value ends; of a list one item below the other, YAML says only where the next field begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _written(name: str, value: FieldValue) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_scalar(item, '- [{}]') for item in value)}]"
    return _scalar(value, name + ": {}")


def _scalar(text: str, place: str) -> str:
    """Return text as YAML: as it is where that means the same at its place, else in quotes. JSON is YAML."""
    try:
        scalars = [each for each in yaml.parse(place.format(text), Loader=yaml.SafeLoader) if _is_content(each)]
    except (yaml.YAMLError, ValueError):
        scalars = []
    alone = [each.value for each in scalars if isinstance(each, yaml.ScalarEvent)]
    plain = len(alone) == len(scalars) and alone[-1:] == [text] and len(alone) == place.count(":") + 1
    return text if plain and text == text.strip() else json.dumps(text, ensure_ascii=False)


def _is_content(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
