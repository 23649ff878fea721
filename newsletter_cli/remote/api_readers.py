"""The list of a newsletter, looked at and changed by its API."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from newsletter.desk.people.add_reader import Added, NewReader
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.importing.domain.export_rows import suppression_row
from newsletter_cli.console import err
from newsletter_cli.people.ports import FoundReader

if TYPE_CHECKING:
    from fortnightly_client import Client
    from fortnightly_client.models import NewSubscriber, SubscriberChange, SubscriberShown, SuppressionShown

PAGE = 100
"""Items of a page: the most that the API gives."""


class ApiReaders:
    """The list by the API: what it does not tell about somebody is missing in what is shown."""

    def __init__(self, client: Client) -> None:
        """Speak to an API."""
        self._client = client

    def now(self) -> datetime:
        """Return the present, by the clock of this machine."""
        return datetime.now(UTC)

    def everyone(self, subscriber_status: Status | None) -> Iterator[Subscriber]:
        """Yield subscribers in no order, a page at a time."""
        wanted = str(subscriber_status) if subscriber_status else None
        pages = self._client.each(self._client.list_subscribers, status=wanted, limit=PAGE)
        return (subscriber_of(each) for each in pages)

    def tagged(self, tag: str) -> Iterator[Subscriber]:
        """Yield those with a tag who may be mailed: the whole list is read for them."""
        return (each for each in self.everyone(Status.CONFIRMED) if tag in each.tags and each.in_audience)

    def suppressions(self, reason_wanted: SuppressionReason | None) -> Iterator[dict[str, str]]:
        """Yield suppressions, without addresses: the API has them by the ids of their readers."""
        pages = map(_suppression_of, self._client.each(self._client.list_suppressions, limit=PAGE))
        return (suppression_row(each, None) for each in pages if reason_wanted in (None, each.reason))

    def find(self, email: str) -> FoundReader:
        """Return what there is about an address."""
        found = self._client.find_subscriber({"email": email})
        if not found["subscriber"] and not found["suppressed"]:
            return FoundReader(found["id"], None, None)
        person = self._client.get_subscriber(found["id"])
        subscriber, suppression = person["subscriber"], person["suppression"]
        return FoundReader(
            found["id"],
            subscriber_of(subscriber) if subscriber else None,
            _suppression_of(suppression) if suppression else None,
        )

    def evidence(self, email: str, found_reader: FoundReader) -> dict[str, Any]:  # noqa: ARG002 - as the port has it
        """Return nothing: receipts and outcomes are not to be had from the API."""
        err.print("The desk also shows the receipt of consent, and what became of the last issues.")
        return {}

    def add(self, new_reader: NewReader) -> Added:
        """Add somebody; where they signed up is the name of the key."""
        body: NewSubscriber = {"email": new_reader.email, "name": new_reader.name, "lang": new_reader.lang}
        if new_reader.evidence:
            body["evidence"] = new_reader.evidence
        if new_reader.consented_at:
            body["consented_on"] = new_reader.consented_at.date().isoformat()
        return Added(self._client.add_subscriber(body)["result"])

    def change_tags(
        self, subscriber_id: str, *, added: Collection[str] = (), removed: Collection[str] = ()
    ) -> Collection[str] | None:
        """Give somebody tags and take others off; return those they have then."""
        change: SubscriberChange = {"add_tags": ",".join(sorted(added)), "remove_tags": ",".join(sorted(removed))}
        self._client.change_subscriber(subscriber_id, change)
        person = self._client.get_subscriber(subscriber_id)
        return person["subscriber"]["tags"] if person["subscriber"] else None

    def unsubscribe(self, subscriber_id: str) -> None:
        """Take somebody off the list."""
        self._client.unsubscribe_subscriber(subscriber_id)

    def erase(self, subscriber_id: str) -> None:
        """Erase all that is held about somebody, but that they must not be mailed."""
        self._client.erase_subscriber(subscriber_id)

    def suppress(self, subscriber_id: str, because: str) -> None:
        """Never mail an address again."""
        self._client.suppress_subscriber(subscriber_id, {"because": because})


def subscriber_of(shown: SubscriberShown) -> Subscriber:
    """Return a reader as the API shows one. It has no version, and no receipt."""
    return Subscriber(
        subscriber_id=shown["id"],
        email=shown["email"],
        status=Status(shown["status"]),
        signed_up_at=datetime.fromisoformat(shown["signed_up_at"]),
        name=shown["name"],
        fields={each["field"]: each["answer"] for each in shown["answers"]},
        source=shown["source"],
        confirmed_at=_moment(shown["confirmed_at"]),
        left_at=_moment(shown["left_at"]),
        left_because=shown["left_because"],
        lang=shown["lang"],
        rests_until=date.fromisoformat(shown["paused_until"]) if shown["paused_until"] else None,
        muted_topics=tuple(shown["muted_topics"]),
        tags=frozenset(shown["tags"]),
        suppressed=shown["suppressed"],
    )


def _suppression_of(shown: SuppressionShown) -> Suppression:
    return Suppression(
        shown["id"],
        SuppressionReason(shown["reason"]),
        datetime.fromisoformat(shown["since"]),
        shown["issue"],
        shown["note"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
