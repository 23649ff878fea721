"""MIME as SES writes it: what the recipient gets, made from a template or from the caller's raw message."""

import quopri
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.utils import format_datetime

LONGEST_LINE = 998  # RFC 5322, without the line end
# Fields of the caller's message that do not leave SES: it sets the first two itself, the others are for SES
# alone.
_NOT_FORWARDED = ("date", "message-id", "bcc", "return-path")
_SES_ONLY = "x-ses-"
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def encode_header(value: str) -> str:
    """Return a header value in ASCII, by RFC 2047 where it has to be."""
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=70).encode(linesep="\r\n")


def decoded_header(value: str) -> str:
    """Return a header value as a reader sees it; what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return value


def crlf(text: str) -> str:
    """Return the text with the line ends of mail."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _part(subtype: str, text: str) -> str:
    body = crlf(text)
    if body.isascii() and all(len(line) <= LONGEST_LINE for line in body.split("\r\n")):
        encoding = "7bit"
    else:
        encoding = "quoted-printable"
        body = quopri.encodestring(body.replace("\r\n", "\n").encode()).decode("ascii").replace("\n", "\r\n")
    return f"Content-Type: text/{subtype}; charset=UTF-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"


def compose(headers: Iterable[tuple[str, str]], *, text: str | None, html: str | None, boundary: str) -> bytes:
    """Return a whole message: multipart/alternative when there are two bodies, a single part when there is one."""
    head = "".join(f"{name}: {encode_header(value)}\r\n" for name, value in headers) + "MIME-Version: 1.0\r\n"
    parts = [_part(subtype, body) for subtype, body in (("plain", text), ("html", html)) if body is not None]
    if len(parts) == 1:
        return (head + parts[0]).encode("ascii")
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    head += f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
    return f"{head}\r\n{body}--{boundary}--\r\n".encode("ascii")


def header_fields(raw: bytes) -> list[tuple[str, str]]:
    """Return the header fields of a raw message, unfolded and undecoded, in their order.

    Raises:
        ValueError: A line of the header that is no field.
    """
    end = _HEADER_END.search(raw)
    fields: list[tuple[str, str]] = []
    for line in _LINE_END.split(raw[: end.start()] if end else raw):
        text = line.decode("utf-8", "replace")
        if text[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {text.strip()}")
            continue
        name, colon, value = text.partition(":")
        if not text:
            continue
        if not colon or not name or name != name.strip():
            raise ValueError(text)
        fields.append((name, value.strip()))
    return fields


def as_delivered(raw: bytes, extra: Sequence[tuple[str, str]]) -> bytes:
    """Return the caller's message as it leaves SES: its own Date and Message-ID gone, SES's in their place."""
    end = _HEADER_END.search(raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    kept: list[bytes] = []
    keeping = True
    for line in _LINE_END.split(head):
        if line[:1] not in (b" ", b"\t"):
            name = line.partition(b":")[0].decode("latin-1").strip().lower()
            keeping = bool(name) and name not in _NOT_FORWARDED and not name.startswith(_SES_ONLY)
        if keeping:
            kept.append(line)
    added = [f"{name}: {value}".encode("ascii") for name, value in extra]
    return b"\r\n".join([*added, *kept, b"", _crlf(body)])


def _crlf(body: bytes) -> bytes:
    return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def date_header(at: datetime) -> str:
    """Return a moment as a Date field has it."""
    return format_datetime(at)
