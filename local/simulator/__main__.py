"""Runs the simulator: `python -m local.simulator --port 8025 --aws-endpoint http://127.0.0.1:4566`."""

import argparse
import logging

import httpx
import uvicorn

from local.process import NO_TLS
from local.simulator.account import Limits
from local.simulator.app import create_simulator
from local.simulator.authorization import IamAuthorizer
from local.simulator.connections import droppable_protocol
from local.simulator.inbound import SnsInboundTopics
from local.simulator.publishing import AwsPublisher
from local.simulator.resources import AwsResources

HOST = "127.0.0.1"  # nobody else's business: the inbox has no lock


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m local.simulator", description="Amazon SES v2 on a laptop.")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--aws-endpoint", help="MiniStack: IAM, SNS and what the deployed template says about SES")
    parser.add_argument("--region", default="us-east-1", help="assumed where a request does not say")
    parser.add_argument("--max-send-rate", type=float, default=Limits.max_send_rate, help="recipients per second")
    parser.add_argument("--max-24-hour-send", type=float, default=Limits.max_24_hour_send, help="recipients a day")
    parser.add_argument("--seed", type=int, default=1, help="where random ids and faults start")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # A line per forwarded call would bury everything else.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    client = httpx.AsyncClient(verify=NO_TLS, timeout=30, limits=httpx.Limits(max_connections=50))
    limits = Limits(max_send_rate=given.max_send_rate, max_24_hour_send=given.max_24_hour_send)
    if given.aws_endpoint:
        simulator = create_simulator(
            publisher=AwsPublisher(given.aws_endpoint),
            resources=AwsResources(given.aws_endpoint),
            authorizer=IamAuthorizer(given.aws_endpoint, client),
            inbound_topics=SnsInboundTopics(given.aws_endpoint, given.region),
            http_client=client,
            aws_endpoint=given.aws_endpoint,
            region=given.region,
            limits=limits,
            seed=given.seed,
        )
    else:
        simulator = create_simulator(http_client=client, region=given.region, limits=limits, seed=given.seed)
    uvicorn.run(
        simulator.app,
        host=HOST,
        port=given.port,
        http=droppable_protocol(simulator.transports),
        access_log=False,
        log_level="warning",
        backlog=512,
    )


if __name__ == "__main__":
    main()
