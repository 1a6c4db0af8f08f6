"""Untrusted XML -> an element tree, with its size and depth bounded.

A document type with entities, an element nested too deeply, or too many elements is an error. Nothing outside
the text is read.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from dic_ingest.errors import BrokenFileError, LimitError
from dic_ingest.sources.diagram_files.limits import DiagramLimits

ELEMENTS_PER_CELL = 20  # elements of XML that one shape may take


def parse_xml(data: bytes | str, name: str, limits: DiagramLimits) -> Element:
    """The root element; names are "{namespace}name" as in `xml.etree`.

    Raises:
        BrokenFileError: no well-formed XML, or one that declares entities. LimitError: too deep or too large.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    parser = expat.ParserCreate(encoding="utf-8" if isinstance(data, str) else None, namespace_separator="}")
    parser.buffer_text = True
    reader = _TreeReader(name, limits)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.builder.data
    parser.EntityDeclHandler = reader.entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(raw, True)
        return reader.builder.close()
    except expat.ExpatError as error:
        raise BrokenFileError(f"{name} is no well-formed XML: {error}. Save it again.") from error
    except (ValueError, LookupError, AssertionError) as error:
        raise BrokenFileError(f"{name} is no XML that can be read: {error}. Save it again.") from error


class _TreeReader:
    def __init__(self, name: str, limits: DiagramLimits) -> None:
        self.name, self.limits = name, limits
        self.builder = TreeBuilder()
        self.depth = self.count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > self.limits.max_depth or self.count > self.limits.max_cells * ELEMENTS_PER_CELL:
            raise LimitError(
                f"{self.name} nests or repeats its elements beyond DiagramLimits.max_depth or max_cells. "
                "Raise them to read it."
            )
        self.builder.start(_named(tag), {_named(k): v for k, v in attributes.items()})

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.builder.end(_named(tag))

    def entity(self, *declared: object) -> None:
        raise BrokenFileError(f"{self.name} declares XML entities, which are not read. Save it without them.")


def _named(tag: str) -> str:
    return "{" + tag if "}" in tag else tag


def local(tag: object) -> str:
    """The name of an element without its namespace."""
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""
