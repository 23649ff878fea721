"""`newsletter send ...` on a stack in the process."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.limits import Lane
from newsletter.sending.domain.batch import Batch, BatchState
from newsletter.sending.domain.books import Books, tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send, SendState
from newsletter_cli.sending.status_text import sentences
from tests.cli.conftest import RESOURCES, Command, StackInProcess
from tests.core.fakes import NOW, VirtualClock
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.conftest import Deployment


@pytest.fixture
def send(deployment: Deployment) -> Send:
    """A send that has just begun: one is sent, one failed, one waits."""
    app = deployment.app
    app.issues.put(record(status=IssueStatus.SENDING, listed=True), before=None)
    app.content.put_rendered(rendered())
    for number in (1, 2, 3):
        deployment.save(subscriber(number))
    app.sends.add_batch(batch())
    return app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=deployment.now()))


def batch() -> Batch:
    ids = tuple(an_id(number) for number in (1, 2, 3))
    return Batch(slug=SLUG, after="", ids=ids, outcomes=(Outcome.SENT, Outcome.GAVE_UP, None), touched_at=NOW)


def test_the_send_that_goes_out_is_the_one_that_is_meant(
    newsletter: Command, stack: StackInProcess, send: Send
) -> None:
    said = newsletter("send", "status", stack=stack)

    assert said.code == 0, said.err
    assert f"{SLUG}: going out." in said.words
    assert "2 of 3 done" in said.words
    assert "failed: gave up 1 waiting 1 Not everybody is accounted for yet." in said.words


def test_a_send_is_held_and_resumed_and_the_reason_is_shown(
    newsletter: Command, stack: StackInProcess, send: Send
) -> None:
    held = newsletter("send", "pause", SLUG, "--because", "A mistake in the text.", stack=stack)
    assert "Held by person: A mistake in the text." in held.words
    assert newsletter("send", "status", SLUG, "--json", stack=stack).json["state"] == "paused"
    assert newsletter("send", "pause", SLUG, stack=stack).code == 2  # without a reason
    assert newsletter("send", "resume", SLUG, "--json", stack=stack).json["state"] == "open"


def test_cancelling_says_whom_it_is_about_and_asks(newsletter: Command, stack: StackInProcess, send: Send) -> None:
    because = ("--because", "The wrong issue.")
    dry = newsletter("send", "cancel", SLUG, *because, "--dry-run", stack=stack)
    assert (dry.code, dry.out) == (0, "Nothing was changed.\n")
    assert f"1 have got {SLUG}; 1 would not." in dry.err
    assert newsletter("send", "cancel", SLUG, *because, stack=stack).code == 2
    assert "cancel" not in stack.asked

    said = newsletter("send", "cancel", SLUG, *because, "--yes", "--json", stack=stack)
    assert said.json["cancelled_because"] == "The wrong issue."


def test_cancelling_does_not_promise_about_whom_a_worker_has_in_its_hands(
    newsletter: Command, stack: StackInProcess, deployment: Deployment, send: Send
) -> None:
    sends, now = deployment.app.sends, deployment.now()
    (waiting,) = (batch for batch in sends.batches(SLUG) if batch.waiting)
    assert sends.replace(waiting, waiting.claimed("a worker", now=now))

    dry = newsletter("send", "cancel", SLUG, "--because", "The wrong issue.", "--dry-run", stack=stack)

    assert f"1 have got {SLUG}; up to 1 more are on their way; 0 would not." in dry.err


def test_only_those_for_whom_it_failed_wait_again(newsletter: Command, stack: StackInProcess, send: Send) -> None:
    dry = newsletter("send", "retry-failed", SLUG, "--dry-run", stack=stack)
    assert "It failed for 1." in dry.err
    assert newsletter("send", "retry-failed", SLUG, stack=stack).code == 2

    said = newsletter("send", "retry-failed", SLUG, "--yes", "--json", stack=stack)
    assert (said.json["waiting_again"], said.json["books"]["failed"]) == (1, {})


def test_the_rest_get_it_once_the_books_are_closed(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    app = deployment.app
    app.issues.put(record(status=IssueStatus.CANCELLED, listed=True), before=None)
    books = Books(audience=2, sent=1, skipped={"cancelled": 1})
    closed = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW, state=SendState.CLOSED, books=books)
    app.sends.open(replace(closed, cancelled_because="The wrong week.", cancelled_at=NOW, closed_at=NOW))

    assert "1 were cancelled" in newsletter("send", "rest", SLUG, "--dry-run", stack=stack).err
    assert ": cancelled." in newsletter("send", "status", SLUG, stack=stack).words
    assert newsletter("send", "rest", SLUG, "--yes", "--json", stack=stack).json["round"] == 2


def test_a_reader_is_looked_up_and_their_address_is_not_repeated(
    newsletter: Command, stack: StackInProcess, send: Send
) -> None:
    said = newsletter("send", "outcome", "nobody@example.org", SLUG, stack=stack)

    assert "not in the audience. Nobody with this address is on the list." in said.words
    assert "nobody@example.org" not in said.out + said.err
    assert newsletter("send", "outcome", "nobody", SLUG, stack=stack).code == 1
    told = newsletter("send", "outcome", "nobody@example.org", SLUG, "--json", stack=stack).json
    assert told["outcome"] == "not in the audience"


def test_a_rehearsal_is_begun_and_the_issue_stays_as_it_is(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    deployment.app.issues.put(record(), before=None)
    deployment.app.content.put_rendered(rendered())

    assert newsletter("send", "rehearse", SLUG, stack=stack).code == 2
    said = newsletter("send", "rehearse", SLUG, "--yes", stack=stack)

    assert f"newsletter send status --watch {SLUG}_rehearsal_1" in said.words
    assert deployment.app.issues.get(SLUG) == record()


def test_books_are_json_for_programs(newsletter: Command, stack: StackInProcess, send: Send) -> None:
    assert newsletter("send", "books", SLUG, "--json", stack=stack).json == {
        "audience": 3, "sent": 1, "waiting": 1, "unknown": 0, "skipped": {}, "failed": {"gave_up": 1}, "found_late": 0,
        "perhaps_twice": 0, "balanced": False,
    }  # fmt: skip


def test_what_is_in_doubt_is_listed_by_id_and_who_was_not_reached_is_named_with_the_remedy(
    newsletter: Command, stack: StackInProcess, deployment: Deployment, send: Send
) -> None:
    sends = deployment.app.sends
    answered = {an_id(2): Outcome.UNPROVEN, an_id(3): Outcome.SENT}
    ended = replace(batch(), outcomes=(Outcome.SENT, *answered.values()), repeats=(1, 0, 0), state=BatchState.DONE)
    assert sends.replace(batch(), ended)
    assert sends.close(send, tally([ended]), now=deployment.now())

    said = newsletter("send", "outcomes", SLUG, "--doubtful", stack=stack)
    assert said.code == 0, said.err
    assert an_id(1) in said.out
    assert "@" not in said.out
    told = newsletter("send", "outcomes", SLUG, "--doubtful", "--json", stack=stack).json
    assert [(each["subscriber_id"], each["outcome"], each["repeats"]) for each in told] == [
        (an_id(1), "sent", 1), (an_id(2), "failed:unproven", 0),
    ]  # fmt: skip
    assert newsletter("send", "outcomes", SLUG, stack=stack).code == 2
    for verb in ("status", "books"):
        words = newsletter("send", verb, SLUG, stack=stack).words
        assert "Reached 2 of 3 who could be mailed." in words
        assert "1 reader was not reached: no proof that it was sent." in words
        assert f"What reaches them: newsletter send retry-failed {SLUG}" in words
        assert "1 reader may have got it twice" in words
        assert f"newsletter send outcomes {SLUG} --doubtful" in words


def test_a_send_is_followed_until_its_books_are_closed(
    newsletter: Command, stack: StackInProcess, deployment: Deployment, send: Send
) -> None:
    books = Books(audience=3, sent=2, failed={"gave_up": 1})

    class Closing(VirtualClock):
        """At the third look the books are closed."""

        looks = 0

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            self.looks += 1
            if self.looks == 2:
                standing = deployment.app.sends.get(SLUG)
                assert standing is not None
                assert deployment.app.sends.close(standing, books, now=deployment.now())

    clock = Closing()
    watched = StackInProcess("in-process", stack.session, RESOURCES, "", clock=clock)

    said = newsletter("send", "status", "--watch", "--every", "2", "--json", stack=watched)

    assert (said.json["state"], said.json["books"]["sent"]) == ("closed", 2)
    assert (watched.asked.count("status"), clock.now() - NOW) == (3, timedelta(seconds=4))
    assert SLUG in said.err


def test_ctrl_c_ends_the_watching_and_not_the_send(
    newsletter: Command, stack: StackInProcess, deployment: Deployment, send: Send
) -> None:
    class Impatient(VirtualClock):
        """Somebody presses Ctrl-C while the command waits."""

        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt

    watched = StackInProcess("in-process", stack.session, RESOURCES, "", clock=Impatient())

    said = newsletter("send", "status", SLUG, "--watch", stack=watched)

    standing = deployment.app.sends.get(SLUG)
    assert said.code == 130  # what `run` makes one of
    assert standing is not None
    assert standing.state is SendState.OPEN


def test_confirmations_that_are_held_are_released(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    assert newsletter("send", "release-confirmations", stack=stack).out == "They were not held back.\n"
    deployment.app.confirmation_watches[Lane.FAST].hold("Too many bounces.", now=deployment.now())
    assert newsletter("send", "release-confirmations", stack=stack).out == "They go out again.\n"


def test_a_send_that_cannot_be_read_is_repaired_after_a_look(
    newsletter: Command, stack: StackInProcess, deployment: Deployment, send: Send
) -> None:
    stack.client("dynamodb").update_item(
        TableName="SendsTable", Key={"slug": {"S": SLUG}, "item": {"S": "header"}},
        UpdateExpression="SET opened_at = :what", ExpressionAttributeValues={":what": {"S": "yesterday"}},
    )  # fmt: skip

    assert "newsletter send repair" in newsletter("send", "status", SLUG, stack=stack).words
    looked = newsletter("send", "repair", SLUG, stack=stack)
    assert "can be rebuilt" in looked.words
    assert "Nothing was changed." in looked.words
    assert "was rebuilt" in newsletter("send", "repair", SLUG, "--apply", stack=stack).words

    header = deployment.app.sends.get(SLUG)
    assert header is not None
    assert not header.unreadable
    assert newsletter("send", "repair", SLUG, stack=stack).words.startswith("Everything on record")
    assert newsletter("send", "repair", SLUG, "--json", stack=stack).json["header"] is False


def test_a_closed_send_says_that_everybody_who_had_confirmed_is_in_it() -> None:
    books = {"audience": 400, "sent": 400, "skipped": {}, "failed": {}, "waiting": 0, "unknown": 0, "found_late": 3}
    status = {
        "slug": SLUG, "state": "closed", "opened_at": NOW.isoformat(), "closed_at": NOW.isoformat(), "books": books,
        "paused_because": "", "cancelled_because": "", "audience_is_whole": True,
    }  # fmt: skip
    assert any(said.startswith("Audience: 400 of 400 confirmed. 3 of them") for said in sentences(status, NOW))
    stopped = status | {"audience_is_whole": False, "cancelled_because": "No."}
    assert any(f"newsletter send rest {SLUG}" in said for said in sentences(stopped, NOW))
