"""A model trained in a second on a few dozen labelled clauses, for tests of the model folder and of scoring."""

from unittest import mock

from labels_folder import json_lines, write_labels

from training.dataset import load_dataset
from training.decisions import fit_decision
from training.evaluation import clause_text, fit_pipeline, label_matrix, pipeline_scores
from training.export import export_bundle
from training.recipe import load_recipe

RECIPE = """name = "small"
seed = 7
[data]
written = true
source_weight = 2.0
[[field]]
name = "words"
source = "clause"
terms = "words"
low = 1
high = 3
weight = 1.0
min_count = 1
[[field]]
name = "chars"
source = "clause"
terms = "chars"
low = 2
high = 4
weight = 0.8
min_count = 2
norm_power = 0.7
[[field]]
name = "heading"
source = "heading"
terms = "chars"
low = 1
high = 2
weight = 0.75
min_count = 1
[[field]]
name = "path"
source = "path"
terms = "words"
low = 1
high = 1
weight = 0.5
min_count = 1
[[learner]]
kind = "svm"
c = 0.5
nb_smoothing = 0.1
nb_power = 0.5
share = 1.0
[decision]
thresholds = "fixed"
fixed_threshold = 0.5
review_precision = 0.95
"""
THINGS = ["蔬菜", "粮食", "猪肉", "成品油", "食用油", "鸡蛋", "ISO 9001证书", "5.8万吨大米"]
TEXTS = {
    ("price",): ["稳定{}价格。", "对{}价格实行动态监测;", "控制{}涨价幅度,公布{}指导价。"],
    ("supply",): ["增加{}供给,轮换库存。", "扩大{}储备规模", "保障{}供应、畅通{}运输。"],
    ("price", "supply"): ["增加{}供给,稳定{}价格。"],
}
NO_LABEL = ["特此通知。", "请认真贯彻执行。", "本方案自印发之日起施行。"]
HEADINGS = [[], ["一 重点任务"], ["一 重点任务", "(一)保供稳价"], ["二 保障措施"], ["工作目标", "1.价格监测"]]


def written_rows():
    """Every text with every thing; headings take turns."""
    made = [
        (text.format(thing, thing), labels) for labels in TEXTS for text in TEXTS[labels] for thing in THINGS
    ]
    made += [(text, ()) for text in NO_LABEL]
    return [
        {
            "id": f"w:{n}",
            "origin": "written",
            "headings": HEADINGS[n % len(HEADINGS)],
            "text": text,
            "labels": list(labels),
            "primary": labels[0] if labels else None,
        }
        for n, (text, labels) in enumerate(made)
    ]


def fitted(folder):
    """(pipeline, decision, dataset, recipe), fitted on a small labels folder that is written below `folder`."""
    labels = write_labels(folder / "labels")
    (labels / "written/a.jsonl").write_text(json_lines(written_rows()), "utf-8")
    (labels / "written/b.jsonl").unlink()
    (folder / "small.toml").write_text(RECIPE, "utf-8")
    dataset, recipe = load_dataset(labels), load_recipe(folder / "small.toml")
    pipeline = fit_pipeline(recipe, dataset)
    scores = pipeline_scores(pipeline, [clause_text(clause) for clause in dataset.written])
    truth = label_matrix(dataset.written, dataset.taxonomy)
    return pipeline, fit_decision(scores, truth, recipe.decision), dataset, recipe


def export(models, pipeline, decision, dataset, recipe):
    """Write the model folder into `models`; the card, which tells of a whole evaluation, is a stand-in."""
    with mock.patch("training.export.model_card", return_value="# Model card: small\n"):
        return export_bundle(pipeline, decision, dataset, recipe, {"lodo": {}}, {"commit": "none"}, models)
