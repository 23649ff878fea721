"""One environment of a function, as Lambda keeps it: a process that takes events one after the other.

`python -m bench.function_process <name> <seconds>` reads an event a line and writes what its handler answered, with
the processor time that took. The first event waits so many seconds besides: what a start costs that is measured
elsewhere (`bench/cold_import.py`).
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from importlib import import_module
from typing import Any

from bench.deployed import Context


def main(name: str, start: float) -> None:
    """Answer events until there are no more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # functions log there
    logging.disable(logging.INFO)
    handler = import_module(f"functions.{name}.handler").lambda_handler
    context: Any = Context(512, function_name=f"fortnightly-{name}")
    answers.write("ready\n")
    for line in sys.stdin:
        began = time.process_time()
        time.sleep(start)
        start = 0.0
        answer = handler(json.loads(line), context)
        answers.write(json.dumps({"answer": answer, "cpu_seconds": time.process_time() - began}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
