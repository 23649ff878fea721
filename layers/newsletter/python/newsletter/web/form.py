"""The fields of a form: read from the body of a request, as a form, in parts (multipart) or as a JSON object."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from newsletter.core.reader_fields.reader_field import FORM_PREFIX, NO, YES
from newsletter.errors import InvalidRequestError

IN_ONE_OBJECT = "fields"
"""The member of a JSON object in which programs may send what the publisher asks of readers, by key."""

MOST_FIELDS = 100
"""A preferences form has one field for each topic."""


def read_fields(content_type: str, form_body: bytes, *, several: Collection[str] = ()) -> dict[str, str]:
    """Return the fields of a form; those named in `several` may come often, joined by line.

    Args:
        content_type: The header `Content-Type`, with its parameters.
        form_body: As it was sent.
        several: Names of fields that may come more than once.

    Raises:
        InvalidRequestError: Not UTF-8, a field twice, values that are not texts, or another type.
    """
    match media_type(content_type):
        case "application/json":
            pairs = _json_pairs(form_body)
        case "application/x-www-form-urlencoded" | "":
            pairs = _urlencoded_pairs(form_body)
        case "multipart/form-data":
            pairs = _multipart_pairs(content_type, form_body)
        case other:
            raise InvalidRequestError(f"The form was sent as {other[:60]}; a form, multipart or JSON is expected.")
    fields: dict[str, str] = {}
    for name, value in pairs:
        if not _is_text(name + value):
            raise InvalidRequestError("The form is not UTF-8 text.")
        if name in fields and name not in several:
            raise InvalidRequestError(f"The field {name[:60]!r} was sent twice.")
        fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a form."""

    name: str
    """As the browser calls it: by a person, and nothing to trust."""
    body: bytes
    field: str = ""
    """Of the form, in which it was chosen."""


def read_files(content_type: str, form_body: bytes) -> list[SentFile]:
    """Return the files of a form that was sent in parts (RFC 7578); none of any other.

    Raises:
        InvalidRequestError: It cannot be read.
    """
    found: list[SentFile] = []
    if media_type(content_type) == "multipart/form-data":
        _multipart_pairs(content_type, form_body, found)
    return found


def media_type(content_type: str) -> str:
    """Return the type without its parameters, in small letters."""
    return content_type.partition(";")[0].strip().lower()


def day_of(text: str) -> date | None:
    """Return the day that a field names; None for an empty field.

    Raises:
        InvalidRequestError: Not a day.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise InvalidRequestError("The day should look like 2026-12-31.") from exc


def _is_text(text: str) -> bool:
    """Return whether this can be written down: JSON can smuggle in halves of characters."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as exc:
        raise InvalidRequestError("The form is not UTF-8 text.") from exc


def _urlencoded_pairs(body: bytes) -> list[tuple[str, str]]:
    text = _text(body)
    if text.count("&") >= MOST_FIELDS:
        raise InvalidRequestError("The form has too many fields.")
    return parse_qsl(text, keep_blank_values=True)


def _json_pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        pairs = json.loads(_text(body) or "{}", object_pairs_hook=list)
    except (ValueError, RecursionError) as exc:
        raise InvalidRequestError("The body is not JSON.") from exc
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        raise InvalidRequestError("The body must be a JSON object.")
    flat = [flat_pair for pair in pairs for flat_pair in _flat(*pair)]
    if not all(isinstance(value, str) for _, value in flat):
        raise InvalidRequestError("Every value must be text.")
    return flat


def _flat(name: str, value: Any) -> list[tuple[str, Any]]:
    """Return a member of a JSON object; of `fields`, which holds an object itself, each under its name in a form."""
    if name != IN_ONE_OBJECT or not isinstance(value, list) or not all(isinstance(each, tuple) for each in value):
        return [(name, value)]
    said = {True: YES, False: NO, None: ""}
    return [
        (f"{FORM_PREFIX}{key}", said[each] if each is None or isinstance(each, bool) else each) for key, each in value
    ]


def _multipart_pairs(content_type: str, body: bytes, files: list[SentFile] | None = None) -> list[tuple[str, str]]:
    """Return the texts of a form in parts; its files go into `files`, and nowhere without that."""
    from python_multipart import parse_form
    from python_multipart.exceptions import FormParserError

    pairs: list[tuple[str, str]] = []

    def keep(file: Any) -> None:
        if files is not None and file.file_name:
            file.file_object.seek(0)
            name = _text(file.file_name).rpartition("/")[2].rpartition("\\")[2]
            files.append(SentFile(name, file.file_object.read(), _text(file.field_name or b"")))

    headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
    try:
        parse_form(
            headers,
            BytesIO(body),
            lambda field: pairs.append((_text(field.field_name or b""), _text(field.value or b""))),
            keep,
        )
    except (FormParserError, ValueError) as exc:
        raise InvalidRequestError("The multipart form cannot be read.") from exc
    return pairs
