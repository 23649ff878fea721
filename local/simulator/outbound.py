"""SendEmail and SendBulkEmail: from a request to accepted messages, by SES's rules."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from local.simulator import validation
from local.simulator.account import Account
from local.simulator.content import Letter
from local.simulator.drafts import Draft, Drafting, destination, template_data
from local.simulator.errors import SesError, bad_request
from local.simulator.events import story
from local.simulator.faults import FaultSource
from local.simulator.inbox.store import Inbox
from local.simulator.mailbox import Fate, fate, is_simulated
from local.simulator.message import Message, stamps
from local.simulator.publishing import EventQueue
from local.simulator.resources import ConfigurationSet
from local.simulator.stats import Stats
from local.simulator.suppression import Suppressed, SuppressionList

Tags = tuple[tuple[str, str], ...]
OVER_RATE = "Maximum sending rate exceeded."
TOO_MANY_CALLS = "Rate exceeded"  # of the calls, whatever is in them; without a full stop, as AWS says it everywhere
OVER_QUOTA = "Daily message quota exceeded."
# How SendEmail says what a bulk entry is told by its status.
_REFUSALS = {
    "ACCOUNT_SUSPENDED": ("AccountSuspendedException", 400),
    "ACCOUNT_SENDING_PAUSED": ("SendingPausedException", 400),
    "CONFIGURATION_SET_NOT_FOUND": ("NotFoundException", 404),
    "CONFIGURATION_SET_SENDING_PAUSED": ("SendingPausedException", 400),
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": ("LimitExceededException", 400),
    "ACCOUNT_THROTTLED": ("TooManyRequestsException", 429),
    "MESSAGE_REJECTED": ("MessageRejected", 400),
}


@dataclass(frozen=True)
class Call:
    """One call, and what was found out about it before its content is looked at."""

    operation: str
    request: Mapping[str, Any]
    region: str
    caller: str
    """Name of the calling role or user."""
    configuration_set_name: str
    configuration_set: ConfigurationSet | None
    """None: no such set, or none named."""
    identity_arn: str
    barred: frozenset[str] = frozenset()
    """Recipients that are not verified, of an account in the sandbox."""


@dataclass(frozen=True)
class _Entry:
    destination: Mapping[str, Any]
    headers: Tags
    tags: Tags
    data: str | None


class Outbound:
    """Accepts messages, or says why not."""

    def __init__(
        self,
        *,
        account: Account,
        faults: FaultSource,
        suppression: SuppressionList,
        inbox: Inbox,
        events: EventQueue,
        stats: Stats,
        clock: Callable[[], datetime],
        seed: int,
        fates: Mapping[str, Fate],
    ) -> None:
        self._account = account
        self._faults = faults
        self._suppression = suppression
        self._inbox = inbox
        self._events = events
        self._stats = stats
        self._clock = clock
        self._random = Random(seed)  # noqa: S311 - ids in a simulator, repeatable on purpose
        self._drafting = Drafting()
        self._fates = fates

    def send_email(self, call: Call) -> dict[str, Any]:
        """Answer SendEmail.

        Raises:
            SesError: The message is not accepted.
        """
        tags = validation.tags(call.request.get("EmailTags"), "emailTags")
        draft = self._drafting.draft(call.request)
        refusal = self._refusal(call, draft.destination.everybody)
        if refusal is not None:
            code, status = _REFUSALS[refusal["Status"]]
            raise SesError(code, refusal["Error"], status)
        return {"MessageId": self._accept(call, draft, tags)}

    def send_bulk_email(self, call: Call, *, size: int) -> dict[str, Any]:
        """Answer SendBulkEmail: one status per entry, in their order.

        Raises:
            SesError: The call as a whole breaks a limit; nothing of it is accepted.
        """
        request = call.request
        if size > validation.MAX_BULK_REQUEST:
            raise bad_request(f"The request is larger than {validation.MAX_BULK_REQUEST} bytes.")
        given = validation.sequence(request.get("BulkEmailEntries"), "bulkEmailEntries")
        if not given:
            raise bad_request("BulkEmailEntries must not be empty.")
        if len(given) > validation.MAX_DESTINATIONS:
            raise bad_request(f"A bulk call can have at most {validation.MAX_DESTINATIONS} destinations.")
        content = validation.mapping(request.get("DefaultContent"), "defaultContent")
        default = validation.mapping(content.get("Template"), "defaultContent.template")
        letter = self._drafting.letter(request, default)
        data = template_data(default.get("TemplateData"), "defaultContent.template.templateData")
        headers = validation.headers(default.get("Headers"), "defaultContent.template.headers")
        tags = validation.tags(request.get("DefaultEmailTags"), "defaultEmailTags")
        # Every entry is held against the model first: one violation refuses the call, before anything is
        # accepted.
        entries = [_entry(each, number, headers) for number, each in enumerate(given, 1)]
        results = [self._send_entry(call, letter, entry, data, tags) for entry in entries]
        for result in results:
            self._stats.entry(result["Status"])
        return {"BulkEmailEntryResults": results}

    def _send_entry(
        self, call: Call, letter: Letter, entry: _Entry, default_data: dict[str, Any], default_tags: Tags
    ) -> dict[str, Any]:
        try:
            to = destination(entry.destination)
            own = template_data(entry.data, "replacementTemplateData")
        except SesError as exc:
            return {"Status": "INVALID_PARAMETER", "Error": exc.message}
        if self._faults.entry_failure():
            return {
                "Status": self._faults.faults.entry_failure_status,
                "Error": "Unable to process this destination.",
            }
        refusal = self._refusal(call, to.everybody)
        if refusal is not None:
            return refusal
        # SES falls back to the default data as a whole, when an entry brings none or an empty object; tags
        # likewise.
        draft = self._drafting.templated(letter, to, own or default_data, entry.headers)
        return {"Status": "SUCCESS", "MessageId": self._accept(call, draft, entry.tags or default_tags)}

    def _refusal(self, call: Call, recipients: Sequence[str]) -> dict[str, Any] | None:
        """Return why the account or the configuration set lets nothing through, or None and the recipients counted."""
        limits = self._account.limits
        if limits.enforcement_status == "SHUTDOWN":
            return _refused("ACCOUNT_SUSPENDED", "Your account's ability to send email has been suspended.")
        if not limits.sending_enabled:
            return _refused("ACCOUNT_SENDING_PAUSED", "Email sending is paused for your account.")
        name = call.configuration_set_name
        if name and call.configuration_set is None:
            return _refused("CONFIGURATION_SET_NOT_FOUND", f"Configuration set <{name}> does not exist.")
        if call.configuration_set is not None and not call.configuration_set.sending_enabled:
            return _refused("CONFIGURATION_SET_SENDING_PAUSED", f"Sending is paused for configuration set <{name}>.")
        if barred := [each for each in recipients if each in call.barred]:
            return _refused("MESSAGE_REJECTED", not_verified(call.region, barred))
        now = self._clock()
        counted = sum(not is_simulated(each) for each in recipients)
        if not self._account.quota_left(counted, now):
            self._stats.count("quota_exceeded", len(recipients))
            return _refused("ACCOUNT_DAILY_QUOTA_EXCEEDED", OVER_QUOTA)
        if not self._account.take_rate(len(recipients), now):
            self._stats.count("throttled", len(recipients))
            return _refused("ACCOUNT_THROTTLED", OVER_RATE)
        self._account.count(counted, now)
        return None

    def _accept(self, call: Call, draft: Draft, tags: Tags) -> str:
        now = self._clock()
        sent_at = now.timestamp()
        random = uuid.UUID(int=self._random.getrandbits(128), version=4)
        message_id = f"{int(sent_at * 1000):016x}-{random}-000000"
        everybody = draft.destination.everybody
        fates = tuple(Fate.RENDERING_FAILED if draft.failure else self._fate(call, each) for each in everybody)
        message = Message(
            message_id=message_id,
            region=call.region,
            sent_at=sent_at,
            sender=draft.sender,
            author=draft.author,
            to=draft.destination.to,
            cc=draft.destination.cc,
            bcc=draft.destination.bcc,
            fates=fates,
            subject=draft.subject,
            tags=tags,
            operation=call.operation,
            configuration_set=call.configuration_set_name,
            identity_arn=call.identity_arn,
            caller=call.caller,
            content=draft.finish(stamps(message_id, call.region, sent_at)),
            failure=draft.failure,
        )
        self._inbox.add(message)
        self._stats.accepted(call.operation, fates, dict(tags).get("kind", ""), sent_at)
        feedback_id = f"{int(sent_at * 1000):016x}-{random}-feedback"
        for event in story(message, feedback_id):
            self._events.put(event)
        self._suppress(call, message, feedback_id, now)
        return message_id

    def _fate(self, call: Call, address: str) -> Fate:
        wanted = call.configuration_set is None or call.configuration_set.suppressed_reasons
        if wanted and address in self._suppression:
            return Fate.SUPPRESSED
        return self._fates.get(address) or fate(address)

    def _suppress(self, call: Call, message: Message, feedback_id: str, now: datetime) -> None:
        """Put who bounced or complained on the list, except SES's own simulator addresses, as SES does."""
        reasons = {Fate.BOUNCED: "BOUNCE", Fate.COMPLAINED: "COMPLAINT"}
        wanted = call.configuration_set.suppressed_reasons if call.configuration_set else frozenset(reasons.values())
        for recipient, outcome in zip(message.recipients, message.fates, strict=True):
            reason = reasons.get(outcome, "")
            if reason in wanted and not is_simulated(recipient):
                self._suppression.add(Suppressed(recipient, reason, now, message.message_id, feedback_id))


def not_verified(region: str, names: Sequence[str]) -> str:
    """Return SES's sentence about senders, or recipients in the sandbox, that are not verified."""
    where = f"The following identities failed the check in region {region.upper()}"
    return f"Email address is not verified. {where}: {', '.join(names)}"


def _refused(status: str, error: str) -> dict[str, Any]:
    return {"Status": status, "Error": error}


def _entry(given: Any, number: int, common: Tags) -> _Entry:
    where = f"bulkEmailEntries.{number}.member"
    entry = validation.mapping(given, where)
    own = validation.headers(entry.get("ReplacementHeaders"), f"{where}.replacementHeaders")
    replaced = {name.lower() for name, _ in own}
    headers = (*(each for each in common if each[0].lower() not in replaced), *own)
    if len(headers) > validation.MAX_HEADERS:
        raise bad_request(f"A message can have at most {validation.MAX_HEADERS} custom headers.")
    content = validation.mapping(entry.get("ReplacementEmailContent"), f"{where}.replacementEmailContent")
    replacement = validation.mapping(content.get("ReplacementTemplate"), f"{where}.replacementTemplate")
    data = replacement.get("ReplacementTemplateData")
    if data is not None:
        validation.text(data, f"{where}.replacementTemplateData", longest=validation.MAX_TEMPLATE_DATA)
    return _Entry(
        destination=validation.mapping(entry.get("Destination"), f"{where}.destination"),
        headers=headers,
        tags=validation.tags(entry.get("ReplacementTags"), f"{where}.replacementTags"),
        data=data,
    )
