"""Whether SES reported what it took: for the sends that closed lately."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from newsletter.reports.domain.reported import Reported
from newsletter_cli.operator.doctor.finding import Finding, ok, problem
from newsletter_cli.operator.doctor.patient import Patient

LATELY = timedelta(days=14)
"""As long as SQS keeps a message."""

LOOKED_AT = 3
"""Sends: reading what was reported takes a moment for each."""


def reports_of_ses(patient: Patient) -> Iterator[Finding]:
    """Compare what SES took with what it reported."""
    app, fine = patient.stack.app, 0
    for issue in app.issues.newest(LOOKED_AT):
        send = app.sends.get(issue.slug)
        if send is None or send.closed_at is None or patient.now - send.closed_at > LATELY:
            continue
        if send.outcomes_forgotten_at:
            continue
        reported = Reported.of(send, app.evidence.results(send.slug), now=patient.now)
        if reported.missing:
            found = f"SES reported {reported.reported:,} of {reported.accepted:,} emails of {send.slug} that it took."
            yield problem("reports", found, f"newsletter send replay {send.slug}")
        else:
            fine += reported.compared
    if fine:
        yield ok("reports", "SES reported what it took.")
    else:
        yield ok("reports", "There is nothing to compare yet.")
