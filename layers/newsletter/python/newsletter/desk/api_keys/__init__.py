"""Keys of programs: what is made at the desk, and what lets a program in."""
