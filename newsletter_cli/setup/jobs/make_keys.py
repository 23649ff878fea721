"""The keys of a new stack, made before its first deployment: in Parameter Store they cost nothing."""

from __future__ import annotations

from newsletter_cli.setup.domain.answers import IN_PARAMETERS, IN_SECRETS, KEYS_IN, Answers
from newsletter_cli.setup.jobs.deploy import chosen_parameters
from newsletter_cli.setup.ports import SetupPorts


def make_keys(ports: SetupPorts, answers: Answers) -> None:
    """Make the keys that are not there, if the stack is to read them in Parameter Store."""
    say = ports.person.say
    if chosen_parameters(ports, answers).get(KEYS_IN, IN_SECRETS) != IN_PARAMETERS:
        say("The keys are in Secrets Manager, where the deployment makes those that are not there.")
        return
    made = ports.keys.make_missing()
    for name in made:
        say(f"Made {name}, which nobody has seen.")
    if not made:
        say("The keys are in Parameter Store; they stay as they are.")
