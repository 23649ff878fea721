"""Our own numbers, as lines in the log, and not as metrics of CloudWatch, which charges for each every month."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from newsletter.reports.domain.metrics import Metric


class LoggedNumbers:
    """Writes numbers down at once: a function that is cut off afterwards has said them."""

    def emit(self, metrics: Mapping[Metric, float]) -> None:
        """Write one line with all of them."""
        sys.stdout.write(json.dumps({"message": "numbers", **metrics}) + "\n")
