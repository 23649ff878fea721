"""What was sent, kept small: a hundred thousand recipients of one issue share one body."""

import hashlib
import json
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, count
from operator import ne
from typing import Any, Protocol
from weakref import WeakValueDictionary

from local.simulator import mime, template

# Past this share of differing bytes a message has nothing in common with its base and is compressed by
# itself.
_WORTH_SHARING = 0.5


class Envelope(Protocol):
    """What a message carries besides its body: the fields SES writes for each recipient."""

    @property
    def stamps(self) -> tuple[tuple[str, str], ...]:
        """Message-ID and Date, as SES sets them."""

    @property
    def to(self) -> tuple[str, ...]:
        """Return the To addresses."""

    @property
    def cc(self) -> tuple[str, ...]:
        """Return the Cc addresses."""

    @property
    def message_id(self) -> str:
        """Return SES's id of the message."""


class Content(Protocol):
    """The part of a message that its sender wrote."""

    @property
    def size(self) -> int:
        """Roughly how many bytes it occupies by itself."""

    def raw(self, envelope: Envelope) -> bytes:
        """Return the whole MIME message."""

    def header_fields(self, envelope: Envelope) -> list[tuple[str, str]]:
        """Return the header, without making the body."""


@dataclass(frozen=True, eq=False)
class Letter:
    """What the recipients of one issue have in common: sender and bodies."""

    sender: str
    reply_to: tuple[str, ...]
    subject: str
    text: str | None
    html: str | None

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names the template asks for.

        Raises:
            RenderingFailureError: The template is not one SES can render, for anybody.
        """
        names: dict[str, None] = {}
        for part in (self.subject, self.text or "", self.html or ""):
            names.update(dict.fromkeys(template.variables(part)))
        return tuple(names)


class Letters:
    """Gives equal letters one identity, for as long as a message needs it."""

    def __init__(self) -> None:
        self._by_digest: WeakValueDictionary[bytes, Letter] = WeakValueDictionary()

    def shared(self, letter: Letter) -> Letter:
        """Return the letter already kept that equals this one, or this one."""
        digest = hashlib.sha256(
            json.dumps([letter.sender, letter.reply_to, letter.subject, letter.text, letter.html]).encode()
        ).digest()
        return self._by_digest.setdefault(digest, letter)


@dataclass(frozen=True, slots=True)
class TemplatedContent:
    """A letter with one recipient's variables and headers; made into a message when somebody looks at it."""

    letter: Letter
    data: str | None
    """The variables as JSON. None: the letter is no template, its braces are its own."""
    headers: tuple[tuple[str, str], ...]
    subject: str

    @property
    def size(self) -> int:
        """Roughly how many bytes it occupies by itself."""
        return 200 + len(self.data or "") + sum(len(name) + len(value) for name, value in self.headers)

    def header_fields(self, envelope: Envelope) -> list[tuple[str, str]]:
        """Return the header, without making the body."""
        fields = [*envelope.stamps, ("From", self.letter.sender)]
        if self.letter.reply_to:
            fields.append(("Reply-To", ", ".join(self.letter.reply_to)))
        fields.append(("To", ", ".join(envelope.to)))
        if envelope.cc:
            fields.append(("Cc", ", ".join(envelope.cc)))
        return [*fields, ("Subject", self.subject), *self.headers]

    def raw(self, envelope: Envelope) -> bytes:
        """Return the whole MIME message."""
        text, html = self.letter.text, self.letter.html
        if self.data is not None:
            data: dict[str, Any] = json.loads(self.data)
            # Checked when it was accepted.
            text, html = (None if part is None else template.fill(part, data) for part in (text, html))
        boundary = f"----=_Part_{envelope.message_id[:32]}"
        return mime.compose(self.header_fields(envelope), text=text, html=html, boundary=boundary)


@dataclass(eq=False)
class _Base:
    lines: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RawContent:
    """A message its sender wrote whole, kept as the lines in which it differs from one that was sent before."""

    base: _Base | None
    changes: dict[int, bytes]
    compressed: bytes

    @property
    def size(self) -> int:
        """Roughly how many bytes it occupies by itself."""
        return 200 + len(self.compressed) + sum(100 + len(line) for line in self.changes.values())

    def raw(self, envelope: Envelope) -> bytes:  # noqa: ARG002 - the message carries its own header
        """Return the whole MIME message."""
        if self.base is None:
            return zlib.decompress(self.compressed)
        lines = list(self.base.lines)
        for number, line in self.changes.items():
            lines[number] = line
        return b"\r\n".join(lines)

    def header_fields(self, envelope: Envelope) -> list[tuple[str, str]]:
        """Return the header, without making the body."""
        return mime.header_fields(self.raw(envelope).partition(b"\r\n\r\n")[0])


class RawContents:
    """Packs raw messages: those of one issue differ in a few lines (address, links, name) and share the rest."""

    def __init__(self) -> None:
        self._bases: WeakValueDictionary[tuple[str, str, int], _Base] = WeakValueDictionary()

    def pack(self, raw: bytes, *, sender: str, subject: str) -> RawContent:
        """Return the message packed; unpacking gives back the same bytes."""
        lines = raw.split(b"\r\n")
        key = (sender, subject, len(lines))
        base = self._bases.get(key)
        if base is None:
            base = self._bases[key] = _Base(lines)
            return RawContent(base, {}, b"")
        differing = compress(count(), map(ne, lines, base.lines))
        changes = {number: lines[number] for number in differing}
        if sum(map(len, changes.values())) > _WORTH_SHARING * len(raw):
            return RawContent(None, {}, zlib.compress(raw))
        return RawContent(base, changes, b"")
