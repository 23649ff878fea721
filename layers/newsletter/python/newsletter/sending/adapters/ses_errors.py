"""The answers of SES as errors, for mail to one person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import (
    NewsletterError,
    QuotaUsedError,
    RecipientNotVerifiedError,
    SendingPausedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    SendThrottledError,
)
from newsletter.sending.adapters.ses_answers import QUOTA, SESFailure, name, names_as_unverified, of_failure
from newsletter.sending.domain.answer import Pause, Retry
from newsletter.sending.domain.outcome import Outcome


@contextmanager
def one_attempt(recipient: str) -> Iterator[None]:
    """Translate the failures of one SES call that mails one person.

    The original error is cut off: SES writes addresses into its sentences, and tracebacks go into logs.

    Raises:
        SendThrottledError, QuotaUsedError, SendRejectedError, SendingPausedError, RecipientNotVerifiedError: Proof that
            SES did not accept.
        SendOutcomeUnknownError: No proof of anything.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as failure:
        raise _error(failure, recipient) from None


def _error(failure: SESFailure, recipient: str) -> NewsletterError:
    answer, code = of_failure(failure), name(failure)
    if answer == QUOTA:
        return QuotaUsedError(f"The daily quota of SES is used up: {code}")
    if names_as_unverified(failure, recipient):
        return RecipientNotVerifiedError(f"SES's sandbox mails nobody who is not verified there: {code}")
    if isinstance(answer, Retry):
        return SendThrottledError(f"SES takes no mail now: {code}")
    if isinstance(answer, Pause):
        return SendingPausedError(f"{answer.because} SES said: {code}")
    if answer is Outcome.REJECTED:
        return SendRejectedError(f"SES refused the message: {code}")
    return SendOutcomeUnknownError(f"SES gave no clear answer: {code}")
