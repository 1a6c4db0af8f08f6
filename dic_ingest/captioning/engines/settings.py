"""Settings of the engines: the local model, the endpoint, and how a large model is asked and checked.
Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dic_ingest.captioning.prompts import PromptSettings
from dic_ingest.errors import SettingsError

# Which local vision-language model, how it is quantised and how it is asked. Imports nothing heavy.


QUANTIZE = ("", "nf4", "int8")
DTYPES = ("auto", "bfloat16", "float16", "float32")


@dataclass(frozen=True, slots=True)
class LocalModelSettings:
    """`model` is a folder, read without any network, or a hub id together with a pinned `revision`."""

    model: str = ""
    revision: str = ""
    quantize: str = ""  # nf4: 4 bits, double quantisation; int8: 8 bits
    quantize_vision: bool = False  # the vision tower too: less memory, worse on small print
    adapter: str = ""  # folder of a PEFT adapter
    merge: bool = False  # fold the adapter into the weights
    device: str = "auto"  # cuda where there is one, else cpu
    dtype: str = "auto"  # bfloat16 on a GPU, float32 on a CPU
    max_tokens: int = 1024
    batch: int = 8  # figures at once; halved as long as memory does not suffice

    def __post_init__(self) -> None:
        if not self.model:
            raise SettingsError("the local engine needs `model`: a folder with a vision-language model")
        if not self.is_folder and not self.revision:
            raise SettingsError(
                f"{self.model} is no folder here. "
                "For a hub id name a revision too, so that results can be repeated."
            )
        if self.quantize not in QUANTIZE or self.dtype not in DTYPES:
            raise SettingsError(f"quantize must be one of {QUANTIZE}, dtype one of {DTYPES}")
        if self.batch < 1 or self.max_tokens < 1:
            raise SettingsError("LocalModelSettings.batch and max_tokens must be at least 1")

    @property
    def is_folder(self) -> bool:
        """Whether the model lies on this machine."""
        return Path(self.model).is_dir()


# Which OpenAI-compatible server is asked, and how patiently. Imports nothing heavy.


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


# How a large model is asked and checked, whichever engine runs it. Imports nothing heavy.


@dataclass(frozen=True, slots=True)
class GroundingSettings:
    """How a large model is asked and checked. `max_side` is of a picture's longer side, in pixels."""

    prompt: PromptSettings = field(default_factory=PromptSettings)
    structured: bool = False
    looks: int = 1  # second looks at what was left out; one is enough for small models (MM-SeR, table 7)
    steps: bool = False  # the critic lists, checks and sums up before it judges (UltraCaption, figure 14)
    critic: bool = True  # ask the model itself about statements on which the drawing is silent
    max_side: int = 1600
    tiles: int = 4
    reuse: bool = True  # one answer for figures that show the same

    def __post_init__(self) -> None:
        if not 0 <= self.looks <= 3 or self.max_side < 64 or not 0 <= self.tiles <= 16:
            raise SettingsError(
                "GroundingSettings: looks must lie in 0..3, tiles in 0..16, max_side must be at least 64"
            )
