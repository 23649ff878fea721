"""The first editor at the desk, and the first email."""

from __future__ import annotations

from newsletter_cli.setup.domain.answers import Answers
from newsletter_cli.setup.domain.questions import first_day
from newsletter_cli.setup.jobs.patience import wait_until
from newsletter_cli.setup.ports import SetupPorts

INVITED = "invited"
MAILED = "mailed"


def invite_owner(ports: SetupPorts, answers: Answers) -> None:
    """Invite the first editor to the desk as its owner, once."""
    name, email = answers.first_editor
    mark = f"{INVITED} {email}"
    if not ports.notebook.is_done(mark):
        ports.newsroom.invite(name, email)
        ports.notebook.keep_done(mark)
    url = ports.deployment.outputs().get("ArchiveUrl", "")
    ports.person.say(f"{email} owns the desk, and has an email that says how to sign in at {url}/desk/.")


def first_mail(ports: SetupPorts, answers: Answers) -> None:
    """Mail a test of a first draft to the first editor, once.

    Raises:
        StoppedError: The stack does not take the draft.
    """
    _, email = answers.first_editor
    mark = f"{MAILED} {email}"
    if not ports.notebook.is_done(mark):
        slug = ports.newsroom.upload_first_issue(f"{first_day(answers.first_day):%Y-%m-%d}")
        wait_until(
            lambda: "" if ports.newsroom.is_taken(slug) else "The stack reads the first draft.",
            ports,
            stopped="It takes seconds; `newsletter doctor` says what is wrong.",
        )
        ports.newsroom.test(slug, email)
        wait_until(
            lambda: "" if ports.newsroom.arrived(email) else "The test is on its way.",
            ports,
            stopped="It takes seconds; `newsletter doctor` says what is wrong.",
        )
        ports.notebook.keep_done(mark)
    ports.person.say(f"A test of the first draft is in the mailbox of {email}. Readers get nothing of it.")
