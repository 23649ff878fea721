"""Where the console script begins: Ctrl-C is answered from the first moment, while the libraries are still read."""

from __future__ import annotations

import sys


def start() -> None:
    """Read the command line and run it."""
    try:
        from newsletter_cli.main import run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(1)
