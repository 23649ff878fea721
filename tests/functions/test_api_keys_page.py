"""Keys for programs at the desk: an owner makes one, sees it once, and revokes it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from functions.api_issues.handler import lambda_handler as api_issues
from newsletter.core.team import Role
from newsletter.desk.api_keys.api_key import MOST
from newsletter.desk.api_keys.change_keys import make_key
from tests.functions.api_program import answered, request
from tests.functions.conftest import Deployment
from tests.functions.desk_browser import Browser, stored

KEYS = "/desk/team/keys/"


@pytest.fixture
def owner(deployment: Deployment) -> Browser:
    browser = Browser(deployment)
    browser.signs_in()
    return browser


def post(owner: Browser, name: str, role: str) -> Any:
    return owner.posts("sign_in/invite", path=KEYS.rstrip("/"), **{"name": name, role: "yes"})  # type: ignore[arg-type]


def make(owner: Browser, name: str, role: str) -> str:
    answer = post(owner, name, role)
    assert answer["statusCode"] == 200
    found = re.search(r'value="(fn_live_[0-9a-f]{16}_[0-9a-f]{64})"', answer["body"])
    assert found is not None
    return found[1]


def status(deployment: Deployment, written: str) -> int:
    event = request("GET", "/api/v1/key", headers={"authorization": f"Bearer {written}"})
    return answered(api_issues(event, deployment.context)).status


def page(owner: Browser) -> str:
    return str(owner.send("sign_in/team", path=KEYS)["body"])


def test_a_key_is_made_shown_once_used_and_revoked(owner: Browser, deployment: Deployment) -> None:
    assert "no program can do anything" in page(owner)
    written = make(owner, "The website", "role_keeper")
    key_id = written.split("_")[2]

    assert written not in page(owner)
    assert "The website" in page(owner)
    assert "not used yet" in page(owner)
    assert status(deployment, written) == 200
    assert "last used on" in page(owner)
    assert written.split("_")[3] not in str(stored(deployment)), "the secret is stored nowhere"

    assert owner.posts("sign_in/invite", path=f"{KEYS}{key_id}/revoke")["headers"]["Location"] == f"{KEYS}?done=revoked"
    assert status(deployment, written) == 401
    assert "The website" not in page(owner)
    assert owner.posts("sign_in/invite", path=f"{KEYS}{key_id}/revoke")["statusCode"] == 400
    lines = deployment.app.activities.month(f"{deployment.now():%Y-%m}", most=10)
    assert [(each.did, each.what) for each in lines[:2]] == [
        ("revoked an API key", "The website"), ("made an API key", "The website"),
    ]  # fmt: skip


def test_the_page_with_the_key_is_kept_by_no_browser(owner: Browser) -> None:
    answer = post(owner, "X", "role_writer")
    headers = {name.lower(): value for name, value in answer["headers"].items()}

    assert "no-store" in headers["cache-control"]


@pytest.mark.parametrize(("name", "role"), [("", "role_writer"), ("  \n", "role_writer"), ("X", "role_emperor")])
def test_a_key_without_a_name_or_a_role_is_not_made(
    owner: Browser, deployment: Deployment, name: str, role: str
) -> None:
    assert post(owner, name, role)["statusCode"] == 400
    assert deployment.app.api_keys.all() == []


def test_there_are_only_so_many(owner: Browser, deployment: Deployment) -> None:
    keys, now = deployment.app.api_keys, deployment.now()
    for number in range(MOST):
        make_key(f"Program {number}", {Role.WRITER}, made_by="x", api_keys=keys, now=now)

    assert "There is no room for another key" in page(owner)
    assert post(owner, "X", "role_writer")["statusCode"] == 400
