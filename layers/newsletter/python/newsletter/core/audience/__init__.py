"""Which part of the list an issue goes to: an expression over what is known of readers, such as `tag:members`."""
