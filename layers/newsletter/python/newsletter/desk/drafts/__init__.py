"""The text of an issue while it is written: saved every few seconds, by one person or several, without a loss."""
