"""The list of readers: how they sign up, change what we hold, and unsubscribe."""
