"""What a node is, and how nodes are cut."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from dic_ingest.errors import SettingsError
from dic_ingest.model.box import Box
from dic_ingest.nodes.tokenizer import Count, check_tokenizer, counter
from dic_ingest.settings_file import check_names, checked_value, named_fields

NODE_TYPES = ("text", "table", "figure", "equation", "code")
FORMATS = ("markdown", "html", "json")
Value: TypeAlias = str | int | float | bool
Metadata: TypeAlias = dict[str, Value]


@named_fields
@dataclass(frozen=True, slots=True)
class NodeSettings:
    """How a document is cut into nodes. Sizes are tokens as `tokenizer` counts them.

    In Python `tokenizer` may be a function of a text to its number of tokens.
    """

    text_tokens: int = 256  # about 1000 characters; paragraphs of a section are joined up to this
    table_tokens: int = 400  # longer tables are cut between rows, the header repeated
    figure_tokens: int = 800  # below the 1024 of LlamaIndex's default splitter, which would copy the picture
    caption_tokens: int = (
        64  # the short caption in the metadata: shown to language models, so part of each chunk
    )
    sentences: int = 2  # sentences of the text that speak of a figure and are repeated in its node
    mermaid_chars: int = 12_000  # longer graphs stay in document.json: many stores cap metadata at 40 kB
    furniture: bool = False  # running headers, footers and page numbers as text, too
    image_bytes: int = 0  # most bytes of a JPEG of the crop, as base64 in the node's image_data; 0: none
    # only nodes of these types: text, table, figure, equation, code; empty: all
    types: frozenset[str] = frozenset()
    # the whole document with figures in place, which a run also writes: "markdown" (document.md), "html"
    # (document.html); "json" (document.json) is always there
    formats: frozenset[str] = frozenset({"markdown"})
    # what counts tokens: "" an estimate from the letters (rather too many than too few),
    # "tiktoken:cl100k_base" (or another encoding), "hf:/path/to/tokenizer.json"; no file is fetched
    tokenizer: str | Count = ""

    def __post_init__(self) -> None:
        for field_name in self.__slots__:
            value = checked_value(type(self), field_name, getattr(self, field_name), f"nodes.{field_name}")
            object.__setattr__(self, field_name, value)
        for name, least in (
            ("text_tokens", 32),
            ("table_tokens", 32),
            ("figure_tokens", 64),
            ("caption_tokens", 8),
            ("sentences", 0),
            ("mermaid_chars", 0),
            ("image_bytes", 0),
        ):
            if getattr(self, name) < least:
                raise SettingsError(f"nodes.{name} must be at least {least}, got {getattr(self, name)}")
        check_names(self.types, NODE_TYPES, "nodes.types")
        check_names(self.formats, FORMATS, "nodes.formats")
        check_tokenizer(self.tokenizer)

    def takes(self, node_type: str) -> bool:
        """Whether nodes of `node_type` are made."""
        return not self.types or node_type in self.types

    @property
    def count(self) -> Count:
        """The function that counts tokens; raises SettingsError or MissingExtraError as `counter`."""
        return counter(self.tokenizer)


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """One node. `type` is text, table, figure, equation or code; `metadata` is flat, without volatile values.

    `image` is the crop's path, "" for none; `image_data` a JPEG of it as base64, where settings ask for that;
    `prev`, `next` and `parent` are ids, "" for none.
    """

    id: str
    text: str
    metadata: Metadata
    type: str = "text"
    image: str = ""
    prev: str = ""
    next: str = ""
    parent: str = ""
    image_data: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: one line of nodes.jsonl."""
        return {k: v for k, v in asdict(self).items() if v or k != "image_data"}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NodeRecord:
        """Rebuild from `data`, `to_dict` output; raises TypeError on another shape."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class NodeDraft:
    """A node before it knows its neighbours; `blocks` are the ids of the blocks in it, `id` "" if merged."""

    type: str
    page: int
    text: str
    blocks: tuple[str, ...]
    boxes: tuple[Box, ...] = ()
    section: str = ""
    id: str = ""
    parent: str = ""
    image: str = ""
    extra: Metadata = field(default_factory=dict)
