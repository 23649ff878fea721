"""What SES tells us afterwards about one message to one recipient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.feedback.domain.user_agent import Agent
from newsletter.sending.domain.batch import batch_of_part
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import REHEARSAL


class FeedbackKind(StrEnum):
    """A closed list, with a place for what we do not know yet."""

    SENT = "sent"
    """SES accepted the message: the evidence that settles an unknown outcome."""
    DELIVERED = "delivered"
    """The mailbox provider took it."""
    SOFT_BOUNCE = "soft_bounce"
    """Full, too large, or a passing fault."""
    HARD_BOUNCE = "hard_bounce"
    """The mailbox does not exist."""
    COMPLAINT = "complaint"
    """The reader pressed the spam button."""
    REJECTED = "rejected"
    """SES found a virus."""
    RENDERING_FAILED = "rendering_failed"
    """A variable had no value; nothing was mailed."""
    DELAYED = "delayed"
    """The provider asks SES to come back later."""
    OPENED = "opened"
    CLICKED = "clicked"
    UNKNOWN = "unknown"
    """Nothing we have a word for, such as a type SES has added since; kept and counted, never dropped."""


class Reason(StrEnum):
    """Why, as far as the event says; empty where there is nothing to say."""

    NONE = ""
    GENERAL = "general"
    NO_MAILBOX = "no_mailbox"
    KNOWN_TO_BOUNCE = "known_to_bounce"
    """On the list that SES keeps for all its customers; nothing was delivered, and it counts as a bounce."""
    ON_OUR_LIST = "on_our_list"
    """On the account's own suppression list; nothing was delivered, and it counts neither as bounce nor complaint."""
    UNSUBSCRIBED = "unsubscribed"
    """The reader told SES, instead of us, that they want no more."""
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    CONTENT_REFUSED = "content_refused"
    ATTACHMENT_REFUSED = "attachment_refused"
    TOOK_TOO_LONG = "took_too_long"
    """SES gave up trying within the time it was allowed."""
    UNWANTED = "unwanted"
    """The provider sees much unwanted mail from this account, and takes ours more slowly."""
    SERVER_TROUBLE = "server_trouble"
    """The provider's server has a passing fault."""
    ADDRESS_BLOCKED = "address_blocked"
    """The provider blocks or slows the network address that SES sends from."""
    UNREACHABLE = "unreachable"
    """The conversation with the provider's server broke off."""
    HELD_BY_SES = "held_by_ses"
    """SES itself waits, for a reason of its own."""
    AUTOMATIC_REPLY = "automatic_reply"
    """Out of the office: SES calls the answer a passing bounce, though the mail arrived."""
    UNDETERMINED = "undetermined"
    ABUSE = "abuse"
    FRAUD = "fraud"
    VIRUS = "virus"
    AUTHENTICATION = "authentication"
    NOT_SPAM = "not_spam"
    """The reader moved the mail out of the spam folder: the opposite of a complaint."""
    SOMEBODY_ELSE = "somebody_else"
    """The event names only addresses that this message was not for."""
    OTHER = "other"
    """A reason SES has added since."""


PROOF_OF_ACCEPTANCE = frozenset(
    {FeedbackKind.SENT, FeedbackKind.DELIVERED, FeedbackKind.SOFT_BOUNCE, FeedbackKind.HARD_BOUNCE,
     FeedbackKind.COMPLAINT, FeedbackKind.DELAYED, FeedbackKind.OPENED, FeedbackKind.CLICKED}
)  # fmt: skip
"""SES reports these only about messages it took."""

TAKEN_BACK = {FeedbackKind.REJECTED: Outcome.REJECTED, FeedbackKind.RENDERING_FAILED: Outcome.RENDERING}
"""SES took the message at first, and then did not mail it."""


@dataclass(frozen=True, slots=True, order=True)
class RecordedEvent:
    """What one event of one kind says about one recipient of a batch; the same event again is the same recorded."""

    subscriber_id: str
    at: datetime
    """To the minute."""
    reason: Reason = Reason.NONE
    provider: Provider = Provider.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackEvent:
    """One thing that happened to one recipient of one message."""

    kind: FeedbackKind
    message_id: str
    happened_at: datetime
    mailed_at: datetime
    """When SES accepted the message."""
    seconds: int = 0
    """Between the two, by SES's own clock: ours may be behind, and takes what lies ahead for now."""
    subscriber_id: str = ""
    """From the tag we gave the message; empty on mail that is not to a subscriber."""
    moved_to: str = ""
    """The id of the address that was mailed, if the reader had moved there since the audience was planned."""
    slug: str = ""
    """The send; empty on mail to one person."""
    part: str = ""
    """Name of the fifty recipients of a batch that this one is among, as `part_name` gives it."""
    mail: str = ""
    """Which mail it was: `issue`, `confirmation`, ..."""
    probe: str = ""
    """The probe that it is a message of, as the tag says; empty on all other mail."""
    lane: str = ""
    """Of the sign-up that it answers, as the tag says; empty on other mail."""
    network: str = ""
    """From where that was asked for, as `network_name` says it; empty on other mail."""
    cause: str = ""
    """The tag that says why it was written, as `Greeting.cause_tag` gives it; empty on other mail."""
    reason: Reason = Reason.NONE
    provider: Provider = Provider.OTHER
    agent: Agent = Agent.READER
    """Who opened or clicked, by the name they gave."""
    link: str = ""
    """The address that was clicked."""
    unfamiliar: str = ""
    """The name of the type, where we have no word for it."""
    shape: str = ""
    """How an event we have no word for is built, without anything it says: names of fields, never values."""

    def __hash__(self) -> int:
        """Return a hash of the message alone: of one message there are few events, and there are many fields."""
        return hash(self.message_id)

    @property
    def reader_id(self) -> str:
        """The id of the address that was mailed: whose record bears the consequences."""
        return self.moved_to or self.subscriber_id

    @property
    def of_an_issue(self) -> bool:
        """Whether it is about a recipient of an issue."""
        return bool(self.slug and self.part and self.subscriber_id)

    @property
    def rehearsed(self) -> bool:
        """Whether the message went to SES's own mailbox, so that it says nothing about the reader."""
        return REHEARSAL in self.slug

    @property
    def recorded(self) -> RecordedEvent:
        """What the evidence keeps of it."""
        return RecordedEvent(
            self.subscriber_id, self.happened_at.replace(second=0, microsecond=0), self.reason, self.provider
        )


Refusal = tuple[str, str, Outcome]
"""Send, batch, and what became of recipients whose message SES took back."""


def refusals(events: Iterable[FeedbackEvent]) -> Mapping[Refusal, list[FeedbackEvent]]:
    """Return the events that change the books, together by what they change."""
    found: dict[Refusal, list[FeedbackEvent]] = defaultdict(list)
    for event in events:
        if event.of_an_issue and event.kind in TAKEN_BACK:
            found[event.slug, batch_of_part(event.part), TAKEN_BACK[event.kind]].append(event)
    return found
