"""What the simulated SES refuses, in the shape SES refuses it."""


class SesError(Exception):
    """An answer other than 200: code and message are part of SES's contract with its callers."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class AnswerLostError(Exception):
    """The call was served, and the caller must not learn of it: the connection is dropped."""


def bad_request(message: str) -> SesError:
    """Return the error for a request that breaks a documented limit or rule."""
    return SesError("BadRequestException", message)
