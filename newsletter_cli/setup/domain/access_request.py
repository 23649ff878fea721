"""What AWS is told when it is asked to let the account write to everybody."""

from __future__ import annotations

from newsletter_cli.setup.domain.answers import Answers


def website(answers: Answers) -> str:
    """Return the address of the publisher's pages."""
    return f"https://{answers.domain or f'www.{answers.sender_domain}'}/"


def use_case(answers: Answers) -> str:
    """Return how the account is going to send, in the order in which AWS asks."""
    return (
        f"{answers.name} is a newsletter. We send one issue every two weeks from {answers.sender} to about "
        f"{answers.reader_count:,} readers in the first year, and single emails that confirm a sign-up.\n\n"
        "People sign up on our own page and confirm with a button in an email (double opt-in). We rent, buy and share "
        "no lists. Consent is kept with its time and its wording.\n\n"
        "Every issue carries one-click unsubscribe (RFC 8058) and a link to unsubscribe, honoured at once. Bounces and "
        "complaints come back through a configuration set's event destination; a hard bounce or a complaint suppresses "
        "the address at once, and a send that bounces or is complained about too much stops by itself.\n\n"
        f"Our postal address is at the foot of every email: {answers.postal_address}"
    )
