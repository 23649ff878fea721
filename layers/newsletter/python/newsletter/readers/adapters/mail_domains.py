"""Whether a domain takes mail at all, as DNS says: its MX records, or the address that mail goes to without them."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from newsletter.readers.near_miss import is_well_known

if TYPE_CHECKING:
    from dns.resolver import Answer, Resolver

BUDGET = 0.25
"""Seconds for all questions about one domain: a sign-up waits for them. Whatever takes longer counts as unknown."""

REMEMBERED = 1000
"""Answers that stay in memory, each for as long as DNS says it holds."""


class DnsMailDomains:
    """Asks the name servers that the machine is set up with."""

    def __init__(self, resolver: Resolver | None = None, *, budget: float = BUDGET) -> None:
        """Take a resolver, or make that of the machine when somebody asks."""
        self._resolver = resolver
        self._budget = budget

    def takes_no_mail(self, domain: str) -> bool:
        """Return whether nothing can be delivered to this domain, for certain.

        It does not exist; or it says that it takes no mail (a null MX); or it has neither an MX record nor an address.
        Without a clear answer (time is up, a server fails, there is no network) it may well take mail. Where many
        people have their mailboxes, nobody is asked.

        Args:
            domain: In ASCII, as an address has it after the @ sign.

        Source: https://www.rfc-editor.org/rfc/rfc5321#section-5.1, https://www.rfc-editor.org/rfc/rfc7505
        """
        if is_well_known(domain.lower()):
            return False
        # Here, because it takes 80 ms of a processor to load, which most sign-ups do without.
        from dns.exception import DNSException
        from dns.name import root
        from dns.resolver import NXDOMAIN

        deadline = monotonic() + self._budget
        try:
            exchanges = [each.exchange for each in self._ask(domain, "MX", deadline).rrset or ()]
            if exchanges:
                return exchanges == [root]
            return not any(self._ask(domain, kind, deadline).rrset for kind in ("A", "AAAA"))
        except NXDOMAIN:
            return True
        except DNSException:
            return False

    def _ask(self, domain: str, kind: str, deadline: float) -> Answer:
        from dns.resolver import LRUCache, Resolver

        if self._resolver is None:
            self._resolver = Resolver()
        if self._resolver.cache is None:
            self._resolver.cache = LRUCache(REMEMBERED)
        left = max(0.0, deadline - monotonic())
        # With the dot at its end the name is whole: no search list of the machine is tried behind it.
        return self._resolver.resolve(f"{domain}.", kind, lifetime=left, raise_on_no_answer=False)


class AnyMailDomain:
    """Takes every domain for one that takes mail, and asks nobody: `CheckMailDomains` is off."""

    def takes_no_mail(self, domain: str) -> bool:
        """Return False."""
        del domain
        return False
