"""The model as MLflow serves it: this file is logged beside the model folder and run where it is loaded.

It needs mlflow and qclassify, nothing else of this project. Nothing is unpickled: the model folder is read
and checked by `qclassify.load_model`, as everywhere.
"""

from __future__ import annotations

from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.pyfunc.model import PythonModel, PythonModelContext
from pydantic import BaseModel

import qclassify
from qclassify.heading_path import parse_heading_path

CLAUSE, DOCUMENT = "clause", "document"
MAX_CHARACTERS = 2_000_000


class Item(BaseModel):
    """One text to tag.

    Attributes:
        text: a clause, or a whole document's text.
        kind: `clause` (also when left out) or `document`, which is cut into its clauses first.
        heading_path: of a clause: the headings above it as written, outermost first.
    """

    text: str
    kind: str | None = None
    heading_path: list[str] | None = None


class TaggedClause(BaseModel):
    """One clause with its categories; offsets are half-open code points in the item's text."""

    start: int
    end: int
    text: str
    heading_path: list[str]
    labels: list[str]
    primary: str | None = None
    review: bool
    scores: dict[str, float]


class Answer(BaseModel):
    """What one item gave: one clause, or the clauses of the document in its order."""

    model: str
    clauses: list[TaggedClause]


class Tagger(PythonModel):
    """`list[Item]` → `list[Answer]`, one answer an item in the same order.

    Parameter `min_score`: one probability threshold for all categories; 0 keeps the model's own.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Read and verify the model folder once, when a server starts."""
        self.model = qclassify.load_model(context.artifacts["bundle"])

    # mlflow takes the signature from the hints of a `predict` without context.
    def predict(  # type: ignore[override]
        self, model_input: list[Item], params: dict[str, Any] | None = None
    ) -> list[Answer]:
        """Tag every item.

        Raises:
            MlflowException: an item is empty, too long or of an unknown kind, or `min_score` is no
                probability; a server answers 400.
        """
        asked = float((params or {}).get("min_score", 0.0))
        if not 0 <= asked < 1:
            raise _refused("min_score must lie between 0 and 1; 0 keeps the model's own thresholds")
        for number, item in enumerate(model_input):
            _check(number, item)
        return [self._answer(item, asked or None) for item in model_input]

    def _answer(self, item: Item, min_score: float | None) -> Answer:
        if item.kind == DOCUMENT:
            document = qclassify.Document(item.text, name="request")
            predictions = qclassify.tag(document, self.model, min_score=min_score).predictions
        else:
            predictions = qclassify.tag_units([_clause(item)], self.model, min_score=min_score)
        return Answer(model=self.model.id, clauses=[_tagged(prediction) for prediction in predictions])


def _check(number: int, item: Item) -> None:
    if item.kind not in (None, CLAUSE, DOCUMENT):
        raise _refused(f"item {number}: kind {item.kind!r} is neither {CLAUSE!r} nor {DOCUMENT!r}")
    if not item.text.strip():
        raise _refused(f"item {number}: its text is empty")
    if len(item.text) > MAX_CHARACTERS:
        raise _refused(f"item {number}: {len(item.text)} characters, one item may have {MAX_CHARACTERS}")


def _refused(message: str) -> MlflowException:
    return MlflowException(message, error_code=INVALID_PARAMETER_VALUE)


def _clause(item: Item) -> qclassify.Unit:
    """The item as a clause; white space around it is left out, offsets count in the text as sent."""
    text = item.text.strip()
    start = item.text.index(text)
    titles, numbers = parse_heading_path(item.heading_path or ())
    return qclassify.Unit(start, start + len(text), text, heading_path=titles, heading_nos=numbers)


def _tagged(prediction: qclassify.Prediction) -> TaggedClause:
    unit = prediction.unit
    return TaggedClause(
        start=unit.start,
        end=unit.end,
        text=unit.text,
        heading_path=list(unit.heading_path),
        labels=list(prediction.labels),
        primary=prediction.primary,
        review=prediction.review,
        scores=dict(prediction.scores),
    )


set_model(Tagger())
