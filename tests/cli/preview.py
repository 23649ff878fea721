"""A preview that runs as the command runs it, for tests over HTTP and in a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from newsletter_cli.editor.desk import Desk
from newsletter_cli.editor.look import look
from newsletter_cli.editor.preview_server import PreviewServer
from newsletter_cli.editor.showing import Showing
from tests.core.fakes import NOW
from tests.factories import NEWSLETTER

DESK = Desk(
    newsletter=NEWSLETTER, public_url="https://briefing.example.org", feed_namespace="x", check_links=False,
    others=(), local_now=NOW, settings="With the settings of a test.",
)  # fmt: skip
HERE = "http://127.0.0.1"


@contextmanager
def served(issue: Path) -> Iterator[str]:
    """Run the preview as the command does, and yield its address."""
    preview = PreviewServer(Showing(DESK, look(issue, DESK)))
    server = uvicorn.Server(uvicorn.Config(preview.app(), port=0, log_level="error", timeout_graceful_shutdown=2))
    started = threading.Event()
    startup = server.startup

    async def announced(sockets: object = None) -> None:
        await startup()
        started.set()

    server.startup = announced  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(20)
        yield f"{HERE}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        preview.stop()
        server.should_exit = True
        thread.join(20)
