"""What readers see."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see, warning
from newsletter_cli.operator.doctor.patient import Patient

SECURITY = ("content-security-policy", "x-content-type-options", "referrer-policy")
ENCRYPTED = "strict-transport-security"


def archive(patient: Patient) -> Iterator[Finding]:
    """Ask for the home page as a reader does."""
    answer = patient.fetch(f"{patient.stack.url}/")
    if answer.status != 200:
        said = f"answers {answer.status}" if answer.status else "does not answer"
        remedy = "Look at CloudFront and the log of publish. " + see("Errors of a page")
        yield problem("archive", f"The home page {said}.", remedy)
        return
    yield ok("archive", f"{patient.stack.url}/ answers.")
    wanted = SECURITY if patient.stack.is_local else (*SECURITY, ENCRYPTED)
    if missing := [name for name in wanted if name not in answer.headers]:
        remedy = "CloudFront adds them; whoever serves the pages otherwise must add them too."
        yield warning("page headers", f"Missing: {', '.join(missing)}.", remedy)
    else:
        yield ok("page headers", "The home page has its security headers.")
