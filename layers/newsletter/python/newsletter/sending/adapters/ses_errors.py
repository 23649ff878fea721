"""The answers of SES as errors, for mail to one person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import (
    NewsletterError,
    SendingPausedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    SendThrottledError,
)
from newsletter.sending.adapters.ses_answers import QUOTA, SESFailure, name, of_failure
from newsletter.sending.domain.answer import Pause, Retry
from newsletter.sending.domain.outcome import Outcome


@contextmanager
def one_attempt() -> Iterator[None]:
    """Translate the failures of one SES call.

    The original error is cut off: SES writes addresses into its sentences, and tracebacks go into logs.

    Raises:
        SendThrottledError, SendRejectedError, SendingPausedError: Proof that SES did not accept.
        SendOutcomeUnknownError: No proof of anything.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as failure:
        raise _error(failure) from None


def _error(failure: SESFailure) -> NewsletterError:
    answer, code = of_failure(failure), name(failure)
    if isinstance(answer, Retry) or answer == QUOTA:
        return SendThrottledError(f"SES takes no mail now: {code}")
    if isinstance(answer, Pause):
        return SendingPausedError(f"{answer.because} SES said: {code}")
    if answer is Outcome.REJECTED:
        return SendRejectedError(f"SES refused the message: {code}")
    return SendOutcomeUnknownError(f"SES gave no clear answer: {code}")
