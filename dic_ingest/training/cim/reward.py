"""The reward of CIM for captions: GRC + beta * QIR of what each retrieves, and agreement with its graph.

In: captions, the vectors of their pictures, their graphs. Out: numbers, and their three parts. Retrieval does
not see an arrow's direction; agreement does: F1 of the edges that the caption tells, without and with labels.
Encoders are any callables: texts to rows (MiniLM is the offline default), pictures to rows (the tower of a
captioner trained here, or histograms of gradients, which nobody trained).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.graph_scores import compare_graphs
from dic_ingest.evaluation.reading import graph_of_caption
from dic_ingest.evaluation.retrieval import BETA, K, grc, qir
from dic_ingest.evaluation.statistics import f1
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.cim.gallery import ImageGallery

Rows: TypeAlias = npt.NDArray[np.float32]
Texts: TypeAlias = Callable[[Sequence[str]], Rows]
Pictures: TypeAlias = Callable[[Sequence[Image.Image]], Rows]


@dataclass(frozen=True, slots=True)
class RewardSettings:
    """Section 4.1: K = 5, beta = 1. `consistency` 0 leaves GRC out, `beta` 0 QIR (table 4 has both).

    `agreement` weighs how far the caption tells the figure's graph; 0 is the paper's reward.
    """

    k: int = K
    beta: float = BETA
    consistency: float = 1.0
    agreement: float = 1.0

    def __post_init__(self) -> None:
        if self.agreement < 0:
            raise SettingsError(f"RewardSettings: agreement must be 0 or more, got {self.agreement}.")
        if self.k < 1 or self.beta < 0 or self.consistency < 0 or not (self.beta or self.consistency):
            raise SettingsError("RewardSettings: k from 1, beta and consistency from 0 and not both 0.")


@dataclass(frozen=True, slots=True)
class Reward:
    """What a caption earned."""

    total: float
    grc: float
    qir: float
    agreement: float = 0.0  # 0..1


class RetrievalReward:
    """Called by TRL with completions and the column `figure` of the data set."""

    __name__ = "grc_qir"  # TRL logs rewards by it

    def __init__(
        self,
        gallery: ImageGallery,
        texts: Texts,
        sources: Mapping[str, npt.NDArray[Any]],
        settings: RewardSettings | None = None,
        graphs: Mapping[str, Diagram] | None = None,
    ) -> None:
        """`graphs`: by figure; a figure without one earns no agreement."""
        self.graphs = graphs or {}
        self.gallery, self.texts, self.sources = gallery, texts, sources
        self.settings = settings or RewardSettings()

    def score(self, captions: Sequence[str], figures: Sequence[str]) -> list[Reward]:
        """One reward per caption of the figure of the same place. An empty caption earns the least there is.

        Raises:
            SettingsError: a figure whose picture vector is not known.
        """
        strange = [f for f in figures if f not in self.sources]
        if strange:
            raise SettingsError(
                f"the picture of {strange[0]} was not embedded; give the reward every source."
            )
        vectors = self.texts(list(captions))
        return [
            self._one(v, self.sources[f], self._agreement(c, f))
            if c.strip()
            else Reward(-self._worst(), 0.0, 0.0)
            for c, v, f in zip(captions, vectors, figures, strict=True)
        ]

    def _agreement(self, caption: str, figure: str) -> float:
        graph = self.graphs.get(figure)
        return agreement(caption, graph) if graph is not None and self.settings.agreement else 0.0

    def _one(self, caption: Any, source: Any, agreed: float) -> Reward:
        _, found = self.gallery.nearest(caption, self.settings.k)
        consistent, relevant = grc(found), qir(source, found)
        total = self.settings.consistency * consistent + self.settings.beta * relevant
        return Reward(total + self.settings.agreement * agreed, consistent, relevant, agreed)

    def _worst(self) -> float:
        """QIR cannot fall below this (its weights' sum)."""
        return 2.0 * self.settings.beta

    def __call__(self, completions: Sequence[Any], figure: Sequence[str], **kwargs: Any) -> list[float]:
        """For TRL: completions are texts or lists of one message."""
        return [r.total for r in self.score([said(c) for c in completions], figure)]


def agreement(caption: str, graph: Diagram) -> float:
    """0..1: mean of the F1 of edges with their direction and that of edges with their label, too."""
    found = compare_graphs(graph, graph_of_caption(caption, graph))
    sums = [[hit, found.edges_true, found.edges_found] for hit in (found.edge_hit, found.label_hit)]
    return float(f1(np.array(sums, float)).mean())


def said(completion: Any) -> str:
    """The text of a completion in either of TRL's forms, also where its content is a list of parts."""
    if isinstance(completion, str):
        return completion
    content = completion[-1]["content"]
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)
