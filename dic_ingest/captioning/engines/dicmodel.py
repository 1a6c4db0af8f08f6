"""DICModel: a local vision-language model as captioner, loaded and saved the way Hugging Face models are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from dic_ingest.captioning.engines.settings import GroundingSettings, LocalModelSettings
from dic_ingest.captioning.engines.trained import taught
from dic_ingest.captioning.grounding.grounded import Grounded
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.description import Description

if TYPE_CHECKING:
    from dic_ingest.captioning.engines.local import LocalModel


class DICModel(Grounded):
    """Figures to descriptions by a local model, each statement checked against the figure."""

    def __init__(self, model: LocalModel, settings: GroundingSettings | None = None) -> None:
        super().__init__(model, settings)
        self.local = model

    @classmethod
    def from_pretrained(
        cls,
        path_or_id: str | Path,
        quantize: str | None = None,
        adapter: str | Path | None = None,
        revision: str | None = None,
        settings: GroundingSettings | None = None,
        **options: Any,
    ) -> DICModel:
        """Load `path_or_id`: a folder, or a hub id at a pinned `revision`.

        `quantize` is "nf4", "int8" or None, `adapter` the folder of a PEFT adapter. `options` are further
        fields of `LocalModelSettings` (device, dtype, max_tokens, batch, merge). Without `settings` a model
        that was trained here is asked as it was taught.

        Raises:
            SettingsError: nothing loadable there. MissingExtraError: `pip install '.[vlm]'` first.
        """
        from dic_ingest.captioning.engines.local_loading import load  # first: it tells which extra is missing
        from dic_ingest.captioning.engines.local import LocalModel  # isort: skip

        chosen = LocalModelSettings(
            str(path_or_id), revision or "", quantize or "", adapter=str(adapter or ""), **options
        )
        return cls(LocalModel(chosen, load(chosen)), settings or taught(chosen.adapter, chosen.model))

    def caption(
        self, requests: Sequence[FigureRequest | Image.Image], readings: Sequence[Description] | None = None
    ) -> list[Description]:
        """One description per figure in `requests`, in order; bare pictures are figures of unknown kind.

        `readings` are what `dic-small` read in them, where that was done before.
        """
        asked = [r if isinstance(r, FigureRequest) else FigureRequest(r.convert("RGB")) for r in requests]
        return super().caption(asked, readings)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write model, processor and tokenizer so that `from_pretrained(folder)` loads them again."""
        self.local.save(Path(folder))
