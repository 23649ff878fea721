"""The way from an account to the first email: straight, interrupted anywhere, and through what goes wrong."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from newsletter_cli.setup.adapters.checkout import ROOT
from newsletter_cli.setup.jobs.ask import ask_all
from newsletter_cli.setup.jobs.set_up import STEPS, set_up
from newsletter_cli.setup.ports import Certificate, Identity
from newsletter_cli.setup.stopped import StoppedError
from tests.cli.setup.fakes import DOMAIN, GIVEN, KNOWN, CtrlC, MemoryNotebook, MemoryPerson, Plainly, World, ports
from tests.core.fakes import VirtualClock

SANDBOX = World().state


def walk(world: World, person: MemoryPerson, notebook: MemoryNotebook, **more: Any) -> None:
    """Do what the verb does."""
    through = ports(world, person, notebook, **more)
    answers = ask_all(through.person, through.notebook, through.circumstances, brought={})
    set_up(through, answers)


def end(world: World, notebook: MemoryNotebook) -> dict[str, Any]:
    """Return everything that is different in the world afterwards, but for emails, of which one more does no harm."""
    return {key: value for key, value in asdict(world).items() if key not in ("tests", "invited", "steps_left")} | {
        "answers": notebook.kept, "parameters": notebook.written, "done": notebook.done,
    }  # fmt: skip


def test_from_an_account_to_the_first_email() -> None:
    world, person, notebook = World(), MemoryPerson(), MemoryNotebook()

    walk(world, person, notebook)

    assert (world.stack_status, world.protected, world.deployments) == ("CREATE_COMPLETE", True, 1)
    assert world.identities[DOMAIN].mail_from == f"bounce.{DOMAIN}"
    assert world.certificates[f"briefing.{DOMAIN}"].arn == notebook.written["CertificateArn"]
    assert world.records[f"briefing.{DOMAIN}", "CNAME"] == ["d1.cloudfront.net"]
    assert len(world.records) == 3 + 2 + 1 + 1 + 1  # signatures, bounces, DMARC, certificate, pages
    assert world.asked_for_room == 1_000
    assert world.tests == world.invited == [f"ann@{DOMAIN}"]


def test_the_file_holds_only_what_differs_from_the_defaults() -> None:
    world, notebook = World(), MemoryNotebook()

    walk(world, MemoryPerson(), notebook)

    assert all(KNOWN[name] != value for name, value in notebook.written.items())
    assert "TimeZone" not in notebook.written


def test_the_bill_is_shown_before_anything_is_deployed() -> None:
    world, person = World(), MemoryPerson(agreeing=False)

    with pytest.raises(StoppedError, match="Nothing was deployed"):
        walk(world, person, MemoryNotebook())

    assert world.deployments == 0
    assert "a year with 26 issues" in person.words


def test_aws_is_told_nothing_that_the_person_has_not_seen_and_agreed_to() -> None:
    world, person = World(), MemoryPerson(agreeing=False)
    with pytest.raises(StoppedError):
        walk(world, person, MemoryNotebook())
    assert world.texts == []

    walk(world, agreeing := MemoryPerson(), MemoryNotebook())
    website, *lines, contact = world.texts[0].splitlines()
    assert all(line in agreeing.words for line in (website, *lines))
    assert contact == f"ann@{DOMAIN}"
    assert "1,000 readers" in world.texts[0]


def test_the_bill_is_that_of_the_guide() -> None:
    person = MemoryPerson({**GIVEN, "readers": "5000"})
    walk(World(), person, MemoryNotebook())
    guide = (ROOT / "docs" / "cost.md").read_text()
    said = {line.rsplit(maxsplit=1)[1] for line in person.words.splitlines() if line.startswith("  a ")}
    assert len(said) == 2
    for fee in said:
        assert f"| {fee} |" in guide


def moments() -> int:
    """Return how many moments there are at which somebody can press Ctrl-C: before and after each call of each port."""
    count = CtrlC(at=0)
    walk(World(), MemoryPerson(), MemoryNotebook(), tick=count)
    return count.now


def test_interrupted_at_any_moment_it_goes_on_and_ends_as_if_nothing_had_been() -> None:
    """At every question and every step: before and after each call that any of them makes."""
    straight, notes = World(), MemoryNotebook()
    walk(straight, MemoryPerson(), notes)
    expected, count = end(straight, notes), moments()
    assert count > 200

    for at in range(1, count + 1):
        world, notebook = World(), MemoryNotebook()
        with pytest.raises(KeyboardInterrupt):
            walk(world, MemoryPerson(), notebook, tick=CtrlC(at))
        walk(world, MemoryPerson(), notebook, tick=Plainly())
        assert end(world, notebook) == expected, f"interrupted at moment {at}"
        assert len(world.tests) <= 2


def test_interrupted_again_and_again_no_question_is_asked_twice_that_was_answered() -> None:
    world, notebook, person = World(), MemoryNotebook(), MemoryPerson()
    for at in range(1, 5_000):
        try:
            walk(world, person, notebook, tick=CtrlC(at))
            break
        except KeyboardInterrupt:
            continue
    assert world.tests
    # One more for the answer that was interrupted before it was written down.
    assert all(person.asked.count(key) <= 3 for key in GIVEN)


def test_a_second_walk_changes_nothing_and_asks_nothing() -> None:
    world, notebook = World(), MemoryNotebook()
    walk(world, MemoryPerson(), notebook)
    before, quiet = deepcopy(end(world, notebook)), MemoryPerson()

    walk(world, quiet, notebook)

    assert end(world, notebook) == before
    assert quiet.asked == []
    assert (len(world.tests), len(world.invited)) == (1, 1)


def test_another_answer_is_deployed_and_what_a_person_wrote_into_the_file_stays() -> None:
    world, notebook = World(), MemoryNotebook()
    walk(world, MemoryPerson(), notebook)
    notebook.written |= {"SendMode": "single", "AlarmEmail": "ops@society.example"}
    notebook.kept["name"] = "Another name"
    notebook.kept["domain"] = ""

    walk(world, MemoryPerson(), notebook)

    assert world.deployments == 2
    assert world.deployed["NewsletterName"] == "Another name"
    assert (world.deployed["DomainName"], world.deployed["CertificateArn"]) == ("", "")
    assert (world.deployed["SendMode"], world.deployed["AlarmEmail"]) == ("single", "ops@society.example")


def test_a_stack_that_made_its_identity_itself_keeps_it() -> None:
    world = World(stack_status="CREATE_COMPLETE", deployed=dict(KNOWN))
    walk(world, MemoryPerson(), MemoryNotebook())
    assert world.deployed["CreateSenderIdentity"] == "true"


def test_a_new_stack_reads_keys_that_cost_nothing_and_are_there_before_it() -> None:
    world, notebook = World(), MemoryNotebook()

    walk(world, MemoryPerson(), notebook)

    assert notebook.written["KeysIn"] == world.deployed["KeysIn"] == "parameters"
    assert world.key_parameters == ["SigningKeys", "EditorKeys", "OriginKeys"]


def test_after_a_first_deployment_that_failed_the_next_reads_the_same_keys() -> None:
    world, notebook = World(failing="Distribution: must be verified"), MemoryNotebook()
    with pytest.raises(StoppedError):
        walk(world, MemoryPerson(), notebook)
    world.failing = ""

    walk(world, MemoryPerson(), notebook)

    assert world.deployed["KeysIn"] == "parameters"
    assert len(world.key_parameters) == 3


@pytest.mark.parametrize("deployed", [dict(KNOWN), {key: value for key, value in KNOWN.items() if key != "KeysIn"}])
@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_the_keys_of_a_stack_in_use_stay_where_they_are(deployed: dict[str, str], status: str) -> None:
    world, notebook, person = World(stack_status=status, deployed=deployed), MemoryNotebook(), MemoryPerson()

    walk(world, person, notebook)

    assert world.key_parameters == []
    assert world.deployed["KeysIn"] == "secrets"
    assert "KeysIn" not in notebook.written
    assert "1.60" in person.words


def test_a_new_stack_asks_readers_whether_an_issue_was_useful_unless_somebody_said_no() -> None:
    asking, silent = World(), World()

    walk(asking, MemoryPerson(), MemoryNotebook())
    walk(silent, MemoryPerson(), MemoryNotebook(written={"AskUseful": "off"}))

    assert asking.deployed["AskUseful"] == "on"
    assert silent.deployed.get("AskUseful", "off") == "off"


@pytest.mark.parametrize("deployed", [dict(KNOWN), {key: value for key, value in KNOWN.items() if key != "AskUseful"}])
def test_the_readers_of_a_stack_in_use_are_not_asked_by_a_second_walk(deployed: dict[str, str]) -> None:
    world, notebook = World(stack_status="UPDATE_COMPLETE", deployed=deployed), MemoryNotebook()

    walk(world, MemoryPerson(), notebook)

    assert world.deployed.get("AskUseful", "off") == "off"
    assert "AskUseful" not in notebook.written


def test_whoever_moved_the_keys_keeps_them_there() -> None:
    world = World(stack_status="UPDATE_COMPLETE", deployed=KNOWN | {"KeysIn": "both"})
    world.key_parameters = ["SigningKeys"]
    notebook = MemoryNotebook(written={"KeysIn": "parameters"})

    walk(world, MemoryPerson(), notebook)

    assert notebook.written["KeysIn"] == world.deployed["KeysIn"] == "parameters"


def test_a_large_list_reads_secrets_which_functions_may_read_as_fast_as_they_start() -> None:
    world, notebook = World(), MemoryNotebook()

    walk(world, MemoryPerson({**GIVEN, "readers": "20000"}), notebook)

    assert world.deployed["KeysIn"] == "secrets"
    assert world.key_parameters == []


# --- what is there already ---


def test_an_identity_that_exists_is_used_as_it_is() -> None:
    own = Identity(False, ("o1", "o2", "o3"), "dkim.eu-west-2.amazonses.com", mail_from=f"mail.{DOMAIN}")
    world, person = World(identities={DOMAIN: own}), MemoryPerson()

    walk(world, person, MemoryNotebook())

    assert world.identities[DOMAIN] == own
    assert world.records[f"o1._domainkey.{DOMAIN}", "CNAME"] == ["o1.dkim.eu-west-2.amazonses.com"]
    assert (f"mail.{DOMAIN}", "MX") in world.records
    assert "registered already" in person.words


def test_an_issued_certificate_is_used() -> None:
    there = Certificate("arn:aws:acm:us-east-1:1:certificate/old", "ISSUED")
    world, notebook = World(certificates={f"briefing.{DOMAIN}": there}), MemoryNotebook()
    walk(world, MemoryPerson(), notebook)
    assert notebook.written["CertificateArn"] == there.arn


def test_a_certificate_in_the_wrong_region_is_named_and_another_requested() -> None:
    world, person = World(certificate_elsewhere=True), MemoryPerson()
    walk(world, person, MemoryNotebook())
    assert "in eu-west-2, where CloudFront does not look" in person.words
    assert f"briefing.{DOMAIN}" in world.certificates


def test_two_stacks_with_one_domain_share_its_identity() -> None:
    world, person = World(neighbours=["fortnightly-dev"]), MemoryPerson()
    walk(world, person, MemoryNotebook())
    assert f"fortnightly-dev sends for {DOMAIN} too" in person.words


def test_a_domain_that_another_distribution_has_is_refused_before_anything_is_made() -> None:
    world = World(distributions={f"briefing.{DOMAIN}": "E1"})
    with pytest.raises(StoppedError, match="belongs to the distribution E1"):
        walk(world, MemoryPerson(), MemoryNotebook())
    assert world.identities == {}


@pytest.mark.parametrize("state", [replace(SANDBOX, enforcement="SHUTDOWN"), replace(SANDBOX, sending=False)])
def test_an_account_whose_sending_is_stopped_is_refused_before_anything_is_made(state: Any) -> None:
    world = World(state=state)
    with pytest.raises(StoppedError, match="has stopped all sending"):
        walk(world, MemoryPerson(), MemoryNotebook())
    assert (world.identities, world.deployments) == ({}, 0)


def test_an_account_under_review_goes_on_and_is_told() -> None:
    person = MemoryPerson()
    walk(World(state=replace(SANDBOX, enforcement="PROBATION")), person, MemoryNotebook())
    assert "is reviewing this account" in person.words


def test_four_hundred_alarms_are_named_and_five_thousand_refused() -> None:
    person = MemoryPerson()
    walk(World(alarms=400), person, MemoryNotebook())
    assert "400 alarms here already, so the ten free ones are used up" in person.words

    with pytest.raises(StoppedError, match="4,960 alarms here, and this needs 60 more"):
        walk(World(alarms=4_960), MemoryPerson(), MemoryNotebook())


@pytest.mark.parametrize(
    ("review", "said"),
    [("PENDING", "AWS was asked"), ("DENIED", "AWS said no (case 17)"), ("FAILED", "AWS said no (case 17)")],
)
def test_aws_is_not_asked_again_for_what_it_was_asked(review: str, said: str) -> None:
    world, person = World(state=replace(SANDBOX, review=review, case="17")), MemoryPerson()
    walk(world, person, MemoryNotebook())
    assert said in person.words
    assert world.texts == []


def test_room_is_asked_for_only_where_it_is_missing() -> None:
    world = World(functions_at_once=1_000)
    walk(world, MemoryPerson(), MemoryNotebook())
    assert world.asked_for_room == 0


def test_a_request_that_aws_does_not_take_stops_nothing() -> None:
    world, person = World(refused="AWS refused RequestServiceQuotaIncrease: TooYoung."), MemoryPerson()
    walk(world, person, MemoryNotebook())
    assert person.words.count(world.refused) == 2
    assert "Ask later in Service Quotas" in person.words
    assert world.tests


# --- DNS ---


def test_records_are_shown_ready_to_paste_where_the_zone_is_elsewhere_and_waited_for() -> None:
    world, person, notebook = World(zone=""), MemoryPerson(), MemoryNotebook()

    with pytest.raises(StoppedError, match=r"0 of 7 records answer as they should") as stopped:
        walk(world, person, notebook)

    assert f"  k1._domainkey.{DOMAIN}  CNAME  k1.dkim.amazonses.com" in person.words
    assert f"  bounce.{DOMAIN}  MX  10 feedback-smtp.eu-west-2.amazonses.com" in person.words
    assert "it goes on from here" in str(stopped.value)
    assert world.deployments == 0


def test_records_that_come_late_are_waited_for_and_each_change_is_said_once() -> None:
    world, person = World(zone=""), MemoryPerson()

    class Paced(VirtualClock):
        """While somebody waits, somebody else adds one record after the other."""

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            waiting = [line for line in person.words.splitlines() if "nothing answers there yet" in line]
            if waiting:
                name, kind = waiting[-1].split(":")[0].split()
                world.add("", name, kind, waiting[-1].partition("It should say ")[2])

    walk(world, person, MemoryNotebook(), clock=Paced(datetime(2026, 11, 27, tzinfo=UTC)))

    assert world.tests
    assert person.words.count("3 of 7 records answer as they should") == 1


@pytest.mark.parametrize(
    ("name", "kind", "stands", "said"),
    [
        (f"k1._domainkey.{DOMAIN}", "CNAME", ["k9.dkim.amazonses.com"], "there stands: k9.dkim.amazonses.com"),
        (f"bounce.{DOMAIN}", "MX", ["10 mx.other.example"], "there stands: 10 mx.other.example"),
        (f"bounce.{DOMAIN}", "TXT", ["v=spf1 -all"], "there stands: v=spf1 -all"),
        (f"_dmarc.{DOMAIN}", "TXT", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "there stands: v=DMARC1; p=none; v="),
    ],
)
def test_a_record_of_somebody_elses_is_named_and_never_overwritten(
    name: str, kind: str, stands: list[str], said: str
) -> None:
    world = World(records={(name, kind): stands})
    with pytest.raises(StoppedError) as stopped:
        walk(world, MemoryPerson(), MemoryNotebook())
    assert f"{name} {kind}: {said}" in str(stopped.value)
    assert world.records[name, kind] == stands
    assert "6 of 7 records answer as they should" in str(stopped.value)


def test_a_policy_stricter_than_ours_stays() -> None:
    strict = ["v=DMARC1; p=reject; rua=mailto:dmarc@society.example"]
    world = World(records={(f"_dmarc.{DOMAIN}", "TXT"): strict})
    walk(world, MemoryPerson(), MemoryNotebook())
    assert world.records[f"_dmarc.{DOMAIN}", "TXT"] == strict


def test_a_policy_of_the_domain_above_counts_for_the_one_below() -> None:
    above = {("_dmarc.society.example", "TXT"): ["v=DMARC1; p=reject"]}
    world = World(records=dict(above))
    walk(
        world,
        MemoryPerson(
            {**GIVEN, "sender": "briefing@mail.society.example", "domain": "", "editors": "ann@mail.society.example"}
        ),
        MemoryNotebook(),
    )
    assert ("_dmarc.mail.society.example", "TXT") not in world.records
    assert world.tests


def test_a_name_to_which_a_dns_page_added_the_domain_once_more_is_recognised() -> None:
    twice = f"k1._domainkey.{DOMAIN}.{DOMAIN}"
    world = World(zone="", records={(twice, "CNAME"): ["k1.dkim.amazonses.com"]})
    with pytest.raises(StoppedError, match="adds the domain by itself. Leave it off the name"):
        walk(world, MemoryPerson(), MemoryNotebook())


# --- the deployment ---


def test_a_first_deployment_that_failed_leaves_nothing_that_blocks_the_second() -> None:
    world, notebook = World(), MemoryNotebook()
    world.failing = "Distribution: Your account must be verified before you can add new CloudFront resources"

    with pytest.raises(StoppedError, match="Support Center") as stopped:
        walk(world, MemoryPerson(), notebook)
    assert world.failing in str(stopped.value)

    world.failing = ""
    walk(world, person := MemoryPerson(), notebook)
    assert world.stack_status == "CREATE_COMPLETE"
    assert "left an empty stack; it is deleted before the next" in person.words


def test_an_update_that_failed_is_tried_again() -> None:
    world, notebook = World(), MemoryNotebook()
    walk(world, MemoryPerson(), notebook)
    world.failing, notebook.kept["name"] = "Api: no", "Another"
    with pytest.raises(StoppedError, match="Api: no"):
        walk(world, MemoryPerson(), notebook)

    world.failing = ""
    walk(world, MemoryPerson(), notebook)
    assert (world.stack_status, world.deployments) == ("UPDATE_COMPLETE", 3)


def test_a_stack_out_of_which_only_a_person_leads_says_so() -> None:
    with pytest.raises(StoppedError, match="UPDATE_ROLLBACK_FAILED, out of which AWS lets only a person"):
        walk(World(stack_status="UPDATE_ROLLBACK_FAILED"), MemoryPerson(), MemoryNotebook())


def test_a_deployment_that_goes_on_without_us_is_followed() -> None:
    world, notebook = World(), MemoryNotebook()
    walk(world, MemoryPerson(), notebook)
    world.stack_status, world.steps_left = "UPDATE_IN_PROGRESS", 3

    walk(world, person := MemoryPerson(), notebook)

    assert "under way; this follows it" in person.words
    assert world.deployments == 1
    assert person.bars[-1][0] == person.bars[-1][1]


# --- the sandbox ---


def test_in_the_sandbox_an_editor_elsewhere_has_to_click_first() -> None:
    elsewhere = {**GIVEN, "editors": "ann@elsewhere.example"}
    world, notebook = World(), MemoryNotebook()

    with pytest.raises(StoppedError, match="SES has written to ann@elsewhere.example: click"):
        walk(world, MemoryPerson(elsewhere), notebook)
    assert world.tests == []

    world.clicked.add("ann@elsewhere.example")
    walk(world, MemoryPerson(elsewhere), notebook)
    assert world.tests == ["ann@elsewhere.example"]


def test_each_step_has_a_title_of_its_own() -> None:
    assert len({step.title for step in STEPS}) == len(STEPS)
