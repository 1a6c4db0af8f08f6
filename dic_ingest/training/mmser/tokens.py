"""A tokenizer of its own for a captioner trained from scratch: byte-level BPE over the training captions.

In: texts. Out: a transformers tokenizer with the tokens <pad>, </s>, <image>, <caption> and <refine>.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

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
