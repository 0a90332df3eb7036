"""What to call a document."""

from __future__ import annotations

from pathlib import PurePath

from qclassify.records import TaggedDocument


def document_title(tagged: TaggedDocument) -> str:
    """The document's own title, else the name of its file."""
    own = tagged.document.meta.get("title") or next(
        (unit.text for unit in tagged.units if unit.kind == "title"), ""
    )
    return " ".join(own.split()) or PurePath(tagged.document.name).stem
