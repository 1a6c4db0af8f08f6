"""What a model is taught: pictures whole, loss on the answer and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed: no torch")
pytest.importorskip("trl", reason="the train extra is not installed: no trl")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

from dic_ingest.captioning.engines.local import LocalModel  # noqa: E402
from dic_ingest.captioning.engines.settings import GroundingSettings, LocalModelSettings  # noqa: E402
from dic_ingest.captioning.grounding.reply import read_reply  # noqa: E402
from dic_ingest.captioning.prompts import PromptSettings  # noqa: E402
from dic_ingest.evaluation.figure_set import read_pairs, read_questions  # noqa: E402
from dic_ingest.training.sft.collate import IGNORED, AnswerCollator, Encoder  # noqa: E402
from dic_ingest.training.sft.examples import caption_examples, question_examples  # noqa: E402

SETTINGS = GroundingSettings(prompt=PromptSettings(reading=False), max_side=224, tiles=0)


@pytest.fixture(scope="module")
def model(tiny: Path) -> LocalModel:
    return LocalModel(LocalModelSettings(str(tiny), device="cpu", max_tokens=4))


def test_loss_is_on_the_answer_only_and_no_picture_token_is_lost(figures: Path, model: LocalModel) -> None:
    pairs = read_pairs(figures / "pairs.jsonl")
    examples = caption_examples(pairs, figures, SETTINGS)
    encoder = Encoder(model.loaded.processor, SETTINGS)
    batch = AnswerCollator(encoder, examples)([{"at": 0}, {"at": 1}])
    tokenizer, merge = encoder.tokenizer, model.loaded.processor.image_processor.merge_size
    picture = model.loaded.model.config.image_token_id
    for row in range(2):
        ids, labels = batch["input_ids"][row], batch["labels"][row]
        taught = labels != IGNORED
        assert tokenizer.decode(ids[taught]) == examples[row].answer + "<|im_end|>\n"
        assert (labels[taught] == ids[taught]).all()
        assert not taught[ids == picture].any()
        wanted = int(batch["image_grid_thw"][row].prod()) // merge**2
        assert int((ids == picture).sum()) == wanted > 8
        first = int(taught.nonzero()[0])
        assert taught[first : first + int(taught.sum())].all()  # one stretch, after the whole prompt
        assert tokenizer.decode(ids[:first]).endswith("<|im_start|>assistant\n")
        assert (batch["attention_mask"][row] == 0)[first + int(taught.sum()) :].all()


def test_the_answers_are_what_the_engine_reads(figures: Path) -> None:
    pair = read_pairs(figures / "pairs.jsonl")[0]
    example = caption_examples([pair], figures, SETTINGS)[0]
    reply = read_reply(example.answer, pair.diagram.kind)
    assert reply.caption == pair.caption and reply.diagram is not None
    assert len(reply.diagram.edges) == len(pair.diagram.edges)
    question = read_questions(figures / "questions.jsonl")[0]
    taught = question_examples([question], figures, SETTINGS)[0]
    letter, text = taught.answer.split(". ", 1)
    assert text == question.answer == question.options["ABCD".index(letter)]
    assert all(o in taught.prompt.user for o in question.options)
