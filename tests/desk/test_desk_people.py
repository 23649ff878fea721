"""The pages of people: one of them is found, shown with all that is held, and changed at their word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.core.team import Role
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from tests.desk.desk_browser import DeskBrowser
from tests.factories import SLUG, record

PEOPLE = "/desk/people/"
EVE = "eve@example.org"


@pytest.fixture
def keeper(owner: DeskBrowser) -> DeskBrowser:
    return DeskBrowser(owner.deployment, {Role.KEEPER}, "kim@example.org")


@pytest.fixture
def eve(keeper: DeskBrowser) -> str:
    """The page of a reader who has just been added."""
    return keeper.post(f"{PEOPLE}add", email=EVE, name="Eve", evidence="asked at the fair").location.partition("?")[0]


def held(keeper: DeskBrowser, page: str) -> Subscriber:
    found = keeper.deployment.app.subscribers.get(page.removeprefix(PEOPLE).strip("/"))
    assert found is not None
    return found


def suppressed(keeper: DeskBrowser, page: str, reason: SuppressionReason) -> None:
    app, subscriber_id = keeper.deployment.app, page.removeprefix(PEOPLE).strip("/")
    entry = Suppression(subscriber_id, reason, keeper.deployment.now())
    assert app.suppressions.suppress(entry, app.subscribers.get(subscriber_id))


def test_somebody_is_found_by_the_exact_address_however_they_capitalise_it(keeper: DeskBrowser, eve: str) -> None:
    assert keeper.post(f"{PEOPLE}find", email="Eve@Example.org").location == eve
    words = keeper.get(eve).words
    assert "Address eve@example.org" in words
    assert "asked at the fair" in words
    assert "unbroken: nothing was changed since" in words


def test_nobody_is_found_by_an_address_that_nobody_has(keeper: DeskBrowser) -> None:
    nowhere = keeper.post(f"{PEOPLE}find", email="nobody@example.org").location
    answer = keeper.get(nowhere)
    assert answer.status == 404
    assert "Neither on the list nor among those we must not mail." in answer.words


def test_a_name_and_a_language_are_changed_and_noted(keeper: DeskBrowser, eve: str) -> None:
    assert keeper.post(f"{eve}change", name="Eve Adams", lang="de").location == f"{eve}?done=changed"
    assert (held(keeper, eve).name, held(keeper, eve).lang) == ("Eve Adams", "de")
    assert keeper.log()[-1][0] == "changed a reader"


def offers_digest(keeper: DeskBrowser) -> None:
    style = keeper.deployment.app.house_style
    style.put(replace(style.stored(), brand={"digest": "monthly"}))


def test_how_often_somebody_hears_from_us_is_set_where_there_is_a_digest(keeper: DeskBrowser, eve: str) -> None:
    assert "How often they hear from us" not in keeper.get(eve).words
    assert keeper.post(f"{eve}rhythm", rhythm="monthly").status == 400
    offers_digest(keeper)

    assert keeper.post(f"{eve}rhythm", rhythm="monthly").location == f"{eve}?done=rhythm"
    assert held(keeper, eve).reading_rhythm is ReadingRhythm.MONTHLY
    assert keeper.log()[-1][0] == "changed how often a reader hears from us"
    assert "How often they hear from us monthly" in keeper.get(eve).words
    assert keeper.post(f"{eve}rhythm", rhythm="monthly").location == eve  # as it is: nothing is noted
    assert keeper.post(f"{eve}rhythm", rhythm="weekly").status == 400


def test_tags_are_given_and_taken_and_the_log_does_not_repeat_them(keeper: DeskBrowser, eve: str) -> None:
    assert keeper.post(f"{eve}tags", tags="VIP Members, press").location == f"{eve}?done=changed"
    assert held(keeper, eve).tags == {"vip-members", "press"}
    assert "press, vip-members" in keeper.get(eve).words
    assert keeper.log()[-1][0] == "tagged a reader"
    assert "press" not in str(keeper.log())
    assert keeper.post(f"{eve}tags", tags="press, vip-members").location == eve  # as they are: nothing is noted
    assert keeper.post(f"{eve}tags", tags="").location == f"{eve}?done=changed"
    assert held(keeper, eve).tags == frozenset()


@pytest.mark.parametrize("typed", ["!!!", "x" * 41, ",".join(f"t{number}" for number in range(10_000))])
def test_what_can_be_no_tag_changes_nothing(keeper: DeskBrowser, eve: str, typed: str) -> None:
    assert keeper.post(f"{eve}tags", tags=typed).status == 400
    assert held(keeper, eve).tags == frozenset()


def test_saving_what_stands_there_is_no_change_and_not_noted(keeper: DeskBrowser, eve: str) -> None:
    before = keeper.log()
    assert keeper.post(f"{eve}change", name="Eve", lang="").location == eve
    assert keeper.log() == before


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "www.prize.example", "lang": ""}, "looks like a link"),
        ({"name": "Eve", "lang": "xx"}, "no words in the language xx"),
    ],
)
def test_what_no_email_could_use_is_refused(
    keeper: DeskBrowser, eve: str, fields: dict[str, str], sentence: str
) -> None:
    answer = keeper.post(f"{eve}change", **fields)
    assert answer.status == 400
    assert sentence in answer.words
    assert held(keeper, eve).name == "Eve"


def test_a_pause_lasts_until_a_day_and_can_be_ended(keeper: DeskBrowser, eve: str) -> None:
    until = (keeper.deployment.now() + timedelta(weeks=4)).date()
    assert keeper.post(f"{eve}pause", until=until).location == f"{eve}?done=paused"
    assert held(keeper, eve).rests_until == until
    assert "End the pause" in keeper.get(eve).words

    keeper.post(f"{eve}end-pause")
    assert held(keeper, eve).rests_until is None
    assert [did for did, _ in keeper.log()][-2:] == ["paused a reader", "ended the pause of a reader"]


def test_a_pause_needs_a_day_and_somebody_on_the_list(keeper: DeskBrowser, eve: str) -> None:
    assert "choose the day" in keeper.post(f"{eve}pause", until="soon").words.lower()
    keeper.post(f"{eve}take-off")
    assert "nothing to pause" in keeper.post(f"{eve}pause", until="2027-01-01").words
    assert held(keeper, eve).status is Status.UNSUBSCRIBED


def test_nobody_who_was_erased_meanwhile_comes_back_by_a_button_of_an_old_page(keeper: DeskBrowser, eve: str) -> None:
    keeper.post(f"{eve}erase")
    for path, fields in (("change", {"name": "Eve"}), ("end-pause", {}), ("lift", {"email": EVE})):
        assert keeper.post(f"{eve}{path}", **fields).status == 400
    app = keeper.deployment.app
    assert app.subscribers.get(eve.removeprefix(PEOPLE).strip("/")) is None
    assert app.suppressions.get(eve.removeprefix(PEOPLE).strip("/")) is not None


@pytest.mark.parametrize("reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL])
def test_an_address_that_bounced_is_mailed_again_here_and_at_ses(
    keeper: DeskBrowser, eve: str, reason: SuppressionReason
) -> None:
    suppressed(keeper, eve, reason)
    ses = keeper.deployment.app.suppression_list
    ses.put(EVE, SuppressionReason.HARD_BOUNCE)
    assert "This address is not mailed" in keeper.get(eve).words

    assert keeper.post(f"{eve}lift").location == f"{eve}?done=lifted"

    assert not held(keeper, eve).suppressed
    assert keeper.deployment.app.suppressions.get(held(keeper, eve).subscriber_id) is None
    assert ses.page("", limit=10) == ([], "")
    assert keeper.log()[-1][0] == "let an address be mailed again"


def test_whoever_complained_is_mailed_again_at_their_word_alone(keeper: DeskBrowser, eve: str) -> None:
    suppressed(keeper, eve, SuppressionReason.COMPLAINT)
    assert "They complained." in keeper.post(f"{eve}lift").words
    assert held(keeper, eve).suppressed
    assert keeper.post(f"{eve}lift", their_word="yes").location == f"{eve}?done=lifted"
    assert not held(keeper, eve).suppressed


def test_where_only_the_fingerprint_is_left_the_address_itself_is_needed(keeper: DeskBrowser, eve: str) -> None:
    nobody = keeper.post(f"{PEOPLE}find", email="gone@example.org").location
    keeper.post(f"{nobody}suppress", because="the mailbox is a trap")
    assert "not the address whose page it is" in keeper.post(f"{nobody}lift", email=EVE).words
    assert keeper.post(f"{nobody}lift", email="gone@example.org").location == f"{nobody}?done=lifted"
    assert keeper.get(nobody).status == 404


def test_what_became_of_the_last_issues_is_said(keeper: DeskBrowser, eve: str) -> None:
    app, now, subscriber_id = keeper.deployment.app, keeper.deployment.now(), held(keeper, eve).subscriber_id
    app.issues.put(record(status=IssueStatus.SENT, listed=True), before=None)
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=now))
    assert "They are on the list; their part of the audience is not planned yet" in keeper.get(eve).words

    mailed = Batch.of(SLUG, subscriber_id[:1] + "0", (subscriber_id,), now=now).claimed("w", now=now)
    app.sends.add_batch(mailed.recorded({subscriber_id: Outcome.PAUSED}, now=now))
    assert "skipped: asked for a pause" in keeper.get(eve).words
