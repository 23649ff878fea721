"""What readers do behind the links of their mails: leave, change their mind, rest, change their details, be erased.

On a phone and without scripts; the tour of every page goes the same ways with them.
"""

from datetime import UTC, datetime

import pytest

from newsletter.readers.domain.subscriber import Status, Subscriber, rest_choices
from tests.browser.conftest import Visitor, form
from tests.laptop import Laptop

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


def held(stack: Laptop, email: str) -> Subscriber:
    found = stack.held(email)
    assert found is not None
    return found


def test_leaves_says_why_and_takes_it_back(stack: Laptop, visit: Visitor) -> None:
    email = "leaving@example.org"
    stack.confirmed(email)
    reader = visit(javascript=False, width=375)

    assert reader.open(stack.link(stack.mail(email, "welcome"), "unsubscribe")) == 200
    assert held(stack, email).status is Status.CONFIRMED  # looking changes nothing
    reader.press()
    assert held(stack, email).status is Status.UNSUBSCRIBED

    reader.press("reason", "too_many")
    assert held(stack, email).left_because == "too_many"

    reader.press("undo")
    assert held(stack, email).in_audience
    assert reader.page.locator('a[href*="/preferences?token="]').count() == 0  # a link to leave leads to nothing more


def test_rests_instead_of_leaving(stack: Laptop, visit: Visitor) -> None:
    email = "resting@example.org"
    stack.confirmed(email)
    reader = visit(javascript=False, width=375)
    choices = rest_choices(datetime.now(UTC).date())

    reader.open(stack.link(stack.mail(email, "welcome"), "unsubscribe"))
    reader.page.locator('[name="pause_until"]').select_option(choices[1][0])
    reader.press("pause")
    assert (held(stack, email).status, held(stack, email).rests_until) == (Status.CONFIRMED, choices[1][1])

    reader.press("resume")
    assert held(stack, email).rests_until is None


def test_changes_details_address_and_mind(stack: Laptop, visit: Visitor) -> None:
    email, new = "details@example.org", "details-new@example.org"
    stack.confirmed(email)
    reader = visit(javascript=False, width=375)

    assert reader.open(stack.link(stack.mail(email, "welcome"), "preferences")) == 200
    assert email not in reader.page.content()
    reader.press("pause")
    assert held(stack, email).rests_until == rest_choices(datetime.now(UTC).date())[0][1]
    reader.press("resume")
    assert held(stack, email).rests_until is None
    reader.press("send_link")
    preferences_url = stack.link(stack.mail(email, "account_link"), "preferences")

    assert reader.open(preferences_url) == 200
    reader.fill("name", "Dee <b>Tails</b>")
    reader.page.locator('[name="lang"]').select_option("fr")
    reader.press("save")
    assert (held(stack, email).name, held(stack, email).lang) == ("Dee <b>Tails</b>", "fr")
    assert reader.page.locator('main [role="status"]').inner_text()
    assert reader.page.locator('main [name="name"]').input_value() == "Dee <b>Tails</b>"

    reader.press("pause")
    assert held(stack, email).rests_until == rest_choices(datetime.now(UTC).date())[0][1]
    reader.press("resume")
    assert held(stack, email).rests_until is None

    download = reader.page.locator('main a[href*="format=json"]').evaluate("(link) => link.href")
    assert reader.page.request.get(download).json()["subscriber"]["email"] == email

    reader.fill("new_email", new)
    reader.press("change_email")
    assert held(stack, email).email == email  # until the new address has confirmed
    reader.open(stack.link(stack.mail(new, "address_change_confirm"), "confirm"))
    reader.press()
    assert (held(stack, email).email, held(stack, new).status) == ("", Status.CONFIRMED)

    assert reader.open(preferences_url) == 400  # the links to the old address may only leave
    reader.open(stack.account_link(new))
    reader.page.locator(form("erase")).locator("button").click()
    assert stack.held(new) is not None  # without the tick, the browser does not send it
    reader.page.locator('[name="sure"]').check()
    reader.press("erase")
    assert stack.held(new) is None


def test_leaves_without_an_old_mail(stack: Laptop, visit: Visitor) -> None:
    email = "no-old-mail@example.org"
    stack.confirmed(email)
    reader, stranger = visit(javascript=False, width=375), visit(javascript=False, width=375)

    for person, address in [(reader, email), (stranger, "nobody-we-know@example.org")]:
        assert person.open("/unsubscribe") == 200
        person.fill("email", address)
        person.press()

    assert reader.message() == stranger.message()
    assert held(stack, email).status is Status.CONFIRMED
    reader.open(stack.link(stack.mail(email, "leave_link"), "unsubscribe"))
    reader.press()
    assert held(stack, email).status is Status.UNSUBSCRIBED
    stack.wait_until_quiet()
    assert stack.inbox.messages(to="nobody-we-know@example.org") == []
