"""What is changed in the checkout while a stack runs is taken over: templates and styles, and the code of functions.

A function keeps what it has read and imported as long as its worker lives. So workers of what was changed are ended, as
a deployment ends them, and the next request gets a fresh one; that is a fork, and takes half a second.
"""

import contextlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.package import zip_folder

WATCHED = ("templates", "functions", "layers")
LAYER_NAME = "NewsletterLayer"
LAYER = Path("layers", "newsletter", "python")
LAYER_PREFIX = "python/"
"""Below which a layer of Python has its packages."""


class Watch:
    """The files of a checkout that a stack is made of."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen = dict(self._look())

    def changed(self) -> list[Path]:
        """Return what was written, added or removed since the last time, as paths below the checkout."""
        before, self._seen = self._seen, dict(self._look())
        return sorted(path for path in before.keys() | self._seen.keys() if before.get(path) != self._seen.get(path))

    def _look(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        for watched in WATCHED:
            for folder, inner, names in os.walk(self._root / watched):
                if "__pycache__" in inner:
                    inner.remove("__pycache__")
                for path in (Path(folder, name) for name in names):
                    with contextlib.suppress(
                        FileNotFoundError
                    ):  # an editor puts a new file in the place of the old one
                        about = path.stat()
                        yield path.relative_to(self._root), (about.st_mtime_ns, about.st_size)


class Reloader:
    """Brings changes into a running stack."""

    def __init__(
        self, root: Path, lambda_client: Any, sqs_client: Any, functions: Mapping[str, str], publish_queue: str
    ) -> None:
        """Remember where the stack is.

        Args:
            root: The checkout.
            lambda_client: Of the emulator.
            sqs_client: The same.
            functions: Their names in AWS, by the names of their folders.
            publish_queue: Its address.
        """
        self._root = root
        self._lambda = lambda_client
        self._sqs = sqs_client
        self._functions = functions
        self._publish_queue = publish_queue

    def take_over(self, changed: Collection[Path]) -> None:
        """Bring these files into the stack."""
        folders = {path.parts[0] for path in changed}
        if "layers" in folders:
            self._renew_layer()
        for name in {path.parts[1] for path in changed if path.parts[0] == "functions"} & self._functions.keys():
            code = zip_folder(self._root / "functions" / name)
            self._lambda.update_function_code(FunctionName=self._functions[name], ZipFile=code)
        if "templates" in folders:
            self._renew_templates()

    def _renew_layer(self) -> None:
        content = {"ZipFile": zip_folder(self._root / LAYER, LAYER_PREFIX)}
        made = self._lambda.publish_layer_version(LayerName=LAYER_NAME, Content=content)["LayerVersionArn"]
        for function, stands in self._configurations():
            arns = [made if f":{LAYER_NAME}:" in each["Arn"] else each["Arn"] for each in stands["Layers"]]
            self._lambda.update_function_configuration(FunctionName=function, Layers=arns)

    def _renew_templates(self) -> None:
        """End every worker; then have the archive written anew, whose pages and styles are files."""
        for function, stands in self._configurations():
            self._lambda.update_function_configuration(FunctionName=function, Environment=stands["Environment"])
        self._sqs.send_message(QueueUrl=self._publish_queue, MessageBody=json.dumps({"refresh": "archive"}))

    def _configurations(self) -> Iterator[tuple[str, Any]]:
        pages = self._lambda.get_paginator("list_functions").paginate()
        for stands in [each for page in pages for each in page["Functions"]]:
            if stands["FunctionName"] in self._functions.values():
                yield stands["FunctionName"], stands
