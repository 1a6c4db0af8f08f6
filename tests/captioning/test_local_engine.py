"""The local engine on tiny real models: load, quantise, adapt, batch, run short of memory, save."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the vlm extra is not installed: no torch")
pytest.importorskip("transformers", reason="the vlm extra is not installed: no transformers")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

import torch  # noqa: E402
from figures_made import GRAPH, Reader, request  # noqa: E402
from tiny_models import idefics3, llava, qwen, qwen3  # noqa: E402

from dic_ingest.captioning.chat import Question  # noqa: E402
from dic_ingest.captioning.engines.dicmodel import DICModel  # noqa: E402
from dic_ingest.captioning.engines.local import LocalModel  # noqa: E402
from dic_ingest.captioning.engines.registry import make_captioner  # noqa: E402
from dic_ingest.captioning.engines.settings import GroundingSettings, LocalModelSettings  # noqa: E402
from dic_ingest.errors import SettingsError  # noqa: E402

FAMILIES: dict[str, Callable[[Path], Path]] = {
    "qwen2.5-vl": qwen,
    "qwen3-vl": qwen3,
    "llava": llava,
    "idefics3": idefics3,
}
SHORT = {"max_tokens": 6, "device": "cpu"}


@pytest.fixture(scope="module", params=FAMILIES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FAMILIES[request.param](tmp_path_factory.mktemp("model"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import socket

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a local folder must be read without any network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    yield
    gc.collect()


def questions(count: int = 3) -> list[Question]:
    crop = request().crop
    return [Question((crop.resize((60 + 20 * i, 80)),), "Rules.", f"Task {i}.") for i in range(count)]


def scores(model: LocalModel) -> torch.Tensor:
    """What the model thinks of the next token."""
    question = questions(1)[0]
    made = model.loaded.processor(
        text=[model._chat(question)], images=[list(question.images)], return_tensors="pt", padding=True
    )
    with torch.inference_mode():
        found: torch.Tensor = model.loaded.model(**made).logits[0, -1]
    return found.clone()


def test_answers_come_in_order_and_are_repeatable(folder: Path) -> None:
    model = LocalModel(LocalModelSettings(str(folder), **SHORT))
    asked = questions()
    first = model.answer(asked)
    assert [a.error for a in first] == [""] * 3
    assert all(a.read > 10 and 0 < a.written <= 6 for a in first)
    assert model.answer(asked) == first
    alone = [LocalModel(model.settings, model.loaded).answer([q])[0].read for q in asked]
    assert alone == [a.read for a in first]  # padding is not counted


def test_saved_and_loaded_again_it_says_the_same(folder: Path, tmp_path: Path) -> None:
    settings = GroundingSettings(looks=0)
    model = DICModel.from_pretrained(folder, settings=settings, **SHORT)
    model.save_pretrained(tmp_path / "copy")
    again = DICModel.from_pretrained(tmp_path / "copy", settings=settings, **SHORT)
    assert [a.text for a in again.local.answer(questions())] == [
        a.text for a in model.local.answer(questions())
    ]


@pytest.mark.parametrize("quantize", ["nf4", "int8"])
def test_quantised_on_a_cpu(folder: Path, quantize: str) -> None:
    pytest.importorskip("bitsandbytes")
    model = LocalModel(LocalModelSettings(str(folder), quantize=quantize, **SHORT))
    kinds = {type(m).__name__ for m in model.loaded.model.modules()}
    assert {"nf4": "Linear4bit", "int8": "Linear8bitLt"}[quantize] in kinds
    assert [a.error for a in model.answer(questions(2))] == ["", ""]
    assert model.model.endswith(f":{quantize}")


@pytest.mark.parametrize("merge", [True, False])
def test_an_adapter_changes_what_is_said(folder: Path, tmp_path: Path, merge: bool) -> None:
    peft = pytest.importorskip("peft")
    base = LocalModel(LocalModelSettings(str(folder), **SHORT))
    before = scores(base)
    adapted = peft.get_peft_model(
        base.loaded.model, peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"])
    )
    torch.manual_seed(1)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=2.0)
    adapted.save_pretrained(tmp_path / "dic-lora")
    settings = LocalModelSettings(str(folder), adapter=str(tmp_path / "dic-lora"), merge=merge, **SHORT)
    model = LocalModel(settings)
    assert not torch.allclose(scores(model), before, atol=1e-3)
    assert not model.answer(questions(1))[0].error
    assert "+dic-lora" in model.model


def test_short_of_memory_the_batch_is_halved_then_the_picture(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = LocalModel(LocalModelSettings(str(folder), batch=4, **SHORT))
    real, sizes = model.loaded.model.generate, []

    def scarce(**inputs: Any) -> Any:
        """The model's own generate, where memory holds one figure, and not at the first try."""
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 1 or sizes.count(1) == 1:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return real(**inputs)

    monkeypatch.setattr(model.loaded.model, "generate", scarce)
    answers = model.answer(questions(4))
    assert [a.error for a in answers] == [""] * 4 and all(a.written for a in answers)
    assert sizes == [4, 2, 1, 1, 1, 1, 1] and model.batch == 1

    def never(**_: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(model.loaded.model, "generate", never)
    assert [a.error for a in model.answer(questions(2))] == ["out of memory"] * 2


def test_a_model_that_samples_by_its_own_settings_is_still_repeatable(folder: Path) -> None:
    model = LocalModel(LocalModelSettings(str(folder), **SHORT))
    own = model.loaded.model.generation_config
    own.do_sample, own.temperature, own.top_p, own.num_beams = True, 1.9, 0.9, 2
    assert model.answer(questions()) == model.answer(questions())
    greedy = LocalModel(LocalModelSettings(str(folder), **SHORT))
    assert [a.text for a in model.answer(questions())] == [a.text for a in greedy.answer(questions())]


def test_a_model_of_no_wisdom_leaves_the_exact_description(folder: Path) -> None:
    model = DICModel.from_pretrained(folder, **SHORT)
    model.reader = Reader()
    said = model.caption([request(), request().crop])
    assert len(said) == 2
    assert said[0].diagram == GRAPH
    assert all(f'"{n.label}"' in said[0].caption for n in GRAPH.nodes)
    assert sum(said[0].tokens) > 10


def test_the_engine_by_its_name(folder: Path) -> None:
    engine = make_captioner("local", model=str(folder), looks=0, critic=False, **SHORT)
    assert engine is not None and engine.name == "local"


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"model": ""}, "needs `model`"),
        ({"model": "some/hub-id"}, "revision"),
        ({"model": ".", "quantize": "int3"}, "quantize"),
        ({"model": ".", "batch": 0}, "at least 1"),
    ],
)
def test_settings_are_checked(options: dict[str, Any], match: str) -> None:
    with pytest.raises(SettingsError, match=match):
        LocalModelSettings(**options)


def test_a_folder_without_a_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no vision-language model"):
        DICModel.from_pretrained(tmp_path)
