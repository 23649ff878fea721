"""Keeps messages, newest last, up to a number and a size; the oldest make room."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from local.simulator.addresses import BadAddressError, bare
from local.simulator.message import Message

MAX_MESSAGES = 100_000
MAX_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Filter:
    """Which messages are wanted. An empty field asks for nothing."""

    to: str = ""
    """A whole address, or a part of one."""
    subject: str = ""
    """A part of the subject."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags that must all be there."""

    def accepts(self, message: Message) -> bool:
        """Return whether the message is wanted."""
        if self.subject and self.subject.lower() not in message.subject.lower():
            return False
        if self.tags:
            tags = dict(message.tags)
            if any(tags.get(name) != value for name, value in self.tags.items()):
                return False
        return not self.to or self._is_for([each.lower() for each in message.recipients])

    def _is_for(self, recipients: list[str]) -> bool:
        wanted, whole = self._address
        return wanted in recipients if whole else any(wanted in each for each in recipients)

    @cached_property
    def _address(self) -> tuple[str, bool]:
        """The address wanted, and whether it is a whole one: ann@example.org is not joann@example.org."""
        wanted = self.to.strip().lower()
        try:
            return bare(wanted), True
        except BadAddressError:
            return wanted, False


class Inbox:
    """Keeps messages in the order SES accepted them."""

    def __init__(self, *, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self.clear()

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, message: Message) -> None:
        """Keep a message, at the cost of the oldest if need be. What never left SES is nobody's mail."""
        if not message.left_ses:
            return
        self._by_id[message.message_id] = message
        self._bytes += message.content.size
        while len(self._by_id) > self._max_messages or (self._bytes > self._max_bytes and len(self._by_id) > 1):
            _, dropped = self._by_id.popitem(last=False)
            self._bytes -= dropped.content.size

    def get(self, message_id: str) -> Message | None:
        """Return the message of that id."""
        return self._by_id.get(message_id)

    def find(self, wanted: Filter) -> Iterator[Message]:
        """Yield the messages that are wanted, newest first."""
        return (message for message in reversed(list(self._by_id.values())) if wanted.accepts(message))

    def clear(self) -> None:
        """Forget everything."""
        self._by_id: OrderedDict[str, Message] = OrderedDict()
        self._bytes = 0
