"""Taking a stranger's subscription over by a change of address, through the functions as Lambda runs them.

Before, a change of address was written into the unconfirmed record of the new address. Mallory asked to move to Jane's
address while her own sign-up waited, or two weeks before it; Jane pressed the button of her own confirmation mail, and
with an old link of his Mallory read, paused, moved or erased her record. Fails on b35c33a.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.greet.handler import lambda_handler as greet
from functions.preferences.handler import lambda_handler as preferences
from functions.subscribe.handler import lambda_handler as subscribe
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from newsletter.core.link_token import Purpose, sign
from newsletter.readers.domain.subscriber import Status, Subscriber
from tests.factories import an_id, subscriber
from tests.functions.conftest import KEYS, Deployment, deployment, load

__all__ = ["deployment"]

JANE = "jane@example.org"


def posts(stack: Deployment, handler: Any, event: str, token: str, **fields: str) -> Any:
    """Send a form behind a link."""
    loaded = json.loads(json.dumps(load(event)).replace("TOKEN", token))
    body = "&".join(f"{name}={value.replace('@', '%40')}" for name, value in fields.items())
    loaded["body"] = base64.b64encode(body.encode()).decode()
    return handler(loaded, stack.context)


def signs_up(stack: Deployment, email: str, name: str = "Jane") -> None:
    event = load("subscribe/form")
    event["body"] = base64.b64encode(f"email={email.replace('@', '%40')}&name={name}".encode()).decode()
    assert subscribe(event, stack.context)["statusCode"] == 303


def mails(stack: Deployment) -> list[dict[str, Any]]:
    """Let the greet function work off its queue, and return the inbox, newest first."""
    for message in stack.drain("greet"):
        event = load("greet/sign_up")
        event["Records"][0]["body"] = json.dumps(message)
        assert greet(event, stack.context) == {"batchItemFailures": []}
    return stack.ses.messages()


def token_of(message: dict[str, Any]) -> str:
    return str(message["text"].partition("/confirm?token=")[2].split()[0])


def jane(stack: Deployment) -> Subscriber:
    addresses = stack.app.addresses
    found = stack.app.subscribers.get(addresses.subscriber_id(addresses.mailbox(JANE)))
    assert found is not None
    return found


def asks_to_move_to_jane(stack: Deployment) -> str:
    """Mallory, reader 1, asks; return his link to everything."""
    token = sign(Purpose.ACCOUNT, an_id(1), KEYS, now=stack.now())
    answer = posts(stack, preferences, "preferences/change_email", token, action="change_email", new_email=JANE)
    assert answer["statusCode"] == 200
    return token


@pytest.mark.parametrize("mallory_is_first", [True, False])
def test_whoever_confirms_their_own_sign_up_moves_nobody(deployment: Deployment, mallory_is_first: bool) -> None:
    deployment.save(subscriber(1, email="mallory@evil.example"))
    if mallory_is_first:
        asks_to_move_to_jane(deployment)
        mails(deployment)
        signs_up(deployment, JANE)
    else:
        signs_up(deployment, JANE)
        mails(deployment)
        asks_to_move_to_jane(deployment)
    confirmation = next(each for each in mails(deployment) if each["tags"]["kind"] == "confirmation")

    assert posts(deployment, confirm, "confirm/post", token_of(confirmation))["statusCode"] == 200

    assert (jane(deployment).status, jane(deployment).name) == (Status.CONFIRMED, "Jane")
    mallory = deployment.app.subscribers.get(an_id(1))
    assert mallory is not None
    assert (mallory.moved_to, mallory.email) == ("", "mallory@evil.example")


def test_no_link_of_his_reads_pauses_moves_or_erases_her(deployment: Deployment) -> None:
    deployment.save(subscriber(1, email="mallory@evil.example"))
    account = asks_to_move_to_jane(deployment)
    mails(deployment)
    signs_up(deployment, JANE)
    confirmation = next(each for each in mails(deployment) if each["tags"]["kind"] == "confirmation")
    posts(deployment, confirm, "confirm/post", token_of(confirmation))
    before = jane(deployment)

    footer = sign(Purpose.PREFERENCES, an_id(1), KEYS, now=deployment.now())
    leave = sign(Purpose.UNSUBSCRIBE, an_id(1), KEYS, now=deployment.now())
    pages = [deployment.invoke(preferences, "preferences/get", purpose) for purpose in (Purpose.ACCOUNT,)]
    for token in (account, footer):
        for action in ("pause", "save", "end_links", "erase", "send_link"):
            fields = {"action": action, "pause_until": "2027-01-05", "name": "M", "sure": "yes"}
            pages.append(posts(deployment, preferences, "preferences/erase", token, **fields))
    pages.append(posts(deployment, unsubscribe, "unsubscribe/button", leave))

    assert not any(JANE in page["body"] for page in pages)
    assert jane(deployment) == before


def test_the_link_to_a_move_opens_nothing_else(deployment: Deployment) -> None:
    """Three more of the class: the mail that reaches Jane because of him, used for everything it is not meant for."""
    deployment.save(subscriber(1, email="mallory@evil.example"))
    asks_to_move_to_jane(deployment)
    mail = next(each for each in mails(deployment) if each["tags"]["kind"] == "address_change_confirm")
    token = token_of(mail)
    before = deployment.app.subscribers.get(an_id(1))

    for handler, event in (
        (preferences, "preferences/get"),
        (preferences, "preferences/erase"),
        (unsubscribe, "unsubscribe/button"),
    ):
        assert posts(deployment, handler, event, token, action="erase", sure="yes")["statusCode"] == 400
    assert posts(deployment, confirm, "confirm/post", token[:-4] + "AAAA")["statusCode"] == 400
    assert deployment.app.subscribers.get(an_id(1)) == before
    assert "mallory" not in mail["raw"].lower()
