"""One pack for a regulator or trustees: what can be shown of consent, leaving, retention and a year's figures."""
