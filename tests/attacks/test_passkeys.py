"""Somebody comes in by a passkey that is not theirs, or makes of a stolen session one that is.

What must never be possible: a session, or a passkey, by anything but a device that has the key and recognised its
person, asked by this browser, for this website, a moment ago. Each refusal is the same page, and no error of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from functions.sign_in.handler import lambda_handler as sign_in_function
from newsletter.core.team import Role
from newsletter.desk.adapters import webauthn_ceremonies
from newsletter.desk.domain.member import Member
from newsletter.desk.passkeys.passkey import CHALLENGE_LIFETIME
from newsletter.desk.passkeys.sign_in_by_passkey import NOBODYS
from newsletter.desk.sessions.change_team import invite, remove
from tests.desk.authenticator import PRESENT, VERIFIED, WITH_KEY, Device, cbor, encoded
from tests.functions.conftest import Deployment
from tests.functions.desk_browser import OWNER, SESSION, Browser, age
from tests.moto_aws import REGION

ANN = "ann@example.org"
CHALLENGE = "__Host-passkey"


@dataclass
class Scene:
    """A member with a passkey, and an attacker with a browser and a device of their own."""

    deployment: Deployment
    hers: Browser
    device: Device
    attacker: Browser
    own_device: Device

    def refused(self, answer: Any, what: str = "") -> None:
        """Hold that an answer is the one plain page, and that nobody came in."""
        assert answer["statusCode"] == 400, what
        assert "This passkey did not sign you in" in answer["body"], what
        assert SESSION not in self.attacker.cookies
        assert not any(SESSION in line for line in self.attacker.set_cookies)


@pytest.fixture
def scene(deployment: Deployment) -> Scene:
    invite(ANN, "Ann", [Role.APPROVER], members=deployment.app.members, now=deployment.now())
    hers, device = Browser(deployment), Device(counts=True)
    hers.signs_in(ANN)
    hers.adds_passkey(device, "phone")
    own_device = Device()
    own_device.makes({"rp": {"id": "briefing.example.org"}, "user": {"id": encoded(b"x" * 32)}, "challenge": "x"})
    return Scene(deployment, hers, device, Browser(deployment, "198.51.100.66"), own_device)


def kept(deployment: Deployment) -> dict[str, Any]:
    """Return every passkey and keyring that there is."""
    client: Any = boto3.client("dynamodb", region_name=REGION)
    items = client.scan(TableName=deployment.app.settings.sessions_table)["Items"]
    return {each["item_key"]["S"]: each for each in items if each["item_key"]["S"].startswith("passkey")}


FORGED: dict[str, Callable[[Device, dict[str, Any]], str]] = {
    "another origin": lambda device, asked: device.uses(asked, origin="https://evil.example"),
    "an origin that begins like ours": lambda device, asked: device.uses(
        asked, origin="https://briefing.example.org.evil.example"
    ),
    "our origin without encryption": lambda device, asked: device.uses(asked, origin="http://briefing.example.org"),
    "a frame of another website": lambda device, asked: device.uses(asked, crossOrigin=True),
    "a passkey for another website": lambda device, asked: device.uses(asked, rp_id="evil.example"),
    "a challenge that nobody gave": lambda device, asked: device.uses({**asked, "challenge": encoded(b"x" * 32)}),
    "no challenge": lambda device, asked: device.uses({**asked, "challenge": ""}),
    "nobody at the device": lambda device, asked: device.uses(asked, flags=0),
    "a person whom the device did not recognise": lambda device, asked: device.uses(asked, flags=PRESENT),
    "recognised, and not there": lambda device, asked: device.uses(asked, flags=VERIFIED),
    "another key": lambda device, asked: device.uses(asked, key=ec.generate_private_key(ec.SECP256R1())),
    "the person of another": lambda device, asked: device.uses(asked, user_handle=b"y" * 32),
    "no person": lambda device, asked: device.uses(asked, user_handle=b""),
    "what was signed to make a passkey": lambda device, asked: device.uses(asked, type="webauthn.create"),
    "a signature cut short": lambda device, asked: changed(device.uses(asked), signature="AAAA"),
    "no signature": lambda device, asked: changed(device.uses(asked), signature=""),
    "data cut short": lambda device, asked: changed(device.uses(asked), authenticatorData=encoded(b"x" * 36)),
    "data with more at its end": lambda device, asked: changed(
        device.uses(asked), authenticatorData=encoded(b"x" * 99)
    ),
    "data with broken CBOR": lambda device, asked: changed(
        device.uses(asked), authenticatorData=encoded(b"x" * 32 + b"\xff" + b"\0" * 22 + b"\xbf\xff\xff")
    ),
}


def changed(answer: str, **response: Any) -> str:
    """Return a browser's answer with other parts."""
    content = json.loads(answer)
    return json.dumps({**content, "response": {**content["response"], **response}})


def test_what_is_forged_signs_nobody_in_and_what_is_not_does(scene: Scene) -> None:
    for what, forge in FORGED.items():
        asked = scene.attacker.asks_device()
        scene.refused(scene.attacker.shows(forge(scene.device, asked)), what)

    assert scene.attacker.comes_by_passkey(scene.device)["statusCode"] == 303


def test_what_was_signed_once_signs_nobody_in_again(scene: Scene) -> None:
    """Somebody has seen the answer on its way, with the cookie or without."""
    used = scene.device.uses(scene.hers.asks_device())
    scene.attacker.cookies[CHALLENGE] = scene.hers.cookies[CHALLENGE]
    assert scene.hers.shows(used)["statusCode"] == 303

    scene.refused(scene.attacker.shows(used))
    scene.attacker.asks_device()
    scene.refused(scene.attacker.shows(used))


def test_what_was_signed_for_another_browser_signs_nobody_in(scene: Scene) -> None:
    """She is led to sign a challenge that the attacker fetched; or the attacker shows hers in their own browser."""
    asked_by_attacker = scene.attacker.asks_device()
    answer = scene.hers.shows(scene.device.uses(asked_by_attacker))
    assert answer["statusCode"] == 400

    hers = scene.device.uses(scene.hers.asks_device())
    scene.attacker.asks_device()
    scene.refused(scene.attacker.shows(hers))
    del scene.attacker.cookies[CHALLENGE]
    scene.refused(scene.attacker.shows(scene.device.uses(scene.hers.asks_device())))


def test_what_is_signed_after_five_minutes_signs_nobody_in(scene: Scene) -> None:
    asked = scene.attacker.asks_device()
    age(scene.deployment, "challenge", "asked_at", CHALLENGE_LIFETIME + timedelta(seconds=1))

    scene.refused(scene.attacker.shows(scene.device.uses(asked)))


def test_a_challenge_to_add_a_passkey_is_none_to_sign_in_and_the_reverse(scene: Scene) -> None:
    to_add = scene.hers.asks_device_for_new()
    scene.attacker.asks_device()
    scene.refused(scene.attacker.shows(scene.device.uses(to_add)))

    to_sign_in = scene.hers.asks_device()
    other = Device()
    wrong = {**scene.hers.asks_device_for_new(), "challenge": to_sign_in["challenge"]}
    assert scene.hers.keeps(other.makes(wrong))["statusCode"] == 400


def test_a_counter_that_went_back_signs_nobody_in_and_is_noted(scene: Scene) -> None:
    """Somebody has a copy of the key: one of the two counts behind the other."""
    for _ in range(3):
        assert scene.hers.comes_by_passkey(scene.device)["statusCode"] == 303
    for count in (3, 2, 0):
        scene.refused(scene.attacker.shows(scene.device.uses(scene.attacker.asks_device(), count=count)))

    month = scene.deployment.app.activities.month(f"{scene.deployment.now():%Y-%m}", most=3)
    assert {(each.actor, each.did, each.what) for each in month} == {("Ann", "was not let in by passkey", "phone")}
    assert "somebody may have a copy" in month[0].details
    assert scene.hers.shows(scene.device.uses(scene.hers.asks_device(), count=4))["statusCode"] == 303


def test_a_passkey_that_was_removed_signs_nobody_in(scene: Scene) -> None:
    (passkey,) = scene.deployment.app.passkeys.of_member(Member(ANN).member_id)
    asked = scene.attacker.asks_device()
    scene.hers.posts("sign_in/invite", path=f"/desk/account/passkeys/{passkey.passkey_id}/remove")

    scene.refused(scene.attacker.shows(scene.device.uses(asked)))
    assert kept(scene.deployment).keys() == {f"passkeys-of#{Member(ANN).member_id}"}


def test_a_passkey_of_somebody_who_was_removed_signs_nobody_in(scene: Scene) -> None:
    app, asked = scene.deployment.app, scene.attacker.asks_device()
    remove(Member(ANN).member_id, members=app.members, passkeys=app.passkeys)

    scene.refused(scene.attacker.shows(scene.device.uses(asked)))
    assert kept(scene.deployment) == {}


def test_nobody_removes_the_passkey_of_another(scene: Scene) -> None:
    (passkey,) = scene.deployment.app.passkeys.of_member(Member(ANN).member_id)
    before = kept(scene.deployment)
    scene.attacker.signs_in(OWNER)

    for path in (passkey.passkey_id, "0" * 64, "passkeys-of", Member(ANN).member_id):
        answer = scene.attacker.posts("sign_in/invite", path=f"/desk/account/passkeys/{path}/remove")
        assert answer["statusCode"] == 400
    assert kept(scene.deployment) == before


def test_a_passkey_that_nobody_has_gets_the_same_answer_after_the_same_checks(scene: Scene) -> None:
    known = scene.attacker.shows(scene.device.uses(scene.attacker.asks_device(), origin="https://evil.example"))
    unknown = scene.attacker.shows(scene.own_device.uses(scene.attacker.asks_device()))

    scene.refused(unknown)
    assert unknown["body"] == known["body"]
    library = webauthn_ceremonies._library()
    key = library.helpers.decode_credential_public_key(NOBODYS.public_key)
    assert library.helpers.decoded_public_key_to_cryptography(key).curve.name == "secp256r1", "a key like any other"


def test_the_key_of_nobody_is_nobodys(scene: Scene) -> None:
    """Its private half is the number one, as everybody can find out."""
    one = ec.derive_private_key(1, ec.SECP256R1())

    asked = scene.attacker.asks_device()
    scene.refused(scene.attacker.shows(scene.own_device.uses(asked, key=one, user_handle=b"")))


MALFORMED = {
    "nothing": "",
    "no JSON": "<xml>",
    "a list": "[]",
    "a number": "7",
    "nothing in it": "{}",
    "a response that is a text": '{"id": "x", "rawId": "x", "type": "public-key", "response": "x"}',
    "nested for ever": "[" * 8000,
    "nested in the response": '{"response": {"clientDataJSON": ' + "[" * 4000,
    "too long": json.dumps({"rawId": "A" * 20_000}),
    "no base64": '{"id": "é", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "é"}}',
    "client data that is no JSON": '{"rawId": "AAAA", "response": {"clientDataJSON": "AAAA"}}',
    "client data that is a list": json.dumps({"rawId": "AAAA", "response": {"clientDataJSON": encoded(b"[]")}}),
    "a challenge that is a number": json.dumps(
        {"rawId": "AAAA", "response": {"clientDataJSON": encoded(b'{"challenge": 1e999}')}}
    ),
    "null everywhere": '{"id": null, "rawId": null, "type": null, "response": {"clientDataJSON": null}}',
}


def test_what_no_browser_answers_is_refused_like_everything_else(scene: Scene) -> None:
    before = kept(scene.deployment)
    scene.attacker.asks_device()
    for what, answered in MALFORMED.items():
        scene.refused(scene.attacker.shows(answered), what)
        answer = scene.hers.keeps(answered)
        assert answer["statusCode"] == 400, what
        assert "could not be added" in answer["body"], what
    assert kept(scene.deployment) == before


def key_of(**other: Any) -> bytes:
    """Return a public key as devices say it, with something else about it."""
    known = {"1": 2, "3": -7, "-1": 1, "-2": b"x" * 32, "-3": b"y" * 32} | other
    return cbor({int(name): value for name, value in known.items() if value is not None})


def with_key(device: Device, asked: dict[str, Any], key: bytes) -> str:
    """Return the answer of a device that says it has made this key."""
    made = device.makes(asked)
    name = device.held[-1].credential_id
    flags = bytes([PRESENT | VERIFIED | WITH_KEY])
    data = device._data(device.held[-1], 0)[:32] + flags + bytes(20) + len(name).to_bytes(2) + name + key
    return changed(made, attestationObject=encoded(cbor({"fmt": "none", "attStmt": {}, "authData": data})))


MADE: dict[str, Callable[[Device, dict[str, Any]], str]] = {
    "another origin": lambda device, asked: device.makes(asked, origin="https://evil.example"),
    "a frame of another website": lambda device, asked: device.makes(asked, crossOrigin=True),
    "another website": lambda device, asked: device.makes(asked, rp_id="evil.example"),
    "another challenge": lambda device, asked: device.makes({**asked, "challenge": encoded(b"x" * 32)}),
    "nobody at the device": lambda device, asked: device.makes(asked, flags=WITH_KEY),
    "a person whom the device did not recognise": lambda device, asked: device.makes(asked, flags=PRESENT | WITH_KEY),
    "no key": lambda device, asked: device.makes(asked, flags=PRESENT | VERIFIED),
    "what was signed to sign in": lambda device, asked: device.makes(asked, type="webauthn.get"),
    "a name that is too long": lambda device, asked: device.makes(asked, credential_id=b"x" * 1024),
    "no name": lambda device, asked: changed(device.makes(asked), attestationObject=encoded(cbor({"fmt": "none"}))),
    "a statement of a maker": lambda device, asked: device.makes(asked, statement=("tpm", {"ver": "2.0"})),
    "a statement of nobody": lambda device, asked: device.makes(asked, statement=("mine", {})),
    "a statement that is none": lambda device, asked: device.makes(asked, statement=("none", {"sig": b"x"})),
    "a statement that is wrong": lambda device, asked: device.makes(
        asked, statement=("packed", {"alg": -7, "sig": b"x" * 70})
    ),
    "broken CBOR": lambda device, asked: changed(device.makes(asked), attestationObject=encoded(b"\xbf\xff\xff")),
    "CBOR that says it is huge": lambda device, asked: changed(
        device.makes(asked), attestationObject=encoded(b"\x5b" + b"\xff" * 8)
    ),
    "CBOR nested for ever": lambda device, asked: changed(
        device.makes(asked), attestationObject=encoded(b"\x81" * 9000)
    ),
    "no attestation": lambda device, asked: changed(device.makes(asked), attestationObject=None),
    "a point that is not on the curve": lambda device, asked: with_key(device, asked, key_of()),
    "a key of another kind": lambda device, asked: with_key(device, asked, key_of(**{"1": 99})),
    "an algorithm that nobody uses": lambda device, asked: with_key(device, asked, key_of(**{"3": -65535})),
    "a key without its half": lambda device, asked: with_key(device, asked, key_of(**{"-2": None})),
    "a key of texts": lambda device, asked: with_key(device, asked, key_of(**{"-2": "x", "-3": "y"})),
    "a key that is a list": lambda device, asked: with_key(device, asked, cbor([1, 2])),
    "a key that is huge": lambda device, asked: with_key(
        device, asked, cbor({1: 3, 3: -257, -1: b"\x01" + b"\xff" * 4000, -2: b"\x01\x00\x01"})
    ),
}  # fmt: skip


def test_what_no_device_made_for_us_is_not_kept(scene: Scene) -> None:
    before = kept(scene.deployment)
    for what, forge in MADE.items():
        answer = scene.hers.keeps(forge(scene.own_device, scene.hers.asks_device_for_new()))
        assert answer["statusCode"] == 400, what
        assert "could not be added" in answer["body"], what
    assert kept(scene.deployment) == before
    assert [list(each) for each in scene.deployment.queued("sign_in")] == [["passkey_added"]], "of the first one alone"


def test_a_passkey_is_kept_once_and_nobody_takes_that_of_another(scene: Scene) -> None:
    made = scene.own_device.makes(scene.hers.asks_device_for_new())
    assert scene.hers.keeps(made)["statusCode"] == 303
    before = kept(scene.deployment)

    assert scene.hers.keeps(made)["statusCode"] == 400, "the same answer again"
    name = scene.own_device.held[-1].credential_id
    again = scene.own_device.makes(scene.hers.asks_device_for_new(), credential_id=name)
    assert scene.hers.keeps(again)["statusCode"] == 400, "the same passkey again"
    scene.attacker.signs_in(OWNER)
    theirs = scene.own_device.makes(scene.attacker.asks_device_for_new(), credential_id=name)
    assert scene.attacker.keeps(theirs)["statusCode"] == 400, "the passkey of another"
    after = {key: item for key, item in kept(scene.deployment).items() if Member(OWNER).member_id not in key}
    assert after == before


def test_a_challenge_of_one_session_adds_nothing_in_another(scene: Scene) -> None:
    other = Browser(scene.deployment)
    other.signs_in(ANN)
    asked = scene.hers.asks_device_for_new()

    assert other.keeps(scene.own_device.makes(asked))["statusCode"] == 400


def test_a_stolen_cookie_of_this_morning_becomes_no_passkey(scene: Scene) -> None:
    owner, thief = Browser(scene.deployment), scene.attacker
    owner.signs_in(OWNER)
    asked = owner.asks_device_for_new()
    thief.cookies[SESSION] = owner.cookies[SESSION]
    age(scene.deployment, "session", "opened_at", timedelta(minutes=16))
    before = kept(scene.deployment)

    answer = thief.posts("sign_in/invite", path="/desk/account/challenge")
    assert answer["headers"]["Location"].endswith("again=yes")
    assert thief.keeps(scene.own_device.makes(asked))["headers"]["Location"].endswith("again=yes")
    assert kept(scene.deployment) == before


def test_the_header_host_says_nothing_about_who_we_are(scene: Scene) -> None:
    """A challenge asked for under another name is for our own all the same."""
    asked = scene.attacker.send(
        "sign_in/challenge", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}
    )
    assert json.loads(asked["body"])["rpId"] == "briefing.example.org"

    used = replace(scene.device, origin="https://evil.example").uses(json.loads(asked["body"]), rp_id="evil.example")
    scene.refused(scene.attacker.send("sign_in/passkey", headers={"host": "evil.example"}, credential=used))


def test_many_who_show_one_answer_at_the_same_moment_open_one_session(scene: Scene) -> None:
    used = scene.device.uses(scene.attacker.asks_device())

    answers = [scene.attacker.shows(used)["statusCode"] for _ in range(5)]

    assert answers == [303] + [400] * 4


def test_a_form_of_more_than_it_may_hold_is_refused_before_it_is_read(scene: Scene) -> None:
    scene.attacker.asks_device()
    assert scene.attacker.shows("A" * 70_000)["statusCode"] == 400
    assert SESSION not in scene.attacker.cookies


def test_looking_at_the_pages_of_passkeys_changes_nothing(scene: Scene) -> None:
    before = kept(scene.deployment)
    for path in ("/desk/sign-in/passkey", "/desk/sign-in/challenge", "/desk/sign-in/else"):
        answer = scene.attacker.send("sign_in/form", path=path)
        assert answer["statusCode"] in (404, 405), path
        assert scene.attacker.set_cookies == []
    assert sign_in_function(scene_event("/desk/account/offer"), scene.deployment.context)["statusCode"] == 303
    assert kept(scene.deployment) == before


def scene_event(path: str) -> dict[str, Any]:
    return {
        "version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {"accept": "text/html"},
        "requestContext": {"http": {"method": "GET", "path": path, "sourceIp": "192.0.2.66"}, "stage": "$default"},
        "body": "", "isBase64Encoded": False,
    }  # fmt: skip
