"""Header fields of a mail, written so that every mail program reads back exactly what was meant.

The library's own folding joins encoded words without the space that must stand between them, and loses or adds spaces
where plain and encoded words meet. Here a value is either plain or encoded as a whole.
Source: https://www.rfc-editor.org/rfc/rfc5322#section-2.2 and https://www.rfc-editor.org/rfc/rfc2047
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator

LONGEST_LINE = 990
"""Octets. RFC 5322 allows 998 in a line, the colon and the space among them."""

LINE = 76
"""Octets in a line that we fold, which is what RFC 2047 allows a line with encoded words."""

ENCODED_WORD = 75
"""Octets in one encoded word, its frame included: RFC 2047."""

_Q, _B = ("=?utf-8?q?", "?="), ("=?utf-8?b?", "?=")
_FRAME = len("=?utf-8?q??=")

_PLAIN_IN_Q = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
"""What may stand for itself in an encoded word even where it is part of somebody's name."""

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+")
"""A name that needs no quotation marks."""


def text_field(name: str, text: str) -> bytes:
    """Return the field of a text that people read, such as the subject, folded, with its line end."""
    first_width = LINE - len(name) - len(": ")
    return _folded(
        name, text.split(" ") if _is_plain(text, first_width) or not text else encoded_words(text, first_width)
    )


def mailbox_field(name: str, display_name: str, email: str) -> bytes:
    """Return the field of somebody's name and address, folded, with its line end.

    Raises:
        ValueError: The address cannot stand in a header.
    """
    return _folded(name, [*_phrase(display_name, LINE - len(name) - len(": ")), f"<{_fit_for_a_line(name, email)}>"])


def mailbox(display_name: str, email: str) -> str:
    """Return a name and an address in one line of ASCII, as SES takes a sender."""
    return " ".join([*_phrase(display_name, ENCODED_WORD), f"<{_fit_for_a_line('From', email)}>"])


def verbatim_field(name: str, value: str) -> bytes:
    """Return a field that machines read: never folded, because a long address must stay in one piece.

    Raises:
        ValueError: The value cannot stand in a mail like this: not ASCII, a line break, or too long for a line.
    """
    return f"{name}: {_fit_for_a_line(name, value)}\r\n".encode()


def encoded_words(text: str, first_width: int) -> list[str]:
    """Return the text as encoded words, readable if most of it is ASCII; no character is divided between two.

    Filters for junk distrust base64 around what needed none of it.

    Args:
        text: What they say, to the last space.
        first_width: Octets for the first of them, which shares its line with the name of the field.
    """
    octets = [character.encode("utf-8", "replace") for character in text]
    readable = sum(len(each) == 1 for each in octets) * 2 > len(octets)
    (begin, end), length, write = (_Q, _length_in_q, _in_q) if readable else (_B, len, _in_b)
    return [f"{begin}{write(part)}{end}" for part in _parts(octets, first_width, length, base64=not readable)]


def _parts(
    characters: list[bytes], first_width: int, length: Callable[[bytes], int], *, base64: bool
) -> Iterator[bytes]:
    """Yield the characters together as far as they fit into one encoded word each."""
    part, used = b"", 0
    for character in characters:
        inside = min(first_width, ENCODED_WORD) - _FRAME
        most = inside // 4 * 3 if base64 else inside
        if part and used + length(character) > most:
            yield part
            part, used, first_width = b"", 0, ENCODED_WORD
        part, used = part + character, used + length(character)
    yield part


def _is_plain(text: str, first_width: int) -> bool:
    """Return whether the text survives a header as it stands: folding and unfolding it changes nothing."""
    words = text.split(" ")
    fits = all(0 < len(word) <= first_width for word in words)
    return fits and text.isascii() and text.isprintable() and "=?" not in text


def _phrase(display_name: str, first_width: int) -> list[str]:
    if not display_name:
        return []
    quoted = display_name if _ATOMS.fullmatch(display_name) else '"' + re.sub(r'(["\\])', r"\\\1", display_name) + '"'
    return quoted.split(" ") if _is_plain(quoted, first_width) else encoded_words(display_name, first_width)


def _folded(name: str, chunks: list[str]) -> bytes:
    """Return the field in lines of at most 76 octets; its first piece stays beside its name, where all look for one."""
    lines = [f"{name}: {chunks[0]}"]
    for chunk in chunks[1:]:
        if len(lines[-1]) + 1 + len(chunk) <= LINE:
            lines[-1] += f" {chunk}"
        else:
            lines.append(f" {chunk}")
    return "\r\n".join([*lines, ""]).encode("ascii")


def _fit_for_a_line(name: str, value: str) -> str:
    if not (name + value).isascii() or not (name + value).isprintable() or len(name) + len(value) > LONGEST_LINE:
        raise ValueError(f"the header {name} cannot stand in a mail as it is")
    return value


def _length_in_q(octets: bytes) -> int:
    return sum(1 if octet in _PLAIN_IN_Q or octet == ord(" ") else 3 for octet in octets)


def _in_q(octets: bytes) -> str:
    return "".join(
        "_" if octet == ord(" ") else chr(octet) if octet in _PLAIN_IN_Q else f"={octet:02X}" for octet in octets
    )


def _in_b(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")
