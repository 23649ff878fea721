"""Pictures as editors have them: large, turned, broken, hostile. The port's facts hold for the fake as well."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw

from newsletter.core.site_file import SiteFile
from newsletter.errors import InvalidPictureError
from newsletter.issues.adapters.pictures import HEAVIEST_MOVING, MOST_PIXELS, WIDEST, PillowPictures
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.upload import LARGEST_PICTURE
from newsletter.issues.picture_ports import Pictures
from tests.factories import SLUG
from tests.issues.fakes import PlainPictures
from tests.issues.rendering_samples import RENDERER, issue

ORIENTATION = 0x0112
GPS = 0x8825


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photograph(width: int = 300, height: int = 200) -> Image.Image:
    """Return a picture without two pixels alike, as a camera makes them."""
    ramp = Image.linear_gradient("L").resize((width, height))
    noise = Image.effect_noise((width, height), 40)
    return Image.merge("RGB", (ramp, noise, ramp.transpose(Image.Transpose.ROTATE_180)))


def chart(mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).rectangle((40, 60, 120, 199), fill=(180, 30, 30))
    return image.convert(mode)


def prepared(source: bytes, name: str = "chart.png") -> tuple[Picture, SiteFile, Image.Image]:
    picture, file = PillowPictures().prepare(SLUG, name, source)
    shown = Image.open(io.BytesIO(file.body))
    shown.load()
    assert shown.size == (picture.width, picture.height)
    assert len(file.body) == picture.weight
    return picture, file, shown


def refusal(source: bytes) -> InvalidPictureError:
    with pytest.raises(InvalidPictureError) as refused:
        PillowPictures().prepare(SLUG, "chart.png", source)
    return refused.value


@pytest.mark.parametrize("pictures", [PillowPictures(), PlainPictures()], ids=["real", "fake"])
def test_a_picture_is_served_for_ever_under_a_name_that_holds_its_hash(pictures: Pictures) -> None:
    source = saved(chart())

    picture, file = pictures.prepare(SLUG, "chart.png", source)
    other, _ = pictures.prepare(SLUG, "chart.png", saved(chart().rotate(90)))

    assert (picture, file) == pictures.prepare(SLUG, "chart.png", source)
    assert picture.name == "chart.png"
    assert picture.path == file.path
    assert picture.path.startswith(f"issues/{SLUG}/chart-")
    assert picture.path.endswith(".png")
    assert picture.path != other.path
    assert picture.weight == len(file.body)
    assert (file.content_type, file.cache_control) == ("image/png", "public, max-age=31536000, immutable")
    with pytest.raises(InvalidPictureError):
        pictures.prepare(SLUG, "chart.png", b"words")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Überblick 2026 (final).PNG", "uberblick-2026-final"),
        ("charts/By year.png", "by-year"),
        ("a%20b+c.png", "a-20b-c"),
        ("图.png", "picture"),
        ("x" * 300 + ".png", "x" * 60),
    ],
)
def test_whatever_its_name_a_picture_has_an_address(name: str, stem: str) -> None:
    picture, _, _ = prepared(saved(chart()), name)

    assert picture.name == name
    assert picture.path.rpartition("-")[0] == f"issues/{SLUG}/{stem}"


def test_a_photograph_is_made_as_wide_as_it_can_be_seen_and_no_wider() -> None:
    source = saved(photograph(4000, 3000), "JPEG", quality=95)

    picture, file, shown = prepared(source, "photo.JPG")

    assert (picture.width, picture.height) == (WIDEST, 900)
    assert (shown.format, file.content_type) == ("JPEG", "image/jpeg")
    assert picture.weight < len(source) / 5


def test_a_small_picture_is_not_made_larger() -> None:
    assert prepared(saved(Image.new("RGB", (1, 1), "red")))[2].size == (1, 1)
    assert prepared(saved(Image.new("RGB", (20_000, 1), "red")))[2].size == (WIDEST, 1)


def test_a_turned_photograph_is_stood_upright_and_tells_nobody_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was held on its side
    exif[GPS] = {1: "N", 2: (51.0, 30.0, 0.0)}
    source = saved(photograph(), "JPEG", exif=exif, comment=b"my garden")

    picture, file, shown = prepared(source)

    assert (picture.width, picture.height) == (200, 300)
    assert not shown.getexif()
    assert b"Exif" not in file.body
    assert b"my garden" not in file.body


def test_colours_of_another_space_become_those_of_a_screen() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    assert prepared(saved(photograph(), "JPEG", icc_profile=lab.tobytes()))[2].mode == "RGB"  # fits no RGB: left out

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, _, shown = prepared(saved(chart("RGBA"), icc_profile=profile))

    assert "icc_profile" not in shown.info
    assert shown.convert("RGB").getpixel((80, 100)) == (180, 30, 30)


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_a_jpeg_for_print_or_without_colours_can_be_seen(mode: str) -> None:
    _, _, shown = prepared(saved(chart(mode), "JPEG", quality=95), "photo.jpg")

    bar, ground = shown.convert("L").getpixel((80, 100)), shown.convert("L").getpixel((5, 5))
    assert shown.mode in ("RGB", "L")
    assert isinstance(bar, int)
    assert isinstance(ground, int)
    assert bar < 120 < 230 < ground


def test_sixteen_bits_a_pixel_keep_their_greys() -> None:
    deep = Image.new("I;16", (64, 64), 32_768)

    assert prepared(saved(deep))[2].convert("L").getpixel((9, 9)) == 128


def test_a_transparent_ground_stays_transparent_with_and_without_a_palette() -> None:
    cut_out = chart("RGBA")
    cut_out.putalpha(Image.eval(chart("L"), lambda step: 0 if step == 255 else 255))
    painted = Image.new("P", (300, 200), 1)
    painted.putpalette([180, 30, 30, 255, 255, 255])

    for source in (saved(cut_out), saved(painted, transparency=1), saved(cut_out.resize((2400, 1600)))):
        picture, _, shown = prepared(source)
        assert picture.path.endswith(".png")
        pixel = shown.convert("RGBA").getpixel((2, 2))
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0


def test_a_chart_stays_sharp_and_a_photograph_saved_as_png_becomes_light() -> None:
    assert prepared(saved(chart()))[0].path.endswith(".png")
    heavy = saved(photograph(1000, 800))
    assert len(heavy) > 500_000

    picture, file, _ = prepared(heavy)

    assert file.content_type == "image/jpeg"
    assert picture.weight < len(heavy) / 2


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_what_mail_programs_do_not_show_becomes_something_they_do(kind: str) -> None:
    _, file, shown = prepared(saved(photograph(), kind), "photo.webp")

    assert file.content_type in ("image/jpeg", "image/png")
    assert shown.size == (300, 200)


def moving(frames: int, size: tuple[int, int] = (60, 40)) -> bytes:
    made = [photograph(*size).point(lambda step, n=number: (step + 9 * n) % 256) for number in range(frames)]
    return saved(made[0], "GIF", save_all=True, append_images=made[1:], duration=120, loop=0, comment=b"by me")


def test_a_light_moving_picture_keeps_moving() -> None:
    picture, file, shown = prepared(moving(5), "wave.gif")

    assert (picture.path.rpartition(".")[2], file.content_type) == ("gif", "image/gif")
    assert getattr(shown, "n_frames", 1) == 5
    assert (shown.info["duration"], shown.info["loop"]) == (120, 0)
    assert b"by me" not in file.body


def test_a_gif_of_one_frame_is_a_picture_like_any_other() -> None:
    assert prepared(saved(chart("P"), "GIF"), "chart.gif")[1].content_type == "image/png"


@pytest.mark.parametrize(
    "source", [lambda: moving(2, (WIDEST + 1, 10)), lambda: moving(30, (400, 300))], ids=["wide", "heavy"]
)
def test_a_moving_picture_that_costs_every_reader_too_much_is_refused(source: Any) -> None:
    assert f"{HEAVIEST_MOVING:,} bytes" in refusal(source()).remedy


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kilobytes that says it is as large as this."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (MOST_PIXELS // 5000 + 1, 5000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    source = bomb(*size)
    assert len(source) < 10_000

    assert f"more than {MOST_PIXELS:,} pixels" in refusal(source).message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_a_picture_that_was_uploaded_in_part_is_refused(kind: str) -> None:
    whole = saved(photograph(), kind)

    for part in (len(whole) // 2, 60):
        assert "upload" in refusal(whole[:part]).remedy or "save it as PNG" in refusal(whole[:part]).remedy


def test_a_moving_picture_that_was_uploaded_in_part_is_refused() -> None:
    whole = moving(5)

    for part in (len(whole) // 2, len(whole) - 5):
        assert "in part" in refusal(whole[:part]).message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b"", "not a PNG"),
        (b"PK\x03\x04 words", "not a PNG"),
        (b"<html>", "not a PNG"),
        (b"\0" * (LARGEST_PICTURE + 1), "bytes"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_remedy(source: bytes, message: str) -> None:
    refused = refusal(source)

    assert message in refused.message
    assert "PNG" in refused.remedy


def test_a_picture_that_was_made_fit_is_not_made_again() -> None:
    pictures, chart = PillowPictures(), saved(Image.new("RGB", (2000, 1000), "white"))

    _, first = pictures.prepare(SLUG, "chart.png", chart)
    picture, again = pictures.prepare(SLUG, "copy.png", chart)

    assert again.body is first.body
    assert picture.path.startswith(f"issues/{SLUG}/copy-")


def test_a_phone_gets_a_photograph_in_the_width_of_its_column() -> None:
    pictures = PillowPictures()
    picture, file = pictures.prepare(SLUG, "gate.jpg", saved(photograph(2400, 1600), "JPEG"))

    narrow = pictures.narrow(picture, file)

    assert narrow is not None
    shown, smaller = narrow
    assert (shown.narrow_path, shown.narrow_width) == (smaller.path, 720)
    assert len(smaller.body) < len(file.body) / 2
    assert Image.open(io.BytesIO(smaller.body)).size == (720, 480)
    assert (shown.path, shown.width, shown.weight) == (picture.path, 1200, picture.weight)
    assert pictures.narrow(picture, file) == narrow


@pytest.mark.parametrize(
    "source", [saved(chart()), saved(photograph(720), "JPEG")], ids=["small", "as wide as a phone"]
)
def test_a_picture_that_fits_a_phone_has_no_other(source: bytes) -> None:
    pictures = PillowPictures()

    assert pictures.narrow(*pictures.prepare(SLUG, "gate.jpg", source)) is None


def test_the_page_offers_both_and_waits_with_what_is_further_down_and_the_mail_shows_one() -> None:
    wide = Picture("a.jpg", f"issues/{SLUG}/a-1.jpg", 1200, 800, 9000, f"issues/{SLUG}/a-1-2.jpg", 720)
    shown = RENDERER.open(issue("![A](a.jpg)\n\n![B](https://example.org/b.jpg)")).render({"a.jpg": wide})

    first, second = re.findall(r"<img[^>]*>", shown.web_html)
    assert 'srcset="https://news.example.org/issues/' in first
    assert "a-1-2.jpg 720w, " in first
    assert 'sizes="(max-width: 42rem) calc(100vw - 2.5rem), 37.5rem"' in first
    assert "loading" not in first
    assert 'loading="lazy"' in second
    assert "srcset" not in shown.html
    assert "loading" not in shown.html
