"""`DICReader(emit="document")` documents into nodes with SOURCE, PREVIOUS, NEXT, PARENT and CHILD relations.

Other documents in the same list (a .txt beside the PDFs) go through LlamaIndex's sentence splitter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from llama_index.core.bridge.pydantic import Field, field_serializer
from llama_index.core.node_parser import NodeParser, SentenceSplitter
from llama_index.core.schema import BaseNode, NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.utils import get_tqdm_iterable

from dic_ingest.llamaindex.convert import file_keys, scope_of, to_node
from dic_ingest.llamaindex.document import parsed_of
from dic_ingest.llamaindex.fields import checked_fields
from dic_ingest.model.document import Document
from dic_ingest.nodes import NodeRecord, NodeSettings, to_nodes


class DICNodeParser(NodeParser):
    """Text, table and figure nodes in reading order. Ids follow from the document's id and the content."""

    text_tokens: int = Field(default=256, description="Paragraphs of a section are joined up to this size.")
    table_tokens: int = Field(default=400, description="Longer tables are cut between rows.")
    figure_tokens: int = Field(default=800, description="Longer figure texts go on in sibling nodes.")
    tokenizer: str | Callable[[str], int] = Field(
        default="", description="What counts tokens: as `tokenizer` of the node settings, or a function."
    )
    node_types: list[str] = Field(
        default_factory=list, description="Only text, table, figure, equation or code; by default all."
    )
    image_root: str = Field(default="", description="Folder of the crops, if they moved since reading.")
    other_tokens: int = Field(default=512, description="Chunk size for documents of other readers.")

    def __init__(self, **fields: Any) -> None:
        """A parser with the fields given.

        Raises:
            SettingsError: a field that does not exist, with the nearest one; a wrong value, with its name.
        """
        with checked_fields(type(self), fields):
            super().__init__(**fields)
        self._settings()

    def _settings(self) -> NodeSettings:
        return NodeSettings(
            self.text_tokens,
            self.table_tokens,
            self.figure_tokens,
            types=frozenset(self.node_types),
            tokenizer=self.tokenizer,
        )

    @field_serializer("tokenizer")
    def _name_of(self, tokenizer: str | Callable[[str], int]) -> str:
        """A function by its place: it cannot be loaded from that, and a cache tells it from another."""
        if isinstance(tokenizer, str):
            return tokenizer
        named = getattr(tokenizer, "__qualname__", type(tokenizer).__qualname__)
        return f"function {getattr(tokenizer, '__module__', '')}.{named}"

    @classmethod
    def class_name(cls) -> str:
        """Name used in serialisation."""
        return "DICNodeParser"

    def _parse_nodes(
        self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any
    ) -> list[BaseNode]:
        found: list[BaseNode] = []
        for node in get_tqdm_iterable(nodes, show_progress, "Parsing nodes"):
            document = parsed_of(node)
            found += self._split(node) if document is None else self._nodes(node, document)
        return found

    def _nodes(self, source: BaseNode, document: Document) -> list[TextNode]:
        settings = self._settings()
        folder = self.image_root or source.metadata.get("dic_folder") or ""
        scope = scope_of(source.node_id)
        records = to_nodes(document, settings, Path(folder) if folder else None, scope=scope)
        info = source.as_related_node_info()
        made = [to_node(r) for r in records]
        for node in made:
            node.relationships[NodeRelationship.SOURCE] = info
            node.metadata["dic_doc_id"] = source.node_id
            if self.include_metadata:
                self._inherit(node, source)
        relate(made, records, neighbours=self.include_prev_next_rel)
        return made

    def _inherit(self, node: TextNode, source: BaseNode) -> None:
        node.metadata = {**source.metadata, **node.metadata, **file_keys(source.metadata)}
        node.excluded_embed_metadata_keys = [
            *dict.fromkeys((*node.excluded_embed_metadata_keys, *source.excluded_embed_metadata_keys))
        ]
        node.excluded_llm_metadata_keys = [
            *dict.fromkeys((*node.excluded_llm_metadata_keys, *source.excluded_llm_metadata_keys))
        ]

    def _split(self, node: BaseNode) -> list[BaseNode]:
        splitter = SentenceSplitter(
            chunk_size=self.other_tokens,
            chunk_overlap=min(64, self.other_tokens // 8),
            include_metadata=self.include_metadata,
            include_prev_next_rel=self.include_prev_next_rel,
            id_func=_numbered,
        )
        return splitter.get_nodes_from_documents([node])  # type: ignore[list-item]

    def _postprocess_parsed_nodes(
        self, nodes: list[BaseNode], parent_doc_map: dict[str, LlamaDocument]
    ) -> list[BaseNode]:
        # Relations are set already. The base class would copy a neighbour's whole metadata, Mermaid included,
        # into every node.
        for node in nodes:
            parent = parent_doc_map.get(node.ref_doc_id or "")
            if parent is not None and parent.source_node is not None:
                node.relationships[NodeRelationship.SOURCE] = parent.source_node
        return nodes


def relate(nodes: Sequence[TextNode], records: Sequence[NodeRecord], neighbours: bool = True) -> None:
    """Set PREVIOUS, NEXT, PARENT and CHILD on nodes as their records say."""
    infos = {n.node_id: slim_info(n) for n in nodes}
    children: dict[str, list[RelatedNodeInfo]] = {}
    for record in records:
        if record.parent in infos:
            children.setdefault(record.parent, []).append(infos[record.id])
    for node, record in zip(nodes, records, strict=True):
        ties = [(NodeRelationship.PARENT, record.parent)]
        if neighbours:
            ties += [(NodeRelationship.PREVIOUS, record.prev), (NodeRelationship.NEXT, record.next)]
        for relation, other in ties:
            if other in infos:
                node.relationships[relation] = infos[other]
        if record.id in children:
            node.relationships[NodeRelationship.CHILD] = [*children[record.id]]


def slim_info(node: BaseNode) -> RelatedNodeInfo:
    """A relation's end without the other node's metadata but for its page and type."""
    small = {k: v for k, v in node.metadata.items() if k in ("page", "dic_type")}
    return RelatedNodeInfo(node_id=node.node_id, node_type=node.get_type(), metadata=small, hash=node.hash)


def _numbered(i: int, doc: BaseNode) -> str:
    return f"{scope_of(doc.node_id)}-{i}"
