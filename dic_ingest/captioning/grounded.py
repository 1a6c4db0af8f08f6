"""DICModel with a large model: its prose, grounded in and checked against what dic-small reads exactly.

For each figure: read it exactly, ask the model, read its reply, let the critic put it right, look once again
at what was left out, keep the exact structure. When the model fails, dic-small's description stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.captioning.critic import Ask
from dic_ingest.captioning.grounding import Draft, draft, fallback, final, widened
from dic_ingest.captioning.grounding_settings import GroundingSettings
from dic_ingest.captioning.pictures import pictures_of
from dic_ingest.captioning.prompts import Prompt, check, make_prompt, second_look
from dic_ingest.captioning.regions import enlarged, region_left_out
from dic_ingest.captioning.reply import read_reply
from dic_ingest.captioning.request import Captioner, FigureRequest
from dic_ingest.captioning.small import DicSmall
from dic_ingest.captioning.talk import Answer, Question, Talker
from dic_ingest.document import Description

_ANSWER = re.compile(r"^\W*(\d{1,3})\W+(yes|no)\b", re.IGNORECASE | re.MULTILINE)


class Grounded:
    """A captioner around a `Talker`; `critic` is another talker that checks, None for the same one."""

    def __init__(
        self,
        talker: Talker,
        settings: GroundingSettings | None = None,
        critic: Talker | None = None,
        reader: Captioner | None = None,
    ) -> None:
        self.name = talker.name
        self.talker, self.judge = talker, critic or talker
        self.settings = settings or GroundingSettings()
        self.reader = reader or DicSmall()

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        """One description per request, in order; none of them fails the others."""
        readings = self.reader.caption(requests)
        prompts = [self._prompt(r, d) for r, d in zip(requests, readings, strict=True)]
        answers = self.talker.answer([self._question(r, p) for r, p in zip(requests, prompts, strict=True)])
        found = [self._draft(*one) for one in zip(requests, readings, prompts, answers, strict=True)]
        for _ in range(self.settings.looks):
            self._look_again(found)
        return [final(d) for d in found]

    def _prompt(self, request: FigureRequest, reading: Description) -> Prompt:
        return make_prompt(request, reading, self.settings.prompt, self.settings.structured)

    def _question(self, request: FigureRequest, prompt: Prompt) -> Question:
        images = pictures_of(request, self.settings.max_side, self.settings.tiles)
        return Question(images, prompt.system, prompt.user, self.settings.structured)

    def _draft(self, request: FigureRequest, reading: Description, prompt: Prompt, answer: Answer) -> Draft:
        reply = read_reply(answer.text, request.kind, answer.cut)
        why = answer.error or reply.fault
        if why:
            return fallback(request, reading, f"{self.name}: no usable reply ({why})", answer)
        made = draft(request, reading, reply, answer, self._ask(request) if self.settings.critic else None)
        if not made.by_model:
            return made
        named = replace(made.base, engine=self.name, model=self.talker.model, prompt=prompt.id)
        return replace(made, base=named)

    def _ask(self, request: FigureRequest) -> Ask:
        def ask(statements: list[str]) -> list[bool]:
            """The model's verdicts; a statement it says nothing about counts as not shown."""
            prompt = check(statements)
            images = pictures_of(request, self.settings.max_side, self.settings.tiles)
            text = self.judge.answer([Question(images, prompt.system, prompt.user)])[0].text
            told = {int(n): word.lower() == "yes" for n, word in _ANSWER.findall(text)}
            return [told.get(n, False) for n in range(1, len(statements) + 1)]

        return ask

    def _look_again(self, found: list[Draft]) -> None:
        """Ask about the region that each caption left out; what is new and supported is added."""
        wanted: list[tuple[int, Question]] = []
        for at, made in enumerate(found):
            request = made.request
            size = (request.crop.width * 72.0 / request.dpi, request.crop.height * 72.0 / request.dpi)
            box = region_left_out(made.told, made.base.words, *size) if made.by_model else None
            if box is not None:
                prompt = second_look(request, made.told, self.settings.prompt)
                part = enlarged(request.crop.convert("RGB"), box, request.dpi, self.settings.max_side)
                wanted.append((at, Question((part,), prompt.system, prompt.user)))
        answers = self.talker.answer([q for _, q in wanted]) if wanted else []
        for (at, _), answer in zip(wanted, answers, strict=True):
            found[at] = widened(found[at], read_reply(answer.text, cut=answer.cut), answer)
