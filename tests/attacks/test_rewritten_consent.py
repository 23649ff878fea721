"""Rewriting the receipt of somebody else's consent, and putting words of one's own into a mail that we sign.

Before, a second sign-up of an address that waited replaced its name, language, page, words and network hash, and the
receipt then held for what the stranger had sent; and a typed name greeted whoever owned the mailbox: "Hello URGENT:
invoice 5567 overdue, call 0800 …". Fails on a013654.
"""

from __future__ import annotations

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from newsletter.core.link_token import Purpose, sign
from newsletter.readers.domain.subscriber import Status
from tests.attacks.test_takeover import JANE, jane, mails, posts, signs_up, token_of
from tests.functions.conftest import KEYS, Deployment, deployment

__all__ = ["deployment"]

URGENT = "URGENT: invoice 5567 overdue, call 0800 123"


def test_a_strangers_sign_up_changes_nothing_of_the_one_that_waits(deployment: Deployment) -> None:
    signs_up(deployment, JANE)
    confirmation = mails(deployment)[0]
    hers = jane(deployment).consent

    signs_up(deployment, JANE, URGENT)
    mails(deployment)
    assert jane(deployment).consent == hers
    posts(deployment, confirm, "confirm/post", token_of(confirmation))

    confirmed = jane(deployment)
    assert (confirmed.status, confirmed.name, confirmed.pending) == (Status.CONFIRMED, "Jane", ())
    assert confirmed.consent is not None
    assert hers is not None
    assert confirmed.consent.holds(deployment.app.address_key)
    assert confirmed.consent.asked_at == hers.asked_at


@pytest.mark.parametrize("typed", [URGENT, "Jane\r\nBcc: all@example.org", "call-me now", "\u202egnp.exe"])
def test_nothing_that_somebody_typed_is_in_a_mail_to_a_mailbox_that_has_not_confirmed(
    deployment: Deployment, typed: str
) -> None:
    signs_up(deployment, JANE, typed.replace(" ", "+").replace("\r\n", "%0D%0A").replace("\u202e", "%E2%80%AE"))

    (mail,) = mails(deployment)

    assert mail["tags"]["kind"] == "confirmation"
    assert not any(word in mail["raw"] for word in ("URGENT", "5567", "call-me", "all@example.org", "\u202e"))


def test_leaving_a_sign_up_and_asking_again_does_not_revive_a_strangers_receipt(deployment: Deployment) -> None:
    """Another of the class: the stranger's link, pressed after the owner has left, confirms nothing."""
    signs_up(deployment, JANE, URGENT)
    strangers = mails(deployment)[0]
    leave = sign(Purpose.UNSUBSCRIBE, jane(deployment).subscriber_id, KEYS, now=deployment.now())
    posts(deployment, unsubscribe, "unsubscribe/button", leave)

    assert posts(deployment, confirm, "confirm/post", token_of(strangers))["statusCode"] == 400
