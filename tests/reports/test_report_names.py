"""Names that must never meet: of reports, of sends, and of what the clocks ask for."""

from newsletter.reports.domain.report_name import GROWTH, LIST_GROWTH, WHAT_IS_DUE
from newsletter.sending.domain.send import is_send_name


def test_no_send_can_have_the_name_of_anything_else_that_is_reported_on() -> None:
    assert not any(is_send_name(each) for each in (GROWTH, LIST_GROWTH, WHAT_IS_DUE))
