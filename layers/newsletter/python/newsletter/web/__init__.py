"""HTTP, pages, Jinja and MIME."""
