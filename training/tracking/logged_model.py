"""A model folder → an MLflow model that loads and serves anywhere qclassify is installed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.models import Model

import qclassify
from training.tracking.store import ANONYMOUS

MODEL_NAME = "qclassify"
SERVED = Path(__file__).with_name("served_model.py")
# A clause with its headings, and a whole document; the parameter stands for the model's own thresholds.
EXAMPLE = (
    [
        {
            "text": "建立健全农产品质量安全追溯体系。",
            "kind": "clause",
            "heading_path": ["三、重点任务", "（一）提升农产品质量"],
        },
        {
            "text": "质量强市行动方案\n一、工作目标\n打造一批区域品牌。\n二、保障措施\n加强组织领导，落实部门责任。\n",
            "kind": "document",
            "heading_path": [],
        },
    ],
    {"min_score": 0.0},
)


def log_served_model(folder: Path, tags: dict[str, str]) -> str:
    """Log a model folder as a typed python function to the active run; returns the logged model's id.

    Requirements are given, not inferred: inferring imports the model in a process of its own and asks pip.
    """
    info = mlflow.pyfunc.log_model(
        name=MODEL_NAME,
        python_model=str(SERVED),
        artifacts={"bundle": str(folder)},
        pip_requirements=[f"qclassify=={qclassify.__version__}"],
        input_example=EXAMPLE,
        tags={**ANONYMOUS, **tags},
    )
    _leave_out_paths(info.model_id, info.model_uri)
    return str(info.model_id)


def _leave_out_paths(model_id: str, uri: str) -> None:
    """Take this machine's paths out of the `MLmodel` file that mlflow has written."""
    model = Model.load(uri)
    model.artifact_path = MODEL_NAME
    function = model.flavors["python_function"]
    function["model_code_path"] = SERVED.name
    for artifact in function["artifacts"].values():
        artifact["uri"] = artifact["path"]
    with tempfile.TemporaryDirectory() as scratch:
        model.save(str(Path(scratch) / "MLmodel"))
        MlflowClient().log_model_artifact(model_id, str(Path(scratch) / "MLmodel"))
