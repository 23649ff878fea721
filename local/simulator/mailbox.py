"""The mailbox simulator: addresses whose fate is in their name."""

from enum import StrEnum

DOMAIN = "simulator.amazonses.com"


class Fate(StrEnum):
    """What becomes of a message SES accepted."""

    DELIVERED = "delivered"
    """The recipient has it."""
    BOUNCED = "bounced"
    """The recipient's server refused it for good."""
    COMPLAINED = "complained"
    """The recipient has it, and called it spam."""
    OUT_OF_OFFICE = "out_of_office"
    """The recipient has it, and an automatic reply came back."""
    SUPPRESSED_GLOBALLY = "suppressed_globally"
    """SES did not try: the address is on Amazon's own list."""
    SUPPRESSED = "suppressed"
    """SES did not try: the address is on the account's list."""
    RENDERING_FAILED = "rendering_failed"
    """SES could not make the message from its template."""

    @property
    def left_ses(self) -> bool:
        """Whether SES tried to hand the message to the recipient's server."""
        return self not in (Fate.SUPPRESSED, Fate.SUPPRESSED_GLOBALLY, Fate.RENDERING_FAILED)


_FATES = {
    "success": Fate.DELIVERED,
    "bounce": Fate.BOUNCED,
    "complaint": Fate.COMPLAINED,
    "ooto": Fate.OUT_OF_OFFICE,
    "suppressionlist": Fate.SUPPRESSED_GLOBALLY,
}


def is_simulated(address: str) -> bool:
    """Return whether the address belongs to the mailbox simulator. Such mail does not count against the daily quota."""
    return address.lower().endswith(f"@{DOMAIN}")


def fate(address: str) -> Fate:
    """Return what becomes of a message to the address; `bounce+anything@` is treated as `bounce@`."""
    if not is_simulated(address):
        return Fate.DELIVERED
    return _FATES.get(address.partition("@")[0].partition("+")[0].lower(), Fate.DELIVERED)
