"""Deleting a newsletter: refused by default, honest about what stays."""

from __future__ import annotations

import pytest

from newsletter_cli.setup.adapters.stack_parts import KEPT
from newsletter_cli.setup.jobs.tear_down import tear_down
from newsletter_cli.setup.stopped import StoppedError
from tests.cli.setup.fakes import MemoryPerson, World, teardown_ports
from tests.moto_aws import template

NAME = "fortnightly-prod"


def deployed(**more: object) -> World:
    return World(stack_status="CREATE_COMPLETE", protected=True, **more)  # type: ignore[arg-type]


def test_it_says_what_goes_what_stays_and_how_to_remove_that() -> None:
    world, person = deployed(), MemoryPerson(typed=NAME)

    tear_down(teardown_ports(world, person), NAME)

    assert (world.stack_status, world.protected, world.inbound_released) == ("", False, True)
    assert "271" not in person.words  # what stays is no part of what goes
    assert "270 functions, queues, alarms" in person.words
    assert "  table                t-1" in person.words
    assert "  aws dynamodb delete-table --table-name t-1" in person.words


@pytest.mark.parametrize("typed", ["", "y", "yes", "fortnightly-dev"])
def test_while_anybody_is_subscribed_only_the_name_of_the_stack_deletes_it(typed: str) -> None:
    world, person = deployed(readers=1_234), MemoryPerson(typed=typed)

    with pytest.raises(StoppedError, match="Nothing was deleted"):
        tear_down(teardown_ports(world, person), NAME)

    assert (world.stack_status, world.protected) == ("CREATE_COMPLETE", True)
    assert "1,234 readers are subscribed" in person.words

    tear_down(teardown_ports(world, MemoryPerson(typed=NAME)), NAME)
    assert world.stack_status == ""


def test_a_script_types_the_name_beforehand() -> None:
    world = deployed()
    with pytest.raises(StoppedError, match=f"Say --confirm {NAME}"):
        tear_down(teardown_ports(world, MemoryPerson(None)), NAME)
    assert world.stack_status == "CREATE_COMPLETE"

    tear_down(teardown_ports(world, MemoryPerson(None)), NAME, confirmed_name=NAME)
    assert world.stack_status == ""


def test_an_interrupted_deletion_is_followed_to_its_end_without_asking_again() -> None:
    world = World(stack_status="DELETE_IN_PROGRESS", steps_left=2)
    tear_down(teardown_ports(world, MemoryPerson(None)), NAME)
    assert world.stack_status == ""


def test_a_stack_that_is_not_there_is_said_to_be_not_there() -> None:
    with pytest.raises(StoppedError, match=f"There is no stack {NAME}"):
        tear_down(teardown_ports(World(), MemoryPerson(typed=NAME)), NAME)


def test_whatever_the_template_retains_is_named_and_nothing_else() -> None:
    retained = {
        each["Type"] for each in template()["Resources"].values() if each.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert retained == set(KEPT)
