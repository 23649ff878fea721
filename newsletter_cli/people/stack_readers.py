"""The list of a stack, read and changed with this shell's permissions at AWS."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from newsletter.core.audience.expression import AudienceExpression, Comparison, Relation
from newsletter.desk.people.add_reader import Added, NewReader, add_reader
from newsletter.errors import InvalidRequestError, ReaderNotAddedError, UnknownSendError
from newsletter.readers.domain.shard import PARTITIONS, shards
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.readers.importing.export_lines import suppression_rows
from newsletter.readers.jobs.preferences import erase
from newsletter.readers.jobs.suppress import suppress
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.readers.ports import SignUpPorts
from newsletter.readers.records import update
from newsletter.readers.tags import with_tags, without_tags
from newsletter.sending.jobs.look_up_outcome import look_up_outcome
from newsletter_cli.people.ports import FoundReader
from newsletter_cli.problems import CommandError

if TYPE_CHECKING:
    from newsletter.wiring import App

AT_ONCE = 100
"""Records that one call reads."""

LAST_ISSUES = 5
"""Each costs three reads."""

BUSY = "the record is being changed at the same moment; try again"


class StackReaders:
    """The list of a stack."""

    def __init__(self, app: App) -> None:
        """Speak to the ports of a stack."""
        self._app = app

    def now(self) -> datetime:
        """Return the present."""
        return self._app.clock.now()

    def everyone(self, subscriber_status: Status | None) -> Iterator[Subscriber]:
        """Yield subscribers in no order."""
        return self._app.subscribers.everyone(subscriber_status=subscriber_status)

    def tagged(self, tag: str) -> Iterator[Subscriber]:
        """Yield those with a tag who may be mailed, found in the index; their records are read as they are shown."""
        expression = AudienceExpression(f"tag:{tag}", Comparison("tag", Relation.IS, tag))
        subscribers = self._app.subscribers
        ids = (
            each
            for shard in shards(PARTITIONS)
            for each in subscribers.ids(shard, after=shard.first, matching=expression)
        )
        while some := list(islice(ids, AT_ONCE)):
            found = subscribers.get_many(some)
            yield from (found[each] for each in some if each in found)

    def suppressions(self, reason_wanted: SuppressionReason | None) -> Iterator[dict[str, str]]:
        """Yield suppressions, with the address where there still is a record."""
        return suppression_rows(self._app.suppressions, self._app.subscribers, reason_wanted=reason_wanted)

    def find(self, email: str) -> FoundReader:
        """Return what there is about an address."""
        app = self._app
        subscriber_id = app.addresses.subscriber_id(app.addresses.mailbox(email))
        return FoundReader(subscriber_id, app.subscribers.get(subscriber_id), app.suppressions.get(subscriber_id))

    def evidence(self, email: str, found_reader: FoundReader) -> dict[str, Any]:
        """Return whether the receipt holds, the receipts that were kept, and what became of the last issues."""
        app, subscriber, held = self._app, found_reader.subscriber, dict[str, Any]()
        if subscriber is not None and subscriber.consent is not None:
            held["receipt_holds"] = subscriber.consent.holds(app.address_key)
        for number, receipt in enumerate(app.leavers.receipts_of(found_reader.subscriber_id), start=1):
            holds = str(receipt.consent.holds(app.address_key))
            held[f"receipt_kept_{number}"] = {**receipt.consent.as_held(), "left_at": receipt.left_at, "holds": holds}
        held["issues"] = self._outcomes(email) if subscriber is not None else {}
        return held

    def add(self, new_reader: NewReader) -> Added:
        """Add somebody."""
        app = self._app
        try:
            return add_reader(
                new_reader,
                addresses=app.addresses,
                sign_up_ports=SignUpPorts(app.subscribers, app.suppressions, app.greet_queue),
                import_ports=app.import_ports,
                seal_key=app.address_key,
                now=self.now(),
            )
        except ReaderNotAddedError as refusal:
            sentence = f"{str(refusal)[:1].upper()}{str(refusal)[1:]}. {_remedy(refusal)}"
            raise CommandError(sentence.rstrip()) from refusal

    def change_tags(
        self, subscriber_id: str, *, added: Collection[str] = (), removed: Collection[str] = ()
    ) -> Collection[str] | None:
        """Give somebody tags and take others off; return those they have then."""

        def rule(subscriber: Subscriber) -> Subscriber:
            return with_tags(without_tags(subscriber, removed), added)

        try:
            updated = update(self._app.subscribers, subscriber_id, rule, busy=BUSY)
        except InvalidRequestError as refusal:
            raise CommandError(f"{str(refusal)[:1].upper()}{str(refusal)[1:]}.") from refusal
        return updated.after.tags if updated else None

    def unsubscribe(self, subscriber_id: str) -> None:
        """Take somebody off the list."""
        unsubscribe(subscriber_id, subscribers=self._app.subscribers, now=self.now())

    def erase(self, subscriber_id: str) -> None:
        """Erase all that is held about somebody, but that they must not be mailed."""
        app = self._app
        erase(subscriber_id, subscribers=app.subscribers, suppressions=app.suppressions, now=self.now())

    def suppress(self, subscriber_id: str, because: str) -> None:
        """Never mail an address again."""
        app = self._app
        suppress(
            subscriber_id, because=because, subscribers=app.subscribers, suppressions=app.suppressions, now=self.now()
        )

    def _outcomes(self, email: str) -> dict[str, str]:
        outcomes = {}
        for issue in self._app.issues.newest(LAST_ISSUES):
            try:
                outcomes[issue.slug] = look_up_outcome(issue.slug, email, ports=self._app.control_ports).outcome
            except UnknownSendError:
                continue  # it is in the archive, and was never sent
            except InvalidRequestError:
                outcomes[issue.slug] = "forgotten"
        return outcomes


def _remedy(refusal: ReaderNotAddedError) -> str:
    if refusal.suppressed:
        return "See `suppressions remove`."
    return "Without --consent they get an email that asks them." if refusal.can_be_asked else ""
