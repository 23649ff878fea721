"""From an account to the first email, step by step; each looks at the world first and does only what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from newsletter_cli.setup.domain.answers import Answers
from newsletter_cli.setup.jobs.check_account import check_account
from newsletter_cli.setup.jobs.deploy import deploy, protect, show_bill
from newsletter_cli.setup.jobs.make_keys import make_keys
from newsletter_cli.setup.jobs.open_desk import first_mail, invite_owner
from newsletter_cli.setup.jobs.prepare_mail import ask_for_production, ask_for_room, register_sender, wait_for_sender
from newsletter_cli.setup.jobs.write_dns import await_certificate, lead_to_pages, request_certificate, write_records
from newsletter_cli.setup.ports import SetupPorts


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the way."""

    title: str
    run: Callable[[SetupPorts, Answers], None]


STEPS = (
    Step("The account", check_account),
    Step("The sender, at Amazon SES", register_sender),
    Step("The certificate of the pages", request_certificate),
    # What takes AWS a day is asked for before anything that takes minutes.
    Step("Leave to write to everybody", ask_for_production),
    Step("Room for functions", ask_for_room),
    Step("DNS records", write_records),
    Step("The certificate, issued", await_certificate),
    Step("The bill", show_bill),
    Step("The keys", make_keys),
    Step("Build and deploy", deploy),
    Step("The address of the pages", lead_to_pages),
    Step("Protection against deletion", protect),
    Step("The sender, verified", wait_for_sender),
    Step("The first editor", invite_owner),
    Step("The first test email", first_mail),
)
"""In this order. Whoever interrupts one and starts again goes through all of them; those that are done say so."""


def set_up(ports: SetupPorts, answers: Answers, *, note_step: Callable[[str], None] = lambda title: None) -> None:  # noqa: ARG005
    """Take every step.

    Args:
        ports: What setting up touches.
        answers: All of them.
        note_step: Hears the title of each step before it is taken.

    Raises:
        StoppedError: A step has to wait for somebody; the same call goes on from there.
    """
    for number, step in enumerate(STEPS, start=1):
        note_step(step.title)
        ports.person.say(f"\n[{number}/{len(STEPS)}] {step.title}")
        step.run(ports, answers)
