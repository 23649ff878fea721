"""The publisher's words and looks as owners edit them at the desk: the very files of `settings/` in the bucket."""
