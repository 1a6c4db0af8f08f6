"""The captioner is a transformers model: saved, loaded, generating; the second look reads the first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="the extra train is not installed")
transformers = pytest.importorskip("transformers", reason="the extra train is not installed")

from dic_ingest.errors import InputError, SettingsError  # noqa: E402
from dic_ingest.training.mmser.config import CLIP_MEAN, CLIP_STD, MMSeRConfig, paper, small  # noqa: E402
from dic_ingest.training.mmser.data import Captions  # noqa: E402
from dic_ingest.training.mmser.generate import caption  # noqa: E402
from dic_ingest.training.mmser.model import MMSeRForCaptioning  # noqa: E402
from dic_ingest.training.mmser.stages import PAPER, CaptionerSettings, train  # noqa: E402
from dic_ingest.training.mmser.train import load, save  # noqa: E402

PICTURE = Image.linear_gradient("L").resize((90, 60))


def inputs(model: Any, processor: Any) -> dict[str, Any]:
    made = processor(text=["<image><caption>"], images=[[PICTURE]], return_tensors="pt")
    assert made["input_ids"].shape == (1, model.config.image_tokens + 1)
    return dict(made)


def test_saved_and_loaded_it_says_the_same(untrained: tuple[Any, Any], tmp_path: Path) -> None:
    model, processor = untrained
    model = model.to(torch.bfloat16).float()  # what is saved is rounded
    save(model, processor.tokenizer, tmp_path)
    other, own = load(tmp_path)
    assert (tmp_path / "config.json").is_file() and not list(tmp_path.glob("*.bin"))
    with torch.no_grad():
        before, after = model(**inputs(model, processor)), other(**inputs(other, own))
    assert torch.allclose(before.logits, after.logits, atol=1e-4)
    assert caption(model, processor, [PICTURE], 2, 5) == caption(other, own, [PICTURE], 2, 5)
    assert other.lm_head.weight is other.get_input_embeddings().weight


def test_batched_generation_is_that_of_one(untrained: tuple[Any, Any]) -> None:
    model, processor = untrained
    other = Image.new("L", (40, 90), 255)
    alone = caption(model, processor, [PICTURE], 3, 6)
    together = caption(model, processor, [other, PICTURE], 3, 6)
    assert together[1] == alone[0] and len(together[0]) == 3


def test_the_second_look_reads_the_first_caption(untrained: tuple[Any, Any]) -> None:
    model, processor = untrained
    pixels = inputs(model, processor)["pixel_values"]
    ids = torch.tensor([[70, 71, 72, 0]])
    mask = torch.tensor([[1, 1, 1, 0]])
    with torch.no_grad():
        seen = model.model.look(pixels, ids, mask)
        assert seen.shape == (1, model.config.image_tokens, 64)
        assert not torch.allclose(seen, model.model.look(pixels, ids.flip(1), mask))
        ids[0, 3] = 99  # padding is not read
        assert torch.allclose(seen, model.model.look(pixels, ids, mask), atol=1e-5)
        model.config.ser_caption = False
        assert torch.equal(model.model.look(pixels, ids, mask), model.model.look(pixels, ids.flip(1), mask))


@pytest.mark.parametrize("kind", ["mlp", "transformer", "query"])
def test_each_connector_gives_as_many_tokens(kind: str) -> None:
    ids = {"pad": 0, "eos": 1, "image": 2, "caption": 3, "refine": 4}
    plain = small(320, ids, size=128, width=64, depth=4)
    config = MMSeRConfig(**(plain.to_dict() | {"connector": kind, "first_layers": (2, 3, 4)}))
    model = MMSeRForCaptioning(config)
    assert model.model.look(torch.zeros(2, 1, 128, 128)).shape == (2, 16, 64)


def test_placeholders_must_fit(untrained: tuple[Any, Any]) -> None:
    model, processor = untrained
    made = inputs(model, processor)
    made["input_ids"] = made["input_ids"][:, 3:]
    made["attention_mask"] = made["attention_mask"][:, 3:]
    with pytest.raises(ValueError, match="make input_ids with the processor"):
        model(**made)


def test_from_clip_and_opt_checkpoints(tmp_path: Path, untrained: tuple[Any, Any]) -> None:
    eye = transformers.CLIPVisionModel(
        transformers.CLIPVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2, image_size=56,
            patch_size=14,
        )
    )  # fmt: skip
    words = untrained[1].tokenizer
    tongue = transformers.OPTForCausalLM(
        transformers.OPTConfig(
            vocab_size=len(words), hidden_size=32, ffn_dim=64, num_hidden_layers=2, num_attention_heads=2,
            word_embed_proj_dim=32, pad_token_id=0, bos_token_id=3, eos_token_id=1,
        )
    )  # fmt: skip
    eye.save_pretrained(tmp_path / "clip")
    tongue.save_pretrained(tmp_path / "opt")
    words.save_pretrained(tmp_path / "opt")
    model, tokens = MMSeRForCaptioning.from_parts(
        str(tmp_path / "clip"), str(tmp_path / "opt"), select=(1, 2, 3), first_layers=(3,), ser_heads=2
    )
    assert model.config.image_tokens == 16 and tokens.convert_tokens_to_ids("<refine>") == 4
    told = model.model.language_model.decoder.layers[0].fc1.weight
    assert torch.equal(told, tongue.model.decoder.layers[0].fc1.weight)
    assert model.lm_head.weight is model.get_input_embeddings().weight
    assert model.model.look(torch.zeros(1, 3, 56, 56)).shape == (1, 16, 32)


def test_a_trained_tower_is_shown_pictures_as_clip_was(untrained: tuple[Any, Any]) -> None:
    """Dark lines at 1 and white at -1 come in; CLIP wants RGB of 0..1 less its mean, by its deviation."""
    from transformers import CLIPVisionConfig, OPTConfig
    from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

    from dic_ingest.training.mmser.data import scaled

    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2, image_size=56,
        patch_size=14,
    )  # fmt: skip
    text = OPTConfig(
        vocab_size=320, hidden_size=32, ffn_dim=64, num_hidden_layers=1, num_attention_heads=2,
        word_embed_proj_dim=32,
    )  # fmt: skip
    config = MMSeRConfig(
        vision_config=vision, text_config=text, image_size=56, select=(1, 2, 3), first_layers=(3,),
        image_mean=CLIP_MEAN, image_std=CLIP_STD, ser_heads=2,
    )  # fmt: skip
    model, seen = MMSeRForCaptioning(config).eval(), []
    model.model.vision_tower.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    picture = np.random.default_rng(0).integers(0, 256, (2, 56, 56), np.uint8)
    model.model.look(scaled(torch.from_numpy(picture)))
    rgb = np.repeat(picture[:, None], 3, 1) / 255
    mean, deviation = (np.array(v)[:, None, None] for v in (OPENAI_CLIP_MEAN, OPENAI_CLIP_STD))
    assert np.allclose(seen[0].numpy(), (rgb - mean) / deviation, atol=1e-5)
    with pytest.raises(SettingsError, match="image_mean"):
        MMSeRConfig(vision_config=vision, text_config=text, image_size=56, select=(1,), first_layers=(1,),
                    image_mean=(0.5,), image_std=(0.5,))  # fmt: skip


def test_the_papers_configuration_takes_two_steps() -> None:
    """CLIP ViT-L/14-336 with OPT-125M, random weights: a step of the first look and one of the second."""
    ids = {"pad": 1, "eos": 2, "image": 50265, "caption": 50266, "refine": 50267}
    with torch.device("meta"):
        empty = MMSeRForCaptioning(paper(50268, ids))
    assert empty.config.image_tokens == 576 and empty.config.select == (13, 18, 23)
    model = empty.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():  # as initialised, without the towers' own slow drawing of numbers
        noise = torch.randn(1 << 20, generator=generator) * 0.02
        for name, weight in model.named_parameters():
            weight.copy_(noise.repeat(weight.numel() // len(noise) + 1)[: weight.numel()].view(weight.shape))
            if weight.dim() == 1:
                weight.fill_(float("norm" in name and name.endswith("weight")))
        for tower in model.modules():  # buffers are empty too
            if hasattr(tower, "position_ids"):
                tower.position_ids = torch.arange(tower.position_ids.shape[-1])[None]
    told = ["Flowchart", "with", "two", "boxes"]
    white = torch.full((1, 336, 336), 255, dtype=torch.uint8)
    data = Captions(white, [[100 + len(t) for t in told] + [2]], [[[101, 102]]], vary=False)
    # the connectors alone, so that the gradients of the towers take no memory
    stages = [replace(s, parts=(p,), epochs=1) for s, p in zip(PAPER[::2], ("connector", "ser"), strict=True)]
    rows = train(model, stages, data, CaptionerSettings(batch=1))
    assert [r["stage"] for r in rows] == ["0 connector", "2 refinement"]
    assert all(np.isfinite(r["loss"]) and r["loss"] > 0 for r in rows)


def test_the_command_begins_with_trained_parts(
    untrained: tuple[Any, Any], drawings: Path, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from dic_ingest.cli.training.captioner import command

    words = untrained[1].tokenizer
    eye = transformers.CLIPVisionModel(
        transformers.CLIPVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=24, num_attention_heads=2, image_size=70,
            patch_size=14,
        )
    )  # fmt: skip
    tongue = transformers.OPTForCausalLM(
        transformers.OPTConfig(
            vocab_size=len(words), hidden_size=32, ffn_dim=64, num_hidden_layers=1, num_attention_heads=8,
            word_embed_proj_dim=32, pad_token_id=0, bos_token_id=3, eos_token_id=1,
        )
    )  # fmt: skip
    eye.save_pretrained(tmp_path / "clip")
    tongue.save_pretrained(tmp_path / "opt")
    words.save_pretrained(tmp_path / "opt")
    given = [str(drawings), "--out", str(tmp_path / "out"), "--device", "cpu", "--seconds", "3"]
    parts = ["--vision", str(tmp_path / "clip"), "--language", str(tmp_path / "opt")]
    done = CliRunner().invoke(command, given + parts)
    assert done.exit_code == 0, done.output
    model, processor = load(tmp_path / "out" / "model")
    assert model.config.image_mean == CLIP_MEAN and processor.image_processor.side == 70
    curves = json.loads((tmp_path / "out" / "curves.json").read_text())
    assert {r["stage"] for r in curves} == {s.name for s in PAPER}
    half = CliRunner().invoke(command, [*given[:-2], *parts[:2]])
    assert half.exit_code != 0 and isinstance(half.exception, SettingsError)


def test_parts_that_do_not_fit_are_refused() -> None:
    ids = {"pad": 0, "eos": 1, "image": 2, "caption": 3, "refine": 4}
    plain = small(320, ids, size=128, width=64, depth=4).to_dict()
    for wrong in (
        {"select": (1, 9)},
        {"connector": "wire"},
        {"image_size": 256},
        {"merge": 3},
        {"stem": (8,)},
    ):
        with pytest.raises(SettingsError, match="MMSeRConfig"):
            MMSeRConfig(**(plain | wrong))


def test_no_model_and_no_look(tmp_path: Path, untrained: tuple[Any, Any]) -> None:
    with pytest.raises(InputError, match="holds no MM-SeR captioner"):
        load(tmp_path)
    with pytest.raises(SettingsError, match="looks must be 1 or more"):
        caption(*untrained, [PICTURE], looks=0)
