"""Consent from the first click to the last, with every permission enforced: nothing happens that nobody asked for."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from local.reader import Reader, wait_for
from newsletter.readers.adapters.dynamo_newcomers import DynamoNewcomers
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status, rest_choices
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.readers.domain.takeover import Imported, Row
from newsletter.readers.jobs.import_subscribers import import_subscribers
from newsletter.readers.ports import ImportPorts
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]*")
"""Of a request, a trace, a reader or a version: chance may well spell "ada" in one."""

SCANNING = ("GET", "HEAD", "OPTIONS")
"""What a mail filter does to links before a reader sees them."""

MAILS_OF_A_KIND = 2

AT_ONCE = 6
"""Sign-ups on their way at the same moment. Each is a process here, and more than these would only wait for a core."""


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def issue(title: str, topic: str) -> str:
    return (
        f"---\ntitle: {title}\ndate: {datetime.now(UTC):%Y-%m-%d}\nsummary: For a test.\ntopics: [{topic}]\n"
        f"send: now\n---\n\nHello {{{{ name | there }}}},\n\nthis is the whole issue.\n"
    )


def export(http: httpx.Client, preferences_url: str) -> dict[str, object]:
    answer = http.get(f"{preferences_url}&format=json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    held: dict[str, object] = answer.json()["subscriber"]
    return held


def receipt(held: dict[str, object]) -> Consent:
    consent = held["consent"]
    assert isinstance(consent, dict)
    return Consent.from_held(consent)


def imported(stack: Laptop, email: str) -> Imported:
    """Take over somebody from another system, which has all the evidence one could wish for."""
    dynamodb = stack.client("dynamodb")
    row = Row(
        subscriber_id=stack.who(email),
        email=email,
        name="Ines",
        confirmed_at=datetime(2025, 1, 1, tzinfo=UTC),
        source="an older system",
    )
    newcomers = DynamoNewcomers(dynamodb, stack.subscribers, stack.where["tables"]["suppressions"])
    (outcome,) = import_subscribers(
        [row],
        ports=ImportPorts(stack.subscribers, stack.suppressions, newcomers),
        seal_key=stack.address_key,
        keep_out=False,
        dry_run=False,
        now=datetime.now(UTC),
    )
    return outcome


def sent_to(stack: Laptop, slug: str) -> Counter[str]:
    return Counter(stack.inbox.recipients_of(slug))


def test_the_whole_life_of_a_subscription(stack: Laptop, http: httpx.Client) -> None:
    old, new = "ines-at-first@example.org", "ines-later-on@example.org"
    other = stack.confirmed("ines-her-friend@example.org", "Friend")

    # Sign-up: a mail, and no place in the audience.
    ines = stack.reader(old, "Ines")
    hosted = re.search(r'name="form" value="([^"]+)"', http.get(f"{stack.url}/subscribe/").text)
    assert hosted is not None
    assert ines.sign_up(source="https://partner.example/newsletter", form=hosted[1]).status_code == 303
    stack.mail(old, "confirmation")
    waiting = stack.held(old)
    assert waiting is not None
    assert not waiting.in_audience

    # Three days without a press of the button: one reminder, however often the clock ticks.
    three_days_ago = waiting.signed_up_at - timedelta(days=3, minutes=1)
    assert stack.subscribers.save(replace(waiting, signed_up_at=three_days_ago))
    stack.tell("greet", '{"remind": "unconfirmed"}')
    reminder = stack.mail(old, "reminder")
    stack.tell("greet", '{"remind": "unconfirmed"}')
    stack.wait_until_quiet()
    assert len(stack.mails(old, "reminder")) == 1

    # Confirm, by the link of the reminder; then the welcome, once, also when the button is pressed twice.
    confirm_url = stack.link(reminder, "confirm")
    for _ in range(2):
        assert http.post(confirm_url).status_code == 200
    welcome = stack.mail(old, "welcome")
    stack.wait_until_quiet()
    assert len(stack.mails(old, "welcome")) == 1
    old_unsubscribe_url = stack.link(welcome, "unsubscribe")
    footer_url = stack.link(welcome, "preferences")

    # The link in a footer shows nothing and has a fresh one mailed, which shows and changes everything for an hour.
    assert old not in http.get(footer_url).text
    assert http.post(footer_url, data={"action": "erase", "sure": "yes"}).status_code == 403
    assert http.post(footer_url, data={"action": "send_link"}).status_code == 200
    preferences_url = stack.link(stack.mail(old, "account_link"), "preferences")

    # The receipt: both steps, and a seal that only the key of this deployment fits.
    first = receipt(export(http, preferences_url))
    assert first.holds(stack.address_key)
    assert first.page == "https://partner.example/newsletter"
    assert first.words
    assert first.form_version == hosted[1]
    assert first.confirmed_at is not None
    assert first.asked_at < first.confirmed_at
    assert len(first.network) == len(first.confirmed_network) == 32
    assert not replace(first, words="Please sell my address").holds(stack.address_key)
    assert not replace(first, seal="0" * 64).holds(stack.address_key)

    # An issue, so that there are topics to choose from.
    stack.upload("consent-harbours", issue("Harbours", "harbours"))
    assert stack.books("consent-harbours").balanced
    assert sent_to(stack, "consent-harbours")[old] == 1

    # Preferences: name, language, and no more about harbours.
    changes = {"action": "save", "name": "Inês Moura", "lang": "de", "topics_shown": "yes"}
    assert http.post(preferences_url, data=changes).status_code == 200
    held = export(http, preferences_url)
    assert (held["name"], held["lang"]) == ("Inês Moura", "de")
    assert "harbours" in str(held["muted_topics"])

    # Another address: the old one is told, and keeps its issues until the new one has confirmed.
    assert http.post(preferences_url, data={"action": "change_email", "new_email": new}).status_code == 200
    notice, wish = stack.mail(old, "address_change_notice"), stack.mail(new, "address_change_confirm")
    assert new not in notice["raw"]
    assert old not in wish["raw"]
    assert export(http, preferences_url)["email"] == old
    assert http.post(stack.link(wish, "confirm")).status_code == 200
    signpost, moved = stack.held(old), stack.held(new)
    assert signpost is not None
    assert moved is not None
    assert (signpost.status, signpost.email, signpost.name) == (Status.UNSUBSCRIBED, "", "")
    assert (moved.status, moved.name, moved.lang) == (Status.CONFIRMED, "Inês Moura", "de")

    # The old links may only leave from here on. The new address gets its own by asking, as everybody does.
    for link in (footer_url, preferences_url):
        assert http.get(link).status_code == 400
        assert http.post(link, data={"action": "erase", "sure": "yes"}).status_code == 400
    preferences_url = stack.account_link(new)
    held = export(http, preferences_url)
    assert held["email"] == new
    assert receipt(held).holds(stack.address_key)
    assert receipt(held).confirmed_at is not None

    # Pause: the next issue is not for her; nor is one about harbours for anybody who muted them.
    friends_preferences = stack.account_link(other.email)
    http.post(friends_preferences, data={"action": "save", "name": "Friend", "topics_shown": "yes"})
    until = rest_choices(datetime.now(UTC).date())[0][0]
    assert http.post(preferences_url, data={"action": "pause", "pause_until": until}).status_code == 200
    assert export(http, preferences_url)["paused_until"] == until
    stack.upload("consent-more-harbours", issue("More harbours", "harbours"))
    books = stack.books("consent-more-harbours")
    assert books.balanced
    assert books.skipped["paused"] >= 1
    assert books.skipped["muted"] >= 1
    assert not {old, new, other.email} & set(sent_to(stack, "consent-more-harbours"))

    # Leave, by the link of the very first mails, as a mail program does it. That is all it may: not take it back.
    one_click = http.post(old_unsubscribe_url, data={"List-Unsubscribe": "One-Click"})
    assert (one_click.status_code, one_click.headers.get("set-cookie")) == (200, None)
    left = stack.held(new)
    assert left is not None
    assert left.status is Status.UNSUBSCRIBED
    assert http.post(old_unsubscribe_url, data={"action": "reason", "reason": "too_many"}).status_code == 200
    assert http.post(old_unsubscribe_url, data={"action": "undo"}).status_code == 400
    still = stack.held(new)
    assert still is not None
    assert still.status is Status.UNSUBSCRIBED

    # Erase: tombstones without an address, and nothing else, anywhere.
    assert http.post(preferences_url, data={"action": "erase", "sure": "yes"}).status_code == 200
    stack.wait_until_quiet()
    for email in (old, new):
        suppression = stack.suppressions.get(stack.who(email))
        assert stack.held(email) is None
        assert suppression is not None
        assert suppression.reason is SuppressionReason.ERASED
    everything = str(stack.tables()).lower()
    assert [word for word in ("ines-at-first", "ines-later-on", "inês") if word in everything] == []
    assert http.post(preferences_url, data=changes).status_code == 400
    assert http.post(old_unsubscribe_url, data={"List-Unsubscribe": "One-Click"}).status_code == 200

    # Nobody brings her back from a list; old links do not either.
    assert [imported(stack, email) for email in (old, new)] == [Imported.SUPPRESSED] * 2
    assert http.post(confirm_url).status_code == 400
    assert (stack.held(old), stack.held(new)) == (None, None)

    # Only she herself does, from the start.
    assert stack.reader(old, "Ines").sign_up().status_code == 303
    again = wait_for("a second confirmation", lambda: stack.mails(old, "confirmation")[1:])[0]
    assert http.post(confirm_url).status_code == 400  # it is older than her wish to be forgotten
    assert stack.suppressions.get(stack.who(old)) is not None
    assert http.post(stack.link(again, "confirm")).status_code == 200
    assert stack.suppressions.get(stack.who(old)) is None
    returned = stack.held(old)
    assert returned is not None
    assert returned.in_audience


def test_fifty_sign_ups_of_one_address_at_once_are_one_record_and_one_mail(stack: Laptop) -> None:
    impatient = stack.reader("fifty-fingers@example.org", "Fifty")
    spelled = [replace_case(impatient, number) for number in range(50)]

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = Counter(answer.status_code for answer in crowd.map(Reader.sign_up, spelled))

    # Whoever lost the race too often is told to try again in a minute; nobody sees anything else.
    assert set(answers) <= {303, 503}, answers
    assert answers[303] >= 1
    mailbox = impatient.email.lower()  # whichever spelling came last is the one we write to
    wait_for("a confirmation mail", lambda: stack.inbox.messages(to=mailbox))
    stack.wait_until_quiet()
    records = [item for item in stack.tables()["subscribers"] if item.get("email", {}).get("S", "").lower() == mailbox]
    mails = [message for message in stack.inbox.messages(to=mailbox) if message["to"].lower() == mailbox]
    assert len(records) == 1
    assert [message["tags"]["kind"] for message in mails] == ["confirmation"]


def replace_case(reader: Reader, number: int) -> Reader:
    """Return the reader as they would type their address with another finger on the shift key."""
    return replace(reader, email=reader.email.upper() if number % 2 else reader.email)


def test_a_scanner_that_follows_every_link_of_every_mail_changes_nothing(stack: Laptop, http: httpx.Client) -> None:
    # Somebody in every state in which a link could do something.
    stack.reader("scanned-unconfirmed@example.org", "Una").sign_up()
    confirmed = stack.confirmed("scanned-confirmed@example.org", "Cora")
    confirmed.sign_up()
    http.post(f"{stack.url}/unsubscribe", data={"email": confirmed.email})
    http.post(
        stack.account_link(confirmed.email), data={"action": "change_email", "new_email": "scanned-moving@example.org"}
    )
    left = stack.confirmed("scanned-left@example.org", "Lea")
    left.leave()
    for email, kind in [
        ("scanned-unconfirmed@example.org", "confirmation"),
        (confirmed.email, "leave_link"),
        ("scanned-moving@example.org", "address_change_confirm"),
    ]:
        stack.mail(email, kind)
    stack.wait_until_quiet()
    mails = stack.inbox.messages()
    links = sorted({link for message in newest_of_each_kind(mails) for link in stack.links(message)})
    paths = {httpx.URL(link).path for link in links}
    before = stack.what_people_did()

    def scan(wish: tuple[str, str]) -> int:
        method, link = wish
        return http.request(method, link, headers={"User-Agent": "Mozilla/5.0 (link checker)"}).status_code

    with ThreadPoolExecutor(2) as scanner:
        answers = list(scanner.map(scan, [(method, link) for link in links for method in SCANNING for _ in range(2)]))

    assert paths >= {"/confirm", "/unsubscribe", "/preferences", "/"}
    assert max(answers) < 500
    stack.wait_until_quiet()
    assert stack.what_people_did() == before
    assert [message["id"] for message in stack.inbox.messages()] == [message["id"] for message in mails]


def newest_of_each_kind(mails: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a few mails of each kind, newest first, as the inbox lists them: other tests may have filled it."""
    taken = Counter[str]()
    for message in mails:
        kind = message["tags"]["kind"]
        taken[kind] += 1
        if taken[kind] <= MAILS_OF_A_KIND:
            yield message


def test_no_address_is_in_any_log_line_of_any_function(stack: Laptop) -> None:
    # Also of what is refused: an address in the wrong field, in a link, and one that is none.
    http_url = f"{stack.url}/subscriptions"
    httpx.post(http_url, data={"email": "refused-person@", "name": "misplaced-person@example.org"}, timeout=30)
    httpx.post(
        http_url, content=b'{"email": ["listed-person@example.org"]}', headers={"content-type": "application/json"}
    )
    httpx.get(f"{stack.url}/confirm?token=token-person@example.org", timeout=30)
    stack.reader("last-person@example.org").sign_up()
    stack.mail("last-person@example.org", "confirmation")
    stack.wait_until_quiet()
    known = {
        message["to"] for message in stack.inbox.messages() if not message["tags"].get("kind", "").startswith("editors")
    }
    # Not those that the fuzzer of the API made up: a name such as `0` is in any line.
    people = {email.partition("@")[0].lower() for email in known if email.endswith("@example.org")}
    assert "last-person" in people
    people |= {f"{which}-person" for which in ("refused", "misplaced", "listed", "token")}

    lines = list(stack.log_lines())

    assert {word for word, line in lines if re.search(r"\b(sign-up|greet|confirm)\b", line)} >= {"subscribe", "greet"}
    assert [(word, line) for word, line in lines if "@" in line] == []
    said = [(word, ID.sub("", line.lower())) for word, line in lines]
    assert [(word, name, line) for word, line in said for name in people if name in line] == []
