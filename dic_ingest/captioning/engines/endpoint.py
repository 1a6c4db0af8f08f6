"""A model behind an OpenAI-compatible server (vLLM, llama.cpp, Ollama), asked for many figures at once.

Nothing is sent anywhere but to the URL that was given, and only crops and their words are sent. The key comes
from the environment. A figure that fails does not fail the others.
"""

from __future__ import annotations

import base64
import io
import os
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PIL import Image

from dic_ingest.captioning.chat import ChatAnswer, Question
from dic_ingest.captioning.engines.settings import EndpointSettings
from dic_ingest.captioning.prompts import SCHEMA
from dic_ingest.errors import CaptionerError, MissingExtraError

try:
    import openai
except ImportError as error:
    raise MissingExtraError("openai", "endpoint") from error

AGAIN = (408, 409, 425, 429, 500, 502, 503, 504, 529)
MAX_WAIT = 60.0
REFUSED, NOT_READY = (401, 403), (502, 503, 504)
PROBE_SECONDS = 10.0


class Endpoint:
    """A `ChatModel` over HTTP. Safe to share between threads."""

    name = "endpoint"

    def __init__(self, settings: EndpointSettings, sleep: Callable[[float], None] = time.sleep) -> None:
        self.settings = settings
        self.model = settings.model + (f"@{settings.revision}" if settings.revision else "")
        self.limits = str(settings.max_tokens)
        self._sleep = sleep
        self._json = settings.structured

    def probe(self) -> None:
        """Ask the server for its list of models, so that a run ends before its first document if it is dead.

        Raises:
            CaptionerError: no server answers there, it is not ready, or it refuses the key.
        """
        chosen = self.settings
        key = os.environ.get(chosen.key_variable) or "none"
        wait = min(PROBE_SECONDS, chosen.timeout)
        try:
            with openai.OpenAI(base_url=chosen.url, api_key=key, timeout=wait, max_retries=0) as client:
                client.models.list()
        except openai.APIStatusError as error:
            if error.status_code in REFUSED:
                raise CaptionerError(
                    f"the server at {chosen.url} refuses the key (HTTP {error.status_code}). "
                    f"Set the environment variable {chosen.key_variable}."
                ) from error
            if error.status_code in NOT_READY:
                raise CaptionerError(
                    f"the server at {chosen.url} is not ready (HTTP {error.status_code}). Try again later."
                ) from error
        except openai.APIConnectionError as error:  # timeouts, too
            raise CaptionerError(
                f"no server answers at {chosen.url}: {_short(str(error))} Start it, or correct the URL "
                "(--engine-option url=...)."
            ) from error
        except (openai.OpenAIError, ValueError, TypeError, AttributeError):
            pass  # it answered; its list of models is no concern here

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        """One answer per question, in order, at most `concurrency` on their way at once."""
        if not questions:
            return []
        chosen = self.settings
        key = os.environ.get(chosen.key_variable) or "none"
        # its own retries know nothing of a figure's
        client = openai.OpenAI(base_url=chosen.url, api_key=key, timeout=chosen.timeout, max_retries=0)
        with client, ThreadPoolExecutor(min(chosen.concurrency, len(questions))) as pool:
            return list(pool.map(lambda q: self._one(client, q), questions))

    def _one(self, client: openai.OpenAI, question: Question) -> ChatAnswer:
        why, structured = "", question.structured
        for attempt in range(self.settings.retries + 1):
            try:
                return self._ask(client, question, structured and self._json)
            except openai.APIStatusError as error:
                why = f"HTTP {error.status_code}: {_short(error.message)}"
                if error.status_code in (400, 422) and structured and self._json:
                    self._json = False  # no structured output there; asking for it was no attempt
                    return self._one(client, question)
                if error.status_code not in AGAIN:
                    break
                wait = _asked_to_wait(error)
                # llama.cpp answers 500 where the token limit cut the JSON short; text may be cut anywhere
                structured = structured and error.status_code != 500
            except openai.APIConnectionError as error:  # timeouts, too
                why, wait = f"{type(error).__name__}: {_short(str(error))}", 0.0
            except (
                openai.OpenAIError,
                LookupError,
                ValueError,
                TypeError,
                AttributeError,
            ) as error:  # no sense in the reply
                return ChatAnswer(error=f"unreadable reply: {_short(str(error))}")
            if attempt < self.settings.retries:
                pause = self.settings.backoff * 2**attempt * (0.75 + random.random() / 2)
                self._sleep(min(max(wait, pause), MAX_WAIT))
        return ChatAnswer(error=why)

    def _ask(self, client: openai.OpenAI, question: Question, structured: bool) -> ChatAnswer:
        extra: dict[str, Any] = {}
        if structured:
            named = {"name": "figure", "schema": SCHEMA, "strict": True}
            extra["response_format"] = {"type": "json_schema", "json_schema": named}
        messages: Any = [
            {"role": "system", "content": question.system},
            {
                "role": "user",
                "content": [*map(_picture, question.images), {"type": "text", "text": question.user}],
            },
        ]
        reply = client.chat.completions.create(
            model=self.settings.model,
            messages=messages,
            max_tokens=self.settings.max_tokens,
            temperature=0.0,
            seed=0,
            **extra,
        )
        choice = reply.choices[0]
        used = reply.usage
        refusal = getattr(choice.message, "refusal", None)
        text = choice.message.content or (f"I'm sorry: {refusal}" if refusal else "")
        read, written = (used.prompt_tokens, used.completion_tokens) if used else (0, 0)
        cost = (read * self.settings.price_read + written * self.settings.price_written) / 1e6
        return ChatAnswer(text, "", read, written, choice.finish_reason == "length", cost)


def _picture(image: Image.Image) -> dict[str, Any]:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def _asked_to_wait(error: openai.APIStatusError) -> float:
    try:
        return float(error.response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0


def _short(text: str) -> str:
    return " ".join(text.split())[:200]
