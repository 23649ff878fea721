"""One key signed everything: whoever had it could make any link, and turned as stolen it still opened preferences.

`publish`, which opens uploads, read the key that signs readers' links. A stolen key went on opening every link to the
preferences, with export, change of address and erasure, because the date in a token is written by whoever has the key.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local.documents.blast_radius import reach
from newsletter.core.link_token import Purpose, SigningKeys, read, sign
from newsletter.errors import InvalidTokenError
from newsletter_cli.operator.signing_keys import Ring

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
WHO = "5f" * 16
REACH = reach()

MOMENTS = [NOW, NOW - timedelta(days=3650), NOW + timedelta(days=3650)]

MAY_SIGN = {
    "greet": "mails links to confirm and to leave",
    "send": "puts a reader's links into each mail of an issue",
    "confirm": "reads the link and shows one to the preferences",
    "unsubscribe": "reads the link",
    "inbound": "reads the token in the address that a mail came to",
    "preferences": "reads the link",
    "vote": "reads the link under an issue; its token names no reader",
    "control": "mails a test of an issue as a reader gets it; operators invoke it, and nobody else",
}
"""Functions that know the key of readers' links, and why they must."""


@pytest.mark.parametrize("made", MOMENTS, ids=["now", "old", "to come"])
@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.UNSUBSCRIBE])
def test_a_stolen_key_opens_nothing_but_leaving_whatever_date_its_thief_writes(
    purpose: Purpose, made: datetime
) -> None:
    stolen = SigningKeys("stolen")
    after = Ring(stolen).turned("new", stolen=True, now=NOW).keys

    with pytest.raises(InvalidTokenError):
        read(purpose, sign(purpose, WHO, stolen, now=made), after, now=NOW)
    assert (
        read(Purpose.UNSUBSCRIBE, sign(Purpose.UNSUBSCRIBE, WHO, stolen, now=made), after, now=NOW).subscriber_id == WHO
    )


def test_the_key_before_a_stolen_one_is_stolen_too() -> None:
    after = Ring(SigningKeys("stolen", "before")).turned("new", stolen=True, now=NOW).keys

    for key in ("stolen", "before"):
        with pytest.raises(InvalidTokenError):
            read(Purpose.PREFERENCES, sign(Purpose.PREFERENCES, WHO, SigningKeys(key), now=NOW), after, now=NOW)


def test_only_functions_that_must_know_the_key_of_readers_links() -> None:
    assert {name for name, may in REACH.items() if "SigningKeys" in may} == set(MAY_SIGN)


def test_editors_links_have_a_key_of_their_own() -> None:
    knowing = {name for name, may in REACH.items() if "EditorKeys" in may}

    of_links = {"publish", "decide", "preview", "comment", "release", "report", "show_report", "control"}
    assert knowing == of_links | {"sign_in", "desk", "desk_people", "desk_tagged", "api_issues"}
    assert knowing & set(MAY_SIGN) == {"control"}


def test_a_function_knows_a_key_wherever_it_is_kept_and_each_key_by_itself() -> None:
    """One `ssm:GetParameter` on a path would give every function every key."""
    keys = {"SigningKeys", "EditorKeys", "OriginKeys"}
    places = {place: name for name, may in REACH.items() for place, did in may.items() if "ssm:GetParameter" in did}

    assert (
        set(places) - {"AddressKey"} == keys
    )  # which is a secret: on it, beside others, the permission allows nothing
    for name, may in REACH.items():
        for key in keys & may.keys():
            assert {"secretsmanager:GetSecretValue", "ssm:GetParameter"} <= may[key], (name, key)
            assert may[key] <= {"secretsmanager:GetSecretValue", "ssm:GetParameter", "secretsmanager:DescribeSecret"}


def test_the_secret_of_cloudfront_is_known_to_nothing_but_what_compares_it() -> None:
    comparing = {"subscribe", "confirm", "unsubscribe", "preferences", "sign_in"}
    assert {name for name, may in REACH.items() if "OriginKeys" in may} == comparing


def test_a_key_of_editors_is_kept_for_no_link_for_ever() -> None:
    ring = Ring(SigningKeys("first"))
    readers = Ring(SigningKeys("of readers"))

    second = ring.turned_beside(readers, "second", stolen=False, adopt=False, now=NOW)
    third = second.turned_beside(readers, "third", stolen=False, adopt=False, now=NOW)

    assert second.keys == SigningKeys("second", "first")
    assert third.keys == SigningKeys("third", "second")
    assert third.turned_beside(readers, "fourth", stolen=True, adopt=False, now=NOW).keys == SigningKeys("fourth")


def test_after_an_upgrade_older_links_of_editors_are_adopted_until_the_next_rotation() -> None:
    readers = Ring(SigningKeys("of readers"))
    token = sign(Purpose.DECIDE, WHO, readers.keys, now=NOW)

    adopted = Ring(SigningKeys("first")).turned_beside(readers, "second", stolen=False, adopt=True, now=NOW)

    assert read(Purpose.DECIDE, token, adopted.keys, now=NOW).subscriber_id == WHO
    later = adopted.turned_beside(readers, "third", stolen=False, adopt=False, now=NOW)
    with pytest.raises(InvalidTokenError):
        read(Purpose.DECIDE, token, later.keys, now=NOW)
    stolen = Ring(SigningKeys("first")).turned_beside(readers, "second", stolen=True, adopt=True, now=NOW)
    assert stolen.keys == SigningKeys("second")
