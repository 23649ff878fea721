"""A newsletter by its API: the same verbs, with a key that the desk makes in place of credentials for AWS."""
