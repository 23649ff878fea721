"""DNS of the sender's domain: SPF, DKIM, DMARC, and whether they align with the From address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from newsletter.aws.ses_identity import SesIdentity
from newsletter.desk.settings.sender_dns import sender_findings
from newsletter_cli.operator.doctor.finding import Finding, Level, skipped
from newsletter_cli.operator.doctor.patient import Patient

NAMES = ("DKIM", "SPF", "DMARC", "alignment")
ON_A_LAPTOP = "There is no DNS for the sender of a laptop stack."


def mail_dns(patient: Patient) -> Iterator[Finding]:
    """Look at everything that DNS says about the sender's domain."""
    if patient.stack.is_local:
        yield from (skipped(name, ON_A_LAPTOP) for name in NAMES)
        return
    domain = patient.stack.settings.sender_email.rpartition("@")[2].lower()
    for each in sender_findings(domain, identity_of(patient, domain), patient.dns):
        yield Finding(each.name, Level(each.level), each.found, each.remedy)


def identity_of(patient: Patient, domain: str) -> dict[str, Any]:
    """Return what SES says about the sender's domain; nothing if it does not know it."""
    return SesIdentity(patient.stack.client("sesv2"), f"@{domain}").identity()
