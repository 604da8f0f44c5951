"""Writes evaluations.json with the multiclass and regression metrics of scikit-learn, and histograms and quantiles of numpy.
Needed only to add cases; the tests read the file.

    pip install scikit-learn && python generate-evaluations.py

Samples are described, not stored, as in generate-golden.py.
"""

import json
import math
import pathlib

import numpy as np
import sklearn
from sklearn import metrics

MODULUS = 2147483647


def uniforms(seed, n):
    state, values = seed, []
    for _ in range(n):
        state = state * 48271 % MODULUS
        values.append(state / MODULUS)
    return values


def multiclass(seed, n, classes, occurring, steps):
    """Labels are drawn from the first `occurring` of the classes."""
    u = uniforms(seed, n * classes + 2 * n)
    probabilities, labels = [], []
    for row in range(n):
        weights = [math.floor(x * steps) + 1 for x in u[row * classes : (row + 1) * classes]]
        probabilities.append([weight / sum(weights) for weight in weights])
        follows, drawn = u[n * classes + 2 * row : n * classes + 2 * row + 2]
        best = weights.index(max(weights))
        labels.append(best if follows < 0.5 and best < occurring else math.floor(drawn * occurring))
    truth, scores = np.array(labels), np.array(probabilities)
    predicted = scores.argmax(axis=1)
    names = list(range(classes))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, predicted, labels=names, zero_division=np.nan
    )
    aucs = [metrics.roc_auc_score(truth == k, scores[:, k]) for k in sorted(set(labels))]
    auc = metrics.roc_auc_score(truth, scores, multi_class="ovr") if len(aucs) == classes else float(np.mean(aucs))
    plain = lambda values: [None if math.isnan(value) else float(value) for value in values]
    return {
        "seed": seed,
        "n": n,
        "classes": classes,
        "occurring": occurring,
        "steps": steps,
        "accuracy": metrics.accuracy_score(truth, predicted),
        "balancedAccuracy": metrics.recall_score(truth, predicted, labels=sorted(set(labels)), average="macro"),
        "f1Macro": metrics.f1_score(truth, predicted, average="macro"),
        "f1Weighted": metrics.f1_score(truth, predicted, average="weighted"),
        "logLoss": metrics.log_loss(truth, scores, labels=names),
        "aucMacro": auc,
        "confusionMatrix": metrics.confusion_matrix(truth, predicted, labels=names).tolist(),
        "precisions": plain(precision),
        "recalls": plain(recall),
        "f1s": plain(f1),
        "averagePrecisions": plain(
            [metrics.average_precision_score(truth == k, scores[:, k]) if support[k] else math.nan for k in names]
        ),
    }


def regression(seed, n, steps):
    u = uniforms(seed, 2 * n)
    actual = np.array([10 * x + 1 for x in u[:n]])
    predicted = np.array([math.floor((10 * u[row] + 3 * u[n + row]) * steps) / steps for row in range(n)])
    residuals = actual - predicted
    counts, edges = np.histogram(residuals, bins=30)
    order = np.lexsort((actual, predicted))
    decile = 10 * np.searchsorted(predicted[order], predicted[order], side="left") // n
    deciles = [decile == k for k in sorted(set(decile))]
    return {
        "seed": seed,
        "n": n,
        "steps": steps,
        "rmse": metrics.root_mean_squared_error(actual, predicted),
        "mae": metrics.mean_absolute_error(actual, predicted),
        "medianAbsoluteError": metrics.median_absolute_error(actual, predicted),
        "r2": metrics.r2_score(actual, predicted),
        "mape": metrics.mean_absolute_percentage_error(actual, predicted),
        "histogramEdges": edges.tolist(),
        "histogramCounts": counts.tolist(),
        "quantiles": np.quantile(residuals, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]).tolist(),
        "decileRows": [int(rows.sum()) for rows in deciles],
        "decilePredicted": [float(predicted[order][rows].mean()) for rows in deciles],
        "decileActual": [float(actual[order][rows].mean()) for rows in deciles],
    }


golden = {
    "made_by": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "multiclass": [
        multiclass(3, 60, 3, 3, 1000000),
        multiclass(5, 200, 5, 5, 6),
        multiclass(9, 90, 4, 3, 50),
        multiclass(17, 40, 6, 4, 3),
    ],
    "regression": [regression(2, 50, 1000000), regression(4, 400, 8), regression(6, 7, 100), regression(8, 300, 1)],
}
pathlib.Path(__file__).with_name("evaluations.json").write_text(json.dumps(golden) + "\n")
