"""Which botocore a function starts with: one that knows all that is asked of AWS, or none.

The layer brings its own. Lambda has one as well, and AWS does not say which: it "depends on the version of the runtime
and your region". So what is missing is said when a function starts, and not in the middle of an issue.
"""

from __future__ import annotations

from botocore import __version__

from newsletter.errors import OutdatedSdkError

USER_AGENT = f"Botocore/{__version__} md/fortnightly"
"""How our clients name themselves: botocore would put a name together for each call anew, of a dozen parts."""

OLDEST = (1, 35, 69)
"""SES's templates within a bulk call came shortly before it, S3's "only over this version" with it."""


def require(version: str) -> None:
    """Refuse a botocore without what the functions use.

    Raises:
        OutdatedSdkError: It is older than that.
    """
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise OutdatedSdkError(
            f"botocore {version} was found, and the newsletter needs {oldest} or newer: an older one cannot send "
            "an issue. The newsletter's layer brings its own; build and deploy it again (make deploy)."
        )
