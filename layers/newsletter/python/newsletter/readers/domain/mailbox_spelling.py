"""One mailbox, many spellings: `ada+news@`, `a.d.a@gmail.com` and `ada@googlemail.com` all reach one person.

For counting alone. Ids and stored addresses stay as their owner writes them: two spellings may be two people with a
provider that we misjudge, and then only share a small limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailboxRules:
    """How a provider reads the part before the @, and which of its domains are one."""

    domain: str
    """The one that stands for the others."""
    ignores: str = ""
    """Characters that make no difference."""
    reads_subdomains: bool = False
    """Whether anything@ada.example.com is ada@example.com."""


GOOGLE = MailboxRules("gmail.com", ignores=".")
APPLE = MailboxRules("icloud.com")
PROTON = MailboxRules("proton.me", ignores=".-_")
YANDEX = MailboxRules("yandex.ru", ignores=".-")
FASTMAIL = MailboxRules("fastmail.com", reads_subdomains=True)
FASTMAIL_FM = MailboxRules("fastmail.fm", reads_subdomains=True)

PROVIDERS: Mapping[str, MailboxRules] = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), GOOGLE),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), APPLE),
    **dict.fromkeys(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), PROTON),
    **dict.fromkeys(("yandex.com", "yandex.ru", "ya.ru", "yandex.by", "yandex.kz"), YANDEX),
    "fastmail.com": FASTMAIL,
    "fastmail.fm": FASTMAIL_FM,
}
"""By domain; a test compares them with those of the library email-normalize."""

SHARED = frozenset({
    "163.com", "aol.com", "bluewin.ch", "btinternet.com", "comcast.net", "free.fr", "gmx.at", "gmx.ch", "gmx.de",
    "gmx.net", "hey.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it",
    "laposte.net", "libero.it", "live.co.uk", "live.com", "live.fr", "mail.com", "mail.ru", "mailbox.org", "msn.com",
    "orange.fr", "outlook.com", "outlook.de", "outlook.es", "outlook.fr", "posteo.de", "qq.com", "rocketmail.com",
    "sky.com", "t-online.de", "talktalk.net", "tutanota.com", "verizon.net", "virginmedia.com", "wanadoo.fr",
    "web.de", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.es", "yahoo.fr", "ymail.com", "zoho.com",
    "zohomail.com",
})  # fmt: skip
"""Providers' other domains, where mailboxes of strangers lie side by side."""


def mailbox_of(email: str) -> str:
    """Return one spelling for all that reach this mailbox, as far as public rules tell.

    Whatever follows a plus is taken for a tag with every provider: nearly all do, and the rest share a small limit.
    """
    local, _, domain = email.lower().rpartition("@")
    provider = PROVIDERS.get(domain)
    if provider is None:
        for owner in (FASTMAIL, FASTMAIL_FM):
            if domain.endswith(f".{owner.domain}"):
                return f"{domain.removesuffix(owner.domain).rstrip('.').rpartition('.')[2]}@{owner.domain}"
        return f"{_untagged(local)}@{domain}"
    kept = "".join(character for character in _untagged(local) if character not in provider.ignores)
    return f"{kept or local}@{provider.domain}"


def own_domain_of(email: str) -> str:
    """Return the domain of an address if one owner keeps all its mailboxes; empty for a provider's."""
    domain = mailbox_of(email).rpartition("@")[2]
    return "" if domain in PROVIDERS or domain in SHARED else domain


def _untagged(local: str) -> str:
    return local.partition("+")[0] or local
