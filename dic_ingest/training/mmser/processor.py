"""Pictures and prompts for the small captioner, in transformers' own forms.

In: PIL images of any size and mode, and texts with <image> in them. Out: square grey or RGB tensors in -1..1,
and token ids with as many placeholders as the model has visual tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import BatchFeature, PreTrainedTokenizerFast, ProcessorMixin
from transformers.image_processing_utils import BaseImageProcessor

from dic_ingest.training.mmser.config import MMSeRConfig
from dic_ingest.training.mmser.pictures import letterbox, normalised

PAD, EOS, IMAGE, CAPTION, REFINE = SPECIAL = ("<pad>", "</s>", "<image>", "<caption>", "<refine>")
# the picture, and the token that starts a caption; what a message says besides is not looked at
CHAT = (
    "{% for m in messages %}{% if m['content'] is not string %}{% for p in m['content'] %}"
    "{% if p['type'] == 'image' %}<image>{% endif %}{% endfor %}{% endif %}{% endfor %}<caption>"
)


def train_tokenizer(texts: Iterable[str], size: int = 4000) -> Any:
    """A tokenizer of at most `size` tokens that can write any text."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(SPECIAL), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    core.train_from_iterator(texts, trainer)
    return wrapped(core)


def wrapped(core: Any) -> Any:
    """The transformers form of a tokenizer that knows the special tokens."""
    made = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token=PAD, eos_token=EOS, model_max_length=1536, padding_side="left",
        additional_special_tokens=[IMAGE, CAPTION, REFINE], clean_up_tokenization_spaces=False,
    )  # fmt: skip
    made.chat_template = CHAT
    return made


def token_ids(tokenizer: Any) -> dict[str, int]:
    """The special tokens' numbers, as `config.small` wants them."""
    names = ("pad", "eos", "image", "caption", "refine")
    return dict(zip(names, tokenizer.convert_tokens_to_ids(list(SPECIAL)), strict=True))


class MMSeRImageProcessor(BaseImageProcessor):  # type: ignore[misc]
    """Letterboxed pictures as `pixel_values` of shape (pictures, channels, side, side)."""

    model_input_names = ["pixel_values"]  # noqa: RUF012

    def __init__(self, side: int = 512, grey: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.side, self.grey = side, grey

    def __call__(self, images: Any, *args: Any, **kwargs: Any) -> Any:
        """`images`: one, a list, or a list of lists."""
        return self.preprocess(images, **kwargs)

    def preprocess(self, images: Any, **kwargs: Any) -> Any:
        """See the class."""
        made = [np.asarray(letterbox(i, self.side, self.grey)) for i in _flat(images)]
        stacked = np.stack([normalised(m[None] if m.ndim == 2 else m.transpose(2, 0, 1)) for m in made])
        return BatchFeature({"pixel_values": torch.from_numpy(stacked)})


class MMSeRProcessor(ProcessorMixin):  # type: ignore[misc]
    """Image processor and tokenizer together; each <image> becomes the model's number of placeholders."""

    def __init__(
        self,
        image_processor: Any = None,
        tokenizer: Any = None,
        image_tokens: int = 256,
        chat_template: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.image_tokens, self.image_token = image_tokens, IMAGE
        self.image_token_id = tokenizer.convert_tokens_to_ids(IMAGE)
        super().__init__(image_processor, tokenizer, chat_template=chat_template or tokenizer.chat_template)

    @classmethod
    def from_pretrained(cls, folder: Any, **where: Any) -> MMSeRProcessor:
        """The processor of a saved captioner: sizes from its config, words from its tokenizer.

        Without transformers' automatic classes, which ask for torchvision.
        """
        config = MMSeRConfig.from_pretrained(folder, **where)
        words = PreTrainedTokenizerFast.from_pretrained(folder, **where)
        images = MMSeRImageProcessor(config.image_size, config.image_channels == 1)
        return cls(images, words, config.image_tokens)

    def replace_image_token(self, image_inputs: Any, image_idx: int, **kwargs: Any) -> str:
        """A picture's placeholders."""
        return self.image_token * self.image_tokens


def _flat(images: Any) -> Iterable[Image.Image]:
    if isinstance(images, Image.Image):
        yield images
    else:
        for one in images:
            yield from _flat(one)
