"""Every error this system raises, by whose fault it is and whether retrying helps.

* NewsletterError
  x PermanentError              retrying cannot help
    + ForeignOriginError        it came past CloudFront, straight to the API
    + InvalidEmailError         the address cannot be an address
    + InvalidAnswerError        an answer on a form that its field cannot hold
    + InvalidTokenError         a link we did not make, or made for something else
    + ExpiredTokenError         a link we made too long ago
    + InvalidProofError         a proof of work that proves nothing
    + ExpiredProofError         a proof of work that was done too long ago
    + InvalidDayError           a day that cannot be skipped, added or taken back
    + InvalidAudienceError      an audience expression that must be mended by whoever wrote it
    + InvalidIssueError         an issue file that must be mended by its author
    + UnusableUploadError       an uploaded file that cannot be used as it is:
      . InvalidPictureError     a picture that readers cannot be shown
        . UnopenedPictureError  one over which whoever opens pictures died
      . InvalidDocumentError    a word processor's document that cannot become a draft
      . InvalidFileError        a file that cannot be published with its issue
      . InvalidListError        a list of people from elsewhere that cannot be imported
    + InvalidNoteError          an operator's words that may not be kept
    + NotFoundError             a program asks for what there is not
    + InvalidRequestError       an HTTP request without what the route needs
      . NameTakenError          an issue whose name another one has
      . ReaderNotAddedError     somebody who is not put on the list by another person's word
    + MalformedMessageError     a queue message or notification that is not one of ours
    + UnknownSendError          a message about a send that does not exist
    + UnreadableBatchError      a batch on record that cannot be read
    + UnreadableSendError       a send on record that cannot be read, and so cannot be steered
    + UnreadableRecordError     a reader's record that cannot be read
    + SendRejectedError         SES will never take this message as it is
    + SendingPausedError        SES (or the account) has stopped all sending
      . RecipientNotVerifiedError  the account is in the sandbox, which mails verified addresses alone
    + OutdatedSdkError          botocore is older than what is asked of AWS
  x TransientError              retrying may help
    + SendThrottledError        SES proved that it did not accept; try again later
      . QuotaUsedError          the quota of the day is used up: room comes within a day
    + SendOutcomeUnknownError   SES may or may not have accepted; only evidence can tell
    + StoreBusyError            the database asked us to slow down
    + TeamUnreadError           nobody knows at this moment who is in the team
    + QueueFullError            so many people sign up that we could not mail another within a day
    + NetworkFullError          so many requests came from one network that the next has to wait for another hour
    + AccountUnknownError       SES did not say how the account stands
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class NewsletterError(Exception):
    """Base of all errors raised by this package."""


class PermanentError(NewsletterError):
    """Retrying cannot help: somebody has to change something."""


class TransientError(NewsletterError):
    """Retrying may help: the same call can succeed later."""


class ForeignOriginError(PermanentError):
    """The request came past CloudFront, straight to the API."""


class InvalidEmailError(PermanentError):
    """The text is not an e-mail address we can write to."""


class InvalidAnswerError(PermanentError):
    """What somebody answered on a form is not what its field can hold."""


class InvalidTokenError(PermanentError):
    """The token was not signed by us, or was signed for another purpose."""


class ExpiredTokenError(PermanentError):
    """The token was ours, but its lifetime is over."""


class InvalidProofError(PermanentError):
    """The proof of work is wrong, or answers no challenge of ours."""


class ExpiredProofError(PermanentError):
    """The proof of work was right once."""


class NotFoundError(PermanentError):
    """What a program names is not there, or not there any more."""


class InvalidRequestError(PermanentError):
    """The HTTP request lacks something that the route needs."""


class NameTakenError(InvalidRequestError):
    """An issue cannot be begun under a name that another one has.

    Attributes:
        slug: The name.
    """

    def __init__(self, message: str, slug: str) -> None:
        self.slug = slug
        super().__init__(message)


class ReaderNotAddedError(InvalidRequestError):
    """Somebody is not put on the list by another person's word.

    Attributes:
        suppressed: Whether the address must not be mailed, until somebody lifts that.
        can_be_asked: Whether an email may ask them to confirm instead.
    """

    def __init__(self, message: str, *, suppressed: bool = False, can_be_asked: bool = False) -> None:
        self.suppressed = suppressed
        self.can_be_asked = can_be_asked
        super().__init__(message)


class InvalidNoteError(PermanentError):
    """An operator's words are missing, or hold what must not be kept."""


class InvalidDayError(PermanentError):
    """Nothing can be decided about this day, or not this."""


class MalformedMessageError(PermanentError):
    """A queue message or notification does not have the documented shape."""


class MissingRenderingError(PermanentError):
    """The rendered form of an issue is not in the bucket any more; the sentence says how to make it again."""


class UnknownSendError(PermanentError):
    """A message names a send or a batch that does not exist."""


class UnreadableBatchError(PermanentError):
    """What is stored about a batch contradicts itself; somebody else than us has written there."""


class UnreadableSendError(PermanentError):
    """What is stored about a send as a whole cannot be read; the sentence names the verb that mends it."""


class UnreadableRecordError(PermanentError):
    """What is stored about a reader is no record of ours any more; the sentence names the verb that mends it."""


class SendRejectedError(PermanentError):
    """SES refused the message for good; the reason is in the text."""


class SendingPausedError(PermanentError):
    """SES refuses everything from this account or configuration set until a person acts."""


class RecipientNotVerifiedError(SendingPausedError):
    """The account is in SES's sandbox, and this recipient is not verified there; others may be."""


class SendThrottledError(TransientError):
    """SES refused because of rate or quota, which proves that it did not accept."""


class QuotaUsedError(SendThrottledError):
    """The daily quota is used up: room comes back as yesterday's emails grow a day old."""


NOTHING_NOW = (SendThrottledError, SendingPausedError)
"""SES takes nothing now, and provably took nothing: not a failure but a state, in which an email waits."""


def is_lasting(nothing_now: Exception) -> bool:
    """Return whether SES takes nothing for hours or until a person acts, rather than no more in this second."""
    return isinstance(nothing_now, QuotaUsedError | SendingPausedError)


class SendOutcomeUnknownError(TransientError):
    """SES gave no answer, or one that proves nothing (timeout, reset, 5xx)."""


class StoreBusyError(TransientError):
    """The database throttled us."""


class TeamUnreadError(TransientError):
    """The team cannot be read, so nobody's part in it is known."""


class QueueFullError(TransientError):
    """So many people signed up that another could not be mailed within a day."""


class NetworkFullError(TransientError):
    """So many requests came from one network that no other is carried out within the hour."""


class AccountUnknownError(TransientError):
    """SES did not say how the account stands."""


class ProblemLike(Protocol):
    """What is wrong in an issue file, and what to do about it."""

    @property
    def line(self) -> int | None:
        """Counted from 1; None when the problem is not on one line."""
        ...

    @property
    def message(self) -> str:
        """What is wrong, as a sentence."""
        ...

    @property
    def remedy(self) -> str:
        """What to do about it, as a sentence."""
        ...


class UnusableUploadError(PermanentError):
    """A file that an editor uploaded cannot be used as it is.

    Attributes:
        message: What is wrong, as a sentence.
        remedy: What to do about it, as a sentence.
    """

    def __init__(self, message: str, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}")


class InvalidPictureError(UnusableUploadError):
    """A picture cannot be shown to readers."""


class UnopenedPictureError(InvalidPictureError):
    """Whoever opens pictures ran out of time or memory over one, or gave an answer that is none."""


class InvalidDocumentError(UnusableUploadError):
    """A word processor's document cannot become the draft of an issue."""


class InvalidFileError(UnusableUploadError):
    """A file beside an issue cannot be published with it."""


class InvalidListError(UnusableUploadError):
    """A list of people from elsewhere cannot be read as it is, or not with what was said about it.

    Attributes:
        fault: Which fault it is, in one word, for callers with sentences of their own.
        about: What a sentence about it names.
    """

    def __init__(self, message: str, remedy: str, *, fault: str, about: Mapping[str, str]) -> None:
        self.fault = fault
        self.about = about
        super().__init__(message, remedy)


class InvalidAudienceError(PermanentError):
    """An audience expression cannot be read.

    Attributes:
        message: What is wrong, as a sentence.
        remedy: What to write instead, as a sentence.
        position: The character where reading ended, counted from 1.
    """

    def __init__(self, message: str, remedy: str, *, position: int) -> None:
        self.message, self.remedy, self.position = message, remedy, position
        super().__init__(f"At character {position}: {message} {remedy}")


class InvalidIssueError(PermanentError):
    """An issue file cannot be published as it is.

    Attributes:
        problems: Everything found wrong, in the order of the file.
    """

    def __init__(self, key: str, problems: Sequence[ProblemLike]) -> None:
        self.key = key
        self.problems = tuple(problems)
        super().__init__("\n".join(self._sentences()))

    def _sentences(self) -> list[str]:
        return [
            f"{self.key}{f', line {problem.line}' if problem.line else ''}: {problem.message} {problem.remedy}"
            for problem in self.problems
        ]


class InvalidSettingsError(InvalidIssueError):
    """A file of `settings/` cannot be used as it is; its problems are those of any file that editors write."""


class OutdatedSdkError(PermanentError):
    """The botocore that was found cannot do what is asked of AWS; the sentence names the oldest that can."""


class PasskeyRefusedError(PermanentError):
    """What a browser answered for a passkey proves nothing: forged, for another website, or not what it should be."""


class InvalidNoticeError(NewsletterError):
    """The publisher's privacy notice cannot be shown; the sentence says what to do."""
