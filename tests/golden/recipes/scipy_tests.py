"""Samples with every trap that a test of two samples meets, and what scipy says of them: makes scipy_tests.json.

    python3 -m venv env && env/bin/pip install numpy==2.2.6 scipy==1.14.1
    env/bin/python recipes/scipy_tests.py > scipy_tests.json

null stands where scipy raises or gives NaN.
"""
import json
import math
import sys
import warnings

import numpy
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

warnings.simplefilter("ignore")
random = numpy.random.default_rng(20261125)


def normal(mean, sd, count):
    return random.normal(mean, sd, count)


def integers(high, count):
    return random.integers(0, high, count).astype(float)


def zero_inflated(share, count):
    return numpy.where(random.random(count) < share, 0.0, random.exponential(1.0, count))


def with_one(values, outlier):
    values[0] = outlier
    return values


SAMPLES = {
    "normal": (normal(0, 1, 40), normal(0, 1, 30)),
    "shift": (normal(0, 1, 60), normal(0.7, 1, 45)),
    "far shift": (normal(0, 1, 60), normal(6, 1, 45)),
    "spread": (normal(0, 1, 50), normal(0, 2.5, 50)),
    "a mean of a million": (normal(1e6, 1, 50), normal(1e6 + 0.5, 1, 60)),
    "a billionth": (normal(0, 1e-9, 40), normal(5e-10, 1e-9, 40)),
    "one outlier in the reference": (with_one(normal(0, 1, 50), 1e6), normal(0, 1, 40)),
    "one outlier in current": (normal(0, 1, 50), with_one(normal(0.5, 1, 40), -1e6)),
    "six integers": (integers(6, 90), integers(6, 70)),
    "six integers, moved": (integers(6, 90), integers(5, 70) + 1.0),
    "two values": (integers(2, 60), integers(2, 50)),
    "mostly zero": (zero_inflated(0.8, 80), zero_inflated(0.85, 60)),
    "a third zero": (zero_inflated(0.3, 80), zero_inflated(0.35, 60)),
    "lognormal": (numpy.exp(normal(0, 2, 60)), numpy.exp(normal(0.5, 2, 40))),
    "few": (normal(0, 1, 6), normal(0.5, 1, 5)),
    "few and many": (normal(0, 1, 5), normal(0.5, 1, 120)),
    "few with ties": (integers(5, 7), integers(5, 9)),
    "twenty a side": (normal(0, 1, 20), normal(0.8, 1, 19)),
    "nothing in common": (numpy.arange(25.0), numpy.arange(30.0) + 100.0),
    "all the same": (numpy.full(30, 0.1), numpy.full(20, 0.1)),
    "two constants": (numpy.full(30, 0.1), numpy.full(20, 0.3)),
}
COUNTS = {
    "three": ([10, 20, 30], [30, 20, 10]),
    "two": ([60, 40], [15, 35]),
    "an empty one on a side": ([50, 0, 25], [20, 5, 30]),
    "many": ([int(x) for x in random.multinomial(400, [1 / 30] * 30)],
             [int(x) for x in random.multinomial(300, [1 / 30] * 30)]),
    "rare": ([99990, 10], [49970, 30]),
    "nothing in common": ([40, 0], [0, 30]),
    "equal": ([100, 200, 300], [10, 20, 30]),
}


def figures(call):
    try:
        result = call()
    except ValueError:
        return None
    values = [float(x) for x in numpy.atleast_1d(numpy.asarray(result, dtype=float))]
    return values if all(math.isfinite(x) for x in values) else None


def both(result):
    return (result.statistic, result.pvalue)


def of_samples(x, y):
    return {
        "ks": figures(lambda: both(stats.ks_2samp(x, y))),
        "cramer_von_mises": figures(lambda: both(stats.cramervonmises_2samp(x, y))),
        "mann_whitney": figures(lambda: both(stats.mannwhitneyu(x, y))),
        "mann_whitney_less": figures(lambda: both(stats.mannwhitneyu(x, y, alternative="less"))),
        "welch": figures(lambda: both(stats.ttest_ind(x, y, equal_var=False))),
        "student": figures(lambda: both(stats.ttest_ind(x, y))),
        "epps_singleton": figures(lambda: both(stats.epps_singleton_2samp(x, y))),
        "anderson_darling": figures(lambda: both(stats.anderson_ksamp([x, y]))),
        "energy_distance": figures(lambda: stats.energy_distance(x, y)),
        "wasserstein_distance": figures(lambda: stats.wasserstein_distance(x, y)),
    }


def of_counts(a, b):
    table = numpy.array([a, b])
    p, q = table[0] / table[0].sum(), table[1] / table[1].sum()
    table = table[:, table.sum(axis=0) > 0]
    return {
        "chi_square": figures(lambda: stats.chi2_contingency(table, correction=False)[:2]),
        "yates": figures(lambda: stats.chi2_contingency(table)[:2]),
        "g": figures(lambda: stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")[:2]),
        "one_sample_chi_square": figures(lambda: both(stats.chisquare(b, p * sum(b)))),
        "one_sample_g": figures(lambda: both(stats.power_divergence(b, p * sum(b), lambda_="log-likelihood"))),
        "jensen_shannon": figures(lambda: jensenshannon(p, q, base=2)),
        "kl_divergence": figures(lambda: stats.entropy(p, q)),
    }


def rounded(values):
    return [float(f"{x:.9g}") for x in values]


cases = []
for name, (x, y) in SAMPLES.items():
    # What scipy sees is what stands in the file.
    x, y = rounded(x), rounded(y)
    cases.append({"name": name, "reference": x, "current": y,
                  "scipy": of_samples(numpy.array(x), numpy.array(y))})
tables = [{"name": name, "reference": a, "current": b, "scipy": of_counts(a, b)} for name, (a, b) in COUNTS.items()]
versions = f"scipy {scipy.__version__}, numpy {numpy.__version__}, Python {sys.version.split()[0]}"
print(json.dumps({"made_with": versions, "samples": cases, "counts": tables}, indent=None, separators=(", ", ": "))
      .replace('}, {"name"', '},\n{"name"'))
