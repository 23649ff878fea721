"""Which botocore a function starts with: one that knows all that is asked of AWS, or none.

The layer brings its own. Lambda has one as well, and AWS does not say which: it "depends on the version of the runtime
and your region". So what is missing is said when a function starts, and not in the middle of an issue.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore import __version__
from botocore.loaders import JSONFileLoader, Loader

from newsletter.errors import OutdatedSdkError

if TYPE_CHECKING:
    from botocore.session import Session

USER_AGENT = f"Botocore/{__version__} md/fortnightly"
"""How our clients name themselves: botocore would put a name together for each call anew, of a dozen parts."""

OLDEST = (1, 42, 13)
"""What SES knows of an address came with it; templates in a bulk call and S3's "only over this version" are older."""


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


class PlainModels(JSONFileLoader):
    """Reads the models of services into plain dictionaries, in order too: `OrderedDict` takes twice as long."""

    def load_file(self, file_path: str) -> Any:
        """Return what a file says, named without its ending; None if there is no such file."""
        file = Path(f"{file_path}.json")
        return json.loads(file.read_bytes()) if file.is_file() else super().load_file(file_path)


def with_plain_models(session: Session) -> Session:
    """Let a session read models into plain dictionaries, and return it."""
    session.register_component("data_loader", Loader(file_loader=PlainModels()))
    return session
