"""The network between the Python client and the functions of the API; it loses what it is told to lose."""

from __future__ import annotations

import base64

import httpx

from tests.functions.api_program import function_for, request
from tests.functions.conftest import Deployment


class Network(httpx.BaseTransport):
    """Carries requests to the functions, as API Gateway would."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self.asked: list[httpx.Request] = []
        self.lost_answers = 0
        self.before: list[httpx.Response] = []
        """Answers that something in between gives in place of the functions."""

    def handle_request(self, asked: httpx.Request) -> httpx.Response:
        self.asked.append(asked)
        if self.before:
            return self.before.pop(0)
        event = request(asked.method, asked.url.raw_path.decode(), asked.content, dict(asked.headers))
        result = function_for(asked.method, asked.url.path)(event, self._deployment.context)
        if self.lost_answers:
            self.lost_answers -= 1
            raise httpx.ReadTimeout("no answer came")
        body = result["body"]
        content = base64.b64decode(body) if result["isBase64Encoded"] else body.encode()
        return httpx.Response(result["statusCode"], headers=result["headers"], content=content)
