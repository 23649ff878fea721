"""The page behind a link is in the language of the mail that held it, also for a browser that names no language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.greet.handler import lambda_handler as greet
from functions.preferences.handler import lambda_handler as preferences
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from newsletter.core.language import LANGUAGES, PARTLY
from newsletter.readers.domain.greeting import Occasion
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.subscriber import Status, Subscriber
from tests.factories import an_id, subscriber
from tests.functions.conftest import Deployment, load

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "/confirm": confirm,
    "/unsubscribe": unsubscribe,
    "/preferences": preferences,
}
LINK = re.compile(r"https://briefing\.example\.org(/(?:confirm|unsubscribe|preferences)\?\S+)")
ACTION = re.compile(r'<form method="post" action="([^"]+)"')
WAITING = subscriber(status=Status.UNCONFIRMED, confirmed_at=None)
MOVING = replace(subscriber(), move=Move(new_id=an_id(99), email="ada@example.net", asked_at=subscriber().signed_up_at))

OCCASIONS = (
    (WAITING, Occasion.SIGN_UP),
    (subscriber(), Occasion.WELCOME),
    (subscriber(), Occasion.LEAVE_LINK),
    (subscriber(), Occasion.ACCOUNT_LINK),
    (subscriber(), Occasion.RENEWAL),
    (MOVING, Occasion.MOVE),
    (MOVING, Occasion.MOVING),
)


def asked_of(path: str, method: str) -> dict[str, Any]:
    """Return the event of opening or posting to an address, by a browser that says nothing of languages."""
    address = urlsplit(path)
    event: dict[str, Any] = load("confirm/get" if method == "GET" else "confirm/post")
    event |= {"rawPath": address.path, "routeKey": f"ANY {address.path}", "rawQueryString": address.query}
    event["queryStringParameters"] = {name: values[0] for name, values in parse_qs(address.query).items()}
    event["requestContext"]["http"] |= {"path": address.path, "method": method}
    event["headers"] = {name: value for name, value in event["headers"].items() if name != "accept-language"}
    return event


def page(deployment: Deployment, path: str, method: str = "GET") -> Any:
    return FUNCTIONS[urlsplit(path).path](asked_of(path, method), deployment.context)


def links_mailed(deployment: Deployment, occasion: Occasion, subscriber_id: str) -> list[str]:
    """Let an email of ours leave, and return the addresses in it, as both of its parts have them."""
    event, stored = load("greet/sign_up"), deployment.app.subscribers.get(subscriber_id)
    assert stored is not None
    asked_at = stored.signed_up_at if occasion is Occasion.SIGN_UP else deployment.now()
    asked = {"occasion": occasion, "subscriber": subscriber_id, "asked_at": asked_at.isoformat()}
    event["Records"][0]["body"] = json.dumps(asked)
    before = {message["id"] for message in deployment.ses.messages()}
    assert greet(event, deployment.context) == {"batchItemFailures": []}
    (message,) = (message for message in deployment.ses.messages() if message["id"] not in before)
    found = LINK.findall(message["text"])
    assert found
    assert all(each in unescape(message["html"]) for each in found)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_behind_a_link_speaks_the_language_of_its_mail(deployment: Deployment, lang: str) -> None:
    for number, (reader, occasion) in enumerate(OCCASIONS):
        subscriber_id = an_id(number)
        deployment.save(replace(reader, subscriber_id=subscriber_id, email=f"ada{number}@example.org", lang=lang))
        for link in links_mailed(deployment, occasion, subscriber_id):
            shown = page(deployment, link)
            assert (shown["statusCode"], shown["headers"]["Content-Language"]) == (200, lang)
            assert f'<html lang="{lang}"' in shown["body"]
            actions = {unescape(action) for action in ACTION.findall(shown["body"])}
            assert actions == {link}, "the answer to the button must know it too"
            if "/unsubscribe" in link:
                done = page(deployment, link, "POST")
                assert (done["statusCode"], done["headers"]["Content-Language"]) == (200, lang)


def test_a_link_that_was_damaged_on_the_way_is_explained_in_its_language(deployment: Deployment) -> None:
    for path, lang in product(FUNCTIONS, LANGUAGES):
        shown = page(deployment, f"{path}?token=damaged&lang={lang}")

        assert (shown["statusCode"], shown["headers"]["Content-Language"]) == (400, lang)
        further = f"?lang={lang}" if lang != "en" else ""
        assert f'/unsubscribe{further}"' in shown["body"]
        assert f'/preferences{further}"' in shown["body"]


def test_a_form_without_a_link_goes_on_in_the_language_it_began_in(deployment: Deployment) -> None:
    for path in ("/unsubscribe", "/preferences"):
        shown = page(deployment, f"{path}?lang=cy")

        assert shown["headers"]["Content-Language"] == "cy"
        assert ACTION.findall(shown["body"]) == [f"{path}?lang=cy"]


def test_a_language_that_we_do_not_speak_is_not_repeated(deployment: Deployment) -> None:
    for lang in ("xx", "../../etc", "de\r\nX: y", '"><script>', ""):
        event = asked_of("/unsubscribe", "GET")
        event["queryStringParameters"] = {"lang": lang}

        shown = unsubscribe(event, deployment.context)

        assert shown["headers"]["Content-Language"] == "en"
        assert ACTION.findall(shown["body"]) == ["/unsubscribe"]


@pytest.mark.parametrize("lang", sorted(PARTLY))
@pytest.mark.parametrize(
    ("reader", "occasion", "path"),
    [(WAITING, Occasion.SIGN_UP, "/confirm"), (subscriber(), Occasion.WELCOME, "/unsubscribe")],
)
def test_the_way_in_and_out_speaks_a_language_of_which_we_have_few_words(
    deployment: Deployment, lang: str, reader: Subscriber, occasion: Occasion, path: str
) -> None:
    deployment.save(replace(reader, subscriber_id=an_id(1), lang=lang))
    (link,) = [each for each in links_mailed(deployment, occasion, an_id(1)) if each.startswith(path)]

    for method in ("GET", "POST"):
        shown = page(deployment, link, method)
        assert (shown["statusCode"], shown["headers"]["Content-Language"]) == (200, lang)
        assert f'<html lang="{lang}"' in shown["body"]
    damaged = page(deployment, f"{path}?token=damaged&lang={lang}")
    assert (damaged["statusCode"], damaged["headers"]["Content-Language"]) == (400, "en")
    assert '<html lang="en"' in damaged["body"]
