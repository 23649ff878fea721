"""Whether a newsletter can live in this account and this region, before anything is made in it."""

from __future__ import annotations

from newsletter_cli.setup.domain.answers import Answers
from newsletter_cli.setup.domain.regions import remarks
from newsletter_cli.setup.ports import SetupPorts
from newsletter_cli.setup.stopped import StoppedError

FREE_ALARMS = 10
ALARMS_MOST = 5_000
"""Of an account in a region, unless AWS raised it."""

ALARM = "AWS::CloudWatch::Alarm"


def check_account(ports: SetupPorts, answers: Answers) -> None:
    """Say whose account it is, and refuse what would fail late.

    Raises:
        StoppedError: A newsletter cannot live here as things are.
    """
    account, say = ports.account, ports.person.say
    say(f"Account {account.number()}, region {account.region}.")
    if why := account.refusal():
        raise StoppedError(why)
    for remark in remarks(account.region):
        say(remark)
    _check_mail(ports)
    _check_neighbours(ports, answers)
    _check_alarms(ports)


def _check_mail(ports: SetupPorts) -> None:
    state = ports.account.sending_state()
    if state.enforcement == "SHUTDOWN" or not state.sending:
        raise StoppedError(
            "Amazon SES has stopped all sending of this account, so no email of the newsletter would leave. The SES "
            "console says why (Account dashboard); answer there first. Nothing was changed."
        )
    if state.enforcement == "PROBATION":
        ports.person.say("Amazon SES is reviewing this account; see its console before you send to many.")


def _check_neighbours(ports: SetupPorts, answers: Answers) -> None:
    if others := ports.account.stacks_sending_for(answers.sender_domain):
        ports.person.say(
            f"{', '.join(others)} sends for {answers.sender_domain} too. They share its identity at SES, its "
            "reputation and the account's quota; each keeps readers of its own."
        )
    if answers.domain and (distribution := ports.account.distribution_at(answers.domain)):
        raise StoppedError(
            f"{answers.domain} belongs to the distribution {distribution} already, and CloudFront lets no two have it. "
            "Choose another domain (`newsletter setup --again`), or take it off that one first."
        )


def _check_alarms(ports: SetupPorts) -> None:
    deployment = ports.deployment
    if deployment.status():
        return
    there, ours = ports.account.alarm_count(), deployment.resource_counts({}).get(ALARM, 0)
    if there + ours > ALARMS_MOST:
        raise StoppedError(
            f"The account has {there:,} alarms here, and this needs {ours} more; {ALARMS_MOST:,} is the most. Delete "
            "some, or ask for more in Service Quotas (Amazon CloudWatch)."
        )
    if there >= FREE_ALARMS:
        ports.person.say(f"The account has {there:,} alarms here already, so the ten free ones are used up.")
