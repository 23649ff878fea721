"""A domain that is one slip of a finger away from one that many people have: gmial.com, hotmail.con."""

from __future__ import annotations

from os.path import commonprefix

POPULAR = tuple(
    (  # noqa: SIM905 - a list of words reads better as words
        "gmail.com googlemail.com hotmail.com hotmail.co.uk outlook.com yahoo.com yahoo.co.uk icloud.com protonmail.com"
        " btinternet.com talktalk.net virginmedia.com comcast.net verizon.net t-online.de freenet.de orange.fr"
        " laposte.net wanadoo.fr hotmail.fr yahoo.fr hotmail.es telefonica.net libero.it"
    ).split()
)
"""Where many private readers in our languages have their mailboxes, with names long enough to be mistyped."""

OTHERS = frozenset(
    (  # noqa: SIM905 - a list of words reads better as words
        "email.com mail.com ymail.com gmx.com hotmail.de hotmail.it yahoo.de yahoo.es yahoo.ca yahoo.in"
    ).split()
)
"""Real ones that are as near."""

LONGEST = 254
"""Characters; what is longer is no address."""


def suggested_address(email: str) -> str:
    """Return the address that was probably meant; empty where it may well be right as it is.

    Nothing is looked up, and nobody's address is compared with anybody's: it is about the domain alone.
    """
    if len(email) > LONGEST:
        return ""
    local, at, domain = email.strip().rpartition("@")
    meant = near_miss(domain.lower()) if at and local else ""
    return f"{local}@{meant}" if meant else ""


def is_well_known(domain: str) -> bool:
    """Return whether many people have their mailboxes at this domain, in lower case."""
    return domain in POPULAR or domain in OTHERS


def near_miss(domain: str) -> str:
    """Return the popular domain from which this one differs by one letter too few, too many, wrong or swapped."""
    if is_well_known(domain):
        return ""
    return next((meant for meant in POPULAR if _is_one_slip(domain, meant)), "")


def _is_one_slip(typed: str, meant: str) -> bool:
    """Return whether two different texts differ by one letter missing, added, wrong, or swapped with the next."""
    same = len(commonprefix([typed, meant]))
    typed, meant = typed[same:], meant[same:]
    swapped = typed[:2] == meant[1::-1] and typed[2:] == meant[2:]
    return typed[1:] == meant[1:] or typed == meant[1:] or typed[1:] == meant or swapped
