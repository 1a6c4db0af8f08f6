"""Which local vision-language model, how it is quantised and how it is asked. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dic_ingest.errors import SettingsError

QUANTIZE = ("", "nf4", "int8")
DTYPES = ("auto", "bfloat16", "float16", "float32")


@dataclass(frozen=True, slots=True)
class LocalModelSettings:
    """`model` is a folder, read without any network, or a hub id together with a pinned `revision`."""

    model: str = ""
    revision: str = ""
    quantize: str = ""  # nf4: 4 bits, double quantisation; int8: 8 bits
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
