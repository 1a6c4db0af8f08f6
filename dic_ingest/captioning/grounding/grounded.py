"""DICModel with a large model: its prose, grounded in and checked against what dic-small reads exactly.

For each figure: read it exactly, ask the model, read its reply, let the critic put it right, look once again
at what was left out, keep the exact structure. When the model fails, dic-small's description stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dic_ingest.captioning.chat import ChatAnswer, ChatModel, Question, Shown
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.engines.small import DicSmall
from dic_ingest.captioning.grounding.critic import Ask
from dic_ingest.captioning.grounding.reply import read_reply
from dic_ingest.captioning.grounding.review import CaptionDraft, draft, fallback, final, paid, widened
from dic_ingest.captioning.pictures import enlarged, pictures_of, region_left_out
from dic_ingest.captioning.prompts import Prompt, check, make_prompt, read_verdicts, second_look
from dic_ingest.captioning.request import NO_REPLY, Captioner, FigureRequest
from dic_ingest.captioning.reuse import ReuseCount, shown_by
from dic_ingest.model.description import Description


@dataclass(frozen=True, slots=True)
class Case:
    """A figure, what was read in it, what the model was asked and what it answered."""

    request: FigureRequest
    reading: Description
    prompt: Prompt
    answer: ChatAnswer


class Grounded:
    """A captioner around a `ChatModel`; `critic` is another talker that checks, None for the same one."""

    def __init__(
        self,
        talker: ChatModel,
        settings: GroundingSettings | None = None,
        critic: ChatModel | None = None,
        reader: Captioner | None = None,
    ) -> None:
        self.name = talker.name
        self.talker, self.judge = talker, critic or talker
        self.settings = settings or GroundingSettings()
        self.reader = reader or DicSmall()
        self.tally = ReuseCount()

    def caption(
        self, requests: Sequence[FigureRequest], readings: Sequence[Description] | None = None
    ) -> list[Description]:
        """One description per request, in order; none of them fails the others.

        `readings` are what the reader says of them, where it was asked before.
        """
        if readings is None:
            readings = self.reader.caption(requests)
        prompts = [self._prompt(r, d) for r, d in zip(requests, readings, strict=True)]
        asked = [self._question(*one) for one in zip(requests, readings, prompts, strict=True)]
        answers = self.talker.answer(asked)
        cases = [Case(*one) for one in zip(requests, readings, prompts, answers, strict=True)]
        found = self._checked(cases)
        for _ in range(self.settings.looks):
            self._look_again(found)
        said = [final(d) for d in found]
        for one, answer in zip(said, answers, strict=True):
            if answer.reused:
                self.tally.add(one)
        return said

    def _prompt(self, request: FigureRequest, reading: Description) -> Prompt:
        return make_prompt(request, reading, self.settings.prompt, self.settings.structured)

    def _question(self, request: FigureRequest, reading: Description, prompt: Prompt) -> Question:
        images = pictures_of(request, self.settings.max_side, self.settings.tiles, reading.words)
        shown = self._shown(request, reading, prompt.id)
        return Question(images, prompt.system, prompt.user, self.settings.structured, shown)

    def _shown(self, request: FigureRequest, reading: Description, asked: str) -> Shown | None:
        """By what an answer may be shared; `asked`: what of the question does not come from the figure."""
        return shown_by(request, reading, f"{self.settings} {asked}") if self.settings.reuse else None

    def _checked(self, cases: Sequence[Case]) -> list[CaptionDraft]:
        """Drafts after the critic; its model is asked for all figures at once, where nothing else decides."""
        open_: list[tuple[int, list[str]]] = []
        found = []
        for at, case in enumerate(cases):
            silent: list[str] = []
            found.append(paid(self._draft(case, _noted(silent)), case.answer))
            if silent and self.settings.critic:
                open_.append((at, silent))
        questions = [self._check(cases[at], silent) for at, silent in open_]
        answers = self.judge.answer(questions) if questions else []
        for (at, silent), answer in zip(open_, answers, strict=True):
            verdicts = dict(zip(silent, read_verdicts(answer.text, len(silent)), strict=True))
            made = self._draft(cases[at], _given(verdicts))
            found[at] = paid(paid(made, cases[at].answer), answer)
        return found

    def _draft(self, case: Case, ask: Ask) -> CaptionDraft:
        reply = read_reply(case.answer.text, case.request.kind, case.answer.cut)
        why = case.answer.error or reply.fault
        if why:
            return fallback(case.request, case.reading, f"{self.name}: {NO_REPLY} ({why})")
        made = draft(case.request, case.reading, reply, ask)
        if not made.by_model:
            return made
        named = replace(made.base, engine=self.name, model=self.talker.model, prompt=case.prompt.id)
        return replace(made, base=named)

    def _check(self, case: Case, statements: list[str]) -> Question:
        prompt = check(statements, self.settings.steps)
        words = case.reading.words
        images = pictures_of(case.request, self.settings.max_side, self.settings.tiles, words)
        return Question(
            images,
            prompt.system,
            prompt.user,
            shown=self._shown(case.request, case.reading, prompt.user),
        )

    def _look_again(self, found: list[CaptionDraft]) -> None:
        """Ask about the region that each caption left out; what is new and supported is added."""
        wanted: list[tuple[int, Question]] = []
        for at, made in enumerate(found):
            request = made.request
            size = (request.crop.width * 72.0 / request.dpi, request.crop.height * 72.0 / request.dpi)
            box = region_left_out(made.caption_so_far, made.base.words, *size) if made.by_model else None
            if box is not None:
                prompt = second_look(request, made.caption_so_far, self.settings.prompt)
                part = enlarged(request.crop.convert("RGB"), box, request.dpi, self.settings.max_side)
                shown = self._shown(request, made.base, prompt.user)
                wanted.append((at, Question((part,), prompt.system, prompt.user, shown=shown)))
        answers = self.talker.answer([q for _, q in wanted]) if wanted else []
        for (at, _), answer in zip(wanted, answers, strict=True):
            found[at] = paid(widened(found[at], read_reply(answer.text, cut=answer.cut)), answer)


def _noted(silent: list[str]) -> Ask:
    """Takes down what would be asked; no verdict."""

    def ask(statements: list[str]) -> list[bool | None]:
        silent.extend(statements)
        return [None] * len(statements)

    return ask


def _given(verdicts: dict[str, bool | None]) -> Ask:
    """Answers with verdicts that are known."""
    return lambda statements: [verdicts.get(s) for s in statements]
