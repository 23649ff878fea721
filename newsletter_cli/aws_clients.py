"""Clients of AWS's services, of a shell's account or of the stack on this machine.

The only module of the command line that imports boto3 for a verb that lists something: a third of a second.
"""

from __future__ import annotations

import os

import boto3
from botocore.config import Config

CLIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=5,
    read_timeout=60,
    s3={"addressing_style": "auto"},
)
ON_THIS_MACHINE = Config(
    retries={"mode": "standard", "total_max_attempts": 2},
    connect_timeout=5,
    read_timeout=120,
    s3={"addressing_style": "path"},  # `<bucket>.127.0.0.1` is not a name
)
STEERING = Config(retries={"total_max_attempts": 1}, read_timeout=900)
"""`control` may work for fifteen minutes; boto3 would ask again after one."""


def session_of_this_shell() -> boto3.Session:
    """Return a session of the account and the region that the shell names."""
    # boto3 knows AWS_DEFAULT_REGION alone; every other tool of AWS, and our own remedy, says AWS_REGION.
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)


def session_on_this_machine(region: str) -> boto3.Session:
    """Return a session of the emulator, which takes any credentials; these open nothing anywhere else."""
    return boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        region_name=region,
    )
