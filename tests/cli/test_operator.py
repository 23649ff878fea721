"""Keys, dead letters and ages, without a stack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.core.link_token import SigningKeys
from newsletter_cli.key_parameters import KEY_BYTES, fresh_key
from newsletter_cli.operator.ages import age
from newsletter_cli.operator.dead_letters.meanings import MEANINGS, named_queue
from newsletter_cli.operator.dead_letters.peek import without_addresses
from newsletter_cli.operator.queue_facts import DEAD_LETTERS
from newsletter_cli.operator.signing_keys import Ring
from newsletter_cli.problems import UsageError
from newsletter_cli.resources import described
from newsletter_cli.stack import Stack
from tests.cli.healthy import Client
from tests.template.test_template import QUEUES

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def test_a_rotation_keeps_the_old_key_live_and_the_one_before_for_links_to_leave() -> None:
    ring = Ring(SigningKeys("old", "older", ("oldest",)))

    after = ring.turned("new", stolen=False, now=NOW)

    assert after.keys == SigningKeys("new", "old", ("older", "oldest"))
    assert after.rotated_at == NOW


def test_the_first_rotation_retires_nothing() -> None:
    assert Ring(SigningKeys("old")).turned("new", stolen=False, now=NOW).keys == SigningKeys("new", "old")


def test_a_stolen_key_is_live_no_more_nor_is_the_one_before() -> None:
    after = Ring(SigningKeys("stolen", "older", ("oldest",))).turned("new", stolen=True, now=NOW)

    assert after.keys == SigningKeys("new", "", ("stolen", "older", "oldest"))


def test_a_new_key_is_long_and_new() -> None:
    first, second = fresh_key(), fresh_key()

    assert first != second
    assert len(first) >= KEY_BYTES


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(0), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=1, minutes=59), "1 hour"),
        (timedelta(days=2, hours=23), "2 days"),
    ],
)
def test_an_age_is_said_in_the_largest_unit(passed: timedelta, said: str) -> None:
    assert age(passed) == said


@pytest.mark.parametrize(
    "body",
    [
        '{"destination": ["Kim.O\'Neill+news@example.org"]}',
        "mailto:kim@example.org?subject=x",
        "Kim <kim@bücher.example>",
        '"{\\"source\\":\\"kim@example.org\\"}"',
    ],
)
def test_no_address_is_shown(body: str) -> None:
    said = without_addresses(body)

    assert "@" not in said
    assert "O'" not in said
    assert "(address)" in said


def test_every_dead_letter_queue_of_the_template_has_a_meaning() -> None:
    ours = described(
        {"LogicalResourceId": name, "PhysicalResourceId": name, "ResourceType": "AWS::SQS::Queue"} for name in QUEUES
    )

    assert {word.removesuffix(DEAD_LETTERS) for word in ours.queues if word.endswith(DEAD_LETTERS)} == set(MEANINGS)


@pytest.mark.parametrize("name", ["plan", "Plan", "PlanDeadLetters", "plan-dead-letters", "plan_dead_letters"])
def test_a_queue_is_known_by_any_of_its_names(name: str) -> None:
    resources = described(
        {"LogicalResourceId": each, "PhysicalResourceId": each, "ResourceType": "AWS::SQS::Queue"} for each in QUEUES
    )
    stack = Stack("x", Client({}), resources, "")  # type: ignore[arg-type] # nothing is asked of it

    assert named_queue(stack, name) == "plan"
    with pytest.raises(UsageError, match="There are no dead letters of nothing"):
        named_queue(stack, "nothing")
