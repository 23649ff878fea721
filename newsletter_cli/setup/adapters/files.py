"""What is kept between two calls: a folder that git ignores, with two files for each stack."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from newsletter_cli.problems import UsageError

FOLDER = ".deploy"
"""In the checkout; see .gitignore. It outlives `make clean`."""


class SetupFiles:
    """Keeps answers in `<stack>.json`, and parameters in `<stack>.toml`, which is a settings file of `sam deploy`."""

    def __init__(self, folder: Path, stack_name: str, region: str) -> None:
        self._folder, self._stack_name, self._region = folder, stack_name, region
        self._kept: dict[str, Any] = self._read()

    @property
    def settings(self) -> Path:
        """The file that `sam deploy` reads."""
        return self._folder / f"{self._stack_name}.toml"

    def answers(self) -> Mapping[str, str]:
        """Return the answers given so far."""
        return dict(self._kept["answers"])

    def keep_answer(self, key: str, answer: str) -> None:
        """Write an answer down."""
        self._kept["answers"][key] = answer
        self._write()

    def is_done(self, step: str) -> bool:
        """Return whether a step that leaves no trace elsewhere was done."""
        return step in self._kept["done"]

    def keep_done(self, step: str) -> None:
        """Write down that it was done."""
        self._kept["done"].append(step)
        self._write()

    def parameters(self) -> Mapping[str, str]:
        """Return the parameters of the settings file.

        Raises:
            UsageError: Somebody changed the file into something that cannot be read.
        """
        try:
            found = tomllib.loads(self.settings.read_text(encoding="utf-8"))
            overrides = found["default"]["deploy"]["parameters"].get("parameter_overrides", {})
        except FileNotFoundError:
            return {}
        except (tomllib.TOMLDecodeError, KeyError, AttributeError) as exc:
            raise UsageError(
                f"{self.settings} cannot be read: {exc}. Mend it, or delete it; setup writes it anew."
            ) from exc
        if not isinstance(overrides, dict):
            raise UsageError(f"{self.settings}: parameter_overrides has to be a table, a line for each parameter.")
        return {name: str(value) for name, value in overrides.items()}

    def keep_parameters(self, chosen: Mapping[str, str]) -> None:
        """Write the settings file."""
        lines = [
            "# Made by `newsletter setup`. It holds what differs from the defaults. Add lines as you like,",
            f"# and deploy with: make deploy STACK={self._stack_name}",
            "version = 0.1",
            "",
            "[default.deploy.parameters]",
            f"stack_name = {_quoted(self._stack_name)}",
            f"region = {_quoted(self._region)}",
            'capabilities = "CAPABILITY_IAM"',
            "resolve_s3 = true",
            "fail_on_empty_changeset = false",
            "",
            "[default.deploy.parameters.parameter_overrides]",
            *(f"{name} = {_quoted(value)}" for name, value in sorted(chosen.items())),
        ]
        _replace(self.settings, "\n".join(lines) + "\n")

    def forget_done(self) -> None:
        """Forget which steps were done: it was in a world that is no more."""
        self._kept["done"] = []
        self._write()

    def forget(self) -> None:
        """Remove everything about the stack, which is gone."""
        for file in (self.settings, self._state, self._folder / f"{self._stack_name}.log"):
            file.unlink(missing_ok=True)

    @property
    def _state(self) -> Path:
        return self._folder / f"{self._stack_name}.json"

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._state.read_text(encoding="utf-8"))
            return {"answers": dict(found["answers"]), "done": list(found["done"])}
        except FileNotFoundError:
            return {"answers": {}, "done": []}
        except (ValueError, KeyError, TypeError) as exc:
            raise UsageError(f"{self._state} cannot be read. Delete it; setup asks its questions again.") from exc

    def _write(self) -> None:
        _replace(self._state, json.dumps(self._kept, indent=2, ensure_ascii=False) + "\n")


def read_answers(file: Path) -> dict[str, str]:
    """Return the answers of a file: YAML, or TOML where its name says so.

    Raises:
        UsageError: It cannot be read as either.
    """
    try:
        source = file.read_text(encoding="utf-8")
        found = tomllib.loads(source) if file.suffix == ".toml" else yaml.safe_load(source)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as exc:
        raise UsageError(f"{file} cannot be read: {exc}") from exc
    if not isinstance(found, dict):
        raise UsageError(f"{file} has to have a line for each answer, such as: name: Our Briefing")
    return {str(key): "" if value is None else str(value) for key, value in found.items()}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)


def _replace(file: Path, text: str) -> None:
    """Write in one step: an interrupted call leaves the file before, whole."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
