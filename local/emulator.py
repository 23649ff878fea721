"""MiniStack, the AWS emulator: in memory, on loopback, with IAM enforced."""

from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.process import LOOPBACK, Part, answers, clean_environment

REGION = "eu-west-1"
CALLS_LOG = "calls.txt"
"""Which function was allowed what; see `noting` in `local.ministack`."""


class Emulator:
    """The emulator as a part of the stack."""

    def __init__(self, *, port: int, ses_endpoint: str, home: Path) -> None:
        self.endpoint = f"http://{LOOPBACK}:{port}"
        self.part = Part("MiniStack", "local.ministack", [], home / "logs" / "ministack.log")
        temporary = home / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        self._environment = clean_environment(temporary) | {
            "AUTH": "true",  # without it every permission mistake would first show in production
            "BIND_HOST": LOOPBACK,  # its default is every address of the machine
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": LOOPBACK,
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            # Lambda workers inherit this: SES calls go to our simulator, everything else to the emulator.
            "AWS_ENDPOINT_URL_SESV2": ses_endpoint,
            # Listeners that nothing here needs and that would bind other ports.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # No container runtime is needed, so none is looked for.
            "DOCKER_HOST": "unix:///nonexistent",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_ACCOUNT_CONCURRENCY": "100",  # by itself it takes what the memory of the machine suggests
            "LAMBDA_WARM_TTL_SECONDS": "3600",  # who reads for five minutes does not wait for the next page
            "LOG_LEVEL": "INFO",
            "CALLS_FILE": str(home / "logs" / CALLS_LOG),
        }

    def start(self) -> None:
        """Start the emulator and wait until it answers."""
        self.part.start(self._environment)
        self.part.wait_until(lambda: answers(f"{self.endpoint}/_ministack/health"), seconds=30)


def session() -> boto3.Session:
    """Return a session with the emulator's root credentials; they open nothing anywhere else."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106


CLIENT = Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}, connect_timeout=5)
"""Path-style buckets: `<bucket>.127.0.0.1` is not a name."""


@cache
def aws_client(service: Any, endpoint: str) -> Any:
    """Return the client of one service for the emulator's root; making one takes a tenth of a second of a processor."""
    return session().client(service, endpoint_url=endpoint, config=CLIENT)
