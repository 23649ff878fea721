"""docs/website-form.md: what it tells people to paste into their websites works."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import html5lib
import pytest

from functions.subscribe.handler import lambda_handler
from newsletter.core.language import LANGUAGES
from newsletter.core.text import LONGEST_NAME
from tests.functions.conftest import ROOT, Deployment, load

PAGE = (ROOT / "docs" / "website-form.md").read_text()


def snippet(language: str) -> str:
    """Return the first block of code in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def form() -> Element:
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(snippet("html"))
    found: Element = next(document.iter("form"))
    return found


def sent(**typed: str) -> dict[str, Any]:
    """Return the event that API Gateway makes of the form with these words typed into it."""
    fields = {str(field.get("name")): field.get("value") or "" for field in form().iter("input")}
    assert set(typed) <= set(fields)
    event: dict[str, Any] = load("subscribe/form")
    event["body"] = base64.b64encode(urlencode(fields | typed).encode()).decode()
    return event


def test_the_form_is_plain_and_every_field_of_it_has_a_label() -> None:
    assert (form().get("method"), form().get("action")) == ("post", "https://briefing.example.org/subscriptions")
    labels = {label.get("for") for label in form().iter("label")}
    wrapped = {id(field) for label in form().iter("label") for field in label.iter("input")}
    assert len(wrapped) == 1
    assert {field.get("id") for field in form().iter("input") if field.get("id")} <= labels
    assert {field.get("name"): field.get("maxlength") for field in form().iter("input")}["name"] == str(LONGEST_NAME)


def test_every_field_of_the_form_is_explained_and_no_other() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)

    assert sorted(explained) == sorted(str(field.get("name")) for field in form().iter("input"))
    (languages,) = re.findall(r"^\| `lang` \| (.*) \|$", PAGE, re.MULTILINE)
    assert sorted(re.findall(r"`(\w\w)`", languages)) == sorted(LANGUAGES)


def test_the_form_signs_people_up(deployment: Deployment) -> None:
    answer = lambda_handler(sent(email="ada@example.org", name="Ada", lang="cy"), deployment.context)

    assert answer["statusCode"] == 303
    (greeting,) = deployment.queued("greet")
    stored = deployment.app.subscribers.get(greeting["subscriber"])
    assert stored is not None
    assert (stored.email, stored.name, stored.lang) == ("ada@example.org", "Ada", "cy")
    assert stored.source == "https://www.example.org/about"


def test_a_robot_that_fills_in_the_trap_gets_the_same_answer_and_nothing_else(deployment: Deployment) -> None:
    person = lambda_handler(sent(email="ada@example.org"), deployment.context)
    deployment.drain("greet")

    robot = lambda_handler(sent(email="bob@example.org", reference="cheap"), deployment.context)

    assert (robot["statusCode"], robot["headers"]) == (person["statusCode"], person["headers"])
    assert deployment.queued("greet") == []


def test_the_json_of_the_page_signs_people_up_too(deployment: Deployment) -> None:
    event = load("subscribe/json")
    event |= {"body": snippet("json"), "isBase64Encoded": False}

    answer = lambda_handler(event, deployment.context)

    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"status": "confirmation_sent"})
    assert len(deployment.queued("greet")) == 1


@pytest.mark.parametrize("path", ["/subscriptions", "/sign-up.js"])
def test_the_page_names_addresses_that_exist(path: str) -> None:
    assert f"https://briefing.example.org{path}" in PAGE
