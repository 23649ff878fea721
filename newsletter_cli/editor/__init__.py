"""The verbs of an editor, every fortnight: write, check, publish, decide."""

from __future__ import annotations

from newsletter_cli.verbs import Panel, VerbEntry

PANEL = Panel(
    "Editors",
    verbs=(
        VerbEntry(
            "new",
            "newsletter_cli.editor.new:new",
            "Begin an issue: a file with its front matter, dated to the next slot that has no issue yet.",
        ),
        VerbEntry(
            "preview",
            "newsletter_cli.editor.preview:preview",
            "Show an issue as email, text and page, with what the checks find; it follows the file until Ctrl-C.",
        ),
        VerbEntry(
            "check",
            "newsletter_cli.editor.check:check",
            "Check issue files as publishing does. Exit code 1 if one has errors; warnings are 0. Needs no stack.",
        ),
        VerbEntry(
            "publish",
            "newsletter_cli.editor.publish:publish",
            "Check an issue, upload it with its pictures and files, wait for its preview, and say when it goes out.",
        ),
        VerbEntry("approve", "newsletter_cli.editor.decide:approve", "Approve an issue: exactly its newest version."),
        VerbEntry(
            "hold",
            "newsletter_cli.editor.decide:hold",
            "Keep an issue from going out until it is released; if it is going out, hold its send.",
        ),
        VerbEntry("release", "newsletter_cli.editor.decide:release", "Let a held issue go out in its turn again."),
        VerbEntry(
            "withdraw",
            "newsletter_cli.editor.decide:withdraw",
            "Remove an issue: it is not sent, leaves the archive, and if it is going out its send is paused.",
        ),
        VerbEntry(
            "decisions",
            "newsletter_cli.editor.decide:decisions",
            "List what was decided about an issue, when and by whom.",
        ),
        VerbEntry(
            "issues",
            "newsletter_cli.editor.issues:issues",
            "List the issues, newest first, with the books of those that went out.",
        ),
        VerbEntry(
            "test-send",
            "newsletter_cli.editor.mail_test:mail_a_test",
            "Send an issue to one address: the real email with its real headers, counted in no books.",
        ),
    ),
    groups=(
        VerbEntry(
            "schedule",
            "newsletter_cli.editor.schedule:schedule_app",
            "Show the next 26 slots, what goes out in each and at hours of their own; skip or add a day.",
        ),
        VerbEntry(
            "settings",
            "newsletter_cli.editor.settings:settings_app",
            "The publisher's own words and looks: check, upload, go back.",
        ),
    ),
)
