"""The addresses we put into mails, and the headers that go with them."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.language import language_hint
from newsletter.core.link_token import ID_BYTES, Purpose, SigningKeys, sign

LEAVE_TAG = "leave+"
"""What the address of our leaving mailbox begins with. With the token behind it that is 54 of 64 characters."""

REPLY_TAG = "replies+"
"""What the address begins with at which replies to an issue are counted. With its token that is 40 of 64 characters."""

NOBODY = "0" * 2 * ID_BYTES
"""The links of a test and a rehearsal work and change nothing: they belong to no subscriber."""

NO_MARK = "0" * ID_BYTES
"""The half of a vote's token that stands for a reader, where there is none."""

PATHS = {
    Purpose.ACCOUNT: Purpose.PREFERENCES,
    Purpose.MOVE: Purpose.CONFIRM,
    Purpose.RENEW: Purpose.CONFIRM,
}
"""The pages of links that are not named like their purpose."""

AUTOMATIC = ("Auto-Submitted", "auto-generated")
"""Tells out-of-office programs that nobody waits for their answer: https://www.rfc-editor.org/rfc/rfc3834"""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the personal links of one subscriber."""

    public_url: str
    keys: SigningKeys
    inbound_domain: str = ""
    """Where SES receives mail for us; empty where it does not."""

    def to(self, purpose: Purpose, subscriber_id: str, *, now: datetime, sign_up: int = 0, lang: str = "") -> str:
        """Return the address of the page for this purpose, signed for this subscriber.

        Args:
            purpose: What the link allows.
            subscriber_id: Whom it speaks for.
            now: The moment it is made.
            sign_up: Which of the sign-ups that wait for this mailbox; for CONFIRM.
            lang: The language of the mail that holds the link, in which its page is to go on.
        """
        token = sign(purpose, subscriber_id, self.keys, now=now, sign_up=sign_up)
        return f"{self.public_url}/{PATHS.get(purpose, purpose)}?token={token}{language_hint(lang)}"

    def to_move(self, subscriber_id: str, new_id: str, *, now: datetime, lang: str = "") -> str:
        """Return the address of the page that confirms a change of address; it binds the old id and the new one."""
        token = sign(Purpose.MOVE, subscriber_id, self.keys, now=now, new_id=new_id)
        return f"{self.public_url}/{PATHS[Purpose.MOVE]}?token={token}{language_hint(lang)}"

    def to_vote(self, slug: str, subscriber_id: str, *, now: datetime, lang: str = "") -> str:
        """Return the address of the page that asks whether an issue was useful; the answer is to stand behind it.

        Its token names the issue and, by a keyed hash, the reader in this issue alone: whoever counts the vote learns
        no subscriber id, and two issues of one reader cannot be told to be of one. For the same reason it was made on
        a day and at no moment of it.
        """
        content = f"vote\0{slug}\0{subscriber_id}".encode()
        mark = hmac.digest(self.keys.current.encode(), content, "sha256")[: ID_BYTES // 2].hex()
        subject = vote_half_of_issue(slug) + (NO_MARK if subscriber_id == NOBODY else mark)
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        token = sign(Purpose.VOTE, subject, self.keys, now=day)
        return f"{self.public_url}/vote?issue={slug}&token={token}{language_hint(lang)}&answer="

    def reply_address(self, slug: str) -> str:
        """Return the address at which replies to an issue are counted; nothing where SES receives no mail for us."""
        if not self.inbound_domain:
            return ""
        half = vote_half_of_issue(slug)
        return f"{REPLY_TAG}{half}{_reply_seal(half, self.keys.current)}@{self.inbound_domain}"

    def leave_headers(self, unsubscribe_url: str, reply_to: str) -> tuple[tuple[str, str], ...]:
        """Return the headers of unsubscribing; a mail goes to our own mailbox if SES receives for us, else to people.

        Args:
            unsubscribe_url: As `to` made it: its token is in the address of our mailbox too.
            reply_to: Whom a mail reaches where SES receives nothing for us.
        """
        token = unsubscribe_url.partition("token=")[2].partition("&")[0]
        mailto = f"{LEAVE_TAG}{token}@{self.inbound_domain}" if self.inbound_domain else reply_to
        return unsubscribe_headers(unsubscribe_url, mailto)


def vote_half_of_issue(slug: str) -> str:
    """Return the half of a vote's token that names the issue: a token of one issue is none of another."""
    return hashlib.sha256(f"vote\0{slug}".encode()).digest()[: ID_BYTES // 2].hex()


def issue_of_reply(signed: str, keys: SigningKeys) -> str:
    """Return the half that stands for the issue whose emails named this address; nothing if none of ours did.

    Args:
        signed: What stands behind `REPLY_TAG`; mail servers may have changed its letters to capitals.
        keys: The current one and the one before.
    """
    half, seal = signed[:ID_BYTES].lower(), signed[ID_BYTES:].lower()
    current_or_previous = [key for key in (keys.current, keys.previous) if key]
    genuine = [hmac.compare_digest(seal.encode(), _reply_seal(half, key).encode()) for key in current_or_previous]
    return half if any(genuine) else ""


def _reply_seal(half: str, key: str) -> str:
    return hmac.digest(key.encode(), f"reply\0{half}".encode(), "sha256")[: ID_BYTES // 2].hex()


def unsubscribe_headers(unsubscribe_url: str, mailto: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of one-click unsubscribing.

    The order matters to nobody we know of, but AWS shows List-Unsubscribe first.
    Source: https://www.rfc-editor.org/rfc/rfc8058 and https://www.rfc-editor.org/rfc/rfc2369
    """
    return (
        ("List-Unsubscribe", f"<{unsubscribe_url}>, <mailto:{mailto}?subject=Unsubscribe>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def issue_headers(sender_email: str) -> tuple[tuple[str, str], ...]:
    """Return the headers that name the list, by which readers sort it and machines know that they must not answer.

    The name of the list is made of the sender's address, so it stays when the newsletter is renamed.
    Source: https://www.rfc-editor.org/rfc/rfc2919
    """
    local, _, domain = sender_email.lower().rpartition("@")
    label = "-".join(part for part in re.split("[^a-z0-9]+", local) if part) or "newsletter"
    return ("List-Id", f"<{label}.{domain}>"), ("Precedence", "bulk"), AUTOMATIC
