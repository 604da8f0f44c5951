"""Writes golden.json with the figures of the tools that users compare against. Needed only to add cases; the tests read the file.

    pip install evidently==0.7.23 pandas==2.2.3 'numpy<2.3' scipy scikit-learn && python generate-golden.py

Samples are not stored but described: a linear congruential generator whose arithmetic is exact in doubles makes the same ones in Python and in
TypeScript (golden-sample.ts).
"""

import json
import pathlib
import warnings

import numpy as np
import pandas as pd
import scipy
import sklearn
from evidently.legacy.calculations.stattests.chisquare_stattest import _chi_stat_test
from evidently.legacy.calculations.stattests.hellinger_distance import _hellinger_distance
from evidently.legacy.calculations.stattests.jensenshannon import _jensenshannon
from evidently.legacy.calculations.stattests.kl_div import _kl_div
from evidently.legacy.calculations.stattests.ks_stattest import _ks_stat_test
from evidently.legacy.calculations.stattests.psi import _psi
from evidently.legacy.calculations.stattests.wasserstein_distance_norm import _wasserstein_distance_norm
from evidently.legacy.core import ColumnType
from scipy import stats
from scipy.spatial import distance
from sklearn import metrics

warnings.filterwarnings("ignore")
MODULUS = 2147483647


def uniforms(seed, n):
    state, values = seed, []
    for _ in range(n):
        state = state * 48271 % MODULUS
        values.append(state / MODULUS)
    return values


def sample(spec):
    """levels = 0: sums of three uniforms; else whole numbers below `levels`, denser at the low end."""
    seed, n, levels, scale, shift = (spec[key] for key in ("seed", "n", "levels", "scale", "shift"))
    if levels:
        return [float(np.floor(u * u * levels)) * scale + shift for u in uniforms(seed, n)]
    u = uniforms(seed, 3 * n)
    return [(u[3 * i] + u[3 * i + 1] + u[3 * i + 2]) * scale + shift for i in range(n)]


def spec(seed, n, levels=0, scale=1.0, shift=0.0):
    return {"seed": seed, "n": n, "levels": levels, "scale": scale, "shift": shift}


def chi_square_cases():
    return [
        [x, df, stats.chi2.sf(x, df)]
        for df in (1, 2, 3, 5, 10, 19, 23, 50, 200, 1001)
        for x in (0.01 * df, 0.5 * df, df - 0.5, float(df), 1.3 * df, 2.0 * df, 5.0 * df, df + 200.0)
    ]


def kolmogorov_cases():
    cases = []
    for n in (1, 2, 3, 5, 10, 20, 50, 100, 139, 140, 141, 200, 1000, 5000, 100000, 100001, 1000000, 10000000):
        for z in (0.05, 0.2, 0.3, 0.4, 0.5, 0.7, 0.86, 0.9, 1.0, 1.2, 1.36, 1.48, 1.49, 1.9, 2.0, 2.1, 3.0, 5.0, 10.0, 18.0):
            d = z / np.sqrt(n)
            # Beyond a million scipy approximates this branch, with an error of (4/9)·n·d⁴: nothing to compare with.
            if d < 1 and not (n > 1000000 and z > 1.483):
                cases.append([n, d, stats.kstwo.sf(d, n)])
        for d in (0.6 / n, 0.9 / n, 1 / n, 1.5 / n, 2.5 / n, 1 - 1.5 / n, 1 - 0.5 / n, 0.5, 0.6):
            if 0 < d < 1:
                cases.append([n, d, stats.kstwo.sf(d, n)])
    return cases


def ks_cases():
    pairs = [
        (spec(1, 1), spec(2, 1)),
        (spec(3, 1), spec(4, 7)),
        (spec(5, 20), spec(6, 20)),
        (spec(7, 20), spec(8, 20, shift=1.0)),
        (spec(9, 30), spec(10, 47, shift=0.3)),
        (spec(11, 100, levels=5), spec(12, 150, levels=5)),
        (spec(13, 500), spec(14, 400, shift=0.1)),
        (spec(15, 500), spec(16, 400, shift=0.6)),
        (spec(17, 5000), spec(18, 1000, shift=0.03)),
        (spec(19, 3000), spec(20, 3000, shift=0.2)),
        (spec(21, 997), spec(22, 1009, shift=0.2)),
        (spec(23, 2000), spec(24, 10000, scale=1.1)),
        (spec(25, 10001), spec(26, 3)),
        (spec(27, 10001), spec(28, 1, shift=1.2)),
        (spec(29, 10001), spec(30, 60, shift=0.2)),
        (spec(31, 12000), spec(32, 500, shift=0.05)),
        (spec(33, 20000), spec(34, 20000, shift=0.005)),
        (spec(35, 20000), spec(36, 15000, shift=0.03)),
        (spec(37, 20000), spec(38, 15000, shift=0.3)),
        (spec(39, 20000, levels=50), spec(40, 20001, levels=51)),
        (spec(41, 5000), spec(42, 1003, shift=0.5)),
        (spec(43, 10000), spec(44, 5000, shift=0.3)),
        (spec(45, 10000), spec(46, 9999, shift=0.1)),
    ]
    cases = []
    for a, b in pairs:
        result = stats.ks_2samp(sample(a), sample(b))
        method = "exact" if max(a["n"], b["n"]) <= 10000 else "asymptotic"
        cases.append({"a": a, "b": b, "statistic": result.statistic, "pValue": result.pvalue, "method": method})
    return cases


def evidently_cases():
    pairs = [
        (spec(101, 64), spec(102, 30)),
        (spec(103, 500), spec(104, 300)),
        (spec(105, 1000, scale=20.0), spec(106, 500, scale=20.0, shift=4.0)),
        (spec(107, 2000, scale=1e6), spec(108, 2000, scale=1e6, shift=3e6)),
        (spec(109, 300, scale=1e-5), spec(110, 500, scale=1.2e-5)),
        (spec(111, 400, levels=20), spec(112, 300, levels=20)),
        (spec(113, 400, levels=21), spec(114, 300, levels=21)),
        (spec(115, 400, levels=60), spec(116, 250, levels=64)),
        (spec(117, 400, levels=6), spec(118, 250, levels=9)),
        (spec(119, 400, levels=9), spec(120, 250, levels=6)),
        (spec(121, 100, levels=2), spec(122, 100, levels=2)),
        (spec(123, 30000, levels=8), spec(124, 30000, levels=7)),
        (spec(125, 300, levels=200, scale=0.001), spec(126, 300, levels=210, scale=0.001)),
    ]
    cases = []
    for kind, column_type in (("NUMERIC", ColumnType.Numerical), ("CATEGORICAL", ColumnType.Categorical)):
        for a, b in pairs:
            if kind == "CATEGORICAL" and not a["levels"]:
                continue
            values = [pd.Series(sample(s)) for s in (a, b)]
            if kind == "CATEGORICAL":
                values = [series.map(lambda value: f"level {value:g}") for series in values]
            # A pandas column of whole numbers is an integer column; numpy's Sturges rule looks at that.
            elif a["levels"] and a["scale"] == 1:
                values = [series.astype(int) for series in values]
            score = lambda test: float(test(values[0], values[1], column_type, 0.1)[0])
            case = {"kind": kind, "reference": a, "current": b}
            case |= {"kl": score(_kl_div), "psi": score(_psi), "js": score(_jensenshannon)}
            case |= {"hellinger": score(_hellinger_distance)}
            if kind == "NUMERIC":
                case |= {"wasserstein": score(_wasserstein_distance_norm), "ks": score(_ks_stat_test)}
            else:
                case |= {"chiSquare": score(_chi_stat_test)}
            cases.append(case)
    return cases


def divergence_cases():
    """Proportions over the same bins, some of them empty in one window."""
    cases = []
    for seed, bins, empty in ((401, 1, 0), (402, 2, 0), (403, 5, 0), (404, 20, 0), (405, 20, 3), (406, 200, 0)):
        p, q = (np.array(u) / sum(u) for u in (uniforms(seed, bins), uniforms(seed + 50, bins)))
        if empty:
            p[:empty] = 0
            p = p / p.sum()
        cases.append({
            "p": p.tolist(), "q": q.tolist(), "kl": stats.entropy(p, q), "jsDistance": distance.jensenshannon(p, q),
            "hellinger": np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2),
            "psi": None if empty else stats.entropy(p, q) + stats.entropy(q, p),
        })
    return cases


def wasserstein_cases():
    pairs = [
        (spec(411, 1), spec(412, 1)), (spec(413, 50), spec(414, 80, shift=0.5)), (spec(415, 300, levels=9), spec(416, 200, levels=7)),
        (spec(417, 1000, scale=1e6), spec(418, 3000, scale=1.1e6)),
    ]
    return [{"a": a, "b": b, "distance": stats.wasserstein_distance(sample(a), sample(b))} for a, b in pairs]


def chi_square_table_cases():
    tables = [
        ([10, 20], [20, 10]), ([500, 300, 200], [480, 310, 210]), ([500, 300, 200], [300, 300, 400]), ([9000, 900, 90, 9], [8000, 1500, 400, 90]),
        ([5, 0, 7, 1], [3, 2, 8, 0]), ([1000000, 1000000], [1003000, 997000]), ([100000, 20], [100000, 700]),
    ]
    return [[a, b, stats.chi2_contingency(np.array([a, b]), correction=False).pvalue] for a, b in tables]


def share_increase_cases():
    """[reference count, reference rows, current count, current rows, p]"""
    shares = [
        (0, 10, 1, 10), (0, 1000, 3, 200), (5, 1000, 9, 500), (50, 5000, 30, 1000), (50, 5000, 200, 1000), (0, 100000, 40, 1000),
        (100, 100000, 200, 100000), (1000, 1000000, 1300, 1000000), (9990, 10000, 1000, 1000), (300, 1000, 500, 1000), (1, 7, 3, 3),
        (10, 50, 1, 50), (100, 1000, 10, 100), (200000, 1000000, 205000, 1000000),
    ]
    return [
        [a, n, b, m, 1.0 if b * n <= a * m else stats.hypergeom.sf(b - 1, n + m, a + b, m)] for a, n, b, m in shares
    ]


def metric_cases():
    cases = []
    for seed, n, steps, threshold in ((201, 50, 10, 0.5), (202, 1000, 20, 0.5), (203, 1000, 1000, 0.35), (204, 333, 4, 0.6)):
        u = uniforms(seed, 2 * n)
        probabilities = np.array([np.floor(x * (steps + 1)) / steps for x in u[:n]])
        labels = (np.array(u[n:]) < 0.2 + 0.5 * probabilities).astype(int)
        predicted = (probabilities >= threshold).astype(int)
        precisions, recalls, thresholds = metrics.precision_recall_curve(labels, probabilities)
        f1s = 2 * precisions * recalls / (precisions + recalls)
        cases.append({
            "seed": seed, "n": n, "steps": steps, "threshold": threshold,
            "auc": metrics.roc_auc_score(labels, probabilities),
            "logLoss": metrics.log_loss(labels, probabilities),
            "brier": metrics.brier_score_loss(labels, probabilities),
            "accuracy": metrics.accuracy_score(labels, predicted),
            "precision": metrics.precision_score(labels, predicted),
            "recall": metrics.recall_score(labels, predicted),
            "f1": metrics.f1_score(labels, predicted),
            "confusion": metrics.confusion_matrix(labels, predicted).ravel().tolist(),
            "bestF1": float(np.nanmax(f1s)),
        })
    return cases


def description_cases():
    cases = []
    for s in (spec(301, 1), spec(302, 2), spec(303, 100), spec(304, 1001, levels=7), spec(305, 500, scale=1e9, shift=-1e9)):
        values = np.array(sample(s))
        cases.append({
            "sample": s,
            "mean": values.mean(),
            "stddev": values.std(ddof=1) if len(values) > 1 else None,
            "quantiles": np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist(),
            "distinct": len(np.unique(values)),
            "histogram": np.histogram(values, 20)[0].tolist() if len(values) > 1 else [1],
        })
    return cases


golden = {
    "versions": {"scipy": scipy.__version__, "sklearn": sklearn.__version__, "numpy": np.__version__, "evidently": "0.7.23"},
    "chiSquareSurvival": chi_square_cases(),
    "normalSurvival": [[z, stats.norm.sf(z)] for z in (-8.0, -2.5, -0.3, 0.0, 1e-9, 0.5, 1.0, 1.96, 3.0, 5.0, 10.0, 30.0)],
    "kolmogorovSurvival": kolmogorov_cases(),
    "ksTwoSample": ks_cases(),
    "divergences": divergence_cases(),
    "wasserstein": wasserstein_cases(),
    "chiSquareTables": chi_square_table_cases(),
    "shareIncreases": share_increase_cases(),
    "evidently": evidently_cases(),
    "metrics": metric_cases(),
    "descriptions": description_cases(),
}
target = pathlib.Path(__file__).with_name("golden.json")
target.write_text(json.dumps(golden, indent=None, separators=(",", ":")).replace('],["', '],\n["').replace("},{", "},\n{") + "\n")
