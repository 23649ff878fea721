"""The button behind the link that was mailed to a new address: the reader moves there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import ExpiredTokenError
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.link_rights import Confirmed, Press
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.subscriber import Status, Subscriber, leave
from newsletter.readers.moving import moved, moved_in
from newsletter.readers.ports import SignUpPorts

GONE = "this link is no longer valid; ask for the change again"
PAGE = "preferences"
"""Where the consent was asked for, as the receipt says."""


def complete_move(press: Press, *, ports: SignUpPorts, seal_key: str, now: datetime) -> Confirmed:
    """Confirm the new address and leave a signpost at the old one; a second click changes nothing.

    The link speaks for the owner of the new mailbox, and the move on the old record for the reader who asked. What
    somebody else may have begun with the new address, a sign-up or a subscription of their own, gains nothing by it: a
    reader who is there already stays as they are, and the old address just leaves.

    Raises:
        ExpiredTokenError: The reader asked for something else since, left, or was erased; or we must not mail there.
        StoreBusyError: Try again.
    """
    return win(
        lambda: _attempt(press, ports, seal_key, now),
        busy="this subscription is being changed at the same moment; press the button again",
    )


def _attempt(press: Press, ports: SignUpPorts, seal_key: str, now: datetime) -> Confirmed | Literal[Race.LOST]:
    token = press.token
    old, existing = ports.subscribers.get(token.subscriber_id), ports.subscribers.get(token.new_id)
    suppression = ports.suppressions.get(token.new_id)
    if old is not None and old.moved_to == token.new_id and existing is not None:
        return Confirmed(existing, already=True, moved=True)
    move = _asked(old, press)
    if old is None or move is None:
        raise ExpiredTokenError(GONE)
    if suppression is not None and not (
        suppression.lifted_by_sign_up and token.made_at >= suppression.since.replace(microsecond=0)
    ):
        raise ExpiredTokenError(GONE)
    if existing is not None and existing.status is Status.CONFIRMED and not _came_by(existing, move):
        left = replace(leave(old, now=now), move=None)
        return Confirmed(existing, already=True, moved=True) if ports.subscribers.save(left) else LOST
    network = network_hash(press.network, seal_key)
    receipt = Consent(asked_at=move.asked_at, page=PAGE, confirmed_at=now, confirmed_network=network).sealed(seal_key)
    if existing is not None and _came_by(existing, move):
        # Cut off between the two writes of a version up to 1.1: what is left to do is the signpost.
        signpost = moved(old, existing.subscriber_id, now=now)
        return Confirmed(existing, already=False, moved=True) if ports.subscribers.save(signpost) else LOST
    new = moved_in(old, existing, move=move, consent=receipt, now=now)
    if suppression is not None:
        ports.suppressions.lift(token.new_id)
    # In one step: an erasure in the same moment finds the one record or the other, and never leaves the new one behind.
    both = ports.subscribers.save_both(new, moved(old, new.subscriber_id, now=now))
    return Confirmed(new, already=False, moved=True) if both else LOST


def _asked(old: Subscriber | None, press: Press) -> Move | None:
    """Return the move that this link was mailed for, if the reader still wants exactly that."""
    token = press.token
    if old is None or old.status is not Status.CONFIRMED or old.move is None or old.subscriber_id == token.new_id:
        return None
    fits = old.move.new_id == token.new_id and token.made_at >= old.move.asked_at.replace(microsecond=0)
    return old.move if fits else None


def _came_by(existing: Subscriber, move: Move) -> bool:
    """Return whether the record of the new address was written by an earlier click on this very link."""
    receipt = existing.consent
    return receipt is not None and receipt.page == PAGE and receipt.asked_at == move.asked_at
