"""Somebody puts a batch back from a backup in the middle of a send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.sending.domain.batch import Batch, BatchState
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import SendState
from tests.factories import SLUG

if TYPE_CHECKING:
    from tests.simulation.world import World


def restore(world: World) -> None:
    """Put back one batch as it was when it was planned, once a story at most.

    A backup is minutes old, so SES has reported by now whom it had accepted.
    """
    send = world.sends.get(SLUG)
    if send is None or send.state is SendState.CLOSED or world.was_restored:
        return
    through = [
        batch
        for batch in world.sends.batch_items.values()
        if batch.state is BatchState.DONE
        and batch.with_outcome(Outcome.SENT)
        and not batch.with_outcome(Outcome.UNPROVEN)
        and world.evidence.accepted(SLUG, batch.after).issuperset(batch.with_outcome(Outcome.SENT))
    ]
    if not through:
        return
    now = world.random.choice(through)
    then = Batch.of(SLUG, now.after, now.ids, now=now.touched_at)
    world.sends.batch_items[SLUG, now.after] = then
    world.was_restored = True
    world.put_back = then, now
    world.note(f"restored: {now.after}")
    if not send.restored_known:
        world.promises.restored.add(now.after)
