"""The two secrets, and whether links to leave work."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter_cli.operator.ages import age
from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see
from newsletter_cli.operator.doctor.patient import Patient
from newsletter_cli.operator.signing_keys import read_ring

SHORTEST = 32
"""Letters. A shorter key was typed by somebody; those of the template have 64."""

LOST = "Put the secret's version AWSPREVIOUS back; without this key nobody is known again."


def address_key(patient: Patient) -> Iterator[Finding]:
    """Look at the key that makes ids."""
    if len(patient.stack.app.address_key) < SHORTEST:
        yield problem("address key", f"The secret AddressKey is shorter than {SHORTEST} letters.", LOST)
    else:
        yield ok("address key", "It is there.")


def signing_keys(patient: Patient) -> Iterator[Finding]:
    """Look at the keys that sign links."""
    ring = read_ring(patient.stack)
    if len(ring.keys.current) < SHORTEST:
        found = f"The current signing key is shorter than {SHORTEST} letters."
        yield problem("signing keys", found, "Run `newsletter rotate-keys`.")
        return
    when = f"rotated {age(patient.now - ring.rotated_at)} ago" if ring.rotated_at else "never rotated"
    retired = len(ring.keys.retired)
    yield ok("signing keys", f"They are there, {when}, {retired} retired.")


def one_click(patient: Patient) -> Iterator[Finding]:
    """Press links to leave that were signed for nobody with the newest key and the oldest."""
    keys = read_ring(patient.stack).keys
    oldest = (keys.retired or (keys.previous or keys.current,))[-1]
    for what, key in (("new", keys.current), ("old", oldest)):
        status = patient.leave(keys, key)
        if status != 200:
            said = f"answers {status}" if status else "does not answer"
            yield problem(
                "one-click", f"A link to leave signed with the {what} key {said}.", see("Errors of a page")
            )  # fmt: skip
            return
    yield ok("one-click", "Unsubscribe links work, those in old emails too.")
