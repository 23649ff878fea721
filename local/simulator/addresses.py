"""What SES takes for an address."""

import re
from email.utils import parseaddr

LONGEST = 320  # what SES documents for an address with its angle brackets left out
_LOCAL = re.compile(r"[!-?A-~]{1,64}")
_DOMAIN = re.compile(
    r"(?=.{1,255}$)[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)+"
)


class BadAddressError(ValueError):
    """An address SES refuses, with its words for it."""


def bare(address: str) -> str:
    """Return `a@b.org` of `A B <a@b.org>`.

    Raises:
        BadAddressError: Not an address, a local part outside 7-bit ASCII, or a domain that is not Punycode.
    """
    if "\r" in address or "\n" in address:
        raise BadAddressError("Local address contains control or whitespace")
    _, found = parseaddr(address)
    local, at, domain = found.rpartition("@")
    if not at or not domain:
        raise BadAddressError("Missing final '@domain'")
    if not local.isascii():
        raise BadAddressError("Local part of the address contains characters outside 7-bit ASCII")
    if len(found) > LONGEST or not _LOCAL.fullmatch(local) or local.startswith(".") or ".." in local:
        raise BadAddressError("Local address contains control or whitespace")
    if not _DOMAIN.fullmatch(domain):
        raise BadAddressError("Domain contains illegal character")
    return found


def display_name(address: str) -> str:
    """Return `A B` of `A B <a@b.org>`, or nothing."""
    return parseaddr(address)[0]


def domain_of(address: str) -> str:
    """Return the domain of a bare address, in lower case."""
    return address.rpartition("@")[2].lower()
