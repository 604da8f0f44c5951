"""Makes an experiment with a run on an MLflow server by MLflow's own client, and prints their ids as JSON.

    python make-run.py http://127.0.0.1:5000                          what mlflow-server.test.ts does
    python make-run.py http://127.0.0.1:5000 --record contract.json   also writes what the server answers about them

contract.json was recorded so, from `mlflow server --backend-store-uri sqlite:///mlflow.db`. Needed only to record a newer MLflow; the tests read the file.
"""

import json
import math
import sys
import urllib.error
import urllib.parse
import urllib.request

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

API = "/api/2.0/mlflow/"
UNKNOWN_RUN = "0" * 32


def make(uri):
    client = MlflowClient(uri)
    experiment_id = client.create_experiment(f"churn {mlflow.__version__} {len(client.search_experiments())}")
    other_id = client.create_experiment(f"other {mlflow.__version__} {len(client.search_experiments())}")
    run = client.create_run(experiment_id, run_name="boosted churn")
    run_id = run.info.run_id
    # Logged out of order: the last is the one of the greatest step.
    auc = [(0, 0.71), (2, 0.86), (1, 0.8)]
    metrics = [Metric("auc", value, 1_700_000_000_000 + step, step) for step, value in auc]
    metrics += [
        Metric("loss", math.nan, 1_700_000_000_000, 7),
        Metric("gain", math.inf, 1_700_000_000_000, 0),
        Metric("floor", -math.inf, 1_700_000_000_000, 0),
        Metric("rows", 12_345_678_901.0, 1_700_000_000_000, 3_000_000_000),
    ]
    params = [Param("learning_rate", "0.1"), Param("note", "ä „quoted“\nline")]
    client.log_batch(run_id, metrics=metrics, params=params, tags=[RunTag("team", "growth")])
    client.set_terminated(run_id)
    empty = client.create_run(other_id, run_name="empty").info.run_id
    return {"experimentId": experiment_id, "runId": run_id, "otherExperimentId": other_id, "emptyRunId": empty}


def get(uri, path):
    try:
        with urllib.request.urlopen(uri + path) as response:
            return {"status": response.status, "body": json.load(response)}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": json.load(error)}


def record(uri, ids):
    ask = lambda call, **query: f"{API}{call}?{urllib.parse.urlencode(query)}"
    paths = [
        ask("runs/get", run_id=ids["runId"]),
        ask("runs/get", run_id=ids["emptyRunId"]),
        ask("runs/get", run_id=UNKNOWN_RUN),
        ask("runs/get", run_id="../no run"),
        ask("runs/get", run_id=""),
        ask("experiments/get", experiment_id=ids["experimentId"]),
        ask("experiments/get", experiment_id=ids["otherExperimentId"]),
        ask("experiments/get", experiment_id="999999"),
    ]
    return {"mlflow": mlflow.__version__, "ids": ids, "answers": {path: get(uri, path) for path in paths}}


if __name__ == "__main__":
    uri = sys.argv[1]
    ids = make(uri)
    if sys.argv[2:3] == ["--record"]:
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            json.dump(record(uri, ids), file, indent=2, ensure_ascii=False)
            file.write("\n")
    print(json.dumps(ids))
