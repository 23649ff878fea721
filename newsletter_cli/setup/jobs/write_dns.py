"""DNS records: written where the account has the zone, else shown ready to paste; then waited for."""

from __future__ import annotations

from collections.abc import Sequence

from newsletter_cli.setup.domain.answers import Answers
from newsletter_cli.setup.domain.dns import (
    Look,
    Record,
    State,
    address_record,
    certificate_record,
    look_at,
    sender_records,
)
from newsletter_cli.setup.jobs.patience import wait_until
from newsletter_cli.setup.ports import Certificate, SetupPorts
from newsletter_cli.setup.stopped import StoppedError

ISSUED = "ISSUED"
PENDING = "PENDING_VALIDATION"


def request_certificate(ports: SetupPorts, answers: Answers) -> None:
    """Request the certificate of the pages' domain in us-east-1, or take the one that is there."""
    say, certificates = ports.person.say, ports.certificates
    if not answers.domain:
        say("The pages live at an address of CloudFront, which has one.")
        return
    if (found := certificates.find(answers.domain)) is not None:
        state = "issued" if found.status == ISSUED else "requested, and not issued yet"
        say(f"There is one for {answers.domain} in us-east-1, {state}.")
        return
    if certificates.is_elsewhere(answers.domain):
        say(
            f"There is one for {answers.domain} in {ports.account.region}, where CloudFront does not look. Another is "
            "requested in us-east-1; both cost nothing."
        )
    certificates.request(answers.domain)
    say(f"One for {answers.domain} is requested in us-east-1.")


def write_records(ports: SetupPorts, answers: Answers) -> None:
    """Write the records of the sender and of the certificate, and wait until name servers say them.

    Raises:
        StoppedError: They do not yet, or something else stands in their place.
    """
    _see_to(_records(ports, answers), ports)


def await_certificate(ports: SetupPorts, answers: Answers) -> None:
    """Wait until the certificate is issued.

    Raises:
        StoppedError: It is not yet, or was refused.
    """
    if not answers.domain:
        ports.person.say("None is needed.")
        return

    def missing() -> str:
        found = _certificate(ports, answers)
        return "" if found.status == ISSUED else f"The certificate of {answers.domain} is not issued yet."

    wait_until(missing, ports, stopped="AWS issues it some minutes after its DNS record is there.")
    ports.person.say("It is issued.")


def lead_to_pages(ports: SetupPorts, answers: Answers) -> None:
    """Point the pages' domain to the distribution, which has a name only now.

    Raises:
        StoppedError: The record is not there yet.
    """
    distribution = ports.deployment.outputs().get("DistributionDomain", "")
    if not answers.domain or not distribution:
        ports.person.say(ports.deployment.outputs().get("ArchiveUrl", "The stack knows it."))
        return
    _see_to([address_record(answers.domain, distribution)], ports)


def _records(ports: SetupPorts, answers: Answers) -> list[Record]:
    identity = ports.senders.find(answers.sender_domain)
    if identity is None:
        raise StoppedError(f"{answers.sender_domain} is no longer registered at SES. Run the same command again.")
    records = sender_records(
        answers.sender_domain, identity.tokens, identity.signing_zone, identity.mail_from, ports.account.region
    )
    if answers.domain:
        found = _certificate(ports, answers)
        if not found.record_name and found.status == PENDING:  # ACM takes some seconds to name it
            wait_until(lambda: _unnamed(ports, answers), ports, stopped="It takes seconds.")
            found = _certificate(ports, answers)
        if found.record_name:
            records.append(certificate_record(found.record_name, found.record_content))
    return records


def _unnamed(ports: SetupPorts, answers: Answers) -> str:
    return "" if _certificate(ports, answers).record_name else "ACM has not named the certificate's record yet."


def _certificate(ports: SetupPorts, answers: Answers) -> Certificate:
    found = ports.certificates.find(answers.domain)
    if found is None:
        raise StoppedError(
            f"The certificate of {answers.domain} was refused or is gone. Run the same command again; it asks for "
            "another. If that is refused too, a CAA record of the domain may forbid Amazon to issue one."
        )
    return found


def _see_to(records: Sequence[Record], ports: SetupPorts) -> None:
    """Add what is missing where the account keeps the zone, show the rest, and wait for all."""
    mine = [record for record in records if _added(record, ports)]
    others = [record for record in records if record not in mine]
    say = ports.person.say
    if mine:
        say(f"{len(mine)} records are in Route 53, in a zone of this account.")
    missing = [record for record in others if look_at(record, ports.dns).state is not State.RIGHT]
    if missing:
        say(
            "Add these records, or send them to whoever looks after your DNS. Some DNS pages add the domain to the name"
        )
        say("themselves; then leave it off.\n")
        for record in missing:
            say(f"  {record.name}  {record.kind}  {record.content}\n      {record.purpose}")
        say("")
    wait_until(
        lambda: _sentence([look_at(record, ports.dns) for record in records]),
        ports,
        stopped="DNS takes minutes, rarely hours.",
    )
    say(f"All {len(records)} answer as they should.")


def _added(record: Record, ports: SetupPorts) -> bool:
    """Return whether the record is in a zone of this account; what somebody else wrote there is left to them."""
    zone = ports.zones.zone_of(record.name)
    if not zone:
        return False
    found = ports.zones.find(zone, record.name, record.kind)
    if not found and look_at(record, ports.dns).state is not State.RIGHT:
        ports.zones.add(zone, record.name, record.kind, record.content)
        return True
    return record.adequate(found)


def _sentence(looks: Sequence[Look]) -> str:
    """Return what is missing or wrong; empty if nothing is."""
    open_ones = [each for each in looks if each.state is not State.RIGHT]
    if not open_ones:
        return ""
    right = len(looks) - len(open_ones)
    lines = [f"{right} of {len(looks)} records answer as they should. Not yet:"]
    for each in open_ones:
        why = each.found or "nothing answers there yet"
        lines.append(f"  {each.record.name} {each.record.kind}: {why}. It should say {each.record.content}")
    return "\n".join(lines)
