"""How often each caller and each address may ask: buckets of tokens that fill with time, in this process alone."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.problems import ProblemError, answer
from services.gateway.telemetry import Telemetry
from services.runtime.settings import Settings

#: Buckets kept at most; the longest unused goes first, and would mostly be full again.
MOST = 50_000
#: Seconds' worth of requests that may come at once.
BURST_S = 10
#: Names of the request's state: where it comes from, and what is left to its caller.
ADDRESS, LEFT = "address", "left"


@dataclass(frozen=True, slots=True)
class Left:
    """What a taking left: whole requests, and seconds until the next one would be answered."""

    granted: bool
    policy: str
    remaining: int
    after: int

    def headers(self) -> dict[str, str]:
        """Return it as RateLimit headers say it."""
        return {
            "RateLimit-Policy": self.policy,
            "RateLimit": f"{self.policy.partition(';')[0]};r={self.remaining};t={self.after}",
        }


class Limit:
    """One bucket a key, `burst` deep, that fills by `rate` a second; a rate of 0 limits nothing."""

    def __init__(self, name: str, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._policy = f'"{name}";q={int(self._burst)};w={math.ceil(self._burst / rate) if rate else 0}'
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> Left:
        """Take one from the key's bucket, if there is one."""
        if not self._rate:
            return Left(True, self._policy, int(self._burst), 0)
        now = self._clock()
        level, then = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate)
        granted = level >= 1
        level -= granted
        self._buckets[key] = (level, now)
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return Left(granted, self._policy, int(level), max(0, math.ceil((1 - level) / self._rate)))


class Limits:
    """Every limit of one gateway."""

    def __init__(self, settings: Settings, telemetry: Telemetry, clock: Callable[[], float] = time.monotonic) -> None:
        minute, hour = settings.limit_failures, settings.limit_signins
        self.caller = Limit("caller", settings.limit_caller, settings.limit_caller * BURST_S, clock)
        self.address = Limit("address", settings.limit_address, settings.limit_address * BURST_S, clock)
        self.failures = Limit("failures", minute / 60, minute, clock)
        self.signins = Limit("signins", hour / 3600, hour, clock)
        #: Mails to one address of a person, whoever asks; nobody is told that there were enough.
        self.mails = Limit("mails", hour / 3600 / 6, max(1.0, hour / 12), clock)
        self.proxies = frozenset(each.strip() for each in settings.proxies.split(",") if each.strip())
        self._telemetry = telemetry

    def check(self, limit: Limit, key: str) -> Left:
        """Take one.  Raises ProblemError when there is none left."""
        left = limit.take(key)
        if not left.granted:
            self._telemetry.limited.labels(limit.name).inc()
            raise ProblemError(429, "rate-limited", headers={"Retry-After": str(left.after), **left.headers()})
        return left


class Limited:
    """Within the guard and around the application: what an address may ask, and every caller's rest in the answer."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state[ADDRESS] = source(scope, self._limits.proxies)
        try:
            self._limits.check(self._limits.address, state[ADDRESS])
        except ProblemError as error:
            await answer(error)(scope, receive, send)
            return

        async def told(message: Message) -> None:
            left: Left | None = state.get(LEFT)
            if message["type"] == "http.response.start" and left is not None:
                extra = [(name.lower().encode(), value.encode()) for name, value in left.headers().items()]
                given = {name for name, _ in message.get("headers", ())}
                message["headers"] = [*message.get("headers", ()), *(each for each in extra if each[0] not in given)]
            await send(message)

        await self._app(scope, receive, told)


def source(scope: Scope, proxies: frozenset[str]) -> str:
    """Return the address that a request comes from: the last one that is not a proxy of ours.

    Of IPv6 the network: one household has a whole network of addresses.
    """
    client = scope.get("client")
    found = client[0] if client else ""
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    way = [each.strip() for value in said for each in value.decode("latin-1").split(",")]
    while found in proxies and way:
        found = way.pop()
    return _network(found)


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ip_network((int(found), 64), strict=False))
