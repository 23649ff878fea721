"""Benchmarks: what a thing costs, in calls, bytes and time. Nothing here can fail because a machine is slow."""
