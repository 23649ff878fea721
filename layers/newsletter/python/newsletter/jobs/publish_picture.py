"""A picture beside an issue was uploaded or removed: the archive serves it from the same place."""

from __future__ import annotations

from newsletter.domain.site import SiteFile
from newsletter.domain.upload import Upload
from newsletter.ports import ContentStore, Site

PICTURE_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
"""What every mail program shows. SVG is not among them: most do not, and it can carry scripts."""


def publish_picture(upload: Upload, *, content: ContentStore, site: Site) -> str:
    """Copy the picture to the archive, or remove it there, whatever the event was: the bucket knows what stands now.

    Returns:
        published | removed | ignored
    """
    content_type = PICTURE_TYPES.get(upload.key.rpartition(".")[2].lower())
    if content_type is None:
        return "ignored"
    body = content.read(upload.key)
    if body is None:
        site.remove(upload.key)
        return "removed"
    site.put(SiteFile(upload.key, body, content_type, "public, max-age=3600"))
    return "published"
