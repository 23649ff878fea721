"""A publisher's logo: in mails and on pages, in light and dark, from files of the brand alone."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from newsletter.issues.archive.archive import Archive
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.writing.rendering import Renderer
from newsletter.web.jinja import Templates
from tests.issues.rendering_samples import NEWSLETTER, ROOT, URL, issue
from tests.issues.test_pictures import chart, saved

SAID = {"light": "logo.png", "dark": "logo-on-dark.png", "alt": "Institute & Friends", "width": 220, "height": 40}


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    for name, turn in (("logo.png", 0), ("logo-on-dark.png", 180)):
        (tmp_path / "templates" / "brand" / name).write_bytes(saved(chart().rotate(turn)))
    return tmp_path / "templates"


def with_logo(brand: Path, said: dict[str, Any]) -> Templates:
    path = brand / "brand" / "brand.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"logo": said}))
    return Templates(brand)


def test_a_logo_stands_for_the_name_in_mails_and_pages_and_is_served_for_ever(brand: Path) -> None:
    templates = with_logo(brand, SAID)
    mail = Renderer(templates, NEWSLETTER, URL).open(issue()).render({})
    archive = Archive(templates, NEWSLETTER, URL, feed_namespace="the stack of the tests")
    page = archive.issue_page(ShownIssue(mail)).body.decode()

    assert templates.logo is not None
    for file in templates.logo.files:
        assert f'src="{URL}/{file.path}" width="220" height="40" alt="Institute &amp; Friends"' in mail.html
        assert f'="/{file.path}"' in page
        assert (file.content_type, "immutable" in file.cache_control) == ("image/png", True)
    assert [file.path for file in templates.logo.files] == [templates.logo.light, templates.logo.dark]
    assert templates.logo.light != templates.logo.dark
    assert mail.html.count(".logo-dark{display:inline-block!important}") == 2  # asked for, and painted over
    assert 'alt="Institute &amp; Friends"' in page


def test_one_logo_serves_day_and_night(brand: Path) -> None:
    mail = Renderer(with_logo(brand, {**SAID, "dark": None}), NEWSLETTER, URL).open(issue()).render({})

    assert mail.html.count("<img") == 1
    assert "display:none!important" not in mail.html


def test_without_a_logo_the_name_stands_there(brand: Path) -> None:
    mail = Renderer(Templates(brand), NEWSLETTER, URL).open(issue()).render({})

    assert f">{NEWSLETTER.name}</a>" in mail.html
    assert "<img" not in mail.html


@pytest.mark.parametrize("wrong", [{"light": "missing.png"}, {"light": "README.md"}, {"width": "wide"}])
def test_a_logo_that_is_not_there_stops_the_deployment_in_the_tests_and_no_mail_goes_without(
    brand: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises((OSError, KeyError, ValueError)):
        Renderer(with_logo(brand, {**SAID, **wrong}), NEWSLETTER, URL).open(issue()).render({})
