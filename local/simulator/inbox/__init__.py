"""The inbox: everything that left SES, to be read by people and by tests."""
