"""Limits of the server: what one request may ask for and what one answer may hold. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from dic_ingest.errors import SettingsError

TOKEN_VARIABLE = "DIC_SERVE_TOKEN"  # environment variable with the bearer token
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ServeLimits:
    """Bounds of requests and answers. A request over one of them is refused, an answer is cut and says so."""

    question: int = 2000  # characters
    hits: int = 50  # nodes of one search
    text: int = 40_000  # characters of one text in an answer
    graph: int = 400  # nodes, and edges, of one graph in an answer
    side: int = 1600  # pixels of the longer side of a picture
    body: int = 4 * MIB  # bytes of a request other than an upload
    upload: int = 256 * MIB  # bytes of one file
    waiting: int = 16  # ingestions that wait their turn
    documents: int = 32  # parsed documents kept in memory

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if getattr(self, name) < 1:
                raise SettingsError(f"ServeLimits.{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and by which names it may be called.

    `names` are further host names under which a proxy or a network reaches it.
    """

    host: str = "127.0.0.1"
    port: int = 8765  # 0 takes a free one
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port must lie in 0..65535, got {self.port}")

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine reach it."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host names, without a port, that a request may carry."""
        own = {"127.0.0.1", "localhost", "::1"} if self.is_loopback else {self.host}
        return frozenset(name.lower() for name in own | set(self.names))
