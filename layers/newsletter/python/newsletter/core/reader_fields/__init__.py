"""What a publisher asks of readers besides their address and name, and what they answer."""
