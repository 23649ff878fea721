"""How long each client of AWS waits for an answer, and how often it asks again."""

from __future__ import annotations

from botocore.config import Config

from newsletter.wiring.sdk import USER_AGENT

CONNECTIONS = 80
"""For each client: ten batches at once in one worker, each with eight calls at once where recipients go one by one."""

ONE_ATTEMPT = Config(
    user_agent=USER_AGENT,
    retries={"total_max_attempts": 1},
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=CONNECTIONS,
    parameter_validation=False,
)
"""For SES alone: botocore's default sends a timed-out call up to five times, and SES has no idempotency token.

Ten seconds, because an answer that late says the same as none. Jobs allow for both (`send_batch.CALL_LIMIT`).
Boto3 does not look at the parameters before SES does: for fifty recipients that took as long as all the rest. Their
types are ours, the contract test of the transports runs with the validation, and what SES refuses we handle anyway.
"""

PATIENT = Config(
    user_agent=USER_AGENT,
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=CONNECTIONS,
)
"""For everything else, where asking again is safe. botocore's own patience (a minute a try) outlives every function."""

HURRIED = Config(retries={"total_max_attempts": 2}, connect_timeout=1, read_timeout=1)
"""For the house style, while a reader waits: without an answer the last one, or the one of the layer, does as well."""

ASKED_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=30)
"""For the functions that open what strangers made, pictures and feeds: each has 20 seconds for one, and its start.
botocore would ask again, and wait again, over one that it died of; what Lambda turned away comes back by itself."""

ONE_QUESTION = Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=3)
"""About one address, to SES: without an answer the email goes out, and each answer has a price."""
