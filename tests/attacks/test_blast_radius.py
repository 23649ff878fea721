"""Code of somebody else in a function that parses uploads or forms used to reach the whole list.

`publish`, which opens editors' files and pictures, could query the index of all subscribers and read the key that signs
readers' links: every record was read over HTTP that way. And each function behind a queue could read and delete the
messages of every queue in the account, by a policy that SAM adds.
"""

from __future__ import annotations

import pytest
from samtranslator.translator.transform import transform

from local.documents.blast_radius import reach
from local.package import read_template, with_artifacts
from local.process import ROOT

REACH = reach()

OF_STRANGERS = {
    "subscribe",
    "confirm",
    "unsubscribe",
    "inbound",
    "preferences",
    "decide",
    "release",
    "show_report",
    "preview",
    "comment",
    "vote",
    "feedback",
    "sign_in",
    "desk",
    "desk_people",
    "desk_tagged",
    "api_issues",
    "api_people",
    "api_lists",
    "read_feed",
}
OF_EDITORS = {"publish", "pictures", "import_people", "control"}
OF_OURSELVES = {
    "greet",
    "fan_out",
    "send",
    "settle",
    "schedule",
    "report",
    "sign_in_mail",
    "tell_webhooks",
    "post_webhook",
}
"""Whose words a function parses."""

MAY_MEET_A_RECORD = {
    "subscribe": "writes the sign-up",
    "confirm": "confirms it",
    "unsubscribe": "ends it",
    "inbound": "ends it, by a mail",
    "preferences": "shows and changes it to its owner",
    "feedback": "keeps a bounce in it",
    "import_people": "takes over those whose addresses stand in an upload",
    "control": "tells an operator about one address",
    "desk_people": "shows and changes it to somebody of the team who keeps the list",
    "desk_tagged": "shows those with a tag, page by page, to the same",
    "api_people": "shows and changes it to a program whose key was made for the list",
    "api_lists": "shows the list, page by page, to such a program",
}
"""Functions that parse what others send and may touch a record of a subscriber, and why."""

BY_ADDRESS = {name: {"dynamodb:BatchGetItem"} for name in ("import_people", "desk_people", "subscribe", "api_people")}
"""A hundred records in one call, each by the keyed hash of an address that the function was given: no way to others.
The form of the website reads one, with its suppression and counters from other tables; it may not read one alone."""

PAGE_BY_PAGE = {"api_lists": {"dynamodb:Scan"}, "desk_tagged": {"dynamodb:Query", "dynamodb:BatchGetItem"}}
"""Who goes through the list, for a program with a key or for a keeper who asks who has a tag: it reads a header and a
few parameters, never a body, and it has no right to change anything but that the key, or the session, was used. What
takes a body cannot list, and these two take none."""

LISTING = {"dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:PartiQLSelect"}


def on_the_list(function: str) -> set[str]:
    """Return what a function may do with records; a number of them, and nothing else, meets none."""
    actions = {
        action for place, may in REACH[function].items() if place.startswith("SubscribersTable") for action in may
    }
    return actions - {"dynamodb:Query for counts"}


def test_every_function_parses_somebodys_words() -> None:
    assert set(REACH) == OF_STRANGERS | OF_EDITORS | OF_OURSELVES


def test_what_parses_the_words_of_others_meets_a_record_only_where_it_must() -> None:
    assert {name for name in OF_STRANGERS | OF_EDITORS if on_the_list(name)} == set(MAY_MEET_A_RECORD)


@pytest.mark.parametrize("function", sorted(OF_STRANGERS | OF_EDITORS))
def test_what_parses_the_words_of_others_cannot_list_the_subscribers(function: str) -> None:
    assert on_the_list(function) & LISTING == {**BY_ADDRESS, **PAGE_BY_PAGE}.get(function, set())


def test_files_of_events_hold_addresses_and_one_function_reads_them() -> None:
    readers = {name for name, may in REACH.items() for place in may if place.startswith("ContentBucket/ses-events")}

    assert readers == {"feedback"}
    assert not [name for name, may in REACH.items() if "ContentBucket/*" in may]


def test_each_function_behind_a_queue_reads_that_queue_alone() -> None:
    resources = read_template(ROOT / "template.yaml")["Resources"]
    wakes = {
        resources[each["Properties"]["FunctionName"]["Ref"]]["Properties"]["CodeUri"].split("/")[1]: {
            each["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]
        }
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping" and "StartingPosition" not in each["Properties"]
    }
    reads = {
        name: {place for place, actions in may.items() if "sqs:ReceiveMessage" in actions}
        for name, may in REACH.items()
    }

    # At the desk an owner sends again what failed for good: out of these, and no queue that wakes a function.
    failed = {f"{name}DeadLetters" for name in ("Publish", "Plan", "Batch", "Settle", "Report")}
    assert reads.pop("desk") == failed
    assert {name: queues for name, queues in reads.items() if queues} == wakes


def test_no_role_carries_a_policy_over_all_queues_or_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAM adds policies of AWS's to the roles it makes; this is the template as CloudFormation gets it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    template = read_template(ROOT / "template.yaml")
    ours = [name for name, each in template["Resources"].items() if each["Type"].startswith("AWS::Serverless::")]
    packaged = with_artifacts(template, {name: f"s3://bucket/{name}.zip" for name in ours})
    made = transform(packaged, {}, NoPolicies())["Resources"]
    attached = {
        str(arn).rpartition("/")[2].rstrip("'}")
        for each in made.values()
        if each["Type"] == "AWS::IAM::Role"
        for arn in each["Properties"].get("ManagedPolicyArns", [])
    }

    assert attached == {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}


class NoPolicies:
    """The names of AWS's policies, for which SAM would ask an account."""

    def load(self) -> dict[str, str]:
        return {}
