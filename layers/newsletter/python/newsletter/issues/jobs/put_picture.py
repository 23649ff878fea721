"""One picture of an issue: opened, made fit, and put where readers' mails and pages find it."""

from __future__ import annotations

from functools import partial

from newsletter.aws.side_by_side import side_by_side
from newsletter.core.site_file import SiteFile
from newsletter.issues.domain.linked_file import spellings
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.settings_file import SETTINGS
from newsletter.issues.picture_ports import PicturePorts


def put_picture(slug: str, name: str, *, ports: PicturePorts) -> Picture | None:
    """Put a picture of the issue's folder on the site; return it, or None if there is none of this name.

    Without a slug it is a logo, which lies in `settings/`.

    Raises:
        InvalidPictureError: It cannot be shown; the error says why, and what to do.
    """
    folder = f"issues/{slug}/" if slug else SETTINGS
    sources = (ports.content.read(f"{folder}{spelling}") for spelling in spellings(name))
    source = next((each for each in sources if each is not None), None)
    if source is None:
        return None
    picture, file = ports.pictures.prepare(slug, name, source)
    # The wide one is on its way while the narrow one is made.
    make_narrow, add_wide = partial(ports.pictures.narrow, picture, file), partial(ports.site.add, file)
    narrow: tuple[Picture, SiteFile] | None = side_by_side([make_narrow, add_wide], ports.threads)[0]
    if narrow is None:
        return picture
    shown, smaller = narrow
    ports.site.add(smaller)
    return shown
