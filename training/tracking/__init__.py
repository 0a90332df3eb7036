"""The only package that imports mlflow: runs, the model registry, the model as a service.

Importing it switches mlflow's telemetry off; nothing else in the project may import mlflow first.
"""

from __future__ import annotations

import os

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_UV_AUTO_DETECT", "false")
# A server that does not answer should be reported within seconds, not after mlflow's seven tries.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")

from training.tracking.runs import LoggedData, TrainingRecord, flat_metrics, log_training, training_run
from training.tracking.store import EXPERIMENT, answering_store, connect
from training.tracking.trials import Search, log_search_result, log_trial, search_run

__all__ = [
    "EXPERIMENT",
    "LoggedData",
    "Search",
    "TrainingRecord",
    "answering_store",
    "connect",
    "flat_metrics",
    "log_search_result",
    "log_training",
    "log_trial",
    "search_run",
    "training_run",
]
