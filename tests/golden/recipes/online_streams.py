"""Where river's detectors report drift on seeded streams: online_streams.py > ../online_streams.json (river 0.26.1).

The last two streams and their answers stand in the documentation of river's CUSUM and Shewhart."""
import json
import random

from river import drift
from river.drift import binary


def drifts(detector, values):
    found = []
    for index, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            found.append(index)
    return found


streams, cases = {}, []


def case(stream, detector, settings, peer):
    cases.append({"stream": stream, "detector": detector, "settings": settings,
                  "drifts": drifts(peer, streams[stream])})


for seed in range(6):
    draw = random.Random(seed)
    steps, errors = f"steps_{seed}", f"errors_{seed}"
    streams[steps] = [round(draw.gauss((i // 300) % 3 * 1.0, 1.0), 6) for i in range(1500)]
    streams[errors] = [int(draw.random() < [.2, .5, .1, .35][(i // 400) % 4]) for i in range(1600)]
    case(steps, "adwin", {}, drift.ADWIN())
    case(steps, "adwin", {"clock": 1, "delta": 0.05, "buckets": 2}, drift.ADWIN(clock=1, delta=.05, max_buckets=2))
    case(steps, "page_hinkley", {}, drift.PageHinkley())
    case(steps, "page_hinkley", {"threshold": 10, "direction": -1}, drift.PageHinkley(threshold=10, mode="down"))
    case(steps, "kswin", {"alpha": 1e-4}, drift.KSWIN(alpha=1e-4, seed=7))
    case(steps, "kswin", {"alpha": 1e-3, "window": 400, "recent": 20},
         drift.KSWIN(alpha=1e-3, window_size=400, stat_size=20, seed=7))
    case(errors, "ddm", {}, binary.DDM())
    case(errors, "eddm", {}, binary.EDDM())
    case(errors, "hddm_a", {}, binary.HDDMA())
    case(errors, "hddm_a", {"direction": 0}, binary.HDDMA(two_sided_test=True))
    case(errors, "hddm_w", {}, binary.HDDMW())
    case(errors, "hddm_w", {"direction": 0}, binary.HDDMW(two_sided_test=True))
    case(errors, "adwin", {}, drift.ADWIN())

documented = [("cusum", 3, 200, {}, [201, 251]), ("shewhart", 5, 300, {"width": 4}, [300])]
for name, mean, before, settings, answer in documented:
    draw = random.Random(12345)
    streams[f"documented_{name}"] = ([draw.gauss(0, 1) for _ in range(before)] +
                                     [draw.gauss(mean, 1) for _ in range(200)])
    cases.append({"stream": f"documented_{name}", "detector": name, "settings": settings, "drifts": answer})

print(json.dumps({"made_by": "river 0.26.1, seeds 0 to 5 of CPython's random; KSWIN seed 7",
                  "streams": streams, "cases": cases}, separators=(",", ":")))
