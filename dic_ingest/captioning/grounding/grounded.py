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
from dic_ingest.captioning.grounding.evidence import EvidenceSettings
from dic_ingest.captioning.grounding.reply import read_reply
from dic_ingest.captioning.grounding.review import (
    CaptionDraft,
    CheckedReply,
    checked_reply,
    fallback,
    final,
    paid,
    widened,
)
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
    """A captioner around a `ChatModel`.

    `critic` is another talker that checks, None for the same one; `evidence`: when to mark for review.
    """

    def __init__(
        self,
        talker: ChatModel,
        settings: GroundingSettings | None = None,
        critic: ChatModel | None = None,
        reader: Captioner | None = None,
        evidence: EvidenceSettings | None = None,
    ) -> None:
        self.name = talker.name
        self.talker, self.judge = talker, critic or talker
        self.settings = settings or GroundingSettings()
        self.reader = reader or DicSmall()
        self.evidence = evidence or EvidenceSettings()
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
        said = [final(d, self.evidence) for d in found]
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
        held = [self._held(case) for case in cases]
        asked = [list(h.questions) if isinstance(h, CheckedReply) else [] for h in held]
        open_ = [at for at, questions in enumerate(asked) if questions and self.settings.critic]
        answers = self.judge.answer([self._check(cases[at], asked[at]) for at in open_]) if open_ else []
        heard = dict(zip(open_, answers, strict=True))
        found = []
        for at, (case, one) in enumerate(zip(cases, held, strict=True)):
            answer = heard.get(at)
            verdicts = read_verdicts(answer.text, len(asked[at])) if answer is not None else []
            made = self._draft(case, one, dict(zip(asked[at], verdicts, strict=False)))
            made = paid(made, case.answer)
            found.append(paid(made, answer) if answer is not None else made)
        return found

    def _held(self, case: Case) -> CheckedReply | CaptionDraft:
        """The reply after the critic's first phase, or what stands where there is none to be used."""
        reply = read_reply(case.answer.text, case.request.kind, case.answer.cut)
        why = case.answer.error or reply.fault
        if why:
            return fallback(case.request, case.reading, f"{self.name}: {NO_REPLY} ({why})")
        return checked_reply(case.request, case.reading, reply)

    def _draft(
        self, case: Case, held: CheckedReply | CaptionDraft, verdicts: dict[str, bool | None]
    ) -> CaptionDraft:
        """The draft after the critic's second phase."""
        made = held.revised(verdicts) if isinstance(held, CheckedReply) else held
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
