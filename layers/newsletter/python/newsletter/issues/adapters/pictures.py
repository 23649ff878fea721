"""Pictures, made fit for mails and pages.

Whatever comes in, what goes out is a PNG, JPEG or GIF that every mail program shows: upright, in the colours of a
screen, no wider than it can be seen, and without a word about where it was taken or with what.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import warnings
from collections import OrderedDict
from dataclasses import replace
from pathlib import PurePosixPath

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from newsletter.core.site_file import SiteFile
from newsletter.errors import InvalidPictureError
from newsletter.issues.domain.picture import Picture, public_folder
from newsletter.issues.domain.upload import LARGEST_PICTURE

READ = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
"""The formats we open, by Pillow's names; each more is one more decoder to trust."""

MOST_PIXELS = 50_000_000
"""Width times height, read from the header before anything is unpacked. Telephones take 48 million; 50 million with
transparency need 630 MB while they are made smaller, which the function has room for."""

MOST_MOVING_PIXELS = 200_000_000
"""Of all frames of a moving picture together; they are unpacked one after the other, at about 100 million a second."""

MOST_SCANS = 40
"""Of a JPEG. Progressive ones have about ten; each is a pass over all pixels, and 400 of them took twelve seconds."""

MOST_FRAMES = 600
"""Of a moving picture. A minute has no more; 40,000 of a pixel each took five seconds and 131 MB."""

WIDEST = 1200
"""Pixels. Twice the column of the mail, for screens with two pixels to a point."""

HEAVIEST_MOVING = 1_000_000
"""Bytes. Every reader fetches it, most of them on a telephone."""

NARROW = 720
"""Pixels of the same picture for phones: the column of one, about 360 wide, with two pixels to a point."""

LIGHT_PNG = 100_000
"""Bytes below which a PNG stays one, whatever JPEG would make of it."""

WORTH_IT = 0.8
"""Of the bytes of a picture. A chart of few colours may grow when it is made smaller."""

QUALITY = 82
"""Of a JPEG. Above it files grow faster than eyes can see; below it edges begin to fray."""

FOR_EVER = "public, max-age=31536000, immutable"
"""The name holds the hash: what is once under it never changes, and mails point to it for years."""

TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}

NAME_LENGTH = 60
"""Characters of the author's name that the public name keeps."""


REMEMBERED = 64_000_000
"""Bytes of pictures made fit, beside the 630 MB above. Each picture of a folder is a look at the whole issue."""


class PillowPictures:
    """Pictures by Pillow: the same bytes in, the same bytes out."""

    def __init__(self) -> None:
        self._made: OrderedDict[bytes, tuple[bytes, str, tuple[int, int]]] = OrderedDict()

    def prepare(self, slug: str, name: str, source: bytes) -> tuple[Picture, SiteFile]:
        """Return the picture and the file to serve it from.

        Raises:
            InvalidPictureError: It cannot be shown; the error says why, and what to do.
        """
        if len(source) > LARGEST_PICTURE:
            raise InvalidPictureError(
                f"The picture has more than {LARGEST_PICTURE:,} bytes.",
                f"Save it {WIDEST:,} pixels wide, as JPEG or PNG.",
            )
        if b"<svg" in source[:1024].lower():
            raise InvalidPictureError(
                "The picture is an SVG, which most mail programs do not show.",
                f"Save it as PNG, {WIDEST:,} pixels wide.",
            )
        body, extension, (width, height) = self._once(source)
        fingerprint = hashlib.sha256(body).hexdigest()[:12]
        path = f"{public_folder(slug)}/{_plain(name)}-{fingerprint}.{extension}"
        return Picture(name, path, width, height, len(body)), SiteFile(path, body, TYPES[extension], FOR_EVER)

    def narrow(self, picture: Picture, file: SiteFile) -> tuple[Picture, SiteFile] | None:
        """Return the picture with what phones get of it, and the file of that; None where it would save nothing."""
        stem, _, extension = picture.path.rpartition(".")
        if picture.width <= NARROW or extension == "gif":
            return None
        with Image.open(io.BytesIO(file.body), formats=READ) as opened:
            height = max(1, round(opened.height * NARROW / opened.width))
            image = _without_palette(opened).resize((NARROW, height), Image.Resampling.LANCZOS)
        body = _jpeg(image) if extension == "jpg" else _png(image)
        if len(body) > WORTH_IT * picture.weight:
            return None
        path = f"{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{extension}"
        shown = replace(picture, narrow_path=path, narrow_width=NARROW)
        return shown, SiteFile(path, body, TYPES[extension], FOR_EVER)

    def _once(self, source: bytes) -> tuple[bytes, str, tuple[int, int]]:
        key = hashlib.sha256(source).digest()
        if key not in self._made:
            self._made[key] = _prepared(source)
        self._made.move_to_end(key)
        while len(self._made) > 1 and sum(len(body) for body, _, _ in self._made.values()) > REMEMBERED:
            self._made.popitem(last=False)
        return self._made[key]


def _prepared(source: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Return the bytes to serve, their file extension, and width and height."""
    _refuse_toil(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = MOST_PIXELS
            with Image.open(io.BytesIO(source), formats=READ) as opened:
                if opened.format == "GIF" and getattr(opened, "is_animated", False):
                    return _moving(opened)
                return _still(opened)
    except InvalidPictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidPictureError(
            f"The picture has more than {MOST_PIXELS:,} pixels.", f"Save it {WIDEST:,} pixels wide."
        ) from None
    except UnidentifiedImageError:
        raise InvalidPictureError(
            "The file is not a PNG, JPEG, GIF, WebP or AVIF picture, whatever its name says.",
            "Open it in a picture program and save it as PNG or JPEG.",
        ) from None
    except Exception as error:  # a decoder fails in as many ways as there are broken files
        raise InvalidPictureError(
            "The picture is broken, or was uploaded in part.",
            "Open it in a picture program, save it again as PNG or JPEG, and upload that.",
        ) from error


def _refuse_toil(source: bytes) -> None:
    """Refuse what is small and takes long, by what its file says, before any decoder sees it.

    Raises:
        InvalidPictureError: It has too many scans or frames.
    """
    # In a JPEG's pixels only a marker looks like this; descriptions before them hold a few by chance, or a thumbnail.
    if source.startswith(b"\xff\xd8") and source.count(b"\xff\xda") > MOST_SCANS:
        raise InvalidPictureError(
            f"The JPEG is made of more than {MOST_SCANS} scans.", "Open it in a picture program and save it again."
        )
    if source.startswith((b"GIF87a", b"GIF89a")) and _has_frames(source, MOST_FRAMES + 1):
        raise InvalidPictureError(
            f"The moving picture has more than {MOST_FRAMES} frames.",
            f"Make it shorter, or show one frame of it, {WIDEST:,} pixels wide.",
        )


def _has_frames(gif: bytes, wanted: int) -> bool:
    """Return whether a GIF has so many frames; its blocks are walked over, and nothing is unpacked.

    Shape: header, colours, then blocks: `!` and a label, or `,` and nine bytes, colours and a length; each ends in
    pieces of at most 255 bytes, the last of which is empty. https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    """
    frames, size = 0, len(gif)
    at = 13 + _colours(gif[10]) if size > 10 else size
    while at < size and frames < wanted:
        if gif[at] == 0x21:
            at += 2
        elif gif[at] == 0x2C and at + 9 < size:
            frames += 1
            at += 11 + _colours(gif[at + 9])
        else:
            break  # the end, or a file that a decoder refuses
        while at < size and gif[at]:
            at += 1 + gif[at]
        at += 1
    return frames == wanted


def _colours(flags: int) -> int:
    """Return the bytes of a list of colours, which the flags before it announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _still(opened: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    photograph = opened.format in ("JPEG", "MPO")
    opened.draft(None, (2 * WIDEST, 2 * WIDEST))  # a JPEG can be unpacked at a half or less; others ignore this
    opened.load()
    profile = opened.info.get("icc_profile")
    image = _in_eight_bits(ImageOps.exif_transpose(opened))
    if image.width > WIDEST:
        height = max(1, round(image.height * WIDEST / image.width))
        image = _without_palette(image).resize((WIDEST, height), Image.Resampling.LANCZOS)
    image = _in_screen_colours(image, profile)
    if photograph:
        return _jpeg(image), "jpg", image.size
    png = _png(image)
    # PNG keeps the edges of charts sharp; of a photograph it makes several times the bytes.
    if len(png) > LIGHT_PNG and _is_opaque(image):
        jpeg = _jpeg(image)
        if 2 * len(jpeg) < len(png):
            return jpeg, "jpg", image.size
    return png, "png", image.size


def _moving(opened: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    """Return the frames again, without what else was in the file."""
    frames = int(getattr(opened, "n_frames", 1))
    remedy = f"Make it at most {WIDEST:,} pixels wide and {HEAVIEST_MOVING:,} bytes light, or show one frame of it."
    if opened.width > WIDEST:
        raise InvalidPictureError(f"The moving picture is {opened.width:,} pixels wide.", remedy)
    if frames * opened.width * opened.height > MOST_MOVING_PIXELS:
        raise InvalidPictureError(f"The moving picture has {frames:,} frames, too many for its size.", remedy)
    opened.info.pop("comment", None)
    out = io.BytesIO()
    opened.save(out, "GIF", save_all=True, optimize=True)
    if out.tell() > HEAVIEST_MOVING:
        raise InvalidPictureError(f"The moving picture has {out.tell():,} bytes.", remedy)
    return out.getvalue(), "gif", opened.size


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Return the picture with at most 256 steps of each colour: Pillow alone would cut off all but the darkest."""
    if image.mode.startswith("I"):
        return image.point(lambda step: step * (1 / 256)).convert("L")
    return image


def _without_palette(image: Image.Image) -> Image.Image:
    """Return the picture with a colour for each pixel instead of a number in a list of colours."""
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _in_screen_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB, which a reader's screen takes for granted where no profile says otherwise."""
    if profile:
        painted = _without_palette(image)
        alpha = painted.getchannel("A") if "A" in painted.mode else None
        opaque = painted.convert(painted.mode.removesuffix("A")) if alpha else painted
        try:
            own, screen = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            opaque = ImageCms.profileToProfile(opaque, own, screen, outputMode="RGB") or opaque
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image  # a profile that fits another picture, or none: the colours are taken as they are
        if alpha:
            opaque.putalpha(alpha)
        return opaque
    return image


def _is_opaque(image: Image.Image) -> bool:
    if not image.has_transparency_data:
        return True
    return bool(image.convert("RGBA").getchannel("A").getextrema()[0] == 255)


def _png(image: Image.Image) -> bytes:
    if _is_opaque(image) and image.mode not in ("1", "L", "P"):
        image = image.convert("RGB")
    elif image.mode not in ("1", "L", "LA", "P", "RGBA"):
        image = image.convert("RGBA")
    return _saved(image, "PNG", optimize=True)


def _jpeg(image: Image.Image) -> bytes:
    flat = image if image.mode == "L" else _without_palette(image).convert("RGB")
    return _saved(flat, "JPEG", quality=QUALITY, optimize=True, progressive=True)


def _saved(image: Image.Image, kind: str, **options: bool | int) -> bytes:
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _plain(name: str) -> str:
    """Return the name of the file as it can stand in an address."""
    ascii_only = unicodedata.normalize("NFKD", PurePosixPath(name).stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower())[:NAME_LENGTH].strip("-") or "picture"
