"""What `export` writes, `import` takes back: the same people, whatever they are called."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.readers.adapters.email_addresses import EmailAddresses
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status, Subscriber, clean_name
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.readers.ports import ImportPorts
from newsletter.wiring import App
from tests.cli.people.conftest import Command, StackInProcess, runner
from tests.core.fakes import NOW, VirtualClock
from tests.readers.fakes import MemoryNewcomers, MemorySubscribers, MemorySuppressions

KEY = "key of the round trip"
ORGANISATION = ReaderField(key="organisation", labels={"": "Organisation"})

LOCAL_PARTS = st.from_regex(r"[a-z0-9=+'#\-][a-z0-9=+'#\-]{0,10}", fullmatch=True)
NAMES = st.text(max_size=20) | st.sampled_from(["=1+1", "'=1", "''-1", "@x", "+4412", '"', 'a",b', "a;b", "-", "'"])


@dataclass
class AppInMemory:
    """As much of an App as lists need."""

    subscribers: MemorySubscribers = field(default_factory=MemorySubscribers)
    suppressions: MemorySuppressions = field(default_factory=MemorySuppressions)
    addresses: EmailAddresses = field(default_factory=lambda: EmailAddresses(KEY))
    clock: VirtualClock = field(default_factory=VirtualClock)
    address_key: str = KEY

    @cached_property
    def import_ports(self) -> ImportPorts:
        return ImportPorts(self.subscribers, self.suppressions, MemoryNewcomers(self.subscribers, self.suppressions))

    def reader_fields(self) -> tuple[ReaderField, ...]:
        return (ORGANISATION,)

    def put(self, email: str, name: str, status: Status, *, suppressed: bool) -> None:
        mailbox = self.addresses.mailbox(email)
        self.subscribers.save(
            Subscriber(
                subscriber_id=self.addresses.subscriber_id(mailbox),
                email=mailbox.email,
                status=status,
                signed_up_at=NOW,
                confirmed_at=None if status is Status.UNCONFIRMED else NOW,
                left_at=NOW if status is Status.UNSUBSCRIBED else None,
                name=clean_name(name),
                fields={ORGANISATION.key: value} if (value := ORGANISATION.value_of(name)) else {},
                lang="de",
                tags=frozenset({"press", "gönner-2026"}),
                consent=Consent(asked_at=NOW, page="=page", words="-words", confirmed_at=NOW).sealed(KEY),
                suppressed=suppressed,
            )
        )

    def run(self) -> Command:
        return runner(StackInProcess(cast(App, self)))


@settings(max_examples=60)
@given(
    st.dictionaries(LOCAL_PARTS, st.tuples(NAMES, st.sampled_from(list(Status)), st.booleans()), min_size=1, max_size=8)
)
def test_an_export_that_is_imported_elsewhere_gives_the_same_people(
    wanted: dict[str, tuple[str, Status, bool]],
) -> None:
    here, there = AppInMemory(), AppInMemory()
    for local, (name, status, suppressed) in wanted.items():
        here.put(f"{local}@example.org", name, status, suppressed=suppressed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.csv"
        assert here.run()("export", "-o", file).code == 0
        assert there.run()("import", file, "--yes", "--keep-out", "--json").json["rows"] == len(wanted)

    readers = {who.subscriber_id: who for who in here.subscribers.everyone() if who.in_audience}
    found = {who.subscriber_id: who for who in there.subscribers.everyone() if who.in_audience}
    assert {(who.email, who.name, who.lang, *who.fields.values()) for who in found.values()} == {
        (who.email, who.name, who.lang, *who.fields.values()) for who in readers.values()
    }
    for who in found.values():
        assert who.consent is not None
        assert (who.confirmed_at, who.consent.page, who.consent.holds(KEY)) == (NOW, "=page", True)
    out = {who for who, each in here.subscribers.by_id.items() if each.status is Status.UNSUBSCRIBED}
    kept = {who for who, each in there.subscribers.by_id.items() if each.status is Status.UNSUBSCRIBED}
    kept |= {who for who, each in there.suppressions.by_id.items() if each.reason is SuppressionReason.MANUAL}
    assert out <= kept
