"""What operators and editors may ask for, by name.

A request is JSON with the fields `action` (`pause`), `slug`, `because`. `table` has a function for each action; it
reads the fields with `requests`, calls a job, and answers JSON. The function `control` is the one road to it. The
command line invokes it for every verb that steers or shows issues, sends, days and reports
(`newsletter_cli.stack.Stack`), and whoever has no command line invokes it with the same JSON. So each action is written
once, needs one permission and leaves one log line. Verbs about the list (`subscribers`, `suppressions`) and about the
stack itself (`doctor`, `backup`, `dead-letters` and the like) do not pass here: they use the same jobs and ports with
the permissions of the person who types them, and the role of `control` stays small.
"""
