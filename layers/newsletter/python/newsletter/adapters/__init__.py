"""One file per port per technology; the only place that knows a vendor."""
