"""Deleting a newsletter: what goes, what stays, and why it may be refused."""

from __future__ import annotations

from collections.abc import Sequence

from newsletter_cli.setup.jobs.deploy import LOOK, follow, under_way
from newsletter_cli.setup.stopped import StoppedError, UnansweredError
from newsletter_cli.setup.teardown_ports import Remains, TeardownPorts

GONE = ("", "DELETE_COMPLETE")


def tear_down(ports: TeardownPorts, stack_name: str, *, confirmed_name: str = "") -> None:
    """Delete a stack, after its owner has typed its name, and say what is left and how to remove that.

    Args:
        ports: What tearing down touches.
        stack_name: Of the stack.
        confirmed_name: The name as the owner typed it beforehand, for scripts; empty asks for it.

    Raises:
        StoppedError: It is refused, or did not succeed.
    """
    status, say = ports.deployment.status(), ports.person.say
    if status in GONE:
        raise StoppedError(f"There is no stack {stack_name} here. Check its name and AWS_REGION.")
    remains = ports.parts.remains()
    if status != "DELETE_IN_PROGRESS":
        _show(ports, stack_name, remains)
        _confirm(ports, stack_name, confirmed_name)
        ports.parts.release_inbound()
        ports.deployment.unprotect()
        ports.deployment.remove()
        ports.clock.sleep(LOOK)
    end = follow(ports.deployment, ports.person, ports.clock)
    if end.status not in GONE or under_way(end.status):
        said = "\n".join(f"  {each}" for each in end.failures[:5])
        raise StoppedError(f"The stack could not be deleted whole:\n{said}\nMend that, and run the same command again.")
    say(f"{stack_name} is deleted.")
    if remains:
        say("To remove what stays too, for ever:")
    for each in remains:
        say(f"\n{each.kind} {each.name}")
        for command in each.commands:
            say(f"  {command}")


def _show(ports: TeardownPorts, stack_name: str, remains: Sequence[Remains]) -> None:
    say = ports.person.say
    going = ports.parts.resource_count() - len(remains)
    say(f"This deletes the stack {stack_name}:")
    say(f"{going} functions, queues, alarms and the like, and the pages' distribution.")
    say("Every link in every email that was sent ends, also those to unsubscribe.")
    say("These stay, with all that is in them:" if remains else "Nothing stays.")
    for each in remains:
        say(f"  {each.kind:<20} {each.name}")


def _confirm(ports: TeardownPorts, stack_name: str, confirmed_name: str) -> None:
    subscribed = ports.readership.size()
    if subscribed:
        why = (
            f"{subscribed:,} readers are subscribed. Whoever wants to leave afterwards cannot, and the law still asks "
            "you to let them. Type the name of the stack to delete it all the same"
        )
    else:
        why = "Nobody is subscribed. Type the name of the stack to delete it"
    ports.person.say(f"{why}.")
    try:
        typed = confirmed_name or ports.person.type_name(stack_name)
    except UnansweredError as exc:
        raise StoppedError(f"Nothing was deleted: nobody is there to type it. Say --confirm {stack_name}.") from exc
    if typed != stack_name:
        raise StoppedError(f"Nothing was deleted: {typed or 'nothing'} is not {stack_name}.")
