"""A simulation that cannot fail proves nothing: each classic bug, planted in a copy of the real job, must be caught."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from newsletter.aws import queue
from newsletter.feedback.jobs import hold_rest_back, record_feedback
from newsletter.sending.jobs import fan_out, resume_send, send_batch, settle, sweep
from tests.simulation.promises import check
from tests.simulation.sqs import WorldQueues
from tests.simulation.weather import MOODS, PEOPLE_CUT_OFF, Weather
from tests.simulation.world import World

BUGS = {
    "sends again after a timeout, as if it proved something": (
        send_batch,
        "        if isinstance(answer, Outcome):\n",
        "        if isinstance(answer, Outcome) and answer is not Outcome.UNKNOWN:\n",
    ),
    "marks nobody as sent before the whole batch is through": (
        send_batch,
        "        recorded = held.recorded(work.outcomes,",
        "        recorded = held.recorded(work.outcomes if not work.delay else {},",
    ),
    "does not ask again who may be mailed": (
        send_batch,
        "if (why := _reason_not_to_mail(place, people, work))",
        "if (why := people.outcomes.get(place))",
    ),
    "sends without a claim": (
        send_batch,
        "    if not ports.sends.replace(batch, held) and ports.sends.batch(slug, after) != held:\n",
        "    if False:\n",
    ),
    "takes a dead claim for done": (
        settle,
        "        if batch.in_doubt:\n            accepted, grace",
        "        if batch.in_doubt and batch.state is not BatchState.CLAIMED:\n            accepted, grace",
    ),
    "plans a doubt again without looking at the evidence": (
        settle,
        "            accepted, grace = self._known_of(batch)\n",
        "            accepted, grace = frozenset(), timedelta(0)\n",
    ),
    "moves its cursor before the work is written": (
        fan_out,
        "    chain = _Chain(send, shard, sends, queues)\n",
        "    sends.finish_shard(slug, shard, round_number=send.round)\n"
        "    chain = _Chain(send, shard, sends, queues)\n",
    ),
    "goes on after the send was held": (
        send_batch,
        "    return send is not None and send.state is SendState.OPEN\n",
        "    return send is not None\n",
    ),
    "does not wait for the room it has booked": (
        send_batch,
        "    ports.clock.sleep(max(0.0, (moment - ports.clock.now()).total_seconds()))\n",
        "    return\n",
    ),
    "asks about the send once for all calls of a booking, however long they take": (
        send_batch,
        "        send = _seen(self._send.slug, self._ports)\n",
        "        send = self._send\n",
    ),
    "reads its readers once for all calls of a booking, however long they take": (
        send_batch,
        "if self._ports.clock.now() - self._people_at > FRESH or not self._read.issuperset(ahead):",
        "if not self._read.issuperset(ahead):",
    ),
    "takes the readers of one call for those of the next": (
        send_batch,
        "if self._ports.clock.now() - self._people_at > FRESH or not self._read.issuperset(ahead):",
        "if self._ports.clock.now() - self._people_at > FRESH or not self._read:",
    ),
    "mails everybody of a call in the language of the first": (
        send_batch,
        "            call = of_one_language(rest, people.records, work.rendered)[: work.call]\n",
        "            call = rest[: work.call]\n",
    ),
    "looks for evidence of the first fifty of a batch only": (
        send_batch,
        "self.parts = {subscriber_id: part_name(self.held.after, at)",
        "self.parts = {subscriber_id: part_name(self.held.after, 50 * at)",
    ),
    "does not ask the evidence at a first attempt": (
        send_batch,
        "    accepted = ports.evidence.accepted(work.held.slug, work.held.after)\n",
        "    accepted = frozenset() if work.held.attempts == 1 else "
        "ports.evidence.accepted(work.held.slug, work.held.after)\n",
    ),
    "mails from a restored batch without a person's word": (
        send_batch,
        "    if looks_restored(work.held, accepted, work.send):\n",
        "    if False:\n",
    ),
    "closes no books once the sums of a shard are wrong": (
        settle,
        "        ports.sends.change(send.slug, Send.to_be_counted_again)\n",
        "        pass\n",
    ),
    "forgets what the calls before said when one has no answer": (
        send_batch,
        "        return [Outcome.UNKNOWN] * len(recipients)\n    if len",
        "        work.outcomes.clear()\n        return [Outcome.UNKNOWN] * len(recipients)\n    if len",
    ),
    "suppresses an address and does not tell its record": (
        record_feedback,
        "            return None if self.ports.suppressions.suppress(suppression, subscriber) else LOST\n",
        "            return self.ports.suppressions.add(suppression)\n",
    ),
    "leaves out whoever the index showed too late": (
        sweep,
        "            if sweeps.add_found(own, segment):\n",
        "            if False:\n",
    ),
    "closes the books before the list was compared with them": (
        settle,
        "    return bool(missing) or _unswept(send, ports, wake=late)\n",
        "    return bool(missing)\n",
    ),
    "counts no batch that comes through": (
        send_batch,
        "    count_through(held, recorded, send=send, sends=ports.sends, queues=ports.queues)\n",
        "",
    ),
    "says that it planned a batch more than it did": (
        fan_out,
        "name_in_round(send.round, first), self._length)\n",
        "name_in_round(send.round, first), self._length + 1)\n",
    ),
    "takes for queued what the queue refused": (
        queue,
        'failed = {failure["Id"] for failure in answer.get("Failed", [])}\n',
        "failed: set[str] = set()\n",
    ),
    "resumes a send and asks for no look that takes up what is cut off": (
        resume_send,
        "    ports.queues.settle(slug, delay=TAKEN_UP_AFTER)\n",
        "",
    ),
    "does not call planners whom a cut-off resume left asleep": (
        settle,
        "send.planners_due and now - _moved_at(send) >= CUT_OFF_AFTER",
        "False",
    ),
    "does not read the second place before the policy decides": (
        settle,
        "            return accepted | self._archived[batch.after], grace\n",
        "            return accepted, grace\n",
    ),
    "decides though the second place does not answer": (
        settle,
        "            return accepted, UNDECIDED\n",
        "            return accepted, grace\n",
    ),
    "lets the rest leave before the bounces of the first wave had time": (
        hold_rest_back,
        "    if now < max(batch.touched_at for batch in batches) + ports.wait:\n",
        "    if False:\n",
    ),
    "lets the rest leave though SES has not reported the first wave": (
        hold_rest_back,
        "    if ports.waves.reported(slug) < mailed * ENOUGH:\n",
        "    if False:\n",
    ),
    "lets the rest leave while the first wave is under way": (
        hold_rest_back,
        "    if under_way:\n",
        "    if False:\n",
    ),
    "does not follow readers to their new address": (
        send_batch,
        "            self._people = addressees(\n"
        "                ahead, self._send, mail_records=ports.subscribers, sends=ports.sends,"
        " acceptances=ports.evidence\n"
        "            )\n",
        "            self._people = Addressees(ports.subscribers.get_many(ahead), {}, frozenset())\n",
    ),
    "mails a reader who moved in the old place and in the new one": (
        send_batch,
        "    found = people.outcomes.get(place)\n",
        "    found = None\n",
    ),
    "closes the books while somebody waits": (
        settle,
        "    if missing or not books.balanced or send.state is SendState.PAUSED:\n        if look.doubted",
        "    ports.sends.close(send, books, now=now)\n    if False:\n        if look.doubted",
    ),
}
PLANNERS_DIE = replace(Weather.calm(), kill=0.02, message_twice=0.5, interrupt=0.1)
READABLE = {"unreadable": 0.0, "corrupt": 0.0}
WAVE = replace(Weather.calm(), first_wave=1, straggle=4, throttle=0.1, event_lost=0.1, large=0.5)
CLOGGED = replace(Weather.calm(), clogged=1, lose_answer=0.35, straggle=4, kill=0.005)
OF_ITS_OWN = {
    "closes the books before the list was compared with them": replace(Weather.calm(), lag=600, message_lost=0.3),
    "counts no batch that comes through": MOODS,
    "says that it planned a batch more than it did": MOODS,
    "takes for queued what the queue refused": MOODS,
    "resumes a send and asks for no look that takes up what is cut off": PEOPLE_CUT_OFF,
    "does not call planners whom a cut-off resume left asleep": PEOPLE_CUT_OFF,
    "does not read the second place before the policy decides": CLOGGED,
    "decides though the second place does not answer": replace(CLOGGED, busy=0.1),
    "lets the rest leave before the bounces of the first wave had time": WAVE,
    "lets the rest leave though SES has not reported the first wave": WAVE,
    "lets the rest leave while the first wave is under way": WAVE,
    "moves its cursor before the work is written": PLANNERS_DIE,
    "does not wait for the room it has booked": replace(Weather.calm(), interrupt=0.3, large=1),
    "mails from a restored batch without a person's word": replace(
        Weather(), restore=5, entry_rejected=0.3, **READABLE
    ),
    "closes no books once the sums of a shard are wrong": replace(Weather(), restore=0.3, kill=0.005, **READABLE),
    "goes on after the send was held": replace(
        Weather(), large=1, steering=1, stop=0.1, interrupt=0.2, kill=0.003, busy=0.003
    ),
    "looks for evidence of the first fifty of a batch only": replace(Weather(), large=1, kill=0.03, lose_answer=0.3),
}
"""The weather in which a bug shows that is hidden by others in most stories."""

ENOUGH = 400
"""Stories; most mutants need ten. Deciding too early shows in one of eighty: a place must be silent just then."""


def mutant(module: ModuleType, right: str, wrong: str) -> ModuleType:
    """Return a copy of a job's module in which one place is wrong."""
    assert module.__file__ is not None
    source = Path(module.__file__).read_text()
    assert source.count(right) == 1, "the place to plant the bug has changed; adapt the mutant"
    copy = ModuleType(f"{module.__name__}_mutant")
    sys.modules[copy.__name__] = copy  # dataclasses look their module up
    exec(compile(source.replace(right, wrong), copy.__name__, "exec"), copy.__dict__)  # noqa: S102 - our own source
    return copy


@pytest.mark.parametrize("bug", BUGS)
def test_the_simulation_catches_a_worker_that(bug: str) -> None:
    module, right, wrong = BUGS[bug]
    wrong_module = mutant(module, right, wrong)
    name = module.__name__.rpartition(".")[2]

    for seed in range(ENOUGH):
        world = World(seed, weather=OF_ITS_OWN.get(bug), hold=seed % 4 == 3)
        if module is queue:
            world.queues = WorldQueues(world, wrong_module.SqsQueue)
        else:
            setattr(world, name, getattr(wrong_module, name))
        try:
            world.run()
            check(world)
        except (AssertionError, ValueError, KeyError):  # no books to close; no reader to write to
            return
    pytest.fail(f"{ENOUGH} stories did not notice a worker that {bug}")
