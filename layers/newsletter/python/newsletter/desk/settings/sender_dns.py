"""DNS of the sender's domain: SPF, DKIM, DMARC, and whether they align with the From address.

Mail providers take bulk mail only if it is signed or sent for the domain in From (RFC 7489, section 3.1), and ask for
a DMARC record. Sources: https://support.google.com/a/answer/81126, https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

AMAZON = "include:amazonses.com"
HEADING = 'See "DNS of the sender" in docs/operate.md.'


class Dns(Protocol):
    """A resolver."""

    def __call__(self, name: str, kind: str, /) -> list[str]:
        """Return the records of a name, as text; none if there are none."""
        ...


class DnsLevel(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and may not for long."""
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class DnsFinding:
    """One thing that was looked at."""

    name: str
    level: DnsLevel
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """A record that belongs into the DNS of the sender's domain."""

    name: str
    kind: str
    content: str
    what_for: str


def ok(name: str, found: str) -> DnsFinding:
    """Return that all is well."""
    return DnsFinding(name, DnsLevel.OK, found)


def warning(name: str, found: str, remedy: str) -> DnsFinding:
    """Return that something needs a look."""
    return DnsFinding(name, DnsLevel.WARNING, found, remedy)


def problem(name: str, found: str, remedy: str) -> DnsFinding:
    """Return that something does not work."""
    return DnsFinding(name, DnsLevel.PROBLEM, found, remedy)


def sender_findings(domain: str, identity_facts: Mapping[str, Any], dns: Dns) -> Iterator[DnsFinding]:
    """Look at everything that DNS says about the sender's domain.

    Args:
        domain: Behind the @ of the address in From.
        identity_facts: What SES says of it; nothing if it does not know it.
        dns: Asks a name server.
    """
    attributes = identity_facts.get("MailFromAttributes", {})
    mail_from = attributes.get("MailFromDomain", "").lower()
    yield _dkim(domain, identity_facts, dns)
    yield _spf(mail_from, attributes.get("MailFromDomainStatus", ""), dns)
    policy = _policy(domain, dns)
    yield _dmarc(domain, policy)
    yield _alignment(domain, mail_from, policy, signs=_signs(identity_facts))


def sender_records(domain: str, identity_facts: Mapping[str, Any], region: str) -> list[DnsRecord]:
    """Return the records that belong into DNS, ready to paste."""
    dkim = identity_facts.get("DkimAttributes", {})
    zone = dkim.get("SigningHostedZone", "dkim.amazonses.com")
    records = [
        DnsRecord(f"{token}._domainkey.{domain}", "CNAME", f"{token}.{zone}", "DKIM: that an email is yours")
        for token in dkim.get("Tokens", [])
        if dkim.get("SigningAttributesOrigin") != "EXTERNAL"
    ]
    if mail_from := identity_facts.get("MailFromAttributes", {}).get("MailFromDomain", ""):
        mx = f"10 feedback-smtp.{region}.amazonses.com"
        records.append(DnsRecord(mail_from, "MX", mx, "MAIL FROM: where what bounces goes"))
        records.append(DnsRecord(mail_from, "TXT", f"v=spf1 {AMAZON} ~all", "SPF: who may send for it"))
    records.append(
        DnsRecord(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=none", "DMARC: what others do with email that is not yours")
    )
    return records


def _signs(identity_facts: Mapping[str, Any]) -> bool:
    dkim = identity_facts.get("DkimAttributes", {})
    return bool(dkim.get("SigningEnabled")) and dkim.get("Status") == "SUCCESS"


def _dkim(domain: str, identity_facts: Mapping[str, Any], dns: Dns) -> DnsFinding:
    """SES publishes the keys behind three CNAME records, which it names."""
    dkim = identity_facts.get("DkimAttributes", {})
    tokens = dkim.get("Tokens", [])
    if dkim.get("SigningAttributesOrigin") == "EXTERNAL":
        return ok("DKIM", f"{domain} signs with a key of its own.") if _signs(identity_facts) else _unsigned(domain)
    zone = dkim.get("SigningHostedZone", "dkim.amazonses.com")
    missing = [
        token
        for token in tokens
        if f"{token}.{zone}" not in [each.lower() for each in dns(f"{token}._domainkey.{domain}", "CNAME")]
    ]
    if missing:
        record = f"{missing[0]}._domainkey.{domain} CNAME {missing[0]}.{zone}"
        return problem(
            "DKIM", f"{len(missing)} of {len(tokens)} CNAME records are missing.", f"Add {record}. {HEADING}"
        )
    return ok("DKIM", f"SES signs for {domain}.") if tokens and _signs(identity_facts) else _unsigned(domain)


def _unsigned(domain: str) -> DnsFinding:
    return problem("DKIM", f"SES does not sign for {domain}.", f"Turn on DKIM for the identity in SES. {HEADING}")


def _spf(mail_from: str, status: str, dns: Dns) -> DnsFinding:
    """SPF is asked of the domain in MAIL FROM: SES's own, unless one of ours is configured."""
    if not mail_from:
        return ok("SPF", "MAIL FROM is amazonses.com, whose SPF record is Amazon's.")
    records = [each for each in dns(mail_from, "TXT") if each.lower().split()[:1] == ["v=spf1"]]
    if len(records) > 1:
        return problem("SPF", f"{mail_from} has {len(records)} SPF records; none counts.", f"Leave one. {HEADING}")
    if not records or AMAZON not in records[0].lower().split():
        record = f'{mail_from} TXT "v=spf1 {AMAZON} ~all"'
        return problem("SPF", f"{mail_from} does not name Amazon SES.", f"Add {record}. {HEADING}")
    if not dns(mail_from, "MX"):
        remedy = f"Add the one in the output MailFromRecords of the stack. {HEADING}"
        return problem("SPF", f"{mail_from} has no MX record; SES uses a domain of its own.", remedy)
    if status not in ("SUCCESS", ""):
        return warning(
            "SPF", f"SES has not seen the records of {mail_from} yet ({status}), and uses a domain of its own.",
            f"Wait; SES looks for them for three days. Then set it again in SES. {HEADING}",
        )  # fmt: skip
    return ok("SPF", f"{mail_from} names Amazon SES.")


def _policy(domain: str, dns: Dns) -> dict[str, str]:
    """Return the DMARC record of the domain, or of the one above it, by its tags; empty if there is none."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        records = [
            each for each in dns(f"_dmarc.{'.'.join(labels[start:])}", "TXT") if each.lower().startswith("v=dmarc1")
        ]
        if len(records) == 1:
            tags = (tag.partition("=") for tag in records[0].split(";"))
            policy = {name.strip().lower(): value.strip() for name, _, value in tags if name.strip()}
            if start and "sp" in policy:
                policy["p"] = policy["sp"]
            return policy
    return {}


def _dmarc(domain: str, policy: dict[str, str]) -> DnsFinding:
    if policy.get("p", "").lower() not in ("none", "quarantine", "reject"):
        record = f'_dmarc.{domain} TXT "v=DMARC1; p=none; rua=mailto:..."'
        return problem("DMARC", f"{domain} has no DMARC record; large providers refuse such mail.", f"Add {record}.")
    if policy["p"].lower() == "none":
        return warning(
            "DMARC", "The policy is none: anybody may write in your name.",
            f"Read the reports for some weeks, then say p=quarantine. {HEADING}",
        )  # fmt: skip
    return ok("DMARC", f"The policy is {policy['p'].lower()}.")


def _alignment(domain: str, mail_from: str, policy: dict[str, str], *, signs: bool) -> DnsFinding:
    """One of the two must carry the domain of From: the signature (d=), or MAIL FROM."""
    if signs:
        return ok("alignment", f"The signature is that of {domain}, as in From.")
    strict = policy.get("aspf", "r").lower() == "s"
    if mail_from and (mail_from == domain or (not strict and mail_from.endswith(f".{domain}"))):
        return warning(
            "alignment", "Only MAIL FROM aligns with From, and forwarding breaks it.", f"Add DKIM. {HEADING}"
        )
    return problem("alignment", f"Neither signature nor MAIL FROM is of {domain}.", f"Add DKIM. {HEADING}")
