"""A sign-up's `source` could hold escape sequences, which an operator's terminal obeyed when the list was printed.

Fails on a013654.
"""

from __future__ import annotations

import json
import unicodedata

import pytest

from functions.subscribe.handler import lambda_handler
from newsletter.readers.domain.takeover import Row, kept_out, taken_over
from tests.core.fakes import NOW
from tests.factories import an_id
from tests.functions.conftest import Deployment, load

EVIL = ["\x1b]0;owned\x07\x1b[2J", "a\r\nb\x00c", "\u202egnp.exe", "\u200fabc\u2028d", "\x9b31m"]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("field", ["source", "name"])
def test_no_field_of_the_form_is_kept_with_characters_that_a_terminal_obeys(
    deployment: Deployment, field: str, evil: str
) -> None:
    event = load("subscribe/json")
    event["body"] = json.dumps({"email": "ada@example.org", field: f"x{evil}y"})
    event["isBase64Encoded"] = False

    assert lambda_handler(event, deployment.context)["statusCode"] == 202

    ((stored),) = deployment.app.subscribers.everyone()
    said = [stored.source, stored.name, stored.consent.page if stored.consent else ""]
    assert [harmful for text in said for harmful in text if unicodedata.category(harmful) in ("Cc", "Zl", "Zp")] == []
    assert not {"\u202e", "\u200f"} & set("".join(said))


def test_no_field_of_a_list_from_another_system_either() -> None:
    row = Row(subscriber_id=an_id(1), email="ada@example.org", name=EVIL[0], confirmed_at=NOW, source=EVIL[0])

    taken = taken_over(row, seal_key="key", now=NOW)
    left = kept_out(row, None, now=NOW)

    assert [text for text in (taken.source, taken.name, left.source) if not text.isprintable()] == []
