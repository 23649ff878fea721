"""The laptop stack: the real template on an AWS emulator, an SES simulator, and one front door."""
