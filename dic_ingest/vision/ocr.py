"""Words of a picture, by RapidOCR with the weights of its own wheel: nothing is downloaded or logged.

In: a picture of any size, dark or light. Out: words in its pixels, with size, angle and confidence.
Small text is enlarged for the detector, large pictures are read in overlapping tiles.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dic_ingest.errors import SettingsError
from dic_ingest.model.box import Box, height_of, shared_height, shared_width
from dic_ingest.model.drawing import Word
from dic_ingest.vision.scripts import RIGHT_TO_LEFT, SCRIPTS, ScriptReader, holds
from dic_ingest.vision.session import OpenVinoSession, allowed, runtime

Pixels = NDArray[np.uint8]
Quad = NDArray[np.float32]  # 4 x 2, clockwise from the top left of the text

_NARROW = frozenset("iIljtfr.,:;'|!()[]{} ")
_WIDE = frozenset("mwMW@%—")


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """How much work a picture may cost. Areas in megapixels as the detector sees them."""

    threads: int = 2
    min_confidence: float = 0.5
    first_area: float = 1.2  # first look
    total_area: float = 8.0  # second look, where the text is small
    max_lines: int = 1500
    unread_share: float = 0.3  # of the lines' width not read: from it on the picture is in another script

    def __post_init__(self) -> None:
        if self.threads < 1 or self.max_lines < 1:
            raise SettingsError("ocr.threads and ocr.max_lines must be at least 1.")
        if not 0 <= self.min_confidence <= 1:
            raise SettingsError("ocr.min_confidence must lie between 0 and 1.")
        if not 0 < self.first_area <= self.total_area:
            raise SettingsError("ocr.first_area must be above 0 and at most ocr.total_area.")


class _OcrModels:
    """The two networks of one process; built at first use, again after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._built: tuple[int, int] | None = None
        self._detect: Any = None
        self._recognise: Any = None
        self._parents: list[Any] = []
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # the parent's networks are kept: freeing them here would wait for threads that a fork does not copy
        self._parents += [self._detect, self._recognise]
        self._lock, self._built = threading.Lock(), None

    def _ready(self, threads: int) -> None:
        if self._built == (os.getpid(), threads):
            return
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        with _runtime_of_rapidocr(threads) as name:
            from rapidocr import EngineType, RapidOCR

            engine = RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "Det.engine_type": EngineType(name),
                    "Rec.engine_type": EngineType(name),
                    "EngineConfig.onnxruntime.intra_op_num_threads": allowed(threads),
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                    "Det.limit_type": "max",
                    "Det.limit_side_len": 8000,  # the scale is chosen here, not there
                    "Rec.rec_img_shape": [3, 48, 96],  # short labels are not padded to a long line
                }
            )
            self._detect, self._recognise = engine._load_det_model(), engine._load_rec_model()
        self._built = (os.getpid(), threads)

    def boxes(self, bgr: Pixels, threads: int) -> list[Quad]:
        with self._lock:
            self._ready(threads)
            found = self._detect(bgr).boxes
        return [] if found is None else [np.asarray(q, dtype=np.float32) for q in found]

    def texts(self, crops: list[Pixels], threads: int) -> list[tuple[str, float]]:
        from rapidocr.ch_ppocr_rec import TextRecInput

        if not crops:
            return []
        with self._lock:
            self._ready(threads)
            out = self._recognise(TextRecInput(img=crops, return_word_box=False))
        return [(t, float(s)) for t, s in zip(out.txts, out.scores, strict=True)]


@contextmanager
def _runtime_of_rapidocr(threads: int) -> Iterator[str]:
    """The name of RapidOCR's engine; while it builds its networks, OpenVINO's are compiled as ours are."""
    name = runtime()
    if name != "openvino":
        yield name
        return
    import openvino
    import rapidocr
    from rapidocr.inference_engine import openvino as engine

    models = Path(rapidocr.__file__).parent / "models"

    class Session(engine.OpenVINOInferSession):  # type: ignore[misc]
        """RapidOCR's own, with the precision set and the compiled network cached."""

        def __init__(self, cfg: Any) -> None:
            path = cfg.get("model_path") or models / self._packaged(cfg)
            self.model = openvino.Core().read_model(str(path))
            self.session = OpenVinoSession(Path(path), threads)

        def __call__(self, input_content: Any) -> Any:
            return self.session.run([input_content])

        def _packaged(self, cfg: Any) -> str:
            wanted = FileInfo(cfg.engine_type, cfg.ocr_version, cfg.task_type, cfg.lang_type, cfg.model_type)
            return Path(self.get_model_url(wanted)["model_dir"]).name

    from rapidocr.inference_engine.base import FileInfo

    before, engine.OpenVINOInferSession = engine.OpenVINOInferSession, Session
    try:
        yield name
    finally:
        engine.OpenVINOInferSession = before


_ENGINE = _OcrModels()
_SCRIPTS = ScriptReader()
DOUBTFUL = 0.75  # confidence under which a line may be in a script that the recogniser lacks
CERTAIN = 0.95  # from it on a line is in a script that the recogniser knows, whatever stands beside it
HEADLONG = 0.87  # mean confidence under which a picture may stand on its head, and from which on it does not
LEAST_LINE = 1.5  # times its height: a shorter piece may be an icon


@dataclass(frozen=True, slots=True)
class Recognition:
    """Words of a picture, and boxes of the lines that are in a script which nothing installed reads."""

    words: tuple[Word, ...] = ()
    unread: tuple[Box, ...] = ()


def read_words(image: Image.Image, settings: OcrSettings | None = None) -> tuple[Word, ...]:
    """Words of the picture in reading order of their lines; empty where nothing is written."""
    return recognise(image, settings).words


def recognise(image: Image.Image, settings: OcrSettings | None = None) -> Recognition:
    """Words of the picture in reading order of their lines, and what of it is in an unknown script."""
    s = settings or OcrSettings()
    bgr = np.ascontiguousarray(np.asarray(flatten(image))[:, :, ::-1])
    if min(bgr.shape[:2]) < 8:
        return Recognition()
    quads = _find_lines(bgr, s)[: s.max_lines]
    quads, texts = _read_lines(bgr, quads, s)
    quads, texts = _upright(bgr, quads, texts, s)
    unread: tuple[Box, ...] = ()
    if _in_other_script(quads, texts, s):
        texts, unread = _by_scripts(bgr, quads, texts)
    words: list[Word] = []
    for quad, (text, confidence) in zip(quads, texts, strict=True):
        if text.strip() and confidence >= s.min_confidence:
            words.extend(_split(text, quad, confidence))
    return Recognition(tuple(words), unread)


def _in_other_script(quads: list[Quad], texts: list[tuple[str, float]], s: OcrSettings) -> bool:
    """Whether so much of the text stays unread that it must be in a script which the recogniser lacks."""
    widths = [_width(q) for q in quads]
    missed = sum(
        w
        for w, q, t in zip(widths, quads, texts, strict=True)
        if _doubtful(t) and w >= LEAST_LINE * _height(q)
    )
    return missed > s.unread_share * sum(widths)


def _upright(
    bgr: Pixels, quads: list[Quad], texts: list[tuple[str, float]], s: OcrSettings
) -> tuple[list[Quad], list[tuple[str, float]]]:
    """Lines and texts; those of the picture turned by 180 degrees where it stands on its head."""
    if not quads or _trust(quads, texts) >= HEADLONG:
        return quads, texts
    turned = [np.roll(q, 2, axis=0) for q in quads]
    over = _ENGINE.texts([_crop(bgr, q) for q in turned], s.threads)
    return (turned, over) if _trust(turned, over) >= HEADLONG else (quads, texts)


def _trust(quads: list[Quad], texts: list[tuple[str, float]]) -> float:
    """Mean confidence, by the lines' widths."""
    widths = [_width(q) for q in quads]
    return sum(w * t[1] for w, t in zip(widths, texts, strict=True) if t[0].strip()) / max(sum(widths), 1.0)


def _doubtful(read: tuple[str, float]) -> bool:
    """Whether a line was hardly read, or holds letters of a script that is known in part only."""
    text, confidence = read
    partly = confidence < CERTAIN and any(holds(text, script) for script in SCRIPTS)
    return not text.strip() or confidence < DOUBTFUL or partly


def _by_scripts(
    bgr: Pixels, quads: list[Quad], texts: list[tuple[str, float]]
) -> tuple[list[tuple[str, float]], tuple[Box, ...]]:
    """Texts with what Tesseract reads of them, and boxes of the lines that stay unread.

    Words that the packaged recogniser is not certain of are letters of another script made into Latin ones.
    """
    asked = [k for k, t in enumerate(texts) if not t[0].strip() or t[1] < CERTAIN]
    found = dict(zip(asked, _SCRIPTS.read([_crop(bgr, quads[k]) for k in asked]), strict=True))
    out, unread = list(texts), list[Box]()
    for k, read in found.items():
        out[k] = read if read[0] else ("", 0.0)
        if not read[0] and _width(quads[k]) >= LEAST_LINE * _height(quads[k]):
            unread.append(_bounds(quads[k]))
    return out, tuple(unread)


def read_boxes(
    rgb: Pixels, boxes: Sequence[Box], settings: OcrSettings | None = None
) -> list[tuple[str, float]]:
    """Text and confidence of the line in each box of an RGB picture; an empty text where nothing is written.

    For signs that stand alone: the detector of lines overlooks them, the recogniser does not.
    """
    s = settings or OcrSettings()
    crops = [
        np.ascontiguousarray(rgb[round(y0) : round(y1), round(x0) : round(x1), ::-1])
        for x0, y0, x1, y1 in boxes
    ]
    return [(t.strip(), c) for t, c in _ENGINE.texts(crops, s.threads)]


def flatten(image: Image.Image) -> Image.Image:
    """RGB on white; on black where no part is dark, as in drawings made for dark pages."""
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode not in ("RGBA", "LA", "PA"):
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    values = np.asarray(rgba)
    opaque = values[values[:, :, 3] > 127][:, :3]
    # no dark ink at all: white lines and words, made for a dark page
    clear = bool(values[:, :, 3].min() < 128)
    bright = clear and len(opaque) > 0 and float(np.percentile(opaque.max(axis=1), 3)) > 170
    ground = Image.new("RGBA", rgba.size, (0, 0, 0) if bright else (255, 255, 255))
    ground.alpha_composite(rgba)
    return ground.convert("RGB")


def _find_lines(bgr: Pixels, s: OcrSettings) -> list[Quad]:
    height, width = bgr.shape[:2]
    megapixels = height * width / 1e6
    scale = min(2.0, (s.first_area / megapixels) ** 0.5)
    finest = min(2.0, (s.total_area / megapixels) ** 0.5)
    if scale < 0.45:  # small print would not be seen at all
        return _in_tiles(bgr, min(finest, 0.7), s)
    quads = _detect_at(bgr, scale, s)
    tall = [_height(q) * scale for q in quads]
    small = float(np.percentile(tall, 20)) if tall else 10.0
    if small < 17 and scale < finest * 0.8:
        return _in_tiles(bgr, min(finest, scale * 22 / small), s)
    return quads


def _detect_at(bgr: Pixels, scale: float, s: OcrSettings) -> list[Quad]:
    height, width = bgr.shape[:2]
    # the detector wants multiples of 32 and would rescale by itself
    w, h = (max(32, round(v * scale / 32) * 32) for v in (width, height))
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    small = np.asarray(cv2.resize(bgr, (w, h), interpolation=method), dtype=np.uint8)
    back = np.array([width / w, height / h], dtype=np.float32)
    return [q * back for q in _ENGINE.boxes(small, s.threads)]


def _in_tiles(bgr: Pixels, scale: float, s: OcrSettings, side: int = 1600) -> list[Quad]:
    height, width = bgr.shape[:2]
    step = side / scale
    margin = int(min(step / 4, 120 / scale))
    found: list[Quad] = []
    for y0, y1 in _spans(height, step, margin):
        for x0, x1 in _spans(width, step, margin):
            left, top, right, bottom = _ink_box(bgr[y0:y1, x0:x1])
            if right > left:  # an empty tile costs nothing
                at = np.array([x0 + left, y0 + top], dtype=np.float32)
                tile = bgr[y0 + top : y0 + bottom, x0 + left : x0 + right]
                found += [q + at for q in _detect_at(tile, scale, s)]
    return _join_cut(found)


def _ink_box(tile: Pixels, margin: int = 24) -> tuple[int, int, int, int]:
    """Where the tile differs from its own ground; the detector overlooks words in a wide empty field."""
    ground = np.median(tile[::7, ::7].reshape(-1, 3), axis=0)
    ink = np.abs(tile.astype(np.int16) - ground.astype(np.int16)).max(axis=2) > 24
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return (
        max(0, int(columns[0]) - margin),
        max(0, int(rows[0]) - margin),
        int(columns[-1]) + margin,
        int(rows[-1]) + margin,
    )


def _spans(length: int, step: float, margin: int) -> list[tuple[int, int]]:
    count = max(1, int(np.ceil((length - margin) / max(1.0, step - margin))))
    size = (length - margin) / count + margin
    starts = [int(i * (size - margin)) for i in range(count)]
    return [(a, min(length, int(a + size) + 1)) for a in starts]


def _join_cut(quads: list[Quad]) -> list[Quad]:
    """Lines seen in two tiles, whole or cut by the tile's edge, become one."""
    kept: list[Quad] = []
    for quad in sorted(quads, key=lambda q: -float(np.ptp(q[:, 0]))):
        for k, other in enumerate(kept):
            if _same_line(_bounds(quad), _bounds(other)):
                if abs(_angle(quad)) < 3 and abs(_angle(other)) < 3:
                    a, b = _bounds(quad), _bounds(other)
                    x0, y0, x1, y1 = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
                    kept[k] = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float32)
                break
        else:
            kept.append(quad)
    return sorted(kept, key=lambda q: (float(q[:, 1].min()), float(q[:, 0].min())))


def _same_line(a: Box, b: Box) -> bool:
    wide = shared_width(a, b)
    tall = shared_height(a, b)
    low = min(height_of(a), height_of(b))
    return wide > 0.3 * low and tall > 0.6 * low


def _read_lines(bgr: Pixels, quads: list[Quad], s: OcrSettings) -> tuple[list[Quad], list[tuple[str, float]]]:
    """Texts of the lines; upright narrow boxes are read both ways round and the surer one is kept."""
    turned: list[Quad] = []
    for quad in quads:
        if _height(quad) >= 1.5 * _width(quad):
            turned += [np.roll(quad, 1, axis=0), np.roll(quad, -1, axis=0)]
        else:
            turned.append(quad)
    texts = _ENGINE.texts([_crop(bgr, q) for q in turned], s.threads)
    best: list[tuple[Quad, tuple[str, float]]] = []
    for quad, read in zip(turned, texts, strict=True):
        same = best and set(map(tuple, best[-1][0].tolist())) == set(map(tuple, quad.tolist()))
        if not same:
            best.append((quad, read))
        elif read[1] > best[-1][1][1]:
            best[-1] = (quad, read)
    return [q for q, _ in best], [t for _, t in best]


def _crop(bgr: Pixels, quad: Quad) -> Pixels:
    w, h = max(4, round(_width(quad))), max(4, round(_height(quad)))
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, dtype=np.float32), corners)
    cut = cv2.warpPerspective(bgr, turn, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.uint8)


def _split(text: str, quad: Quad, confidence: float) -> list[Word]:
    """Cuts a line at its spaces; letters are taken as narrow, common or wide to place the cuts."""
    weights = np.cumsum([0.0] + [0.5 if c in _NARROW else 1.5 if c in _WIDE else 1.0 for c in text])
    total, angle, size = float(weights[-1]), _angle(quad), 0.75 * _height(quad)
    words: list[Word] = []
    at = 0
    # words that run from right to left stay one piece: sorted by their places they would be turned round
    parts = [text] if any(holds(text, script) for script in RIGHT_TO_LEFT) else text.split(" ")
    for part in parts:
        if part:
            a, b = weights[at] / total, weights[at + len(part)] / total
            corners = np.array([quad[0] + (quad[1] - quad[0]) * t for t in (a, b)])
            lower = np.array([quad[3] + (quad[2] - quad[3]) * t for t in (a, b)])
            box = _bounds(np.concatenate([corners, lower]).astype(np.float32))
            words.append(Word(part, box, round(size, 2), angle, confidence=round(confidence, 4)))
        at += len(part) + 1
    return words


def _width(quad: Quad) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2


def _height(quad: Quad) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def _angle(quad: Quad) -> float:
    dx, dy = (float(v) for v in quad[1] - quad[0])
    return round(float(np.degrees(np.arctan2(dy, dx))), 1)


def _bounds(points: Quad) -> Box:
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
