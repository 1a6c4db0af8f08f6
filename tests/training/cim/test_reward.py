"""The gallery finds by cosine, and the reward prefers the caption of the figure at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lancedb", reason="the extra stores is not installed")

from dic_ingest.errors import InputError, SettingsError
from dic_ingest.evaluation.retrieval import grc, qir
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.training.cim.gallery import ImageGallery, Rows
from dic_ingest.training.cim.reward import RetrievalReward, RewardSettings, said

WORDS = ("amf", "smf", "upf", "gnb", "udm", "pcf")


def texts(captions: Sequence[str]) -> Rows:
    """Counts of six words."""
    return np.array([[c.casefold().split().count(w) for w in WORDS] for c in captions], np.float32)


CAPTIONS = ("amf smf", "amf upf", "gnb udm", "gnb pcf", "udm pcf")
PICTURES = np.eye(5, dtype=np.float32) + np.eye(5, k=1, dtype=np.float32)


@pytest.fixture
def reward(tmp_path: Path) -> RetrievalReward:
    ids = [f"f{i}" for i in range(5)]
    gallery = ImageGallery.build(tmp_path / "store", ids, texts(CAPTIONS), PICTURES)
    return RetrievalReward(gallery, texts, dict(zip(ids, PICTURES, strict=True)), RewardSettings(k=2))


def test_the_nearest_come_first_and_survive_reopening(reward: RetrievalReward, tmp_path: Path) -> None:
    for gallery in (reward.gallery, ImageGallery.open(tmp_path / "store")):
        ids, found = gallery.nearest(texts(["gnb udm"])[0], 3)
        assert len(gallery) == 5 and ids[0] == "f2" and set(ids[1:]) == {"f3", "f4"}
        assert np.allclose(np.linalg.norm(found, axis=1), 1) and found.shape == (3, 5)
    assert len(reward.gallery.nearest(texts(["gnb"])[0], 50)[0]) == 5


def test_the_reward_is_that_of_the_formulas(reward: RetrievalReward) -> None:
    (earned,) = reward.score(["gnb udm"], ["f2"])
    _, found = reward.gallery.nearest(texts(["gnb udm"])[0], 2)
    assert earned.grc == pytest.approx(grc(found)) and earned.qir == pytest.approx(qir(PICTURES[2], found))
    assert earned.total == pytest.approx(earned.grc + earned.qir)


def test_the_right_caption_earns_more_than_anothers_and_silence_least(reward: RetrievalReward) -> None:
    right, wrong, silent = reward.score(["amf smf", "udm pcf", " "], ["f0"] * 3)
    assert right.total > wrong.total > silent.total


def test_consistency_alone_does_not_know_the_figure(reward: RetrievalReward) -> None:
    reward.settings = RewardSettings(k=2, beta=0.0)
    one, other = reward.score(["gnb udm"] * 2, ["f2", "f0"])
    assert one.total == other.total  # which is why it can be gamed by one caption for all


ENDS = (("a", "b", ""), ("b", "c", "yes"), ("b", "d", "no"))


def flow(ends: Sequence[tuple[str, str, str]]) -> Diagram:
    names = zip("abcd", ("Read order", "In stock?", "Ship goods", "Order more"), strict=True)
    return Diagram(Kind.FLOWCHART, tuple(Node(*n) for n in names), tuple(Edge(*e) for e in ends))


@pytest.mark.parametrize(
    "wrong",
    [
        [(b, a, t) for a, b, t in ENDS],
        ENDS[:2],
        [ENDS[0], ("b", "c", "no"), ("b", "d", "yes")],
    ],
    ids=["arrows reversed", "branch dropped", "labels swapped"],
)
def test_what_retrieval_does_not_see_lowers_the_reward(
    reward: RetrievalReward, wrong: list[tuple[str, str, str]]
) -> None:
    blind = RetrievalReward(reward.gallery, lambda t: texts(["amf smf"] * len(t)), reward.sources)
    seeing = RetrievalReward(reward.gallery, blind.texts, reward.sources, graphs={"f0": flow(ENDS)})
    said_of = [flow(ENDS).to_text(), flow(wrong).to_text()]
    one, other = blind.score(said_of, ["f0"] * 2)
    assert one.total == other.total
    one, other = seeing.score(said_of, ["f0"] * 2)
    assert one.agreement == 1.0 and one.total - other.total > 0.1
    seeing.settings = RewardSettings(agreement=0.0)
    assert seeing.score(said_of[:1], ["f0"])[0].total == blind.score(said_of[:1], ["f0"])[0].total
    with pytest.raises(SettingsError, match="agreement"):
        RewardSettings(agreement=-1.0)


def test_trl_calls_it_with_messages(reward: RetrievalReward) -> None:
    messages = [[{"role": "assistant", "content": "amf smf"}], "amf smf"]
    made = reward(completions=messages, figure=["f0", "f0"], prompts=[], trainer_state=None)
    assert made[0] == made[1] == pytest.approx(reward.score(["amf smf"], ["f0"])[0].total)
    assert said([{"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]) == "ab"


def test_what_is_wrong_is_said(reward: RetrievalReward, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="was not embedded"):
        reward.score(["x"], ["nowhere"])
    with pytest.raises(InputError, match="each with text and picture"):
        ImageGallery.build(tmp_path / "other", [], texts([]), PICTURES[:0])
    with pytest.raises(InputError, match="holds no gallery"):
        ImageGallery.open(tmp_path / "empty")
    with pytest.raises(SettingsError, match="k must be"):
        reward.gallery.nearest(texts(["x"])[0], 0)
    with pytest.raises(SettingsError):
        RewardSettings(beta=0.0, consistency=0.0)
