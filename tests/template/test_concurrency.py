"""A new account runs ten functions at a time: what queues may take of them, and what is left for pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ministack.services import lambda_svc

from local.ministack import refused_as_by_aws
from tests.moto_aws import template

STACK = template()
RESOURCES: dict[str, dict[str, Any]] = STACK["Resources"]
NEW_ACCOUNT = 10
PAGES = 2
"""What a flood leaves at least: some 30 requests a second of pages that are warm, by docs/numbers.md."""

FILLED_BY_ANYBODY = ("FanOut", "Send", "Feedback", "Greet")
"""A send has as many plans, batches and reports as readers want; sign-ups are as many as strangers want."""

FILLED_BY_HAND = {
    "ImportPeople": "a list that somebody of the team brings, in pieces",
    "Publish": "what editors upload, and one refresh of the archive for each event of a send",
    "Settle": "one look a minute while a send is open",
    "SignInMail": "members of the team who sign in",
    "Report": "two reports for a send, and exports",
    "Inbound": "mail to leave; without InboundDomain nobody can write there",
}
"""They hold a few messages, and are empty most of the time."""


def at_most(value: Any) -> int:
    """Return a number of the template, with the default of a parameter that it names."""
    return int(STACK["Parameters"][value["Ref"]]["Default"] if isinstance(value, dict) else value)


OF_WEBHOOKS = ("PostWebhook",)
"""Only where the parameter Webhooks is on; docs/webhooks.md says what it takes of an account."""

MAPPINGS = {
    each["Properties"]["FunctionName"]["Ref"]: each["Properties"]
    for each in RESOURCES.values()
    if each["Type"] == "AWS::Lambda::EventSourceMapping" and "StartingPosition" not in each["Properties"]  # of a stream
}
MOST = {
    function: at_most(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 1000))
    for function, mapping in MAPPINGS.items()
}


def test_every_queue_wakes_so_many_and_no_more() -> None:
    assert set(MAPPINGS) == {*FILLED_BY_ANYBODY, *FILLED_BY_HAND, *OF_WEBHOOKS}
    assert {function for function, most in MOST.items() if most > 2} == set(), "2 is the least that AWS takes"


def test_a_flood_of_all_that_anybody_can_fill_leaves_pages_their_share() -> None:
    assert sum(MOST[function] for function in FILLED_BY_ANYBODY) + PAGES <= NEW_ACCOUNT


def test_all_queues_together_take_no_more_than_an_account_with_raised_concurrency_spares() -> None:
    always = [most for function, most in MOST.items() if function not in OF_WEBHOOKS]
    assert sum(always) == 20, "the figure of docs/operate.md and of newsletter doctor"


@pytest.mark.parametrize("function", MAPPINGS)
def test_what_lambda_turns_away_has_an_hour_until_it_is_a_dead_letter(function: str) -> None:
    """Lambda tries a batch again for as long as it is invisible; only then one of its deliveries is used up."""
    queue = RESOURCES[MAPPINGS[function]["EventSourceArn"]["Fn::GetAtt"].split(".")[0]]["Properties"]
    patience = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]

    # Whoever signs in is not there any more after ten minutes, nor is their message after fifteen.
    assert patience >= (600 if function == "SignInMail" else 3600)


def test_the_page_to_leave_by_may_have_executions_of_its_own_where_the_account_has_more_than_ten() -> None:
    reserved = RESOURCES["Unsubscribe"]["Properties"]["ReservedConcurrentExecutions"]

    assert reserved == {"Fn::If": ["WithReservedForLeaving", {"Ref": "ReservedForLeaving"}, {"Ref": "AWS::NoValue"}]}
    assert STACK["Parameters"]["ReservedForLeaving"]["Default"] == 0, "a new account refuses any"
    others = [name for name, each in RESOURCES.items() if "ReservedConcurrentExecutions" in each.get("Properties", {})]
    assert others == ["Unsubscribe"], "on a function behind a queue it would turn messages away"


# --- The same as the emulator counts it ---------------------------------------------------------------------------


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> int:
    """An account on which nothing runs yet; the number it runs at a time."""
    monkeypatch.setattr(lambda_svc, "_ACCOUNT_CONCURRENCY_CAP", NEW_ACCOUNT)
    monkeypatch.setattr(lambda_svc, "_inflight", {})
    monkeypatch.setattr(lambda_svc, "_inflight_total", 0)
    return NEW_ACCOUNT


def runs(function: str) -> bool:
    """Return whether the account lets one more execution of a function begin."""
    config = {"FunctionName": function, "FunctionArn": f"arn:aws:lambda:eu-west-1:000000000000:function:{function}"}
    slot, _ = lambda_svc._acquire_execution_slot({"config": config}, config)
    return slot is not None


def flood(functions: Sequence[str], *, limited: bool = True) -> None:
    """Fill the queues of functions: each mapping wakes as many as it may, at the same time."""
    for function in functions:
        scaling = {"MaximumConcurrency": MOST[function]}
        esm = {"ScalingConfig": scaling} if limited else {}
        for _ in range(lambda_svc._sqs_esm_concurrency(esm, {}, {})):
            runs(function)


def test_a_flood_of_plans_batches_reports_and_sign_ups_makes_no_page_answer_503(account: int) -> None:
    flood(FILLED_BY_ANYBODY)
    assert lambda_svc.executions_in_flight()[0] == account - PAGES

    assert runs("Unsubscribe")
    assert runs("Subscribe")
    assert not runs("Confirm"), "what a page takes too many is refused, by the account and not by us"


@pytest.mark.usefixtures("account")
def test_without_a_limit_two_queues_are_enough_to_turn_every_page_away() -> None:
    flood(("Feedback", "FanOut"), limited=False)
    assert not runs("Unsubscribe")


def test_whom_lambda_turns_away_the_api_answers_503_and_a_queue_keeps_its_messages() -> None:
    turned_away = lambda_svc._throttle_response("ConcurrentInvocationLimitExceeded", "Rate Exceeded")

    answered, _ = refused_as_by_aws(lambda_svc.lambda_execute_result_to_api_proxy_response)(turned_away)
    assert (answered["statusCode"], answered["body"]) == (503, '{"message":"Service Unavailable"}')
    assert turned_away["error"], "which the emulator's mappings take for a failed batch: its messages stay"

    done, _ = refused_as_by_aws(lambda_svc.lambda_execute_result_to_api_proxy_response)({"body": {"statusCode": 200}})
    assert done["statusCode"] == 200
