"""Compile the templates with the environment that the functions fill them in: the Makefile beside it runs this.

Lambda's Python must run it, since bytecode is of one Python alone, and it must be after everything was installed.
"""

import sys
from pathlib import Path

from newsletter.reports.domain.report_words import FILTERS
from newsletter.web import compiled_templates
from newsletter.web.jinja import Templates

PLACE = "/opt"
"""Where Lambda puts layers. Source: https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html"""

if __name__ == "__main__":
    Templates(Path(sys.argv[1]), FILTERS).compile(compiled_templates.BUILT, installed_at=PLACE)
