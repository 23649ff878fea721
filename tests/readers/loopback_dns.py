"""A name server on this machine, with a zone of a few names: what each answers, or that it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.resolver import Resolver

Zone = Mapping[str, Mapping[str, str] | dns.rcode.Rcode | None]
"""By name: its records by type, in the text of a zone file; or an error; or None, for silence. Of others there is no
such name."""

NEGATIVE = ("example.", 300, "IN", "SOA", "ns.example. hostmaster.example. 1 7200 900 1209600 300")
"""Says how long a "no" holds."""


class LoopbackDns:
    """Answers from a zone, and remembers what it was asked."""

    def __init__(self, zone: Zone) -> None:
        self.asked: list[tuple[str, str]] = []
        self._zone = zone
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))

    def resolver(self) -> Resolver:
        """Return what asks this server and no other."""
        made = Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.1"], self._socket.getsockname()[1]
        return made

    def serve(self) -> None:
        """Answer until an empty packet comes."""
        while packet := self._socket.recvfrom(4096):
            content, client = packet
            if not content:
                break
            if (answer := self._answer(dns.message.from_wire(content))) is not None:
                self._socket.sendto(answer.to_wire(), client)

    def stop(self, thread: Thread) -> None:
        """End `serve`."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"", self._socket.getsockname())
        thread.join()
        self._socket.close()

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        found = self._zone.get(name, dns.rcode.NXDOMAIN)
        if found is None:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if isinstance(found, dns.rcode.Rcode):
            answer.set_rcode(found)
        elif kind in found:
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, found[kind]))
        if not answer.answer:
            answer.authority.append(dns.rrset.from_text(*NEGATIVE))
        return answer


@contextmanager
def name_server(zone: Zone) -> Iterator[LoopbackDns]:
    """Run a name server for the length of a `with` block."""
    server = LoopbackDns(zone)
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop(thread)
