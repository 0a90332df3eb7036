"""qclassify: policy documents in, clauses tagged with quality categories out.

    import qclassify

    model = qclassify.load_model()
    document = qclassify.read("labels/documents/quanzhou-2019.txt")
    for prediction in qclassify.tag(document, model).predictions:
        print(prediction.primary, prediction.labels, prediction.unit.text)

Names are loaded when they are first used, so that `qclassify --help` need not load a model's world.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qclassify.bundle import Bundle
    from qclassify.errors import LabelError, ModelError, QClassifyError, ReadError, TaxonomyError
    from qclassify.models import load_model
    from qclassify.reading import read
    from qclassify.records import Contribution, Document, Evidence, Prediction, TaggedDocument, Unit
    from qclassify.segmentation import segment
    from qclassify.tagging import tag, tag_units
    from qclassify.taxonomy import Category, Taxonomy, load_taxonomy

__version__ = "0.1.0"
__all__ = [
    "Bundle",
    "Category",
    "Contribution",
    "Document",
    "Evidence",
    "LabelError",
    "ModelError",
    "Prediction",
    "QClassifyError",
    "ReadError",
    "TaggedDocument",
    "Taxonomy",
    "TaxonomyError",
    "Unit",
    "load_model",
    "load_taxonomy",
    "read",
    "segment",
    "tag",
    "tag_units",
]

_HOMES = {
    "bundle": ("Bundle",),
    "errors": ("LabelError", "ModelError", "QClassifyError", "ReadError", "TaxonomyError"),
    "models": ("load_model",),
    "reading": ("read",),
    "records": ("Contribution", "Document", "Evidence", "Prediction", "TaggedDocument", "Unit"),
    "segmentation": ("segment",),
    "tagging": ("tag", "tag_units"),
    "taxonomy": ("Category", "Taxonomy", "load_taxonomy"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'qclassify' has no attribute {name!r}")
    return getattr(import_module(f"qclassify.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
