"""Templates as bytecode, which a build of the layer makes: compiling those of a page takes a third of a first answer.

A template that differs from what was compiled, or was compiled by another Python, is compiled when it is asked for, as
on a laptop, where nobody builds a layer. Each is known by its name and the hash of its source, which Jinja compares.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

BUILT = Path(__file__).parent / "compiled"
"""Where a build of the layer leaves them, beside the code that reads them."""

ENDINGS = ("html", "txt", "css", "xml", "atom", "rss")
"""Of files that are templates; what else lies beside them is read as it is."""


class CompiledTemplates(BytecodeCache):
    """Reads what a build has compiled, and writes nothing: a layer cannot be written to."""

    def __init__(self, directory: Path = BUILT) -> None:
        self._directory = directory

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 - where a template lies differs between build and function
        """Return the name of a template's file among the compiled ones."""
        return super().get_cache_key(name)

    def load_bytecode(self, template_bucket: Bucket) -> None:
        """Fill a bucket, if its template was compiled as it stands."""
        file = self._directory / template_bucket.key
        if file.is_file():
            template_bucket.bytecode_from_string(file.read_bytes())

    def dump_bytecode(self, template_bucket: Bucket) -> None:
        """Keep nothing."""


def compile_templates(environment: Environment, directory: Path, *, installed_at: str) -> None:
    """Compile all templates of an environment into a folder.

    Args:
        environment: Jinja with all filters, since how one is called is compiled too.
        directory: Is made; `CompiledTemplates` reads it.
        installed_at: Where the templates lie when they are used; tracebacks name it.
    """
    directory.mkdir()
    compiled = CompiledTemplates(directory)
    for name in environment.list_templates(extensions=ENDINGS):
        source, _, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]  # it lists templates
        bucket = compiled.get_bucket(environment, name, None, source)
        bucket.code = environment.compile(source, name, f"{installed_at}/{name}")
        (directory / bucket.key).write_bytes(bucket.bytecode_to_string())
