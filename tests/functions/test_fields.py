"""Fields of readers through the functions: defined by a file, asked at sign-up, changed by their owner, erased."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.preferences.handler import lambda_handler as preferences
from functions.publish.handler import lambda_handler as publish
from functions.subscribe.handler import lambda_handler as subscribe
from newsletter.core.link_token import Purpose, sign
from newsletter.readers.domain.subscriber import Status, Subscriber
from tests.factories import subscriber
from tests.functions.conftest import KEYS, Deployment, load

FIELDS = """
organisation:
  label: {en: Your organisation, cy: Eich sefydliad}
  help: The one you read us for
region:
  label: Region
  kind: choice
  options: [Wales, Scotland]
  required: yes
member:
  label: Are you a member of ours
  kind: yes/no
  asked: preferences
"""


def define(deployment: Deployment, text: str = FIELDS) -> None:
    deployment.put("settings/fields.yaml", text.encode())
    event = json.loads(json.dumps(load("publish/settings")).replace("brand.yaml", "fields.yaml"))
    assert publish(event, deployment.context) == {"batchItemFailures": []}
    deployment.app.house_style.expire()


def sent(deployment: Deployment, body: dict[str, Any] | None = None, /, **form: str) -> Any:
    """Send the form of the website, or the same as JSON."""
    event = load("subscribe/form" if body is None else "subscribe/json")
    if body is None:
        event["body"] = base64.b64encode(urlencode({"email": "ada@example.org", **form}).encode()).decode()
    else:
        event["body"], event["isBase64Encoded"] = json.dumps({"email": "ada@example.org", **body}), False
    return subscribe(event, deployment.context)


def signed_up(deployment: Deployment) -> Subscriber:
    addresses = deployment.app.addresses
    stored = deployment.app.subscribers.get(addresses.subscriber_id(addresses.mailbox("ada@example.org")))
    assert stored is not None
    return stored


def own_page(deployment: Deployment, purpose: Purpose = Purpose.ACCOUNT, /, **form: str) -> Any:
    """Open a reader's own page, or send its form."""
    event = load("preferences/save" if form else "preferences/get")
    token = sign(purpose, subscriber(1).subscriber_id, KEYS, now=deployment.now())
    event = json.loads(json.dumps(event).replace("TOKEN", token))
    if form:
        body = {"action": "save", **{name.replace("__", "."): text for name, text in form.items()}}
        event["body"], event["isBase64Encoded"] = urlencode(body), False
    return preferences(event, deployment.context)


def test_the_form_of_the_site_asks_and_so_does_the_one_for_other_websites(deployment: Deployment) -> None:
    define(deployment)

    page = deployment.app.pages.page(
        "sign_up_problem", email_value="", name_value="", problem="", problems={}, typed={}, carried={}
    )
    welsh = deployment.app.pages.embedded_form("https://example.org/about", lang="cy")

    assert 'name="field.organisation" aria-describedby="field-organisation-note" type="text"' in page
    assert re.search(r'<select id="field-region" name="field.region" required>\s*<option value=""></option>', page)
    assert "member" not in page, "it is asked on the preferences page alone"
    assert "Eich sefydliad" in welsh
    assert 'name="field.region" required' in welsh


def test_answers_wait_with_the_sign_up_and_count_once_it_is_confirmed(deployment: Deployment) -> None:
    define(deployment)

    assert sent(deployment, **{"field.organisation": "IPL", "region": "wales"})["statusCode"] == 303

    waiting = signed_up(deployment)
    assert (waiting.status, waiting.fields) == (Status.UNCONFIRMED, {"organisation": "IPL", "region": "Wales"})
    sent(deployment, **{"field.region": "Scotland"})
    second = signed_up(deployment)
    assert second.fields == {"organisation": "IPL", "region": "Wales"}, "a stranger's sign-up overwrites none"
    assert [dict(each.fields) for each in second.pending] == [{"region": "Scotland"}]
    token = sign(Purpose.CONFIRM, second.subscriber_id, KEYS, now=deployment.now(), sign_up=1)
    event = json.loads(json.dumps(load("confirm/post")).replace("TOKEN", token))
    assert confirm(event, deployment.context)["statusCode"] == 200
    assert signed_up(deployment).fields == {"region": "Scotland"}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"field.region": "Please fill this in."}),
        ({"fields": {"region": "Atlantis"}}, {"field.region": "Please choose one of the options."}),
        (
            {"email": "nobody", "fields": {"region": "", "organisation": "x" * 10_000}},
            {
                "email": "This does not look like an email address. Please check it.",
                "field.organisation": "At most 160 characters fit here.",
                "field.region": "Please fill this in.",
            },
        ),
    ],
)
def test_programs_hear_of_every_field_that_is_wrong_at_once(
    deployment: Deployment, body: dict[str, Any], errors: dict[str, str]
) -> None:
    define(deployment)

    answer = sent(deployment, body)

    assert (answer["statusCode"], json.loads(answer["body"])) == (422, {"errors": errors})


def test_programs_send_fields_in_an_object_of_their_own(deployment: Deployment) -> None:
    define(deployment, FIELDS.replace("asked: preferences", "asked: sign-up"))

    assert sent(deployment, {"fields": {"region": "Wales", "member": True, "unheard_of": "x"}})["statusCode"] == 202
    assert signed_up(deployment).fields == {"region": "Wales", "member": "yes"}
    for odd in ({"region": ["Wales"]}, {"region": {"a": "b"}}, {"region": 1}):
        assert sent(deployment, {"fields": odd})["statusCode"] == 400
    assert sent(deployment, {"fields": "Wales"})["statusCode"] == 422, "it names no field"


def test_a_form_is_shown_again_with_what_was_typed_and_what_is_missing(deployment: Deployment) -> None:
    define(deployment)

    answer = sent(deployment, name="Ada", **{"field.organisation": '"><b>IPL'})

    assert answer["statusCode"] == 422
    assert 'value="&#34;&gt;&lt;b&gt;IPL"' in answer["body"]
    assert 'value="ada@example.org"' in answer["body"]
    assert 'aria-describedby="field-region-problem" aria-invalid="true"' in answer["body"]
    assert "Please check your answers" in answer["body"]


def test_a_robot_gets_the_same_answer_whatever_is_missing(deployment: Deployment) -> None:
    define(deployment)

    assert sent(deployment, reference="buy")["statusCode"] == 303


def test_a_reader_sees_changes_takes_along_and_erases_what_they_answered(deployment: Deployment) -> None:
    define(deployment)
    deployment.save(subscriber(1, fields={"organisation": "IPL {{x}}", "region": "Cornwall", "gone": "a value"}))

    page = own_page(deployment)["body"]
    assert 'value="IPL {{x}}"' in page
    assert "<option selected>Cornwall</option>" in page, "an option that is gone stays until its reader changes it"
    assert "a value" not in page
    changed = own_page(deployment, field__organisation="", field__region="Cornwall", field__member="yes")
    assert changed["statusCode"] == 200

    stored = deployment.app.subscribers.get(subscriber(1).subscriber_id)
    assert stored is not None
    assert stored.fields == {"region": "Cornwall", "gone": "a value", "member": "yes"}
    held = json.loads(deployment.invoke(preferences, "preferences/download", Purpose.ACCOUNT)["body"])["subscriber"]
    assert held["fields"] == dict(stored.fields), "we hold the value of a field that is gone, and so we say it"
    deployment.invoke(preferences, "preferences/erase", Purpose.ACCOUNT)
    assert deployment.app.subscribers.get(subscriber(1).subscriber_id) is None


def test_the_link_of_a_footer_shows_and_changes_no_answer(deployment: Deployment) -> None:
    define(deployment)
    before = deployment.save(subscriber(1, fields={"organisation": "IPL"}))

    assert "IPL" not in own_page(deployment, Purpose.PREFERENCES)["body"]
    assert own_page(deployment, Purpose.PREFERENCES, field__organisation="Evil")["statusCode"] == 403
    assert deployment.app.subscribers.get(before.subscriber_id) == before


def test_a_field_that_came_later_is_never_demanded_of_whoever_is_on_the_list(deployment: Deployment) -> None:
    deployment.save(subscriber(1))
    define(deployment)

    page = own_page(deployment)["body"]
    assert 'name="field.region">' in page, "not required"
    assert own_page(deployment, field__region="", name="Ada")["statusCode"] == 200
    assert own_page(deployment, field__region="Wales")["statusCode"] == 200
    refused = own_page(deployment, field__region="", name="Someone else")
    assert (refused["statusCode"], "Please fill this in." in refused["body"]) == (422, True)
    stored = deployment.app.subscribers.get(subscriber(1).subscriber_id)
    assert stored is not None
    assert (stored.name, stored.fields) == ("", {"region": "Wales"}), "of a form that is refused nothing is saved"


def test_a_refused_file_leaves_the_last_good_one_in_use(deployment: Deployment) -> None:
    define(deployment)
    define(deployment, "region:\n  kind: choice\n")

    assert [each.key for each in deployment.app.reader_fields()] == ["organisation", "region", "member"]
    problems = deployment.read("settings/fields.problems.txt", "content") or ""
    assert "`region` has no label." in problems
    assert "`region` is a choice without options." in problems
