"""Writes performance.json with metrics and intervals of scikit-learn, scipy and plain numpy. Needed only to add cases; the tests read the file.

    pip install scikit-learn scipy numpy && python generate-performance.py

Samples are described, not stored, as in generate-golden.py. What no library offers (DeLong's variance, the jackknife of average precision, expected
confusion) is computed here from its definition, pair by pair or by taking derivatives numerically, not by the formulas of the code under test.
"""

import json
import math
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import special, stats
from sklearn import metrics

MODULUS = 2147483647
Z = stats.norm.ppf(0.975)


def uniforms(seed, n):
    state, values = seed, []
    for _ in range(n):
        state = state * 48271 % MODULUS
        values.append(state / MODULUS)
    return values


def wilson(hits, trials):
    interval = stats.binomtest(int(hits), int(trials)).proportion_ci(0.95, method="wilson")
    return [interval.low, interval.high]


def log_odds(value, error):
    return special.expit(special.logit(value) + np.array([-1, 1]) * Z * error / (value * (1 - value))).tolist()


def delong(labels, scores):
    positives, negatives = scores[labels == 1], scores[labels == 0]
    wins = (positives[:, None] > negatives[None, :]) + 0.5 * (positives[:, None] == negatives[None, :])
    variance = wins.mean(axis=1).var(ddof=1) / len(positives) + wins.mean(axis=0).var(ddof=1) / len(negatives)
    return log_odds(wins.mean(), math.sqrt(variance))


def jackknife(labels, scores):
    """The infinitesimal jackknife by numerical derivatives of scikit-learn's weighted average precision."""
    step, effects = 1e-5, []
    for row in range(len(labels)):
        weights = np.ones(len(labels))
        weights[row] = 1 + step
        up = metrics.average_precision_score(labels, scores, sample_weight=weights)
        weights[row] = 1 - step
        down = metrics.average_precision_score(labels, scores, sample_weight=weights)
        effects.append((up - down) / (2 * step))
    return log_odds(metrics.average_precision_score(labels, scores), math.sqrt(np.square(effects).sum()))


def student(losses):
    return list(stats.t.interval(0.95, len(losses) - 1, np.mean(losses), stats.sem(losses)))


def calibration_error(labels, scores):
    bins = np.clip(np.ceil(scores * 10 - 1e-9) - 1, 0, 9).astype(int)
    return float(sum(abs((labels - scores)[bins == k].sum()) for k in range(10)) / len(labels))


def expected_metrics(p, scores, threshold):
    """As CBPE has them: expected counts in place of the true ones."""
    said = scores >= threshold
    tp, fp = p[said].sum(), (1 - p)[said].sum()
    fn, tn = p[~said].sum(), (1 - p)[~said].sum()
    wins = (scores[:, None] > scores[None, :]) + 0.5 * (scores[:, None] == scores[None, :])
    pairs = p[:, None] * (1 - p)[None, :]
    np.fill_diagonal(pairs, 0)
    at_or_above = (scores[None, :] >= scores[:, None]).astype(float)
    np.fill_diagonal(at_or_above, 0)
    precision = (1 + at_or_above @ p) / (1 + at_or_above.sum(axis=1))
    return {
        "accuracy": (tp + tn) / len(p),
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "auc": (pairs * wins).sum() / pairs.sum(),
        "averagePrecision": (p * precision).sum() / p.sum(),
        "logLoss": float(-(p * np.log(scores) + (1 - p) * np.log1p(-scores)).mean()),
        "brier": float((p * (1 - scores) ** 2 + (1 - p) * scores**2).mean()),
    }


def estimate(scores, calibration, threshold):
    """The error by numerical derivatives of the metrics in every p, and in intercept and slope."""
    logits = special.logit(scores)
    calibrated = lambda intercept, slope: special.expit(intercept + slope * logits)
    intercept, slope = calibration["intercept"], calibration["slope"]
    p = calibrated(intercept, slope)
    values = expected_metrics(p, scores, threshold)
    step = 1e-5
    variances = {name: 0.0 for name in values}
    for row in range(len(p)):
        up, down = p.copy(), p.copy()
        up[row] += step
        down[row] -= step
        above, below = expected_metrics(up, scores, threshold), expected_metrics(down, scores, threshold)
        for name in values:
            variances[name] += ((above[name] - below[name]) / (2 * step)) ** 2 * p[row] * (1 - p[row])
    covariance = np.array(calibration["matrix"])
    derivative = lambda by: {
        name: (above - below) / (2 * step)
        for (name, above), below in zip(
            expected_metrics(calibrated(intercept + by[0] * step, slope + by[1] * step), scores, threshold).items(),
            expected_metrics(
                calibrated(intercept - by[0] * step, slope - by[1] * step), scores, threshold
            ).values(),
        )
    }
    by_intercept, by_slope = derivative((1, 0)), derivative((0, 1))
    result = {}
    for name, value in values.items():
        gradient = np.array([by_intercept[name], by_slope[name]])
        error = math.sqrt(variances[name] + gradient @ covariance @ gradient)
        interval = [value - Z * error, value + Z * error] if name in ("logLoss", "brier") else log_odds(value, error)
        result[name] = [float(value), *map(float, interval)]
    return result


def case(seed, n, steps, threshold):
    u = uniforms(seed, 2 * n)
    scores = np.array([(math.floor(x * steps) + 0.5) / steps for x in u[:n]])
    labels = np.array([int(x < 0.2 + 0.5 * scores[row]) for row, x in enumerate(u[n:])])
    said = scores >= threshold
    tn, fp, fn, tp = metrics.confusion_matrix(labels, said).ravel()
    jaccard = np.array([metrics.jaccard_score(labels, said), *wilson(tp, tp + fp + fn)])
    logs = -np.where(labels == 1, np.log(scores), np.log1p(-scores))
    calibration = {"intercept": -0.2, "slope": 0.8, "matrix": [[0.004, 0.0007], [0.0007, 0.003]]}
    realised = {
        "accuracy": [metrics.accuracy_score(labels, said), *wilson(tp + tn, n)],
        "precision": [metrics.precision_score(labels, said), *wilson(tp, tp + fp)],
        "recall": [metrics.recall_score(labels, said), *wilson(tp, tp + fn)],
        "f1": [metrics.f1_score(labels, said), *(2 * jaccard / (1 + jaccard))[1:].tolist()],
        "auc": [metrics.roc_auc_score(labels, scores), *delong(labels, scores)],
        "averagePrecision": [metrics.average_precision_score(labels, scores), *jackknife(labels, scores)],
        "logLoss": [metrics.log_loss(labels, scores), *student(logs)],
        "brier": [metrics.brier_score_loss(labels, scores), *student((labels - scores) ** 2)],
    }
    return {
        "seed": seed,
        "n": n,
        "steps": steps,
        "threshold": threshold,
        "calibration": calibration,
        "confusion": [int(tp), int(fp), int(tn), int(fn)],
        "calibrationError": calibration_error(labels, scores),
        "realised": {name: list(map(float, figures)) for name, figures in realised.items()},
        "estimated": estimate(scores, calibration, threshold),
    }


golden = {
    "made_by": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
    "cases": [case(1, 30, 1000003, 0.5), case(7, 200, 21, 0.4), case(11, 120, 7, 0.5), case(13, 300, 1000003, 0.7)],
}
pathlib.Path(__file__).with_name("performance.json").write_text(json.dumps(golden) + "\n")
