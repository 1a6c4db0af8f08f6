"""Engine names to captioners. Heavy engines are imported only when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from dic_ingest.captioning.cache import Kept
from dic_ingest.captioning.chat import ChatModel
from dic_ingest.captioning.engines.settings import EndpointSettings, GroundingSettings, LocalModelSettings
from dic_ingest.captioning.engines.trained import taught
from dic_ingest.captioning.grounding.evidence import EvidenceSettings
from dic_ingest.captioning.prompts import PromptSettings
from dic_ingest.captioning.request import Captioner, FigureRequest
from dic_ingest.captioning.reuse import ROOM, JsonStore, SharedAnswers
from dic_ingest.errors import SettingsError
from dic_ingest.model.description import Description
from dic_ingest.settings_file import checked_value, nearest

ENGINES = ("dic-small", "local", "endpoint", "fake", "none")
COMMON = ("cache", "critic_model", "evidence")  # of the engines that ask a large model
GROUNDING = ("looks", "critic", "max_side", "tiles", "reuse")
PROMPT = ("language", "glossary", "questions", "reading")
T = TypeVar("T")


def make_captioner(
    name: str = "dic-small", *, shared: Path | None = None, **options: Any
) -> Captioner | None:
    """The captioner called `name`; None for "none" (figures keep their words and printed captions).

    `options` are fields of the engine's settings: for "endpoint" those of `EndpointSettings` (`url`, `model`,
    ...), for "local" those of `LocalModelSettings` (`model`, `quantize`, ...), for both also `cache` (a
    folder), `critic_model` (another model that checks: a folder, or a name on the same server), `evidence`
    (fields of `EvidenceSettings`: when a figure is to be reviewed), `looks`,
    `critic`, `max_side`, `tiles`, `reuse`, `language`, `glossary`, `questions`, `reading`. `shared` is
    a folder that the captioners of a run's processes share, so that each figure is described once.

    Raises:
        SettingsError: no such engine or option. MissingExtraError: the engine's packages are not installed.
    """
    check_engine(name, **options)
    if name in ("endpoint", "local"):
        return _grounded(name, options, shared)
    if name == "dic-small":
        from dic_ingest.captioning.engines.small import DicSmall, SmallSettings

        return DicSmall(_settings(SmallSettings, options, name), _store(shared))
    if options:
        raise SettingsError(f"engine {name!r} takes no options. Leave out {', '.join(sorted(options))}.")
    if name == "fake":
        return FakeCaptioner()
    return None


def check_engine(name: str, **options: Any) -> None:
    """Raise SettingsError unless an engine is called `name` and takes these options; loads no model."""
    if name not in ENGINES:
        raise SettingsError(f"no engine called {name!r}. Choose one of: {', '.join(ENGINES)}.")
    if name in ("endpoint", "local"):
        _chosen(name, options)
    elif options and name != "dic-small":
        raise SettingsError(f"engine {name!r} takes no options. Leave out {', '.join(sorted(options))}.")


def probe_engine(name: str, **options: Any) -> None:
    """Make sure that an engine's server answers, before any work is done for it; other engines have none.

    Raises:
        CaptionerError: it does not, or refuses the key. As `make_captioner`.
    """
    if name == "endpoint":
        from dic_ingest.captioning.engines.endpoint import Endpoint

        Endpoint(_chosen(name, options).own).probe()


def side_by_side(name: str, **options: Any) -> int:
    """How many figures an engine describes at once, each in a thread of its own; 1: it takes batches."""
    if name != "endpoint":
        return 1
    own: EndpointSettings = _chosen(name, options).own
    return own.concurrency


def reader_of(name: str, shared: Path | None = None, **options: Any) -> Captioner | None:
    """What reads a figure before the engine's model is asked; None where the engine asks none."""
    if name not in ("endpoint", "local"):
        return None
    return _reader(_chosen(name, options), shared)


def _reader(chosen: _Chosen, shared: Path | None) -> Captioner:
    from dic_ingest.captioning.engines.small import DicSmall, SmallSettings

    settings = SmallSettings(reuse=chosen.grounding.reuse, cache=chosen.cache, evidence=chosen.evidence)
    return DicSmall(settings, _store(shared))


def _store(shared: Path | None) -> JsonStore:
    return JsonStore(shared, ROOM if shared is not None else None)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The engine's own settings, those of grounding and evidence, the folder of kept answers, the critic."""

    own: Any
    grounding: GroundingSettings
    cache: str
    critic: str
    evidence: EvidenceSettings


def _chosen(name: str, options: Mapping[str, Any]) -> _Chosen:
    rest = dict(options)
    cache, critic = str(rest.pop("cache", "")), str(rest.pop("critic_model", ""))
    evidence = rest.pop("evidence", {})
    if not isinstance(evidence, EvidenceSettings):
        evidence = checked_value(_Chosen, "evidence", evidence, "engine option evidence")
    prompt = {k: rest.pop(k) for k in PROMPT if k in rest}
    if (told := prompt.get("glossary")) is not None:
        terms = (t.strip() for t in told.split(",")) if isinstance(told, str) else told
        prompt["glossary"] = tuple(terms)
    grounding = {k: rest.pop(k) for k in GROUNDING if k in rest}
    cls = EndpointSettings if name == "endpoint" else LocalModelSettings
    own = _settings(cls, rest, name)
    start = taught(own.adapter, own.model) if isinstance(own, LocalModelSettings) else None
    start = start or GroundingSettings(structured=isinstance(own, EndpointSettings) and own.structured)
    if critic:
        judge = taught(critic)
        grounding["steps"] = judge is not None and judge.steps
    asked = replace(start, prompt=_replaced(start.prompt, prompt), **_checked(GroundingSettings, grounding))
    return _Chosen(own, asked, cache, critic, evidence)


def _checked(cls: type, options: Mapping[str, Any]) -> dict[str, Any]:
    return {k: checked_value(cls, k, v, f"engine option {k}") for k, v in options.items()}


def _replaced(prompt: PromptSettings, options: Mapping[str, Any]) -> PromptSettings:
    return replace(prompt, **_checked(PromptSettings, options))


def _grounded(name: str, options: Mapping[str, Any], shared: Path | None) -> Captioner:
    from dic_ingest.captioning.grounding.grounded import Grounded

    chosen = _chosen(name, options)
    talkers = [_endpoint(chosen.own) if name == "endpoint" else _local(chosen.own)]
    if chosen.critic and name == "endpoint" and not Path(chosen.critic).is_dir():
        talkers.append(_endpoint(replace(chosen.own, model=chosen.critic, revision="")))
    elif chosen.critic:
        talkers.append(_local(LocalModelSettings(chosen.critic)))
    kept: list[ChatModel] = [Kept(t, Path(chosen.cache)) if chosen.cache else t for t in talkers]
    if chosen.grounding.reuse:
        store = JsonStore(Path(chosen.cache)) if chosen.cache else _store(shared)
        kept = [SharedAnswers(t, store) for t in kept]
    reader = _reader(chosen, shared)
    return Grounded(kept[0], chosen.grounding, kept[1] if chosen.critic else None, reader, chosen.evidence)


def _endpoint(own: EndpointSettings) -> ChatModel:
    from dic_ingest.captioning.engines.endpoint import Endpoint

    return Endpoint(own)


def _local(own: LocalModelSettings) -> ChatModel:
    from dic_ingest.captioning.engines.local_loading import load  # first: it tells which extra is missing
    from dic_ingest.captioning.engines.local import LocalModel  # isort: skip

    return LocalModel(own, load(own))


def _settings(cls: type[T], options: Mapping[str, Any], name: str) -> T:
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    strange = sorted(set(options) - known)
    if strange:
        every = known if name == "dic-small" else known | {*COMMON, *GROUNDING, *PROMPT}
        raise SettingsError(f"engine {name!r} has no option {strange[0]}. {nearest(strange[0], every)}")
    return cls(**_checked(cls, options))


# For tests.


class FakeCaptioner:
    """Says the label, the printed caption and the size of every figure; counts the figures it was given."""

    name = "fake"

    def __init__(self) -> None:
        self.seen = 0

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        """One fixed description per request."""
        self.seen += len(requests)
        return [Description(_say(r), engine=self.name, model="fake/1") for r in requests]


def _say(request: FigureRequest) -> str:
    head = ": ".join(filter(None, (request.label, request.printed_caption))) or "A figure"
    return f"{head} ({request.crop.width} x {request.crop.height} pixels)."
