"""What editing the publisher's words and looks at the desk touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.desk.settings.setting import Setting, SettingVersion
    from newsletter.issues.picture_ports import PictureShelf
    from newsletter.issues.settings_ports import SettingsReader


class SettingsShelf(Protocol):
    """The files of `settings/`, and every version of them."""

    def newest(self, key: str) -> Setting | None: ...

    def names(self) -> frozenset[str]:
        """Return the keys of all files there are."""
        ...

    def version_of(self, key: str, version: str) -> str | None:
        """Return the text of one version; None if it is gone."""
        ...

    def write(self, key: str, text: str, *, over_setting: Setting | None, saved_by: str) -> Setting | None:
        """Write a version over exactly this one (None: over nothing); None if another stands there."""
        ...

    def remove(self, key: str) -> None:
        """Remove the file; the bucket keeps its versions."""
        ...

    def history(self, key: str) -> Sequence[SettingVersion]:
        """Return the newest versions, newest first, each with who saved it."""
        ...

    def put_logo(self, name: str, picture_bytes: bytes) -> None:
        """Put a picture beside `brand.yaml`."""
        ...


@dataclass(frozen=True, slots=True)
class EditSettingsPorts:
    """What checks a file, and keeps it."""

    shelf: SettingsShelf
    reader: Callable[[], SettingsReader]
    """Returns what reads files in YAML: a library that most pages do not need."""
    pictures: PictureShelf
    newsletter_name: str
