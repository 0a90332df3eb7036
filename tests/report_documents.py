"""Tagged documents and pages that several tests share."""

import io
from functools import cache
from pathlib import Path

import qclassify
from qclassify.comparing import COUNTERPART, compare
from qclassify.records import Prediction, TaggedDocument
from qclassify.rendering.model_facts import model_facts
from qclassify.rendering.report import write_report
from qclassify.rendering.report.comparison import write_comparison
from qclassify.scoring import explain
from qclassify.tagging_output import known_rates

ROOT = Path(__file__).parent.parent
# Everything that a careless page would run, fetch, or stumble over; 𠮷 and 😀 take two units in UTF-16.
HOSTILE = (
    "关于<script>alert(1)</script>提升质量的实施方案\n\n"
    '一、提升"产品"质量</script><img src=x onerror=alert(2)>\n'
    "加强𠮷林产品质量监督抽查😀,健全缺陷产品召回制度&nbsp;&lt;b&gt;。\n"
    '=HYPERLINK("http://example.com")培育知名品牌,加强商标保护。\n'
    "二、加强\u0000组织领导\n"
    "落实`质量`工作*责任*,开展|考核|,</textarea><!-- 强化问责。\n"
)


@cache
def model():
    return qclassify.load_model()


@cache
def tagged(name: str) -> TaggedDocument:
    return qclassify.tag(qclassify.read(ROOT / "labels" / "documents" / f"{name}.txt"), model())


@cache
def hostile() -> TaggedDocument:
    document = qclassify.read(HOSTILE.encode("utf-8"), name="<b>hostile</b>.txt")
    return qclassify.tag(document, model())


def page(*documents: TaggedDocument, language="zh", min_score=None, bundle=None) -> str:
    bundle = bundle or model()
    facts = model_facts(bundle, min_score, known_rates(bundle, min_score))
    stream = io.StringIO()
    write_report(
        stream,
        [(document, ()) for document in documents],
        facts,
        lambda unit: explain(unit, bundle),
        language,
    )
    return stream.getvalue()


def compared(first: TaggedDocument, second: TaggedDocument) -> str:
    facts = model_facts(model(), None, known_rates(model(), None))
    stream = io.StringIO()
    write_comparison(stream, compare(first, second), COUNTERPART, facts)
    return stream.getvalue()


def marked_for_review(document: TaggedDocument, every: int) -> TaggedDocument:
    """The document with every so-many-th clause marked, whatever the model is sure of."""
    predictions = tuple(
        Prediction(p.unit, p.scores, p.labels, p.primary, position % every == 0, p.model)
        for position, p in enumerate(document.predictions)
    )
    return TaggedDocument(document.document, document.units, predictions)
