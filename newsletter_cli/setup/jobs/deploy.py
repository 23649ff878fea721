"""The bill, the deployment, and what is protected once it has succeeded."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.core.ports import Clock
from newsletter_cli.setup.domain.answers import ASK_USEFUL, IN_SECRETS, KEYS_IN, Answers, parameters
from newsletter_cli.setup.domain.bill import bill_lines
from newsletter_cli.setup.ports import Deployment, Person, Progress, SetupPorts
from newsletter_cli.setup.stopped import StoppedError

LOOK = 3.0
"""Seconds between two looks at a deployment."""

LONGEST = 60 * 60.0
"""Seconds that a deployment may take; CloudFront takes up to a quarter of an hour."""

GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
FIT_FOR_CHANGES = (*GOOD, "UPDATE_ROLLBACK_COMPLETE")
GONE = "DELETE_COMPLETE"
REMOVABLE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
"""What a first deployment that failed leaves: a name that is taken, and no newsletter."""

OWN_IDENTITY = "CreateSenderIdentity"
GUESSED = ("AlarmEmail", "Size", KEYS_IN, ASK_USEFUL)
"""Parameters that follow from the answers only as long as nobody says otherwise."""

UNEXECUTED = "REVIEW_IN_PROGRESS"
"""Of a stack that exists only as a plan; the next deployment uses its name."""

HINTS = {
    "must be verified": "AWS lets a new account use CloudFront only after it has looked at it: open a case in the "
    "Support Center (Account and billing), and say that you want to create CloudFront distributions. It takes a day.",
    "already exists": "Something of that name is there already, of another stack or made by hand.",
    "CNAMEAlreadyExists": "Another distribution has this domain. Take it off that one, or choose another.",
}
"""What to do, by words of AWS's reasons."""


def chosen_parameters(ports: SetupPorts, answers: Answers) -> dict[str, str]:
    """Return the parameters that a deployment has to name: those that differ from the defaults, or from the stack's.

    What a person wrote into the file of parameters stays, unless an answer says otherwise.
    """
    certificate = ports.certificates.find(answers.domain) if answers.domain else None
    known, by_hand = ports.deployment.known_parameters(), ports.notebook.parameters()
    wanted = parameters(answers, certificate_arn=certificate.arn if certificate else "")
    there = _deployed(ports)
    if there.get(OWN_IDENTITY):  # a stack that made the identity keeps it
        wanted[OWN_IDENTITY] = there[OWN_IDENTITY]
    if not _is_new(ports.deployment.status()):  # the keys stay where they are; `newsletter move-keys` moves them
        deployed = ports.deployment.deployed_parameters()
        wanted[KEYS_IN] = deployed.get(KEYS_IN) or IN_SECRETS
        wanted[ASK_USEFUL] = deployed.get(ASK_USEFUL) or "off"  # its readers are asked when somebody decides so
    wanted = {**by_hand, **wanted, **{name: by_hand[name] for name in GUESSED if name in by_hand}}
    return {
        name: value for name, value in wanted.items() if known.get(name) != value or there.get(name, value) != value
    }


def _deployed(ports: SetupPorts) -> Mapping[str, str]:
    fit = ports.deployment.status() in FIT_FOR_CHANGES
    return ports.deployment.deployed_parameters() if fit else {}


def _is_new(status: str) -> bool:
    """Return whether no stack is in use, nor being made."""
    return status in ("", UNEXECUTED, GONE, *REMOVABLE)


def show_bill(ports: SetupPorts, answers: Answers) -> None:
    """Show what it will cost, and ask whether to go on; not again once it is deployed.

    Raises:
        StoppedError: The person would rather not.
    """
    wanted = {**ports.deployment.known_parameters(), **chosen_parameters(ports, answers)}
    for line in bill_lines(wanted["Size"], answers.reader_count, keys_in=wanted[KEYS_IN]):
        ports.person.say(line)
    if ports.deployment.status() in ("", UNEXECUTED) and not ports.person.agrees("Deploy it?"):
        raise StoppedError("Nothing was deployed. The same command goes on from here when you like.")


def deploy(ports: SetupPorts, answers: Answers) -> None:
    """Build and deploy, or follow a deployment that is under way already.

    Raises:
        StoppedError: It failed; what failed, and why, is in the sentence.
    """
    deployment, say = ports.deployment, ports.person.say
    chosen = chosen_parameters(ports, answers)
    ports.notebook.keep_parameters(chosen)
    if under_way(deployment.status()):
        say("A deployment is under way; this follows it.")
        follow(ports.deployment, ports.person, ports.clock)
    if deployment.status() in REMOVABLE:
        say("The first deployment failed and left an empty stack; it is deleted before the next.")
        deployment.remove()
        ports.clock.sleep(LOOK)
        follow(ports.deployment, ports.person, ports.clock)
    status = deployment.status()
    if status in GOOD and all(_deployed(ports).get(name, value) == value for name, value in chosen.items()):
        say("It is deployed, with these very answers. A new release is deployed by `make deploy`.")
        return
    if status and status not in (*FIT_FOR_CHANGES, UNEXECUTED, GONE):
        raise StoppedError(
            f"The stack is in the state {status}, out of which AWS lets only a person: CloudFormation console, the "
            "stack, Stack actions. Then run the same command again."
        )
    deployment.start(chosen)
    end = follow(ports.deployment, ports.person, ports.clock)
    if end.failed or end.status not in GOOD:
        raise StoppedError(_why(end))
    say("It is deployed.")


def protect(ports: SetupPorts, answers: Answers) -> None:  # noqa: ARG001 - as all steps
    """Protect the stack and its tables, now that nothing of them has to be taken back any more."""
    if ports.deployment.is_protected():
        ports.person.say("The stack and its tables are protected against deletion.")
        return
    ports.deployment.protect()
    ports.person.say("The stack and its tables are protected against deletion now; `newsletter teardown` lifts it.")


def follow(deployment: Deployment, person: Person, clock: Clock) -> Progress:
    """Show how far the stack is until nothing works on it any more, and return how it ended.

    Raises:
        StoppedError: It takes longer than any deployment does.
    """
    until = clock.now().timestamp() + LONGEST
    while True:
        at = deployment.progress()
        over = not at.working and not under_way(at.status)
        person.show_progress(at.total if over else min(at.done, max(at.total - 1, 0)), at.total, at.latest)
        if over:
            return at
        if clock.now().timestamp() > until:
            raise StoppedError("It takes longer than an hour; look at the CloudFormation console.")
        clock.sleep(LOOK)


def under_way(status: str) -> bool:
    """Return whether CloudFormation works on the stack."""
    return status.endswith("_IN_PROGRESS") and status != UNEXECUTED


def _why(end: Progress) -> str:
    said = "\n".join(f"  {each}" for each in end.failures[:5]) or f"  the stack ended as {end.status or 'nothing'}"
    hints = [hint for words, hint in HINTS.items() if any(words in each for each in end.failures)]
    again = "Run the same command again when that is mended; a first deployment that failed leaves nothing in the way."
    return "\n".join(["The deployment failed:", said, *hints, again])
