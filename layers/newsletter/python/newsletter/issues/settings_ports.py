"""What taking the publisher's settings touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsletter.core.editors import Editors
    from newsletter.core.house_style import HouseStyle
    from newsletter.issues.domain.settings_file import WantedLogo
    from newsletter.issues.picture_ports import PictureShelf
    from newsletter.issues.ports import ContentStore, IssueStore, PublishQueue


class StyleStore(Protocol):
    """Where the house style stands that every function reads."""

    def stored(self) -> HouseStyle:
        """Return what stands there now."""
        ...

    def put(self, style: HouseStyle) -> None: ...


class SettingsReader(Protocol):
    """Reads and checks files of `settings/`."""

    def brand(self, source: bytes) -> tuple[dict[str, Any], WantedLogo | None]:
        """Return what `brand.yaml` says, and the logo it names.

        Raises:
            InvalidSettingsError: With every problem, its line and its remedy.
        """
        ...

    def words(self, key: str, source: bytes) -> dict[str, str]:
        """Return the sentences of one language by their keys; raises as `brand` does."""
        ...

    def fields(self, source: bytes) -> dict[str, dict[str, Any]]:
        """Return what is asked of readers, by key, as `ReaderField.as_held` writes it; raises as `brand` does."""
        ...

    def feeds(self, source: bytes) -> dict[str, str]:
        """Return the addresses that `feeds.yaml` names, by the names of their feeds; raises as `brand` does."""
        ...


@dataclass(frozen=True, slots=True)
class SettingsPorts:
    """What taking settings touches."""

    content: ContentStore
    issues: IssueStore
    style: StyleStore
    reader: SettingsReader
    pictures: PictureShelf
    editors: Editors
    publish_queue: PublishQueue
    registered_forms: Callable[[], Mapping[str, str]]
    """Returns the words of each sign-up form of ours, by its id."""
    newsletter_name: str
    public_url: str
    needs_approval: bool
