"""SES and SNS as the product reaches them: the emulator, and before it a front that refuses what AWS refuses
(ses_rules, sns_rules) and records what the emulator accepted (delivery).

A message is on disk before its sender is answered. An emulator that cannot be reached, or dies over a call,
is a connection that breaks, as if there were no front.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from local.world.aws_refusal import AwsRefusal
from local.world.ses_rules import read_mail
from local.world.sns_rules import read_publish
from local.world.vendor_errors import query_error, rest_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from local.world.delivery import Deliveries, Watched
    from local.world.sent_store import Message

SEND_EMAIL = "/v2/email/outbound-emails"
_NOT_PASSED_ON = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})
_ANSWERS_WITHIN_S = 60
_REGION = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/")
_MESSAGE_ID = re.compile(rb"<MessageId>([^<]+)</MessageId>")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the emulator answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class AwsFront:
    """The handler of every address of SES and SNS."""

    def __init__(
        self,
        emulator_port: int,
        senders: Sequence[str],
        deliveries: Deliveries,
        find_link: Callable[[int], Watched | None],
    ) -> None:
        self._emulator_url = f"http://127.0.0.1:{emulator_port}"
        self._senders = senders
        self._deliveries = deliveries
        self._find_link = find_link
        self._session: aiohttp.ClientSession | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call as SES or SNS would."""
        link = self._find_link(int(request.get_extra_info("peername")[1]))
        raw = await request.read()
        try:
            message = self._read(request, raw)
        except AwsRefusal as refusal:
            return _refuse(request, refusal)
        answer = await self._ask_emulator(request, raw)
        if answer is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)  # nobody gets it
        if message is not None and answer.status == 200:
            self._deliveries.begin(message, _message_id(answer.body), link)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async def close(self) -> None:
        """Give up the connections."""
        if self._session is not None:
            await self._session.close()

    def _read(self, request: web.Request, raw: bytes) -> Message | None:
        """The message that the call sends, None where it sends nothing."""
        if _is_ses(request):
            is_mail = (request.method, request.path) == ("POST", SEND_EMAIL)
            return read_mail(raw, self._senders, _region_of(request)) if is_mail else None
        form = dict(parse_qsl(raw.decode(errors="replace"), keep_blank_values=True))
        return read_publish(form) if form.get("Action") == "Publish" else None

    async def _ask_emulator(self, request: web.Request, raw: bytes) -> _Answer | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
                timeout=aiohttp.ClientTimeout(total=_ANSWERS_WITHIN_S),
                auto_decompress=False,
            )
        url = self._emulator_url + request.raw_path
        sent = {name: value for name, value in request.headers.items() if _is_passed_on(name)}
        try:
            async with self._session.request(request.method, url, headers=sent, data=raw) as answer:
                kept = {name: value for name, value in answer.headers.items() if _is_passed_on(name)}
                return _Answer(answer.status, kept, await answer.read())
        except (aiohttp.ClientError, TimeoutError):
            return None


def _is_ses(request: web.Request) -> bool:
    return request.path.startswith("/v2/")


def _is_passed_on(header: str) -> bool:
    return header.lower() not in _NOT_PASSED_ON


def _region_of(request: web.Request) -> str:
    """The region that the call is signed for."""
    match = _REGION.search(request.headers.get("Authorization", ""))
    return match[1] if match else "us-east-1"


def _message_id(body: bytes) -> str:
    """The id of an acceptance, in SES's JSON or in SNS's XML."""
    match = _MESSAGE_ID.search(body)
    return match[1].decode() if match else str(json.loads(body)["MessageId"])


def _refuse(request: web.Request, refusal: AwsRefusal) -> web.Response:
    if _is_ses(request):
        error = rest_error(refusal.code, refusal.message)
    else:
        error = query_error("sms", refusal.status, refusal.code, refusal.message)
    headers = {**error.headers, "Content-Type": error.content_type}
    return web.Response(status=refusal.status, headers=headers, body=error.body)
