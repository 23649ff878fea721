"""A template that a build has compiled is not compiled again, and one that has changed since is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from local.process import ROOT
from newsletter.reports.domain.report_words import FILTERS
from newsletter.web.compiled_templates import ENDINGS, CompiledTemplates, compile_templates
from newsletter.web.jinja import Templates


class Uncompiled(Environment):
    """Compiles nothing."""

    def compile(self, *_: object, **__: object) -> None:  # type: ignore[override]
        raise AssertionError("a template is compiled")


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, CompiledTemplates]:
    """Two templates, and what a build has made of them."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.html").write_text("{% include 'name.txt' %} reads")
    (source / "name.txt").write_text("{{ name }}")
    (source / "logo.png").write_bytes(b"\x89PNG {{")
    environment = Environment(loader=FileSystemLoader(source))  # noqa: S701 - of no page
    compile_templates(environment, tmp_path / "compiled", installed_at="/opt")
    return source, CompiledTemplates(tmp_path / "compiled")


def test_what_was_compiled_is_filled_in_without_being_compiled_wherever_it_lies(
    built: tuple[Path, CompiledTemplates], tmp_path: Path
) -> None:
    source, compiled = built
    shutil.copytree(source, tmp_path / "elsewhere")
    environment = Uncompiled(loader=FileSystemLoader(tmp_path / "elsewhere"), bytecode_cache=compiled)

    assert environment.get_template("page.html").render(name="Ada") == "Ada reads"


def test_what_has_changed_since_is_compiled_and_nothing_is_written(
    built: tuple[Path, CompiledTemplates], tmp_path: Path
) -> None:
    source, compiled = built
    (source / "page.html").write_text("{{ name }} writes")
    before = {file: file.read_bytes() for file in (tmp_path / "compiled").iterdir()}
    environment = Environment(loader=FileSystemLoader(source), bytecode_cache=compiled)  # noqa: S701 - of no page

    assert environment.get_template("page.html").render(name="Ada") == "Ada writes"
    assert {file: file.read_bytes() for file in (tmp_path / "compiled").iterdir()} == before


def test_without_a_build_templates_are_compiled(tmp_path: Path) -> None:
    (tmp_path / "name.txt").write_text("{{ name }}")
    unbuilt = CompiledTemplates(tmp_path / "compiled")
    environment = Environment(loader=FileSystemLoader(tmp_path), bytecode_cache=unbuilt)  # noqa: S701 - "

    assert environment.get_template("name.txt").render(name="Ada") == "Ada"


def test_a_file_that_was_cut_off_is_compiled_anew(built: tuple[Path, CompiledTemplates], tmp_path: Path) -> None:
    source, compiled = built
    for file in (tmp_path / "compiled").iterdir():
        file.write_bytes(file.read_bytes()[:-20])
    environment = Environment(loader=FileSystemLoader(source), bytecode_cache=compiled)  # noqa: S701 - "

    assert environment.get_template("page.html").render(name="Ada") == "Ada reads"


def test_every_template_of_the_layer_is_compiled(tmp_path: Path) -> None:
    Templates(ROOT / "templates", FILTERS).compile(tmp_path / "compiled", installed_at="/opt")

    templates = [path for path in (ROOT / "templates").rglob("*") if path.suffix.removeprefix(".") in ENDINGS]
    assert len(list((tmp_path / "compiled").iterdir())) == len(templates) > 150
