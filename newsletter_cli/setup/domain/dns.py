"""The DNS records that a newsletter needs, and what is wrong with those that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from newsletter.desk.settings.sender_dns import Dns

AMAZON = "include:amazonses.com"


class State(StrEnum):
    """How a record stands."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Record:
    """A record that belongs into DNS."""

    name: str
    kind: str
    content: str
    """As one pastes it: without quotes, without a dot at the end."""
    purpose: str
    adequate: Callable[[Sequence[str]], bool]
    """Whether what stands there will do."""
    also: tuple[str, ...] = ()
    """Names at which the same will do: a policy of the domain above counts for those below."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a record showed."""

    record: Record
    state: State
    found: str = ""
    """A sentence about what stands there instead."""


def sender_records(domain: str, tokens: Sequence[str], signing_zone: str, mail_from: str, region: str) -> list[Record]:
    """Return what the sender's domain needs: three signatures of SES, where bounces go, and a DMARC policy."""
    records = [
        _cname(f"{token}._domainkey.{domain}", f"{token}.{signing_zone}", "the signature of SES (DKIM)")
        for token in tokens
    ]
    if mail_from:
        bounces = f"feedback-smtp.{region}.amazonses.com"
        records.append(
            Record(mail_from, "MX", f"10 {bounces}", "where bounces go", lambda found: _has_host(found, bounces))
        )
        records.append(Record(mail_from, "TXT", f"v=spf1 {AMAZON} ~all", "that SES may send (SPF)", _names_amazon))
    records.append(_dmarc(domain))
    return records


def certificate_record(name: str, content: str) -> Record:
    """Return the record by which a certificate is validated, and renewed."""
    return _cname(name.rstrip("."), content.rstrip("."), "the certificate of the pages; leave it there for ever")


def address_record(domain: str, distribution: str) -> Record:
    """Return the record that leads to the pages."""
    return _cname(domain, distribution, "the pages")


def look_at(record: Record, dns: Dns) -> Look:
    """Return how a record stands, as a name server says."""
    found = dns(record.name, record.kind)
    if record.adequate(found):
        return Look(record, State.RIGHT)
    if any(record.adequate(dns(name, record.kind)) for name in record.also):
        return Look(record, State.RIGHT)
    if found:
        return Look(record, State.WRONG, f"there stands: {'; '.join(sorted(found))}")
    twice = f"{record.name}.{_parent(record.name)}"
    if record.adequate(dns(twice, record.kind)):
        return Look(
            record, State.WRONG,
            f"it stands at {twice}: the page of your DNS adds the domain by itself. Leave it off the name",
        )  # fmt: skip
    return Look(record, State.MISSING)


def _dmarc(domain: str) -> Record:
    labels = domain.split(".")
    above = tuple(f"_dmarc.{'.'.join(labels[start:])}" for start in range(1, len(labels) - 1))
    what_for = "what others do with mail that is not yours"
    return Record(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=none", what_for, _is_dmarc, above)


def _cname(name: str, target: str, purpose: str) -> Record:
    return Record(
        name, "CNAME", target, purpose, lambda found: [each.lower().rstrip(".") for each in found] == [target]
    )


def _parent(name: str) -> str:
    """Return the domain that a DNS page would add: the last two names, or what stands behind an underscore's."""
    labels = name.split(".")
    own = [place for place, label in enumerate(labels) if label.startswith("_")]
    return ".".join(labels[own[-1] + 1 :] if own else labels[1:])


def _has_host(found: Sequence[str], host: str) -> bool:
    """Return whether mail goes to this host and to no other: SES wants its own MX record alone."""
    return [each.split()[-1].lower().rstrip(".") for each in found] == [host]


def _names_amazon(found: Sequence[str]) -> bool:
    policies = [each.lower().split() for each in found if each.lower().split()[:1] == ["v=spf1"]]
    return len(policies) == 1 and AMAZON in policies[0]


def _is_dmarc(found: Sequence[str]) -> bool:
    return len([each for each in found if each.lower().startswith("v=dmarc1")]) == 1
