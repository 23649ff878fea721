"""The limits of a request: what SES refuses before it looks at anything else."""

import re
from collections.abc import Mapping
from typing import Any

from local.simulator.errors import SesError, bad_request

MAX_DESTINATIONS = 50
MAX_RECIPIENTS = 50  # To, Cc and Bcc of one message together
MAX_HEADERS = 15
MAX_HEADER_NAME = 126
MAX_HEADER_VALUE = 995
MAX_HEADER_TOTAL = 996
MAX_TAGS = 50
MAX_TAG = 256
MAX_TEMPLATE_DATA = 262_144
MAX_BULK_REQUEST = 1_048_576  # "each input JSON file can be up to 1 MB"
MAX_MESSAGE = 40 * 1024 * 1024

_HEADER_NAME = re.compile(r"[!-9;-@A-~]+")
_HEADER_VALUE = re.compile(r"[ -~]*")
_TAG = re.compile(r"[A-Za-z0-9_\-]+")
# Fields SES writes itself, or takes from its own parameters.
RESERVED_HEADERS = frozenset(
    [
        "bcc",
        "cc",
        "content-disposition",
        "content-id",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "reply-to",
        "return-path",
        "sender",
        "subject",
        "to",
    ]
)


def violation(value: object, where: str, rule: str) -> SesError:
    """Return the error for a value outside the model of the API, worded as SES words it."""
    shown = str(value)[:200]
    return bad_request(
        f"1 validation error detected: Value '{shown}' at '{where}' failed to satisfy constraint: {rule}"
    )


def text(value: Any, where: str, *, longest: int | None = None) -> str:
    """Return a value that has to be text."""
    if not isinstance(value, str):
        raise SesError("SerializationException", f"{where} has to be a string")
    if longest is not None and len(value) > longest:
        raise violation(value, where, f"Member must have length less than or equal to {longest}")
    return value


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Return a value that has to be an object; left out counts as empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SesError("SerializationException", f"{where} has to be a structure")
    return value


def sequence(value: Any, where: str) -> list[Any]:
    """Return a value that has to be a list; left out counts as empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise SesError("SerializationException", f"{where} has to be a list")
    return value


def headers(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    """Return custom headers.

    Shape: [{"Name": "List-Unsubscribe", "Value": "<https://...>"}].

    Raises:
        SesError: Too many, a name or value outside the model, a field that is SES's own, or the same field twice.
    """
    given = sequence(value, where)
    if len(given) > MAX_HEADERS:
        raise violation(given, where, f"Member must have length less than or equal to {MAX_HEADERS}")
    found: list[tuple[str, str]] = []
    for number, item in enumerate(given, 1):
        here = f"{where}.{number}.member"
        header = mapping(item, here)
        name = text(header.get("Name"), f"{here}.name", longest=MAX_HEADER_NAME)
        content = text(header.get("Value"), f"{here}.value", longest=MAX_HEADER_VALUE)
        if not _HEADER_NAME.fullmatch(name):
            raise violation(name, f"{here}.name", "Member must satisfy regular expression pattern: ^[!-9;-@A-~]+$")
        if not content or not _HEADER_VALUE.fullmatch(content):
            raise violation(content, f"{here}.value", "Member must satisfy regular expression pattern: [ -~]*")
        if len(name) + len(content) > MAX_HEADER_TOTAL:
            raise bad_request(
                f"Header <{name}> is longer than {MAX_HEADER_TOTAL} characters, its name and value together."
            )
        if name.lower() in RESERVED_HEADERS or name.lower().startswith("x-ses-"):
            raise bad_request(f"Header <{name}> is not allowed as a custom header.")
        if any(name.lower() == other.lower() for other, _ in found):
            raise bad_request(f"Duplicate header <{name}>.")
        found.append((name, content))
    return tuple(found)


def tags(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    """Return message tags.

    Shape: [{"Name": "issue", "Value": "2026-12-01"}].

    Raises:
        SesError: A name or value outside the model, or the same name twice.
    """
    given = sequence(value, where)
    if len(given) > MAX_TAGS:
        raise bad_request(f"A message can have at most {MAX_TAGS} tags.")
    found: dict[str, str] = {}
    for number, item in enumerate(given, 1):
        here = f"{where}.{number}.member"
        tag = mapping(item, here)
        name = text(tag.get("Name"), f"{here}.name", longest=MAX_TAG)
        content = text(tag.get("Value"), f"{here}.value", longest=MAX_TAG)
        if not _TAG.fullmatch(name) or name.lower().startswith("ses:"):
            raise bad_request(
                f"Invalid tag name <{name}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
            )
        if not _TAG.fullmatch(content):
            raise bad_request(
                f"Invalid tag value <{content}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
            )
        if name in found:
            raise bad_request(f"Duplicate tag name <{name}>.")
        found[name] = content
    return tuple(found.items())
