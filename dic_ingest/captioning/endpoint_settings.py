"""Which OpenAI-compatible server is asked, and how patiently. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.errors import SettingsError


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Where and how to ask. `key_variable`: the environment variable that holds the key, if one is needed."""

    url: str = ""  # up to and with /v1
    model: str = ""
    revision: str = ""  # of the model as served; part of what answers are kept by
    key_variable: str = "DIC_ENDPOINT_KEY"
    concurrency: int = 4
    timeout: float = 120.0  # seconds for one answer
    retries: int = 3
    backoff: float = 1.0  # seconds before the first retry, doubled each time
    max_tokens: int = 2048
    price_read: float = 0.0  # of a million tokens, in the currency of your bill; summed in the descriptions
    price_written: float = 0.0
    structured: bool = True  # ask for JSON; a server that cannot is asked for text from then on

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise SettingsError(
                f"the endpoint engine needs the server's URL, e.g. http://localhost:8000/v1, got {self.url!r}"
            )
        if not self.model:
            raise SettingsError("the endpoint engine needs the name of the model as the server lists it")
        if self.concurrency < 1 or self.retries < 0 or self.timeout <= 0 or self.max_tokens < 1:
            raise SettingsError("EndpointSettings: concurrency, timeout and max_tokens must be positive")
        if min(self.price_read, self.price_written, self.backoff) < 0:
            raise SettingsError("EndpointSettings: prices and backoff must not be negative")
