"""Our own metrics, as lines in the log that CloudWatch reads: Embedded Metric Format, by Powertools.

Namespace (the stack's name) and dimension (`service`) come from Powertools' environment variables, which the template
sets. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from newsletter.reports.domain.metrics import Metric

UNITS = {Metric.QUOTA_USED: MetricUnit.Percent}
"""Everything else is counted."""


class EmfMetrics:
    """Writes numbers down at once: a function that is cut off afterwards has said them."""

    def emit(self, metrics: Mapping[Metric, float]) -> None:
        """Write one line with all of them."""
        line = EphemeralMetrics()
        for metric, value in metrics.items():
            line.add_metric(name=metric, unit=UNITS.get(metric, MetricUnit.Count), value=value)
        line.flush_metrics()
