"""AWS, the laptop, files and the terminal, as setting up and tearing down use them."""
