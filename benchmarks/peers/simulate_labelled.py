"""Two labelled sets whose truth is known, as CSV: simulate_labelled.py FOLDER

A model that knows two of three columns, over-confident, and overlooks that the first works through the third. Rows
10,000 to 19,999 of the monitoring sets are drawn from columns that moved, a little more each 2,000 rows; how y depends
on the columns never changes. `p_true` (binary) or `p_true_a`, ... is the probability y was drawn with. Needs numpy."""
import gzip
import io
import pathlib
import sys

import numpy

ROWS, CHUNK = 20_000, 2_000


def columns(random, moved):
    """Three columns; those of the second half of a monitoring set have moved by up to .8, 0 and 1 deviations."""
    x = random.standard_normal((ROWS, 3))
    if moved:
        chunk = numpy.arange(ROWS) // CHUNK
        share = numpy.clip((chunk - 4) / 5, 0, 1)[:, None]
        x += share * numpy.array([0.8, 0.0, 1.0])
    return x.round(4)


def softmax(logits):
    e = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def binary(random, moved):
    x = columns(random, moved)
    truth = 1 / (1 + numpy.exp(-(1.2 * x[:, 0] + 0.8 * x[:, 1] + 0.9 * x[:, 0] * x[:, 2] - 0.5)))
    says = 1 / (1 + numpy.exp(-1.6 * (x[:, 0] + 0.6 * x[:, 1])))
    y = (random.random(ROWS) < truth).astype(int)
    names = ["x1", "x2", "x3", "y_pred_proba", "y_pred", "y_true", "p_true"]
    says = says.round(4)
    rows = zip(*x.T, says, (says >= 0.5).astype(int), y, truth.round(4))
    return names, rows


def three_classes(random, moved):
    x = columns(random, moved)
    a, b, c = x.T
    truth = softmax(numpy.stack([1.1 * a, 0.9 * b + 0.8 * a * c, -0.6 * a - 0.5 * b], axis=1))
    says = softmax(1.8 * numpy.stack([1.1 * a, 0.9 * b, -0.6 * a - 0.5 * b], axis=1)).round(4)
    over = numpy.clip(says.sum(axis=1) - 1 - says[:, 2], 0, None)  # by which a and b were rounded beyond 1
    says[:, 0] = (says[:, 0] - over).round(4)
    says[:, 2] = (1 - says[:, 0] - says[:, 1]).round(4) + 0.0
    drawn = (random.random(ROWS)[:, None] > truth.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    label = numpy.array(["a", "b", "c"])
    names = ["x1", "x2", "x3", "y_pred_proba_a", "y_pred_proba_b", "y_pred_proba_c", "y_pred", "y_true",
             "p_true_a", "p_true_b", "p_true_c"]
    return names, zip(*x.T, *says.T, label[says.argmax(axis=1)], label[drawn], *truth.round(4).T)


def write(path, names, rows):
    text = io.StringIO()
    text.write(",".join(names) + "\n")
    for row in rows:
        text.write(",".join(f"{float(v):g}" if isinstance(v, numpy.floating) else str(v) for v in row) + "\n")
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    for seed, (name, make) in enumerate([("binary", binary), ("three_classes", three_classes)]):
        for part, period in enumerate(["reference", "monitoring"]):
            random = numpy.random.Generator(numpy.random.PCG64([20240607, seed, part]))
            write(folder / f"simulated_{period}_{name}.csv.gz", *make(random, moved=part == 1))
