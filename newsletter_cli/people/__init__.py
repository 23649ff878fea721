"""The list: who is on it, who comes, who leaves, who must not be mailed."""

from __future__ import annotations

from newsletter_cli.verbs import Panel, VerbEntry, VerbGroup

PANEL = Panel(
    "People",
    verbs=(
        VerbEntry(
            "import",
            "newsletter_cli.people.import_list:import_list",
            "Take over a list from another system. Nobody gets an email.",
        ),
        VerbEntry(
            "export",
            "newsletter_cli.people.export_list:export_list",
            "Write everybody out, with the receipts of their consent. The file holds addresses: keep "
            "it where they may be.",
        ),
        VerbEntry(
            "accountability",
            "newsletter_cli.people.accountability.command:accountability",
            "Write what can be shown of consent, unsubscribing, retention and a year's figures; no address is in it.",
        ),
        VerbEntry(
            "form",
            "newsletter_cli.people.website_form:form",
            "Print the sign-up form to paste into a page of any website; it says which words its readers agree to.",
        ),
    ),
    groups=(
        VerbGroup(
            "audience",
            "Parts of the list.",
            (
                VerbEntry(
                    "count",
                    "newsletter_cli.people.audience_count:count_audience",
                    "Count the readers that an expression means. Nobody's record is read.",
                ),
            ),
        ),
        VerbGroup(
            "subscribers",
            "Who is on the list.",
            (
                VerbEntry(
                    "list",
                    "newsletter_cli.people.subscribers_list:list_subscribers",
                    "List subscribers, in no order. It reads only as much of the list as it shows.",
                ),
                VerbEntry(
                    "show",
                    "newsletter_cli.people.subscribers_show:show_subscriber",
                    "Show one person: the record, the receipt of consent and whether it is unchanged, the last issues.",
                ),
                VerbEntry(
                    "add",
                    "newsletter_cli.people.subscribers_add:add_subscriber",
                    "Add one person. They get the same email as from the form and are on the list once they confirm.",
                ),
                VerbEntry(
                    "tag",
                    "newsletter_cli.people.subscribers_tag:tag_subscriber",
                    "Tag one person. To tag many, import a file with their addresses and --tag.",
                ),
                VerbEntry(
                    "untag",
                    "newsletter_cli.people.subscribers_tag:untag_subscriber",
                    "Take tags off one person.",
                ),
                VerbEntry(
                    "rhythm",
                    "newsletter_cli.people.subscribers_rhythm:set_rhythm_of_subscriber",
                    "Set how often one person hears from us, at their word. It counts from the first of next month on.",
                ),
                VerbEntry(
                    "remove",
                    "newsletter_cli.people.subscribers_remove:remove_subscriber",
                    "Unsubscribe somebody. Only they themselves can come back; the record stays, so "
                    "that no import does it.",
                ),
                VerbEntry(
                    "forget",
                    "newsletter_cli.people.subscribers_forget:forget_subscriber",
                    "Erase a person: the record, its receipt, and those of their old addresses. This "
                    "cannot be taken back.",
                ),
                VerbEntry(
                    "repair",
                    "newsletter_cli.people.subscribers_repair:repair_subscriber",
                    "Say what can be saved of a record that cannot be read, and with --apply write "
                    "it without the rest.",
                ),
                VerbEntry(
                    "clear-field",
                    "newsletter_cli.people.subscribers_clear_field:clear_field_of_subscribers",
                    "Clear every reader's answer to a field that was taken out of fields.yaml. This "
                    "cannot be taken back.",
                ),
                VerbEntry(
                    "stats",
                    "newsletter_cli.people.subscribers_stats:subscriber_stats",
                    "Count the list: by status, confirmed this month (UTC), suppressed and why.",
                ),
            ),
        ),
        VerbGroup(
            "suppressions",
            "Who must not be mailed.",
            (
                VerbEntry(
                    "list",
                    "newsletter_cli.people.suppressions_list:list_suppressions",
                    "List suppressions, in no order. An address is known only while its owner has a record.",
                ),
                VerbEntry(
                    "add",
                    "newsletter_cli.people.suppressions_add:add_suppression",
                    "Never mail this address again, whether or not it is on the list, and whoever signs it up.",
                ),
                VerbEntry(
                    "remove",
                    "newsletter_cli.people.suppressions_remove:remove_suppression",
                    "Let an address be mailed again, here and at SES. Whoever was a reader before is one again.",
                ),
            ),
        ),
    ),
)
