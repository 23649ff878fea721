"""The keys, where they are, and whether links to leave work."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.aws.secrets import is_parameter
from newsletter_cli.key_parameters import SIGNING
from newsletter_cli.operator.ages import age
from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see, warning
from newsletter_cli.operator.doctor.patient import Patient
from newsletter_cli.operator.move_keys import KeysOfStack
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


def key_places(patient: Patient) -> Iterator[Finding]:
    """Look at where the keys are; while they are moved, at whether both places have the same."""
    if not is_parameter(patient.stack.settings.signing_keys_secret):
        yield ok("key places", "They are in Secrets Manager.")
        return
    keys = KeysOfStack.of(patient.stack)
    if SIGNING not in keys.secrets:
        yield ok("key places", "They are in Parameter Store; the address key is in Secrets Manager.")
        return
    read, other = read_ring(patient.stack).keys, read_ring(patient.stack, keys.secrets[SIGNING]).keys
    if read.current in (other.previous, *other.retired):
        found = "Functions read keys in Parameter Store that are older than those in Secrets Manager."
        yield problem("key places", found, "Deploy with KeysIn=secrets. " + see("Where the keys are"))
    else:
        found = "They are read in Parameter Store, and there are secrets besides: they are being moved."
        yield warning("key places", found, "Go on with `newsletter move-keys`. " + see("Where the keys are"))


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
