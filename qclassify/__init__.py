"""qclassify: policy documents in, clauses tagged with quality categories out.

from pathlib import Path
import qclassify

model = qclassify.load_model()
document = qclassify.read(Path("labels/documents/quanzhou-2019.txt"))
tagged = qclassify.tag(document, model)
for prediction in tagged.predictions:
    print(prediction.primary, prediction.labels, prediction.unit.text)
"""

from __future__ import annotations

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
