"""A mail to one of our mailboxes, to leave or in reply to an issue: its envelope and header, never what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NOBODY = frozenset({"", "<>"})
"""The sender of a mail that must not be answered: bounces, and answers of careful programs (RFC 5321, 4.5.5)."""

ANSWERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-for")
"""Header fields that out-of-office programs add, besides the one of the standard."""

REPORT_TYPES = ("multipart/report", "application/zip", "application/gzip", "application/x-gzip", "text/xml")
"""Bounces and receipts of reading (RFC 6522), and DMARC's aggregate reports, which are a file and nothing else."""


class Hand(StrEnum):
    """Who wrote the mail, as far as its header tells."""

    PERSON = "person"
    PROGRAM = "program"
    """Other machines: lists, notices. Some mail programs mark what they write for their owner like this."""
    ANSWER = "answer"
    """An out-of-office program: its owner does not know of the mail."""
    REPORT = "report"
    """A bounce, a receipt of reading, a DMARC report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMail:
    """One mail, as far as leaving goes."""

    tokens: tuple[str, ...] = ()
    """What stood behind `leave+` in the addresses it was sent to."""
    reply_tokens: tuple[str, ...] = ()
    """What stood behind `replies+`: the mail answers an issue, and people have it too."""
    for_leaving: bool = True
    """Whether it was sent to the address to leave by. A reply to an issue is no wish to leave."""
    writer: str = ""
    """The one address in its From; empty where there is none, or several."""
    aligned: bool = False
    """Whether SES proved by DMARC that the domain of the writer sent it."""
    hand: Hand = Hand.PERSON


def hand_of(header: Mapping[str, str], envelope_sender: str) -> Hand:
    """Return who wrote a mail.

    Source: https://www.rfc-editor.org/rfc/rfc3834, and for DMARC's reports https://www.rfc-editor.org/rfc/rfc7489

    Args:
        header: The fields by their names in lower case.
        envelope_sender: Whom the sending server names for answers.
    """
    submitted = re.split(r"[;(\s]", header.get("auto-submitted", "no").strip().lower())[0]
    precedence = header.get("precedence", "").strip().lower()
    kind = header.get("content-type", "").partition(";")[0].strip().lower()
    if kind in REPORT_TYPES or header.get("subject", "").strip().lower().startswith("report domain:"):
        return Hand.REPORT
    if submitted == "auto-replied" or precedence == "auto_reply" or any(name in header for name in ANSWERS):
        return Hand.ANSWER
    if submitted != "no" or precedence or "list-id" in header or envelope_sender in NOBODY:
        return Hand.PROGRAM
    return Hand.PERSON
