"""The sender at Amazon SES, and what AWS has to allow before everybody can be written to."""

from __future__ import annotations

from newsletter_cli.setup.domain.access_request import use_case, website
from newsletter_cli.setup.domain.answers import Answers
from newsletter_cli.setup.jobs.patience import wait_until
from newsletter_cli.setup.ports import SetupPorts

CONCURRENCY = 1_000
"""Functions at the same time: what an account usually has, and what a new one is not given."""

MAIL_FROM = "bounce"
"""The name below the sender's domain to which bounces come back, as the template would have it."""


def register_sender(ports: SetupPorts, answers: Answers) -> None:
    """Register the sender's domain at SES, or take the identity that is there."""
    domain, senders = answers.sender_domain, ports.senders
    identity = senders.find(domain)
    if identity is None:
        senders.register(domain)
        identity = senders.find(domain)
        ports.person.say(f"{domain} is registered.")
    else:
        ports.person.say(f"{domain} is registered already; it is used as it is.")
    if identity is not None and not identity.mail_from:
        senders.set_mail_from(domain, f"{MAIL_FROM}.{domain}")
        ports.person.say(f"Bounces come back to {MAIL_FROM}.{domain}.")


def ask_for_production(ports: SetupPorts, answers: Answers) -> None:
    """Ask AWS to let the account write to everybody, with a text that the person has seen."""
    state, say = ports.account.sending_state(), ports.person.say
    if state.production:
        say("The account may write to everybody.")
        return
    if state.review == "PENDING":
        say("AWS was asked, and answers by email, mostly within a day. Until then only verified addresses get email.")
        return
    if state.review in ("DENIED", "FAILED"):
        say(f"AWS said no{f' (case {state.case})' if state.case else ''}. Answer that case in the Support Center.")
        return
    say("The account is in the sandbox: only verified addresses get email, 200 a day. This asks AWS for more:\n")
    say("\n".join(f"  {line}" for line in [f"Website: {website(answers)}", "", *use_case(answers).splitlines()]))
    if not ports.person.agrees("Send this to AWS?"):
        say("Not sent. Ask in the SES console (Account dashboard) when you like; see docs/deploy.md.")
        return
    _, owner = answers.first_editor
    if why := ports.senders.ask_for_production(website(answers), use_case(answers), owner):
        say(f"{why} Ask in the SES console (Account dashboard) with this text; the rest goes on meanwhile.")
        return
    say(f"Sent. AWS answers {owner} by email, mostly within a day; the rest goes on meanwhile.")


def ask_for_room(ports: SetupPorts, answers: Answers) -> None:  # noqa: ARG001 - as all steps
    """Ask for as many functions at the same time as accounts usually have; new ones get ten."""
    account, say = ports.account, ports.person.say
    there = account.concurrency()
    if there >= CONCURRENCY:
        say(f"{there:,} functions may run at the same time.")
    elif account.concurrency_is_asked_for():
        say(f"{there} functions may run at the same time; AWS was asked for {CONCURRENCY:,}.")
    elif why := account.ask_for_concurrency(CONCURRENCY):
        say(f"{there} functions may run at the same time. {why} Ask later in Service Quotas (AWS Lambda).")
    else:
        say(f"{there} functions may run at the same time, so AWS was asked for {CONCURRENCY:,}. That costs nothing.")


def wait_for_sender(ports: SetupPorts, answers: Answers) -> None:
    """Wait until SES sends for the domain, and in the sandbox to the first editor as well.

    Raises:
        StoppedError: It does not yet.
    """
    domain, (_, owner) = answers.sender_domain, answers.first_editor
    wait_until(
        lambda: "" if _verified(ports, domain) else f"SES has not seen the records of {domain} yet.",
        ports,
        stopped="That takes minutes, rarely a day.",
    )
    if not ports.account.sending_state().production and owner.rpartition("@")[2].lower() != domain:
        if ports.senders.find(owner) is None:
            ports.senders.register(owner)
        wait_until(
            lambda: "" if _verified(ports, owner) else f"SES has written to {owner}: click the link in that email.",
            ports,
            stopped="In the sandbox SES writes to nobody who has not clicked.",
        )
    ports.person.say(f"SES sends for {domain}.")


def _verified(ports: SetupPorts, identity: str) -> bool:
    found = ports.senders.find(identity)
    return found is not None and found.verified
