"""Fields of readers at the desk: defined in the settings, changed for one reader, found in a list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.publish.handler import lambda_handler as publish
from newsletter.control.desk.settings.texts import EXAMPLE
from newsletter.core.team import Role
from newsletter.issues.settings.fields_file import read_fields_file
from newsletter.readers.domain.subscriber import Subscriber
from tests.desk.desk_browser import DeskBrowser
from tests.desk.test_desk_import import EVIDENCE, chosen, uploaded, work
from tests.functions.conftest import load

AT, PEOPLE, KEY = "/desk/settings/fields/", "/desk/people/", "settings/fields.yaml"
FILE = (
    "organisation:\n  label: Your <organisation>\n"
    "region:\n  label: Region\n  kind: choice\n  options: [Wales, Scotland]\n  required: yes"
)


@pytest.fixture
def keeper(owner: DeskBrowser) -> DeskBrowser:
    return DeskBrowser(owner.deployment, {Role.KEEPER}, "kim@example.org")


def take(owner: DeskBrowser) -> None:
    event = json.loads(json.dumps(load("publish/settings")).replace("brand.yaml", "fields.yaml"))
    publish(event, owner.deployment.context)
    owner.deployment.app.house_style.expire()


@pytest.fixture
def asking(owner: DeskBrowser) -> None:
    owner.deployment.put(KEY, FILE.encode())
    take(owner)


def test_the_example_on_the_page_is_good() -> None:
    assert list(read_fields_file(EXAMPLE.encode())) == ["organisation", "region"]


def test_fields_are_typed_seen_and_in_use(owner: DeskBrowser, writer: DeskBrowser) -> None:
    assert "up to 8 things" in owner.get(AT).words
    seen = owner.post(f"{AT}preview", text=FILE, version="").body
    assert 'name="field.region"' in seen
    assert "Your &lt;organisation&gt;" in seen

    assert owner.post(f"{AT}save", text=FILE, version="").location == f"{AT}?done=kept"
    take(owner)

    assert "in use" in owner.get(AT).words
    assert [each.key for each in owner.deployment.app.reader_fields()] == ["organisation", "region"]
    assert owner.log()[-1][:2] == ("changed the settings", "Fields")
    assert writer.post(f"{AT}save", text="", version="").status == 403


@pytest.mark.parametrize(
    ("text", "problem"),
    [("region:\n  kind: choice", "has no label"), ("a b: c", "cannot be the key"), ("x: [", "cannot be read")],
)
def test_what_cannot_be_asked_is_refused_and_said_while_it_is_typed(
    owner: DeskBrowser, text: str, problem: str
) -> None:
    assert problem in owner.post(f"{AT}preview", text=text, version="").body
    refused = owner.post(f"{AT}save", text=text, version="")
    assert (refused.status, problem in refused.words) == (400, True)
    assert owner.deployment.read(KEY, "content") is None


@pytest.mark.usefixtures("asking")
def test_a_reader_is_shown_with_what_they_answered_and_it_is_changed_at_their_word(keeper: DeskBrowser) -> None:
    page = keeper.post(f"{PEOPLE}add", email="eve@example.org", name="Eve", evidence="at the fair").location
    page = page.partition("?")[0]

    changed = keeper.post(f"{page}change", name="Eve", lang="", **{"field.organisation": "IPL", "field.region": ""})
    assert changed.location == f"{page}?done=changed"
    refused = keeper.post(f"{page}change", name="Eve", lang="", **{"field.region": "Atlantis"})

    assert (refused.status, "Region: Please choose one of the options" in refused.words) == (400, True)
    assert held(keeper, page).fields == {"organisation": "IPL"}
    assert "Your &lt;organisation&gt;</dt><dd>IPL</dd>" in keeper.get(page).body


def held(keeper: DeskBrowser, page: str) -> Subscriber:
    found = keeper.deployment.app.subscribers.get(page.removeprefix(PEOPLE).strip("/"))
    assert found is not None
    return found


@pytest.mark.usefixtures("asking")
def test_a_list_brings_answers_and_a_file_of_everybody_has_them(keeper: DeskBrowser) -> None:
    path = uploaded(keeper, b"Email;Name;Region\nada@example.org;Ada;wales\nbo@example.net;Bo;Atlantis\n")
    page = keeper.get(path)
    assert "Region" in page.words
    columns: dict[str, Any] = chosen(page)
    assert columns["field.region"] == "3"

    keeper.post(f"{path}check", **(columns | EVIDENCE))
    work(keeper.deployment)
    words = keeper.get(path).words
    assert "What stands in the column of a field is not what the field can hold." in words
    keeper.post(f"{path}run", attempt="1")
    work(keeper.deployment)

    (ada,) = list(keeper.deployment.app.subscribers.everyone())
    assert ada.fields == {"region": "Wales"}
