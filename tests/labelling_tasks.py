"""Tasks to send through the formats of annotation tools: tables of odd ones, and strategies."""

from hypothesis import strategies as st
from labels_folder import TAXONOMY

from qclassify.taxonomy import load_taxonomy
from training.labelled_clauses import Annotation
from training.labelling.tasks import Suggestion, Task

IDS = ("price", "supply")
SUGGESTION = Suggestion("small-1", ("price",), "price", {"price": 0.9, "supply": 0.2}, 0.5)
ODD_TEXTS = {
    "plain": "稳定蔬菜价格。",
    "formula": "=1+1,稳定蔬菜价格。",
    "minus": "-稳定",
    "at": "@SUM(稳定)",
    "address": "https://example.org/稳定",
    "number": "007",
    "yes": "是",
    "true": "TRUE",
    "control characters": "稳\x01定\x0b蔬\x1f菜",
    "carriage return": "稳定\r\n蔬菜\r价格",
    "tab": "稳定\t蔬菜",
    "spreadsheet escape": "稳定_x0041_蔬菜_x000D_",
    "escape of an escape": "_x005F_x0041_",
    "not a character": "稳定\ufffe蔬菜\uffff",
    "byte order mark": "\ufeff稳定",
    "no-break and ideographic space": "稳定\u00a0蔬菜\u3000价格",
    "line separator": "稳定\u2028蔬菜\u0085价格",
    "beyond the first plane": "稳定𠀀😀蔬菜",
    "combining": "e\u0301稳定",
    "full width": "ＧＢ／Ｔ１９００１",
    "markup": '<b a="x">稳定</b> &amp; ]]>',
    "quotes": "\"稳定\" '蔬菜' \\n",
    "fastText label": "__label__price 稳定 __label__x",
    "label in a word": "稳定__label__price",
    "separators": "稳定 > 蔬菜,价格;#",
    "a mark": "primary:price no-label",
}


def taxonomy(folder, text=TAXONOMY):
    path = folder / "taxonomy.toml"
    path.write_text(text, "utf-8")
    return load_taxonomy(path)


def answer(labels, primary, annotator="li", **rest):
    return Annotation(annotator, labels, primary, **rest)


ANSWERS = [
    None,
    answer((), None),
    answer(("price",), "price"),
    answer(("supply",), "supply", sure=False),
    answer(("price", "supply"), "price"),
    answer(("price", "supply"), "supply", "王 wu", sure=False, batch="2026-11", note="=不确定?"),
]

# Half a character cannot be written to a file of utf-8; NUL and white space at an end are no clause's.
characters = st.characters(exclude_categories=("Cs",))
words = st.text(characters, min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and text.strip("\x00\ufeff")
)
names = st.from_regex(r"[a-z王李][a-z0-9_.@-]{0,8}", fullmatch=True)


@st.composite
def annotations(draw):
    labels = draw(st.sets(st.sampled_from(IDS)))
    ordered = tuple(x for x in IDS if x in labels)
    primary = draw(st.sampled_from(ordered)) if ordered else None
    batch = draw(st.sampled_from(["", "2026-11-25", "第1批"]))
    note = draw(st.one_of(st.just(""), words))
    return Annotation(draw(names), ordered, primary, draw(st.booleans()), batch, note)


@st.composite
def tasks(draw):
    """Up to five tasks with different ids and different words."""
    made = []
    texts = draw(
        st.lists(
            words,
            max_size=5,
            unique_by=lambda t: "".join(t.replace("\x00", " ").replace("\ufeff", " ").split()),
        )
    )
    for number, text in enumerate(texts):
        levels = draw(
            st.lists(st.tuples(st.one_of(st.just(""), words), st.one_of(st.just(""), words)), max_size=3)
        )
        place = (
            ("plan", start := draw(st.integers(0, 9999)), start + len(text))
            if draw(st.booleans())
            else (None,) * 3
        )
        made.append(
            Task(
                f"{draw(names)}:{number}",
                text,
                tuple(title for title, _ in levels),
                tuple(own for _, own in levels),
                *place,
                suggestion=draw(st.sampled_from([None, SUGGESTION])),
                answer=draw(st.one_of(st.none(), annotations())),
            )
        )
    return made
