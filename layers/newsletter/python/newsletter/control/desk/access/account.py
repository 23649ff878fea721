"""Somebody's own account: their passkeys, to add and to remove; and the page that offers the first one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from newsletter.control.desk.access.passkey_script import passkeys_fit, script_address
from newsletter.control.desk.request import Answer, Data, DeskRequest, Go, Route, Show
from newsletter.core.slot import in_words
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.role_words import ROLES
from newsletter.desk.passkeys.add_passkey import add_passkey, ask_for_new_passkey, remove_passkey
from newsletter.desk.passkeys.passkey import LONGEST_NAME, MOST
from newsletter.desk.sessions.next_page import next_page

ACCOUNT = "/desk/account/"


def show(request: DeskRequest) -> Answer:
    """Show who is signed in, and their passkeys."""
    member, session, zone = request.visitor.member, request.visitor.session, request.app.rhythm.time_zone
    held = [
        (
            each,
            in_words(each.added_at.astimezone(zone)),
            in_words(each.used_at.astimezone(zone)) if each.used_at else "",
        )
        for each in request.app.passkeys.of_member(member.member_id)
    ]
    roles = [(words, what_for) for role, words, what_for in ROLES if role in member.roles]
    context = {"held": held, "full": len(held) >= MOST, "roles": roles, "by_passkey": session.by_passkey}
    return Show("account", {**context, **_script(request), "done": request.query.get("done", "")})


def offer(request: DeskRequest) -> Answer:
    """Offer a first passkey to somebody who has just signed in without one."""
    return Show("passkey_offer", {**_script(request), "after": next_page(request.query.get("next", ""))})


def decline(request: DeskRequest) -> Answer:
    """Go on without a passkey, and offer none again."""
    request.app.passkeys.decline(request.visitor.member.member_id)
    return Go(next_page(request.fields.get("next", "")))


def challenge(request: DeskRequest) -> Answer:
    """Hand out what a device has to sign that makes a passkey."""
    return Data(ask_for_new_passkey(request.visitor, ports=request.app.passkey_ports, now=request.now))


def add(request: DeskRequest) -> Answer:
    """Keep the passkey that a device has made."""
    fields, ports = request.fields, request.app.passkey_ports
    passkey = add_passkey(
        fields.get("credential", ""), fields.get("name", ""), request.visitor, ports=ports, now=request.now
    )
    request.note("added a passkey", passkey.name)
    return Go(f"{ACCOUNT}?done=added")


def take_away(request: DeskRequest) -> Answer:
    """Remove a passkey."""
    member_id = request.visitor.member.member_id
    passkey = remove_passkey(member_id, request.parts["id"], passkeys=request.app.passkeys)
    request.note("removed a passkey", passkey.name)
    return Go(f"{ACCOUNT}?done=removed")


def _script(request: DeskRequest) -> dict[str, Any]:
    return {
        "passkey_script": script_address(Path(request.app.settings.templates_dir)),
        "passkeys_fit": passkeys_fit(request.app.settings.public_url),
        "longest_name": LONGEST_NAME,
    }


ROUTES = (
    Route("GET", ACCOUNT, Act.ACCOUNT, show),
    Route("GET", f"{ACCOUNT}offer/", Act.ACCOUNT, offer),
    Route("POST", f"{ACCOUNT}not-now", Act.ACCOUNT, decline),
    Route("POST", f"{ACCOUNT}challenge", Act.PASSKEYS, challenge),
    Route("POST", f"{ACCOUNT}passkeys", Act.PASSKEYS, add),
    Route("POST", f"{ACCOUNT}passkeys/<id>/remove", Act.PASSKEYS, take_away),
)
