"""What readers see."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see, skipped, warning
from newsletter_cli.operator.doctor.patient import Patient

SECURITY = ("content-security-policy", "x-content-type-options", "referrer-policy")
BORROWED = (".cloudfront.net", ".amazonaws.com")
"""Names that AWS gives and takes: nobody gets the same one again."""
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


def lasting_links(patient: Patient) -> Iterator[Finding]:
    """Look at the name on which every link in every email hangs."""
    name = urlsplit(patient.stack.url).hostname or ""
    if patient.stack.is_local:
        yield skipped("lasting links", "Links of a laptop stack end with it.")
    elif name.endswith(BORROWED):
        said = f"Readers' links hang on {name}, which is AWS's. If it goes, nobody can unsubscribe by an old email."
        yield warning("lasting links", said, 'Set DomainName. See "Another address" in docs/upgrade.md.')
    else:
        yield ok("lasting links", f"Readers' links hang on {name}, a name of your own.")
