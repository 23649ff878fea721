"""Climbing from a weak link to a strong one.

Before, `POST /unsubscribe?token=…` with `action=resume` or `undo` answered with a page that held a fresh link to the
preferences, which showed and erased everything; and the link of any footer, however old, did so by itself. Fails on
a013654.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.preferences.handler import lambda_handler as preferences
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from newsletter.core.link_token import Purpose, read
from newsletter.errors import PermanentError
from newsletter.readers.domain.link_rights import RIGHTS
from newsletter.readers.domain.subscriber import Status
from tests.factories import subscriber
from tests.functions.conftest import KEYS, Deployment, deployment

__all__ = ["deployment"]

YEARS = 3 * 366 * 24 * 3600
TOKEN = re.compile(r"token=([\w=-]{40,})")
WAYS: list[tuple[Any, str, Purpose]] = [
    *((unsubscribe, f"unsubscribe/{name}", Purpose.UNSUBSCRIBE)
      for name in ("get", "button", "undo", "resume", "pause", "reason", "one_click_urlencoded")),
    *((preferences, f"preferences/{name}", Purpose.PREFERENCES)
      for name in ("get", "get_json", "download", "pause", "save", "erase", "change_email", "end_links", "send_link")),
    *((confirm, f"confirm/{name}", Purpose.CONFIRM) for name in ("get", "post", "post_json")),
]  # fmt: skip


def purposes_in(body: str, deployment: Deployment) -> set[Purpose]:
    found = set()
    for token in TOKEN.findall(body):
        for purpose in Purpose:
            try:
                found.add(read(purpose, token, KEYS, now=deployment.now()).purpose)
            except PermanentError:
                continue
    return found


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.UNSUBSCRIBED, Status.UNCONFIRMED])
@pytest.mark.parametrize(("function", "event", "purpose"), WAYS, ids=[way[1] for way in WAYS])
def test_no_answer_holds_a_link_that_may_do_more_than_the_one_that_opened_it(
    deployment: Deployment, function: Any, event: str, purpose: Purpose, status: Status
) -> None:
    deployment.save(subscriber(name="Ada", status=status, left_at=deployment.now()))

    body = deployment.invoke(function, event, purpose)["body"]

    allowed = RIGHTS.get(purpose, frozenset())
    leaving = {Purpose.UNSUBSCRIBE} if purpose is Purpose.PREFERENCES else set()
    for found in purposes_in(body, deployment) - {purpose} - leaving:
        assert RIGHTS.get(found, frozenset()) < allowed
    assert "reader1@example.org" not in body


@pytest.mark.parametrize(("function", "event", "purpose"), WAYS, ids=[way[1] for way in WAYS])
def test_a_link_of_three_years_changes_nothing_but_leaving(
    deployment: Deployment, function: Any, event: str, purpose: Purpose
) -> None:
    before = deployment.save(subscriber(name="Ada"))

    answer = deployment.invoke(function, event, purpose, age=YEARS)

    after = deployment.app.subscribers.get(before.subscriber_id)
    assert after is not None
    assert after == before or after.status is Status.UNSUBSCRIBED
    assert (after == before) or event in ("unsubscribe/button", "unsubscribe/one_click_urlencoded")
    assert "reader1@example.org" not in answer["body"]
