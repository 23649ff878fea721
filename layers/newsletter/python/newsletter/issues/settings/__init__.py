"""The files of `settings/`: read and checked, every problem with its line."""
