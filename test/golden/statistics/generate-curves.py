"""Writes curves.json with the evaluation curves of scikit-learn. Needed only to add cases; the tests read the file.

    pip install scikit-learn && python generate-curves.py

Samples are described, not stored, as in generate-golden.py.
"""

import json
import math
import pathlib

import sklearn
from sklearn import calibration, metrics

MODULUS = 2147483647


def uniforms(seed, n):
    state, values = seed, []
    for _ in range(n):
        state = state * 48271 % MODULUS
        values.append(state / MODULUS)
    return values


def case(seed, n, steps):
    u = uniforms(seed, 2 * n)
    probabilities = [math.floor(x * (steps + 1)) / steps for x in u[:n]]
    labels = [int(x < 0.2 + 0.5 * probabilities[row]) for row, x in enumerate(u[n:])]
    fpr, tpr, _ = metrics.roc_curve(labels, probabilities, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(labels, probabilities)
    observed, predicted = calibration.calibration_curve(labels, probabilities, n_bins=10)
    return {
        "seed": seed,
        "n": n,
        "steps": steps,
        "falsePositiveRates": fpr.tolist(),
        "truePositiveRates": tpr.tolist(),
        "precisions": precision[::-1].tolist(),
        "recalls": recall[::-1].tolist(),
        "observed": observed.tolist(),
        "predicted": predicted.tolist(),
        "auc": metrics.roc_auc_score(labels, probabilities),
        "averagePrecision": metrics.average_precision_score(labels, probabilities),
    }


golden = {
    "made_by": f"scikit-learn {sklearn.__version__}",
    "curves": [case(1, 30, 1000000), case(7, 80, 20), case(11, 120, 10), case(13, 60, 3)],
}
pathlib.Path(__file__).with_name("curves.json").write_text(json.dumps(golden) + "\n")
