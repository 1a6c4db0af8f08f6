"""One description for figures that show the same: what is carried over, and what never is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from figures_made import Reader, Scripted, request
from PIL import Image, ImageDraw

from dic_ingest.captioning.chat import ChatAnswer
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.engines.small import DicSmall, SmallSettings
from dic_ingest.captioning.grounding.grounded import Grounded
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.captioning.reuse import JsonStore, SharedAnswers
from dic_ingest.model.drawing import Drawing, Subpath, Word
from dic_ingest.model.drawing import Path as Painted

TRUE = "Receive order leads to Check stock."
SETTINGS = GroundingSettings(looks=0, critic=False)


def drawn(shift: float = 0.0, label: str = "") -> Image.Image:
    picture = Image.new("RGB", (400, 300), "white")
    pen = ImageDraw.Draw(picture)
    for at in (40, 160):
        pen.rectangle((60 + shift, at, 300 + shift, at + 80), outline="black", width=3)
    pen.text((100, 70), label, fill="black")
    return picture


def asked(caption: str, crop: Image.Image | None = None, **changes: object) -> FigureRequest:
    return replace(request(), crop=crop or drawn(), printed_caption=caption, references=(), **changes)


def engine(
    talker: Scripted, store: JsonStore | None = None, settings: GroundingSettings = SETTINGS
) -> Grounded:
    return Grounded(SharedAnswers(talker, store or JsonStore()), settings, reader=Reader())


def test_the_same_figure_is_asked_about_once_and_keeps_its_own_caption() -> None:
    talker = Scripted(ChatAnswer(TRUE, read=100, written=20, cost=0.5), "never asked")
    both = engine(talker)
    first, second = both.caption(
        [asked("Order handling", label="Figure 1"), asked("What the shop does", label="Figure 7")]
    )
    (third,) = both.caption([asked("Orders again", drawn().resize((800, 600)), label="Figure 9")])
    assert len(talker.asked) == 1
    assert first.caption.startswith("Figure 1: Order handling.") and TRUE in first.caption
    assert second.caption.startswith("Figure 7: What the shop does.") and TRUE in second.caption
    assert third.caption.startswith("Figure 9: Orders again.") and TRUE in third.caption
    assert (first.tokens, first.cost, second.tokens, second.cost) == ((100, 20), 0.5, (0, 0), 0.0)
    assert [d is s for d, s in zip(both.tally.taken(), (second, third), strict=True)] == [True, True]
    assert both.tally.taken() == []


@pytest.mark.parametrize(
    "reply",
    [
        f"{TRUE} As Figure 1 shows, parcels are counted.",
        f"{TRUE} The order handling of the Bergen warehouse begins here.",
        f"{TRUE} It is taken from section 4.2 of the old manual.",
    ],
)
def test_an_answer_that_repeats_the_texts_around_another_figure_is_not_carried_over(reply: str) -> None:
    around = ("The drawing is taken from section 4.2 of the old manual.",)
    first = replace(asked("Order handling of the Bergen warehouse", label="Figure 1"), references=around)
    second = asked("Stock", label="Figure 7")
    for batches in ([[first], [second]], [[first, second]]):
        both = engine(talker := Scripted(reply, TRUE))
        said = [both.caption(batch) for batch in batches][-1][-1]
        assert len(talker.asked) == 2
        assert not [w for w in ("Bergen", "Figure 1", "manual") if w in said.caption]
        assert both.tally.taken() == []


def test_another_picture_reading_or_kind_is_another_figure() -> None:
    talker = Scripted(*[TRUE] * 5)
    both = engine(talker)
    both.caption([asked("One")])
    both.caption([asked("One", drawn(shift=30))])
    assert len(talker.asked) == 2
    other = Grounded(both.talker, SETTINGS, reader=Reader(None))
    other.caption([asked("One")])
    assert len(talker.asked) == 3
    off = GroundingSettings(looks=0, critic=False, reuse=False)
    engine(talker, settings=off).caption([asked("One"), asked("One")])
    assert len(talker.asked) == 5


def test_failures_and_damaged_files_are_asked_again(tmp_path: Path) -> None:
    talker = Scripted(ChatAnswer(error="timeout"), TRUE, TRUE)
    both = engine(talker, JsonStore(tmp_path))
    both.caption([asked("One")])
    both.caption([asked("One")])
    assert len(talker.asked) == 2
    engine(talker, JsonStore(tmp_path)).caption([asked("Two")])  # another process
    assert len(talker.asked) == 2
    for path in tmp_path.rglob("*.json"):
        data = json.loads(path.read_text())
        data["value"] = [{"shown": {"picture": 3}, "answer": {"text": "x"}}]
        path.write_text(json.dumps(data))
    engine(talker, JsonStore(tmp_path)).caption([asked("Two")])
    assert len(talker.asked) == 3


def box(order: int, x: float = 10.0) -> Painted:
    corners = ((x, 10.0), (x + 60, 10.0), (x + 60, 40.0), (x, 40.0))
    return Painted((Subpath(corners, True),), (x, 10.0, x + 60, 40.0), stroke=(0, 0, 0), order=order)


def test_a_drawing_is_read_once_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dic_ingest.captioning.engines.small as small

    read: list[Drawing] = []
    real = small.read_vectors
    monkeypatch.setattr(small, "read_vectors", lambda d, *rest: read.append(d) or real(d, *rest))
    words = (Word("Pump", (20.0, 20.0, 50.0, 30.0), 9.0), Word("Valve", (110.0, 20.0, 140.0, 30.0), 9.0))
    here = Drawing(200.0, 60.0, words, (box(0), box(1, 100.0)))
    there = Drawing(200.0, 60.0, words, (box(712), box(713, 100.0)))  # after more on its page
    turned = Drawing(200.0, 60.0, words, (box(713), box(712, 100.0)))
    reader = DicSmall(store=JsonStore(tmp_path))
    one, two = reader.caption([replace(asked(c), drawing=d) for c, d in (("Inlet", here), ("Outlet", there))])
    assert len(read) == 1 and len(reader.tally.taken()) == 1
    alone = DicSmall(SmallSettings(reuse=False)).caption([replace(asked("Outlet"), drawing=there)])
    assert alone == [two] and two.caption != one.caption
    del read[:]
    later = DicSmall(store=JsonStore(tmp_path))
    assert later.caption([replace(asked("Outlet"), drawing=there)]) == [two]
    assert not read
    later.caption([replace(asked("Outlet"), drawing=turned)])  # one may hide the other
    assert len(read) == 1
