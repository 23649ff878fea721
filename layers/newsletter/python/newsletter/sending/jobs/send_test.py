"""A test: the real mail of an issue, with its real headers, to one address."""

from __future__ import annotations

from datetime import datetime

from newsletter.core.language import best_match
from newsletter.core.link_token import Purpose
from newsletter.core.links import NOBODY, Links
from newsletter.errors import SendRejectedError, UnknownSendError
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import variables
from newsletter.sending.domain.answer import Pause
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Recipient
from newsletter.sending.steering_ports import ControlPorts


def send_test(
    slug: str, email: str, name: str, *, lang: str = "", ports: ControlPorts, links: Links, reply_to: str, now: datetime
) -> list[str]:
    """Mail the issue as it stands now, once in each of its languages, or in one; return in which.

    No batch, no books; consent is not asked, only an operator can do this.

    Raises:
        UnknownSendError: There is no such issue, or it does not have this language.
        InvalidEmailError: The address cannot be an address.
        SendRejectedError: SES did not take it; the reason is in the text.
    """
    record = ports.issues.get(slug)
    if record is None or record.withdrawn:
        raise UnknownSendError(f"there is no issue {slug}; upload issues/{slug}.md first")
    issue = ports.content.rendered(slug, record.content_hash)
    languages = [edition.lang for edition in issue.editions]
    wanted = best_match(lang, languages) if lang else ""
    if wanted is None:
        raise UnknownSendError(f"{slug} does not have the language {lang}; it has {', '.join(languages)}")
    mailed = [edition for edition in issue.editions if wanted in ("", edition.lang)]
    recipient = ports.addresses.mailbox(email).email
    for edition in mailed:
        _send(edition, recipient, name, ports=ports, links=links, reply_to=reply_to, now=now)
    return [edition.lang for edition in mailed]


def _send(
    rendered: RenderedIssue, email: str, name: str, *, ports: ControlPorts, links: Links, reply_to: str, now: datetime
) -> None:
    unsubscribe_url = links.to(Purpose.UNSUBSCRIBE, NOBODY, now=now, lang=rendered.lang)
    recipient = Recipient(
        subscriber_id=NOBODY,
        email=email,
        variables=variables(
            rendered, name=name, unsubscribe_url=unsubscribe_url,
            preferences_url=links.to(Purpose.PREFERENCES, NOBODY, now=now, lang=rendered.lang),
            vote_url=links.to_vote(rendered.slug, NOBODY, now=now, lang=rendered.lang),
        ),
        headers=links.leave_headers(unsubscribe_url, reply_to),
        tags={"kind": "test", "issue": rendered.slug},
    )  # fmt: skip
    answer = ports.transport.send(rendered, [recipient])[0]
    if answer is not Outcome.SENT:
        why = answer.because if isinstance(answer, Pause) else answer
        raise SendRejectedError(f"SES did not take the test mail of {rendered.slug} in {rendered.lang}: {why}")
