"""The chain: figures, three stages, preference, critic, refinement, CIM, export, evaluation, comparison.

In: a folder and a size. Out: everything the parts write, and `demo.json` with what became of each. The
experts of stage 2 are played by the exact captions of other figures than stage 1 saw.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.dicmodel import DICModel
from dic_ingest.captioning.engines.trained import Trained
from dic_ingest.errors import MissingExtraError
from dic_ingest.evaluation.engine_view import engine_views
from dic_ingest.evaluation.figure_set import Pair, read_pairs, write_lines
from dic_ingest.training.critic.measure import measure_checkpoint
from dic_ingest.training.demo.refine import refine, reward
from dic_ingest.training.demo.score import MAIN, better, comparison, replies, values
from dic_ingest.training.demo.settings import DemoSettings
from dic_ingest.training.export import add_scores, export
from dic_ingest.training.preference.pairs import faulted
from dic_ingest.training.preference.run import prefer
from dic_ingest.training.questions.dataset import QuestionSettings, make_questions
from dic_ingest.training.sft.data import stage_data
from dic_ingest.training.sft.examples import caption_examples
from dic_ingest.training.sft.run import fine_tune
from dic_ingest.training.sft.settings import SftSettings
from dic_ingest.training.synthesise.dataset import synthesise
from dic_ingest.training.synthesise.settings import SynthesisSettings
from dic_ingest.training.tiny import TinyShape, make_tiny

SWAPPED = "trained, pictures swapped"
LEAST = 3.0  # epochs: over fewer, losses of single batches tell little
Told = Callable[[str], None]


def demo(out: Path, settings: DemoSettings, told: Told = lambda line: None) -> dict[str, Any]:
    """Run the chain in the folder `out`; returns what `demo.json` then holds.

    Raises: what the parts raise.
    """
    run = _Run(out, settings, told)
    pairs = run.figures()
    held_out = [p for p in pairs if p.split == "test"][: settings.scored]
    base = run.model(pairs)
    synthesised, experts = (out / "data" / f"pairs-{i}.jsonl" for i in (1, 2))
    stage1 = run.stage("stage1", base, [synthesised], settings.epochs, 2e-3)
    stage2 = run.stage("stage2", stage1, [experts], settings.epochs / 2, 1e-3)
    # captions beside the questions: on questions alone so small a model forgets how to write them
    stage3 = run.stage("stage3", stage2, [out / "questions", experts], settings.epochs / 4, 5e-4)
    preferred = run.preference(stage3, pairs)
    run.critic(base, held_out)
    run.refinement()
    run.compare(base, preferred, held_out)
    return run.finish()


class _Run:
    """The steps of one demo; `found` collects what became of each."""

    def __init__(self, out: Path, settings: DemoSettings, told: Told) -> None:
        self.out, self.settings, self.told = out, settings, told
        self.found: dict[str, Any] = {"losses": {}, "seconds": {}}
        self.began = self.last = time.monotonic()

    def figures(self) -> list[Pair]:
        """Figures with their graphs, and questions about others."""
        s, data = self.settings, self.out / "data"
        small = partial(
            SynthesisSettings, domains=s.domains, tools=s.tools, most=8, side=448, validation=0.0, expert=0.0
        )
        synthesise(data, small(s.figures, s.seed, test=0.2))
        pairs = read_pairs(data / "pairs.jsonl")
        train = [p for p in pairs if p.split == "train"]
        write_lines(data / "pairs-1.jsonl", train[: 2 * len(train) // 3])
        write_lines(data / "pairs-2.jsonl", train[2 * len(train) // 3 :])
        more = max(10, s.figures // 5)
        synthesise(self.out / "others", small(more, s.seed + 1, test=0.0))
        make_questions(
            self.out / "others", self.out / "questions", [data], QuestionSettings(s.questions, s.seed)
        )
        self._done("figures", f"{len(pairs)} drawn, {len(pairs) - len(train)} held out")
        return pairs

    def model(self, pairs: list[Pair]) -> Path:
        """The tiny model; its tokenizer knows the training captions and the prompts."""
        train = [p for p in pairs if p.split == "train"]
        data, asks = self.out / "data", self.settings.asks
        examples = caption_examples(train, data, asks, engine_views(train, data, asks, data / "views"))
        texts = [e.answer for e in examples] + [f"{e.prompt.system}\n{e.prompt.user}" for e in examples]
        shape = TinyShape(self.settings.width, pixels=self.settings.pixels**2, words=1500)
        base = make_tiny(self.out / "base", texts, shape, self.settings.seed)
        self._done("model", f"{base.name} built from a config")
        return base

    def stage(self, name: str, model: Path, data: list[Path], epochs: float, rate: float) -> Path:
        """One stage of fine-tuning from the last's checkpoint."""
        task = "questions" if name == "stage3" else "captions"
        self._learn(name, model, data, self.settings.sft(name, task, max(LEAST, epochs), rate))
        return self.out / name

    def preference(self, model: Path, pairs: list[Pair]) -> Path:
        """DPO with the mixed loss on faulted captions."""
        settings, data = self.settings.preference(), self.out / "data"
        train = [p for p in pairs if p.split == "train"][: max(8, self.settings.figures // 4)]
        views = engine_views(train, data, self.settings.asks, data / "views")
        preferred = faulted(train, data, self.settings.asks, self.settings.seed, views=views)
        self._trained("preference", prefer(preferred, model, self.out / "preference", settings))
        return self.out / "preference"

    def critic(self, model: Path, held_out: list[Pair]) -> None:
        """A critic from the same base, measured against the exact checker."""
        settings = self.settings.sft("critic", "checks", max(LEAST, self.settings.epochs / 4), 1e-3)
        self._learn("critic", model, [self.out / "data" / "pairs-2.jsonl"], settings)
        some, data = held_out[:6], self.out / "data"
        scores = measure_checkpoint(self.out / "critic", some, data, settings.grounding, 64)
        self.found["critic"] = scores.to_dict()
        blind = "not measured" if scores.text_only is None else f"{scores.text_only:.2f}"
        told = f"{scores.statements} statements, accuracy {scores.accuracy:.2f}, text only {blind}"
        self._done("critic measured", told)

    def refinement(self) -> None:
        """The captioner that looks twice, and CIM."""
        folder = self.out / "refinement"
        self.found["losses"] |= {f"refinement {k}": v for k, v in refine(folder, self.settings).items()}
        self._done("refinement", "the small captioner looked twice")
        try:
            rows = reward(folder, self.settings)
        except (MissingExtraError, ImportError) as error:
            self.found["cim"] = f"left out: {error}"
            self._done("cim", self.found["cim"])
            return
        self.found["cim"] = rows
        self._done("cim", f"reward {rows[0]['reward']:.3f} to {rows[-1]['reward']:.3f}")

    def compare(self, base: Path, checkpoint: Path, held_out: list[Pair]) -> None:
        """Export, load again, caption held-out figures, compare with the untrained model and every stage."""
        data, card = self.out / "data", self.out / "data" / "card.md"
        export(checkpoint, self.out / "exported", data_card=card if card.is_file() else None)
        options: dict[str, Any] = {"max_tokens": self.settings.tokens, "device": "cpu"}
        # the model in front of pictures of other figures: what it says then owes nothing to looking
        moved = [replace(p, image=held_out[i - 1].image) for i, p in enumerate(held_out)]
        untrained = DICModel.from_pretrained(base, settings=self.settings.asks, **options)
        said = {"untrained": replies(untrained, held_out, data)}
        for name in ("stage1", "stage2", "stage3"):
            said[name] = replies(DICModel.from_pretrained(self.out / name, **options), held_out, data)
        model = DICModel.from_pretrained(self.out / "exported", **options)
        said |= {"trained": replies(model, held_out, data), SWAPPED: replies(model, moved, data)}
        for name in ("trained", "untrained"):
            lines = (json.dumps({"id": i, "caption": t}, ensure_ascii=False) for i, t in said[name].items())
            (self.out / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.found["by stage"] = {k: values(v, held_out) for k, v in said.items()}
        compared = comparison(said["trained"], said["untrained"], held_out, self.settings.seed)
        self.found["comparison"] = compared
        scores = self.out / "scores.json"
        scores.write_text(json.dumps({k: v["trained"] for k, v in compared.items()}), encoding="utf-8")
        add_scores(self.out / "exported", scores)
        self._done("comparison", f"{len(held_out)} held-out figures")

    def finish(self) -> dict[str, Any]:
        """Write `demo.json`."""
        fell = {k: v["last"] < v["first"] for k, v in self.found["losses"].items()}
        self.found["every loss fell"] = all(fell.values())
        self.found["better than untrained"] = better(self.found["comparison"])
        self.found["judged by"] = MAIN
        self.found["seconds"]["all"] = round(time.monotonic() - self.began, 1)
        text = json.dumps(self.found, indent=1, ensure_ascii=False)
        (self.out / "demo.json").write_text(text + "\n", encoding="utf-8")
        return self.found

    def _learn(self, name: str, model: Path, data: list[Path], settings: SftSettings) -> None:
        taught = stage_data(data, settings, kept=self.out / "data" / "views")
        record = fine_tune(taught.examples, model, self.out / name, settings, data=taught.card)
        self._trained(name, record)

    def _trained(self, name: str, record: Trained) -> None:
        last = record.stages[-1]
        self.found["losses"][name] = {"first": last["loss_first"], "last": last["loss_last"]}
        told = f"{last['steps']} steps, loss {last['loss_first']:.3f} to {last['loss_last']:.3f}"
        self._done(name, told)

    def _done(self, name: str, told: str) -> None:
        now = time.monotonic()
        self.found["seconds"][name] = round(now - self.last, 1)
        self.last = now
        self.told(f"{name}: {told} ({self.found['seconds'][name]:.0f} s)")
