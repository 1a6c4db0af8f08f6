"""What training leaves beside a model's weights, and DICModel reads back: how to ask it, what it came from.

In and out: `dic_model.json` in the folder of a model or an adapter. A model is asked as it was taught: with
the same prompt settings and pictures. Where the wording has changed since, a warning says so.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.prompts import PromptSettings, ask, check, make_prompt
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.errors import MALFORMED, SettingsError
from dic_ingest.model.diagram import Kind
from dic_ingest.settings_file import from_dict

FILE = "dic_model.json"


@dataclass(frozen=True, slots=True)
class Trained:
    """The record of a trained model. `stages` in order, each with its settings and what its loss became."""

    base: str = ""  # name of the model that the first stage began with
    base_digest: str = ""  # of that model's config: tells another model's checkpoint
    grounding: GroundingSettings = field(default_factory=GroundingSettings)
    prompts: dict[str, str] = field(default_factory=dict)  # what was asked -> id of the wording
    stages: tuple[dict[str, Any], ...] = ()
    data: dict[str, Any] = field(default_factory=dict)  # the data card of what it was trained on
    scores: dict[str, Any] = field(default_factory=dict)  # of an evaluation, as that wrote them
    quantize: str = ""  # how it is meant to be loaded: "", nf4, int8


def prompt_ids(settings: PromptSettings, steps: bool = False) -> dict[str, str]:
    """The ids of all wordings under these settings, by kind of figure, and of questions and checks."""
    from PIL import Image

    crop = Image.new("RGB", (8, 8))
    found = {str(k): make_prompt(FigureRequest(crop, kind=k), None, settings).id for k in Kind}
    return {**found, "question": ask("").id, "objective": ask("", ("A",)).id, "check": check([], steps).id}


def write_trained(folder: Path, trained: Trained) -> None:
    """Write the record into a folder that exists."""
    text = json.dumps(asdict(trained), ensure_ascii=False, indent=1)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_trained(folder: str | Path) -> Trained | None:
    """The record of a folder, None where there is none. Raises SettingsError for one that is damaged."""
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text("utf-8"))
        stages = tuple(data.pop("stages", ()))
        found = from_dict(Trained, {k: v for k, v in data.items() if k not in ("prompts", "data", "scores")})
        own = {k: dict(data.get(k, {})) for k in ("prompts", "data", "scores")}
    except (OSError, *MALFORMED) as error:
        raise SettingsError(f"{path} is no record of a trained model: {error}. Export it again.") from error
    return Trained(
        found.base, found.base_digest, found.grounding, stages=stages, quantize=found.quantize, **own
    )


def taught(*folders: str | Path) -> GroundingSettings | None:
    """How the model of the first of the folders that has a record was taught to be asked."""
    for folder in folders:
        if str(folder) and (found := read_trained(folder)):
            now = prompt_ids(found.grounding.prompt, found.grounding.steps)
            if other := sorted(k for k, v in found.prompts.items() if now.get(k, v) != v):
                warnings.warn(
                    f"{folder} was trained with other prompts for {', '.join(other)}; train it again, "
                    "or expect it to do worse.",
                    stacklevel=3,
                )
            return found.grounding
    return None
