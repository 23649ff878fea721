"""`subscribers`, `suppressions`, `export`: the list, looked at and looked after."""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from newsletter.core.house_style import HouseStyle
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.wiring import App
from tests.cli.people.conftest import Command
from tests.core.fakes import NOW
from tests.functions.conftest import Deployment
from tests.moto_aws import REGION

ADA = "ada@example.org"


def put(app: App, email: str, **changes: object) -> str:
    """Put a confirmed subscriber on the list and return the id."""
    mailbox = app.addresses.mailbox(email)
    who = app.addresses.subscriber_id(mailbox)
    consent = Consent(asked_at=NOW, page="/about", words="Send me the briefing").sealed(app.address_key)
    subscriber = Subscriber(
        subscriber_id=who,
        email=mailbox.email,
        status=Status.CONFIRMED,
        signed_up_at=NOW,
        confirmed_at=NOW,
        name="[bold]Ada[/bold]",
        consent=consent,
    )
    assert app.subscribers.save(replace(subscriber, **changes))  # type: ignore[arg-type]
    return who


def held(app: App, who: str) -> Subscriber:
    found = app.subscribers.get(who)
    assert found is not None
    return found


def suppress(app: App, who: str, reason: SuppressionReason) -> None:
    app.suppressions.add(Suppression(who, reason, NOW))
    assert app.subscribers.save(replace(held(app, who), suppressed=True))


def test_the_list_shows_no_more_than_was_asked_and_says_that_there_are_more(newsletter: Command, list_app: App) -> None:
    assert newsletter("subscribers", "list").out == "Nobody.\n"
    for number in range(3):
        put(list_app, f"reader{number}@example.org")
    put(list_app, ADA, status=Status.UNSUBSCRIBED)

    said = newsletter("subscribers", "list", "--status", "confirmed", "--limit", "2")
    assert said.out.count("@example.org") == 2
    assert "[bold]Ada[/bold]" in said.out  # other people's words are no markup
    assert "There are more" in said.err
    everybody = newsletter("subscribers", "list", "--json").json
    assert {each["email"] for each in everybody} == {ADA, *(f"reader{number}@example.org" for number in range(3))}


def test_show_tells_whether_the_receipt_is_as_it_was_sealed(newsletter: Command, list_app: App) -> None:
    who = put(list_app, ADA)
    assert newsletter("subscribers", "show", ADA, "--json").json["receipt_holds"] is True

    changed = held(list_app, who)
    assert changed.consent is not None
    list_app.subscribers.save(replace(changed, consent=replace(changed.consent, words="Sell my address")))

    said = newsletter("subscribers", "show", ADA)
    assert "NO: the receipt was changed after it was sealed" in said.words


def test_show_knows_a_suppression_and_says_what_to_do_about_a_stranger(newsletter: Command, list_app: App) -> None:
    suppress(list_app, put(list_app, ADA), SuppressionReason.HARD_BOUNCE)
    assert newsletter("subscribers", "show", ADA, "--json").json["suppression"]["reason"] == "hard_bounce"

    stranger = newsletter("subscribers", "show", "stranger@example.org")
    assert (stranger.code, "stranger@" in stranger.err) == (1, False)


def test_somebody_who_is_added_is_asked_like_from_the_form(
    newsletter: Command, list_app: App, deployment: Deployment
) -> None:
    said = newsletter("subscribers", "add", ADA, "--name", "Ada")

    who = list_app.addresses.subscriber_id(list_app.addresses.mailbox(ADA))
    assert held(list_app, who).status is Status.UNCONFIRMED
    assert [each["subscriber"] for each in deployment.drain("greet")] == [who]
    assert said.words.startswith("a…@example.org gets an email")


def test_somebody_who_is_added_with_evidence_gets_no_mail_and_it_stands_in_the_receipt(
    newsletter: Command, list_app: App, deployment: Deployment
) -> None:
    assert newsletter("subscribers", "add", ADA, "--consent", "Paper form at the fair").code == 0

    ada = held(list_app, list_app.addresses.subscriber_id(list_app.addresses.mailbox(ADA)))
    assert ada.in_audience
    assert ada.consent is not None
    assert ada.consent.page == "Paper form at the fair"
    assert deployment.drain("greet") == []


@pytest.mark.parametrize(
    ("status", "suppression", "remedy"),
    [
        (Status.UNSUBSCRIBED, None, "can come back by themselves"),
        (Status.UNCONFIRMED, None, "asked to confirm and have not yet"),
        (Status.CONFIRMED, SuppressionReason.COMPLAINT, "See `suppressions remove`"),
        (Status.CONFIRMED, SuppressionReason.ERASED, "Without --consent they get an email"),
    ],
)
def test_nobody_is_put_back_by_an_operators_word(
    newsletter: Command, list_app: App, status: Status, suppression: SuppressionReason | None, remedy: str
) -> None:
    who = put(list_app, ADA, status=status)
    if suppression:
        list_app.suppressions.add(Suppression(who, suppression, NOW))
    before = held(list_app, who)

    said = newsletter("subscribers", "add", ADA, "--consent", "They told me")

    assert (said.code, remedy in said.words) == (1, True)
    assert held(list_app, who) == before


def test_remove_and_forget_ask_first_and_a_dry_run_changes_nothing(newsletter: Command, list_app: App) -> None:
    who = put(list_app, ADA)
    for verb in ("remove", "forget"):
        assert newsletter("subscribers", verb, ADA).code == 2
        assert newsletter("subscribers", verb, ADA, "--dry-run").code == 0
    assert held(list_app, who).in_audience

    assert newsletter("subscribers", "remove", ADA, "--yes").code == 0
    assert held(list_app, who).status is Status.UNSUBSCRIBED
    assert "left already" in newsletter("subscribers", "remove", ADA, "--yes").out


def test_whoever_is_forgotten_leaves_a_tombstone_and_nothing_else(newsletter: Command, list_app: App) -> None:
    who = put(list_app, ADA)

    assert newsletter("subscribers", "forget", ADA, "--yes").code == 0

    assert list_app.subscribers.get(who) is None
    assert list_app.suppressions.get(who) == Suppression(who, SuppressionReason.ERASED, NOW)
    assert newsletter("subscribers", "forget", ADA, "--yes").code == 0


def test_the_numbers_of_the_list(newsletter: Command, list_app: App) -> None:
    put(list_app, ADA)
    put(list_app, "grace@example.org", confirmed_at=NOW - timedelta(days=40))
    put(list_app, "left@example.org", status=Status.UNSUBSCRIBED)
    suppress(list_app, put(list_app, "gone@example.org"), SuppressionReason.HARD_BOUNCE)

    assert newsletter("subscribers", "stats", "--json").json == {
        "in_audience": 2, "unconfirmed": 0, "confirmed": 3, "unsubscribed": 1, "confirmed_this_month": 2,
        "suppressions": {"hard_bounce": 1},
    }  # fmt: skip
    assert "suppressed: hard bounce 1" in newsletter("subscribers", "stats").words


def test_a_suppression_by_hand_takes_its_owner_out_of_the_audience_and_keeps_no_address(
    newsletter: Command, list_app: App
) -> None:
    who = put(list_app, ADA)
    refused = newsletter("suppressions", "add", ADA, "--because", f"{ADA} asked by letter")
    assert (refused.code, list_app.suppressions.get(who)) == (1, None)

    assert newsletter("suppressions", "add", ADA, "--because", "Asked by letter").code == 0

    assert not held(list_app, who).in_audience
    (listed,) = newsletter("suppressions", "list", "--reason", "manual", "--json").json
    assert (listed["email"], listed["note"]) == (ADA, "Asked by letter")
    assert newsletter("suppressions", "list", "--reason", "complaint", "--json").json == []


def test_a_suppression_is_lifted_here_and_at_ses_and_the_reader_is_a_reader_again(
    newsletter: Command, list_app: App, deployment: Deployment
) -> None:
    who = put(list_app, ADA, soft_bounces=("one", "two", "three"))
    suppress(list_app, who, SuppressionReason.SOFT_BOUNCES)
    ses = boto3.client("sesv2", region_name=REGION, endpoint_url=deployment.ses.endpoint)
    ses.put_suppressed_destination(EmailAddress=ADA, Reason="BOUNCE")

    assert newsletter("suppressions", "remove", ADA, "--dry-run").code == 0
    assert list_app.suppressions.get(who) is not None
    assert newsletter("suppressions", "remove", ADA, "--yes").code == 0

    assert list_app.suppressions.get(who) is None
    assert held(list_app, who).in_audience
    assert held(list_app, who).soft_bounces == ()
    assert ses.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []


def test_whoever_complained_comes_back_only_with_their_word_and_the_forgotten_only_by_themselves(
    newsletter: Command, list_app: App
) -> None:
    who = put(list_app, ADA)
    suppress(list_app, who, SuppressionReason.COMPLAINT)
    erased = put(list_app, "erased@example.org")
    list_app.suppressions.add(Suppression(erased, SuppressionReason.ERASED, NOW))

    assert newsletter("suppressions", "remove", ADA, "--yes").code == 1
    assert newsletter("suppressions", "remove", "erased@example.org", "--yes", "--i-have-their-word").code == 1
    assert newsletter("suppressions", "remove", ADA, "--yes", "--i-have-their-word").code == 0

    assert list_app.suppressions.get(who) is None
    assert list_app.suppressions.get(erased) is not None


def test_an_export_is_its_owners_alone_and_never_written_over(
    newsletter: Command, list_app: App, tmp_path: Path
) -> None:
    put(list_app, ADA)
    file = tmp_path / "list.csv"

    assert newsletter("export", "-o", file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("mine")
    assert newsletter("export", "-o", file).code == 1
    assert file.read_text() == "mine"
    assert newsletter("export", "-o", file, "--force").code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["list.csv"]


def test_json_holds_the_receipts_and_csv_runs_in_no_spreadsheet(
    newsletter: Command, list_app: App, tmp_path: Path
) -> None:
    put(list_app, "=cmd@example.org", name="=1+1")

    (held,) = newsletter("export", "--format", "json").json
    assert held["consent"]["words"] == "Send me the briefing"
    newsletter("export", "-o", tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["email"], row["name"]) == ("'=cmd@example.org", "'=1+1")


def test_suppressions_are_exported_without_addresses_that_nobody_holds(newsletter: Command, list_app: App) -> None:
    list_app.suppressions.add(Suppression("a" * 32, SuppressionReason.ERASED, NOW))
    suppress(list_app, put(list_app, ADA), SuppressionReason.COMPLAINT)

    said = newsletter("export", "--suppressions", "--format", "json")

    assert sorted(each.get("email", "") for each in json.loads(said.out)) == ["", ADA]
    assert newsletter("export", "--suppressions", "--status", "confirmed").code == 2


def test_no_message_repeats_a_whole_address(newsletter: Command, list_app: App) -> None:
    put(list_app, ADA)
    calls = [
        ("subscribers", "add", ADA), ("subscribers", "remove", ADA, "--dry-run"),
        ("subscribers", "forget", ADA, "--dry-run"), ("suppressions", "add", ADA, "--because", "x", "--dry-run"),
        ("suppressions", "remove", ADA), ("subscribers", "show", "ada@nowhere@example.org"),
    ]  # fmt: skip
    for call in calls:
        assert ADA not in newsletter(*call).words, call


def test_how_often_somebody_hears_from_us_is_set_where_there_is_a_digest(newsletter: Command, list_app: App) -> None:
    put(list_app, ADA)
    refused = newsletter("subscribers", "rhythm", ADA, "monthly")
    assert (refused.code, "There is no monthly digest" in refused.err) == (1, True)
    list_app.house_style.put(HouseStyle(brand={"digest": "monthly"}))

    assert newsletter("subscribers", "rhythm", ADA, "monthly").out.startswith("a…@example.org: monthly, from 2")
    assert newsletter("subscribers", "rhythm", ADA, "monthly").out == "a…@example.org: monthly already\n"
    assert "rhythm" in newsletter("subscribers", "show", ADA).out


def test_somebody_is_tagged_and_untagged(newsletter: Command, list_app: App) -> None:
    who = put(list_app, ADA)

    said = newsletter("subscribers", "tag", ADA, "VIP Members", "press")
    assert said.out == "Tags of a…@example.org: press, vip-members\n"
    assert held(list_app, who).tags == {"press", "vip-members"}
    assert newsletter("subscribers", "show", ADA, "--json").json["tags"] == ["press", "vip-members"]
    assert newsletter("subscribers", "untag", ADA, "press,never").out == "Tags of a…@example.org: vip-members\n"
    assert held(list_app, who).tags == {"vip-members"}
    assert newsletter("subscribers", "untag", ADA, "vip-members").out == "Tags of a…@example.org: none\n"


def test_nobody_is_tagged_who_is_not_there_or_with_what_is_no_tag(newsletter: Command, list_app: App) -> None:
    who = put(list_app, ADA)

    assert "is on the list" in newsletter("subscribers", "tag", "nobody@example.org", "press").err
    assert newsletter("subscribers", "tag", ADA, "!!!").code != 0
    many = newsletter("subscribers", "tag", ADA, *(f"t{number}" for number in range(51)))
    assert (many.code, held(list_app, who).tags) == (1, frozenset())
    assert "50 tags at most" in many.words


def test_people_with_a_tag_are_listed(newsletter: Command, list_app: App) -> None:
    put(list_app, ADA, tags=frozenset({"vip-members"}))
    put(list_app, "other@example.org", tags=frozenset({"press"}))
    put(list_app, "left@example.org", tags=frozenset({"vip-members"}), status=Status.UNSUBSCRIBED)

    said = newsletter("subscribers", "list", "--tag", "VIP Members", "--json").json

    assert [each["email"] for each in said] == [ADA]
    assert newsletter("subscribers", "list", "--tag", "nobody").out == "Nobody.\n"
    assert newsletter("subscribers", "list", "--tag", "x", "--status", "unsubscribed").code == 2


def test_a_part_of_the_list_is_counted(newsletter: Command, list_app: App) -> None:
    put(list_app, ADA, tags=frozenset({"members"}))
    put(list_app, "other@example.org", tags=frozenset({"press"}))
    list_app.content.put_report("list_tags", '{"members": 1, "press": 1}')

    said = newsletter("audience", "count", "tag:members and not tag:pres")

    assert said.out == "1 of 2: readers tagged “members” and not tagged “pres”.\n"
    assert said.err == "No reader has the tag pres. Did you mean press?\n"
    assert newsletter("audience", "count", "tag:members", "--json").json == {
        "expression": "tag:members", "goes_to": "readers tagged “members”", "readers": 1, "everybody": 2,
        "is_estimate": False, "unknown_tags": {},
    }  # fmt: skip
    wrong = newsletter("audience", "count", "members")
    assert (wrong.code, "At character 1" in wrong.words) == (2, True)
