"""The card of a trained model: what it is, what it learned from, how it was trained, what it scored.

In: its record. Out: `README.md` in its folder. Nothing is claimed that the record does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.trained import Trained


def write_card(folder: Path, record: Trained) -> None:
    """Replace the folder's README.md."""
    parts = [
        f"# {folder.name}",
        f"Reads technical figures; trained from {record.base or 'an unnamed model'} with dic_ingest:",
        "    from dic_ingest.captioning.engines.dicmodel import DICModel\n"
        f'    model = DICModel.from_pretrained("{folder.name}"{_quantised(record)})',
        "## Stages",
        _stages(record),
        "## Data",
        _facts(record.data) or "No data card was given.",
        "## Scores",
        _facts(record.scores) or "Not evaluated yet: `dic-ingest evaluate` says how good it is.",
        "## Asked as it was taught",
        _facts({"picture, longest side": record.grounding.max_side, "tiles": record.grounding.tiles,
                "told what dic-small read": record.grounding.prompt.reading,
                "prompt ids": ", ".join(sorted(set(record.prompts.values())))}),
        "## Limits",
        "It sees figures like those it was trained on. DICModel holds every sentence against what can be "
        "read exactly; without that check expect invented lines and wrong directions.",
    ]  # fmt: skip
    (folder / "README.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _quantised(record: Trained) -> str:
    return f', quantize="{record.quantize}"' if record.quantize else ""


def _stages(record: Trained) -> str:
    if not record.stages:
        return "None: these are the weights it began with."
    names = ("stage", "method", "examples", "left_out", "steps", "learning_rate", "batch", "loss_first",
             "loss_last", "validation_first", "validation_last", "seconds", "device")  # fmt: skip
    rows = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    rows += ["| " + " | ".join(_value(s.get(n, "")) for n in names) + " |" for s in record.stages]
    return "\n".join(rows)


def _facts(facts: Mapping[str, Any]) -> str:
    return "\n".join(f"- {name}: {_value(value)}" for name, value in facts.items() if value not in ("", None))


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    return ", ".join(map(_value, value)) if isinstance(value, list | tuple) else str(value)
