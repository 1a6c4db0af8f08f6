"""What training asks is what the engine asks, to the token and the pixel."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pairs_made import make_set

from dic_ingest.captioning.chat import ChatAnswer, Question
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.grounding.grounded import Grounded
from dic_ingest.captioning.prompts import check
from dic_ingest.errors import InputError
from dic_ingest.evaluation.engine_view import FigureContext, context_of, engine_views
from dic_ingest.evaluation.figure_set import Pair, read_figure_set, read_pairs, write_lines
from dic_ingest.evaluation.predictions import describe_pairs
from dic_ingest.model.diagram import Kind
from dic_ingest.pipeline import ingest
from dic_ingest.settings import Settings
from dic_ingest.training.critic.checks import check_examples
from dic_ingest.training.preference.pairs import faulted
from dic_ingest.training.sft.data import stage_data
from dic_ingest.training.sft.examples import asked, question_examples
from dic_ingest.training.sft.settings import SftSettings

# small enough that small print would be enlarged, large enough that the picture would too
ASKS = GroundingSettings(max_side=640, tiles=4, looks=0)
SAID = "There is a purple elephant beside the boxes."


class Spy:
    """A model that says something on which the figure is silent, and remembers what it was asked."""

    name = model = "spy"
    limits = ""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        self.asked += questions
        return [ChatAnswer(SAID) for _ in questions]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_set(tmp_path_factory.mktemp("asked") / "set", 3, 1)


@pytest.fixture(scope="module")
def engine(folder: Path) -> list[Question]:
    """What the engine asks about the first picture: a caption, then verdicts."""
    spy = Spy()
    ingest(folder / "images/p0.png", Settings(engine="none"), None, Grounded(spy, ASKS))
    assert len(spy.asked) == 2
    return spy.asked


def same(taught: Question, asked: Question) -> None:
    assert taught.system == asked.system and taught.user == asked.user
    assert [i.size for i in taught.images] == [i.size for i in asked.images]
    assert [i.tobytes() for i in taught.images] == [i.tobytes() for i in asked.images]


def test_captions_and_preferences(folder: Path, engine: list[Question], tmp_path: Path) -> None:
    settings = SftSettings(grounding=ASKS)
    for _ in range(2):  # the second time from what was kept
        example = stage_data([folder / "pairs.jsonl"], settings, kept=tmp_path / "kept").examples[0]
        same(asked(example, ASKS), engine[0])
    assert '"words [text, left, top, right, bottom in percent]": [["' in engine[0].user
    assert len(list((tmp_path / "kept").iterdir())) == 3
    pair = read_pairs(folder / "pairs.jsonl")[0]
    same(asked(faulted([pair], folder, ASKS, 1)[0].better, ASKS), engine[0])


def test_checks_and_questions(folder: Path, engine: list[Question], tmp_path: Path) -> None:
    pair = read_pairs(folder / "pairs.jsonl")[0]
    example = check_examples([pair], folder, ASKS, 1)[0]
    same(asked(replace(example, prompt=check([SAID])), ASKS), engine[1])
    test = read_figure_set(folder, "test")
    spy = Spy()
    describe_pairs(Grounded(spy, ASKS), test, tmp_path / "kept.jsonl")
    same(asked(question_examples(test.questions, folder, ASKS)[0], ASKS), spy.asked[-1])


def test_the_routed_kind_is_asked_about_and_not_the_true_one(folder: Path, engine: list[Question]) -> None:
    pair = replace(read_pairs(folder / "pairs.jsonl")[0])
    pair = replace(pair, diagram=replace(pair.diagram, kind=Kind.TIMING))
    view = engine_views([pair], folder, ASKS)[pair.image]
    assert view.request.kind is not Kind.TIMING and f'"kind": "{view.request.kind}"' in engine[0].user


def test_the_text_around_a_figure_is_asked_along(folder: Path) -> None:
    context = FigureContext("Figure 3", "How calls are opened", ("See Figure 3.",), "4.2 Calls")
    plain = read_pairs(folder / "pairs.jsonl")[0]
    pair = replace(plain, extra={"context": asdict(context)})
    (folder / "around").mkdir()
    (folder / "around/images").symlink_to(folder / "images")
    write_lines(folder / "around/pairs.jsonl", [pair])
    example = stage_data([folder / "around"], SftSettings(grounding=ASKS)).examples[0]
    for text in ('"label": "Figure 3"', '"printed caption": "How calls', '["See Figure 3."]', '"4.2 Calls"'):
        assert text in example.prompt.user
    assert "Figure 3" not in example.answer
    broken = Pair.from_dict(json.loads(json.dumps(pair.to_dict() | {"extra": {"context": {"kind": "cow"}}})))
    with pytest.raises(InputError, match="context"):
        context_of(broken)


def test_tokens_are_the_engines_own(figures: Path, tiny: Path) -> None:
    from dic_ingest.captioning.engines.local import LocalModel
    from dic_ingest.captioning.engines.settings import LocalModelSettings
    from dic_ingest.training.sft.collate import Encoder

    model = LocalModel(LocalModelSettings(str(tiny), device="cpu", max_tokens=2))
    spy = Spy()
    pair = read_pairs(figures / "pairs.jsonl")[0]
    ingest(figures / pair.image, Settings(engine="none"), None, Grounded(spy, ASKS))
    examples = [
        stage_data([figures / "pairs.jsonl"], SftSettings(grounding=ASKS)).examples[0],
        faulted([pair], figures, ASKS, 1)[0].better,
        replace(check_examples([pair], figures, ASKS, 1)[0], prompt=check([SAID])),
    ]
    encoder = Encoder(model.loaded.processor, ASKS)
    for example, question in zip(examples, [spy.asked[0], *spy.asked], strict=True):
        texts, images = [model._chat(question)], [list(question.images)]
        wanted = model.loaded.processor(text=texts, images=images, return_tensors="pt")
        taught = encoder.prompt(example)
        assert taught["input_ids"].tolist() == wanted["input_ids"].tolist()
        assert (taught["pixel_values"] == wanted["pixel_values"]).all()
