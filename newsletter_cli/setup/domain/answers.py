"""What was answered, and what it means to the template."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.core.team import read_team
from newsletter_cli.setup.domain.questions import first_day


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers, each as its question keeps it."""

    name: str
    postal_address: str
    sender: str
    time_zone: str
    first_day: str
    domain: str
    editors: str
    readers: str

    @property
    def sender_domain(self) -> str:
        """The domain that SES sends for."""
        return self.sender.rpartition("@")[2]

    @property
    def first_editor(self) -> tuple[str, str]:
        """Name and address of whoever owns the desk at first: the first who approves."""
        if "<" not in self.editors:
            return "", self.editors
        person = next(each for each in read_team(self.editors) if each.approves)
        return person.name, person.email

    @property
    def reader_count(self) -> int:
        """How many readers are expected."""
        return int(self.readers)


def parameters(answers: Answers, *, certificate_arn: str) -> dict[str, str]:
    """Return the parameters of the template that the answers set.

    Args:
        answers: All of them.
        certificate_arn: Of the domain's certificate; empty without a domain.
    """
    at = first_day(answers.first_day)
    _, owner = answers.first_editor
    return {
        "NewsletterName": answers.name,
        "PostalAddress": answers.postal_address,
        "SenderEmail": answers.sender,
        "TimeZone": answers.time_zone,
        "AnchorDate": f"{at:%Y-%m-%d}",
        "SendHour": str(at.hour),
        "SendMinute": str(at.minute),
        "EditorEmail": owner,
        "Editors": answers.editors if "<" in answers.editors else "",
        "AlarmEmail": owner,
        "DomainName": answers.domain,
        "CertificateArn": certificate_arn,
        # Registered at SES before anything is deployed, so that no stack's life hangs on it.
        "CreateSenderIdentity": "false",
        ASK_USEFUL: "on",
        "Size": "small" if answers.reader_count < LARGE else "large",
        KEYS_IN: IN_PARAMETERS if answers.reader_count < LARGE else IN_SECRETS,
    }


LARGE = 20_000
"""Readers from which the alarms of a large list are worth their price.

So are secrets: Parameter Store gives an account 40 keys a second, and after a send to so many more functions may start.
Source: https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm
"""

ASK_USEFUL = "AskUseful"
"""The parameter of the template that has readers asked whether an issue was useful."""

KEYS_IN = "KeysIn"
"""The parameter of the template that says where a stack reads its keys."""

IN_SECRETS, IN_PARAMETERS = "secrets", "parameters"
