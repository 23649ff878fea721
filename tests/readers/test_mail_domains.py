"""Domains that take no mail: found where DNS is certain, and nowhere else. One contract for the fake and for DNS."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import dns.name
import dns.rcode
import pytest
from dns.resolver import Resolver

from newsletter.readers.adapters.mail_domains import AnyMailDomain, DnsMailDomains
from newsletter.readers.address_ports import MailDomains
from tests.readers.fakes import MemoryMailDomains
from tests.readers.loopback_dns import LoopbackDns, Zone, name_server

ZONE: Zone = {
    "mail.example": {"MX": "10 mx.mail.example."},
    "old.example": {"A": "192.0.2.1"},
    "six.example": {"AAAA": "2001:db8::1"},
    "both.example": {"MX": "10 mx.mail.example.", "A": "192.0.2.1"},
    "never.example": {"MX": "0 .", "A": "192.0.2.1"},
    "text.example": {"TXT": '"v=spf1 -all"'},
    "broken.example": dns.rcode.SERVFAIL,
    "refused.example": dns.rcode.REFUSED,
    "silent.example": None,
}
PATIENCE = 30.0
"""Seconds that a test gives an answer, on a machine that has much else to do."""
WITHOUT_MAIL = frozenset({"never.example", "text.example", "nothing.example", "xn--bcher-kva.example"})


@pytest.fixture
def server() -> Iterator[LoopbackDns]:
    with name_server(ZONE) as running:
        yield running


def asking(server: LoopbackDns) -> DnsMailDomains:
    return DnsMailDomains(server.resolver(), budget=PATIENCE)


@pytest.fixture(params=["memory", "dns"])
def mail_domains(request: pytest.FixtureRequest, server: LoopbackDns) -> MailDomains:
    return MemoryMailDomains(WITHOUT_MAIL) if request.param == "memory" else asking(server)


@pytest.mark.parametrize("domain", ["mail.example", "MAIL.example", "old.example", "six.example", "both.example"])
def test_where_mail_can_go_nothing_is_wrong(mail_domains: MailDomains, domain: str) -> None:
    assert not mail_domains.takes_no_mail(domain)


@pytest.mark.parametrize("domain", [*sorted(WITHOUT_MAIL), "NEVER.example"])
def test_no_such_name_a_null_mx_and_neither_mx_nor_address_take_no_mail(mail_domains: MailDomains, domain: str) -> None:
    assert mail_domains.takes_no_mail(domain)


@pytest.mark.parametrize("domain", ["broken.example", "refused.example"])
def test_a_server_that_fails_is_held_against_nobody(mail_domains: MailDomains, domain: str) -> None:
    assert not mail_domains.takes_no_mail(domain)


def test_who_says_nothing_is_waited_for_no_longer_than_agreed(server: LoopbackDns) -> None:

    resolver = server.resolver()
    resolver.lifetime = PATIENCE

    assert not DnsMailDomains(resolver, budget=0.01).takes_no_mail("silent.example")
    assert not DnsMailDomains(resolver, budget=0.0).takes_no_mail("nothing.example")


@pytest.mark.parametrize("domain", [".", "a..b", f"{'a' * 64}.example", ".".join(["abcdefgh"] * 40)])
def test_what_cannot_be_a_name_of_dns_makes_nothing_fail(server: LoopbackDns, domain: str) -> None:
    assert not asking(server).takes_no_mail(domain)


def test_a_machine_without_a_name_server_refuses_nobody() -> None:
    nobody = Resolver(configure=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        nobody.nameservers, nobody.port = ["127.0.0.1"], closed.getsockname()[1]
    nowhere = Resolver(configure=False)

    assert not DnsMailDomains(nobody).takes_no_mail("nothing.example")
    assert not DnsMailDomains(nowhere).takes_no_mail("nothing.example")


def test_an_answer_is_asked_for_once_and_remembered_also_a_no(server: LoopbackDns) -> None:
    mail_domains = asking(server)

    for _ in range(3):
        assert not mail_domains.takes_no_mail("old.example")
        assert mail_domains.takes_no_mail("nothing.example")

    assert server.asked == [("old.example", "MX"), ("old.example", "A"), ("nothing.example", "MX")]


def test_where_many_people_have_their_mailboxes_nobody_is_asked(server: LoopbackDns) -> None:
    assert not asking(server).takes_no_mail("GMAIL.com")
    assert server.asked == []


def test_a_name_is_asked_for_as_it_is_and_not_below_the_domain_of_the_machine(server: LoopbackDns) -> None:
    resolver = server.resolver()
    resolver.search = [dns.name.from_text("mail.example")]

    assert DnsMailDomains(resolver, budget=PATIENCE).takes_no_mail("nothing")
    assert server.asked == [("nothing", "MX")]


def test_switched_off_it_takes_every_domain() -> None:
    assert not AnyMailDomain().takes_no_mail("nothing.example")


def test_dns_is_loaded_when_somebody_asks_and_not_before() -> None:
    """It would make every first sign-up start later, also those that a limit stops."""
    check = (
        "import sys, newsletter.readers.adapters.mail_domains, functions.subscribe.handler; print('dns' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert answer.stdout == "False\n"
