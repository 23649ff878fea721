"""What keeps a stack healthy: diagnosis, reports, backups, keys, the team."""

from __future__ import annotations

from newsletter_cli.verbs import Panel, VerbEntry, VerbGroup

PANEL = Panel(
    "Operators",
    verbs=(
        VerbEntry(
            "doctor",
            "newsletter_cli.operator.doctor.doctor:doctor",
            "Look at everything that can be wrong, and say what to do. Changes nothing; exit code 1 "
            "if there is a problem.",
        ),
        VerbEntry(
            "backup",
            "newsletter_cli.operator.backup.backup:backup",
            "Copy the five tables and the newest version of every object. The folder holds addresses: keep it as such.",
        ),
        VerbEntry(
            "restore",
            "newsletter_cli.operator.backup.restore:restore",
            "Put a backup into a fresh stack. No email goes out: what was under way waits until you let it continue.",
        ),
        VerbEntry(
            "drill",
            "newsletter_cli.operator.backup.drill:drill",
            "Back up this stack, restore it into a fresh stack on this machine, and compare.",
        ),
        VerbEntry(
            "rotate-keys",
            "newsletter_cli.operator.rotate_keys:rotate_keys",
            "Sign new links with a new key. No key is shown, and no old link to leave stops working.",
        ),
        VerbEntry(
            "move-keys",
            "newsletter_cli.operator.move_keys:move_keys",
            "Copy the keys to Parameter Store, where they cost nothing; functions read them there after a deployment.",
        ),
        VerbEntry(
            "report",
            "newsletter_cli.operator.reports:report",
            "Report on an issue: outcomes, bounces, complaints, unsubscribes, pace and cost.",
        ),
        VerbEntry(
            "receipt",
            "newsletter_cli.operator.reports:receipt",
            "What an issue used of AWS and what that costs, beside what was expected.",
        ),
        VerbEntry(
            "log",
            "newsletter_cli.operator.team:log",
            "Show who did what in a month, newest first: at the desk, by links in emails, at the command line.",
        ),
        VerbEntry(
            "protect",
            "newsletter_cli.protection:protect",
            "Protect the tables and the stack against deletion. `make deploy` does so; twice does no harm.",
        ),
    ),
    groups=(
        VerbGroup(
            "dead-letters",
            "Messages that failed for good: look at them, send them back.",
            (
                VerbEntry(
                    "list",
                    "newsletter_cli.operator.dead_letters.list_queues:list_queues",
                    "Count the messages that failed for good, queue by queue.",
                ),
                VerbEntry(
                    "show",
                    "newsletter_cli.operator.dead_letters.show:show",
                    "Show what failed. Nothing is taken out of the queue, and no address is shown.",
                ),
                VerbEntry(
                    "replay",
                    "newsletter_cli.operator.dead_letters.replay:replay",
                    "Send dead letters back to their queue, once the reason is put right. Coming "
                    "twice, they do nothing new.",
                ),
            ),
        ),
        VerbEntry(
            "team",
            "newsletter_cli.operator.team:team_app",
            "Who is in the team and what each may do; whoever is signs in at the desk.",
        ),
    ),
)
