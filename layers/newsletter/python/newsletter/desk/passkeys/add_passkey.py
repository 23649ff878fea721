"""Adding a passkey to somebody who is signed in, and removing one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsletter.core.text import one_line
from newsletter.desk.passkey_ports import PasskeyPorts, PasskeyStore
from newsletter.desk.passkeys.passkey import (
    CHALLENGE_BYTES,
    LONGEST_NAME,
    MOST,
    Passkey,
    PasskeyChallenge,
    challenge_hash,
    id_of,
)
from newsletter.desk.sessions.enter import Visitor
from newsletter.errors import InvalidRequestError, PasskeyRefusedError

NOT_ADDED = "this passkey could not be added; start again from your account, and answer within five minutes"

HANDLE_BYTES = 32


def ask_for_new_passkey(visitor: Visitor, *, ports: PasskeyPorts, now: datetime) -> Mapping[str, Any]:
    """Hand out a challenge to whoever is signed in, for this session alone.

    Raises:
        InvalidRequestError: They have as many as anybody may have.
    """
    member = visitor.member
    held = ports.passkeys.of_member(member.member_id)
    if len(held) >= MOST:
        raise InvalidRequestError(f"you have {MOST} passkeys; remove one that you do not use")
    keyring = ports.passkeys.start_keyring(member.member_id, secrets.token_bytes(HANDLE_BYTES))
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    ports.passkeys.ask(PasskeyChallenge(challenge_hash(challenge), visitor.session.session_hash, now, to_add=True))
    return ports.ceremonies.to_add(challenge, member, keyring.user_handle, held)


def add_passkey(answered: str, name: str, visitor: Visitor, *, ports: PasskeyPorts, now: datetime) -> Passkey:
    """Keep the passkey that a device has made, and have its owner told by email.

    Raises:
        InvalidRequestError: It is not proved, it is not new, or there are too many.
    """
    member_id = visitor.member.member_id
    try:
        attestation = ports.ceremonies.attestation(answered)
        challenge = ports.passkeys.take(challenge_hash(attestation.challenge))
        if challenge is None or not challenge.is_for(visitor.session.session_hash, to_add=True, now=now):
            raise InvalidRequestError(NOT_ADDED)
        made = ports.ceremonies.made(attestation)
    except PasskeyRefusedError as exc:
        raise InvalidRequestError(NOT_ADDED) from exc
    keyring = ports.passkeys.keyring(member_id)
    if not keyring.user_handle or len(keyring.passkey_ids) >= MOST:
        raise InvalidRequestError(NOT_ADDED)
    passkey = Passkey(
        id_of(made.credential_id),
        member_id,
        made.credential_id,
        keyring.user_handle,
        made.public_key,
        added_at=now,
        name=one_line(name)[:LONGEST_NAME].strip() or f"Passkey {len(keyring.passkey_ids) + 1}",
        sign_count=made.sign_count,
    )
    if not ports.passkeys.add(passkey):
        raise InvalidRequestError(NOT_ADDED)
    ports.queue.tell_of_passkey(member_id)
    return passkey


def remove_passkey(member_id: str, passkey_id: str, *, passkeys: PasskeyStore) -> Passkey:
    """Remove a passkey of this member: it signs nobody in any more. Sessions that it opened stay open.

    Raises:
        InvalidRequestError: They have no such passkey.
    """
    passkey = passkeys.find(passkey_id)
    if passkey is None or not passkeys.remove(member_id, passkey_id):
        raise InvalidRequestError("you do not have this passkey any more")
    return passkey
