"""Time and memory of whole processes beside Evidently and NannyML, on the same files, in turn, two threads each.

Evidently renders its figures within its run. Each score of a peer is compared with ours in the peer's own method, and
our own verdicts with how the columns were drawn, so that no ratio rests on a wrong answer."""
import json
import math
import pathlib
import subprocess
import sys

from measured import Measured, ended_well

HERE = pathlib.Path(__file__).resolve().parent

THREADS = {name: "2" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
                                  "POLARS_MAX_THREADS")}
EVERY, SHIFT = 10, 0.2  # every tenth column of current is shifted by so many deviations
LIMIT_S = 600           # a peer that takes longer is ended, and the table says so

# Columns are drawn one row group after another, so that ten million rows need no memory worth the name. The last line
# is KS of the first two columns by its definition.
DRAW = """
import json, sys, numpy, pyarrow, pyarrow.csv, pyarrow.parquet
folder, rows, columns, ending = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
names, first, group = [f"c{i}" for i in range(columns)], {}, min(131072, rows)
for seed, side in ((7, "reference"), (8, "current")):
    draw, path, writer = numpy.random.default_rng(seed), f"{folder}/{side}.{ending}", None
    first[side] = [[], []]
    for begin in range(0, rows, group):
        count = min(group, rows - begin)
        values = [draw.normal(SHIFT if seed == 8 and i % EVERY == 0 else 0., 1., count) for i in range(columns)]
        for i in range(min(2, columns)): first[side][i].append(values[i])
        table = pyarrow.table(dict(zip(names, values)))
        if writer is None:
            writer = (pyarrow.csv.CSVWriter if ending == "csv" else pyarrow.parquet.ParquetWriter)(path, table.schema)
        writer.write_table(table)
    writer.close()
ks = {}
for i in range(min(2, columns)):
    a, b = (numpy.sort(numpy.concatenate(first[side][i])) for side in ("reference", "current"))
    at = numpy.concatenate([a, b])
    ks[f"c{i}"] = float(abs(numpy.searchsorted(a, at, "right") / len(a)
                            - numpy.searchsorted(b, at, "right") / len(b)).max())
print(json.dumps(ks))
""".replace("SHIFT", str(SHIFT)).replace("EVERY", str(EVERY))


class Speed:
    def __init__(self, tristrata, peers, folder, turns):
        self.tristrata, self.peers, self.folder, self.turns = tristrata, peers, folder, turns
        self.wrong, self.rows, self.versions = [], [], {}

    def draw(self, rows, columns, ending):
        """In a process of its own: what is measured must not inherit this one's peak memory."""
        done = subprocess.run([sys.executable, "-c", DRAW, self.folder, str(rows), str(columns), ending], check=True,
                              stdout=subprocess.PIPE, text=True)
        return [self.folder / f"reference.{ending}", self.folder / f"current.{ending}"], json.loads(done.stdout)

    def check(self, paths, *arguments):
        return [self.tristrata, "drift", "check", *paths, "--fail-on", "never", "--format", "json", "--threads", "2",
                *arguments]

    def in_turn(self, commands, turns):
        """The fastest run of each command; a busy moment of the machine is shared. Commands: name -> (words, runs)."""
        fastest = {}
        for _ in range(turns):
            for name, (words, runs) in commands.items():
                for _ in range(runs):
                    run = Measured(words, THREADS, LIMIT_S)
                    if not run.timed_out:
                        ended_well(run, words, (0, -9) if name == "peer" else (0,))
                    fastest[name] = min(filter(None, (fastest.get(name), run)), key=lambda one: one.wall)
        return fastest

    def expect(self, holds, said):
        if not holds:
            self.wrong.append(said)

    def own_answer(self, title, report, ks, columns):
        """The columns that were shifted are the ones that drift, and KS is what its definition says."""
        found = {column["name"]: column for column in json.loads(report)["columns"]}
        drifted = {name for name, column in found.items() if column["verdict"] == "drift"}
        shifted = {f"c{index}" for index in range(0, columns, EVERY)}
        self.expect(drifted == shifted, f"{title}: {sorted(drifted ^ shifted)} are not judged as they were drawn")
        for name, distance in ks.items():
            self.expect(math.isclose(found[name]["measures"]["ks"], distance, abs_tol=1e-9),
                        f"{title}: KS of {name} is {found[name]['measures']['ks']}, by definition {distance}")

    def add(self, what, ours, theirs, faster_min, memory_min):
        """A row of the table. Memory is asked for one part in `memory_min`; None where nothing is."""
        ratio, memory = theirs.wall / ours.wall, theirs.peak_mb / ours.peak_mb
        ended = "" if theirs.code == 0 else f" (ended after {theirs.wall:.0f} s)"
        self.rows.append((what, f"{ours.wall * 1e3:,.0f} ms", f"{theirs.wall:,.2f} s{ended}",
                          f"{ratio:.1f} ×", mark(ratio, faster_min, f"{faster_min} ×"),
                          f"{ours.peak_mb:,.0f} MB", f"{theirs.peak_mb:,.0f} MB", f"1/{memory:.1f}",
                          mark(memory, memory_min, f"1/{memory_min}")))
        print("| " + " | ".join(self.rows[-1]) + " |", flush=True)

    def evidently(self, rows, columns, ending, faster_min, memory_min, turns):
        title = f"{rows:,} × {columns}, {ending}, Evidently's default preset"
        paths, ks = self.draw(rows, columns, ending)
        peer = [self.peers["evidently"], HERE / "peers/evidently_report.py", *paths]
        fastest = self.in_turn({"peer": (peer, 1), "ours": (self.check(paths), 3),
                                "as_peer": (self.check(paths, "--method", "evidently"), 3)}, turns)
        self.own_answer(title, fastest["ours"].out, ks, columns)
        if fastest["peer"].code == 0:
            answer = json.loads(fastest["peer"].out)
            self.versions["Evidently"] = answer["version"]
            ours = {column["name"]: column["peer"][0]["score"] for column in
                    json.loads(fastest["as_peer"].out)["columns"]}
            self.expect(len(answer["scores"]) == columns, f"{title}: it answered for {len(answer['scores'])} columns")
            for name, score in answer["scores"].items():
                self.expect(math.isclose(ours[name], score, rel_tol=1e-8, abs_tol=1e-12),
                            f"{title}: {name} is {ours[name]} here and {score} there")
        self.add(title, fastest["ours"], fastest["peer"], faster_min, memory_min)
        self.add("the same with `--method evidently`", fastest["as_peer"], fastest["peer"], faster_min, memory_min)

    def nannyml(self, rows, columns, faster_min, turns):
        title = f"{rows:,} × {columns}, csv, NannyML: KS, JS, Wasserstein, ten chunks"
        paths, ks = self.draw(rows, columns, "csv")
        plan = self.folder / "nannyml.toml"
        plan.write_text('method = "nannyml"\n[nannyml]\nchunk_number = 10\n'
                        'continuous_methods = ["jensen_shannon", "wasserstein", "kolmogorov_smirnov"]\n')
        peer = [self.peers["nannyml"], HERE / "peers/nannyml_chunks.py", *paths]
        fastest = self.in_turn({"peer": (peer, 1), "ours": (self.check(paths), 3),
                                "as_peer": (self.check(paths, "--plan", plan), 3)}, turns)
        self.own_answer(title, fastest["ours"].out, ks, columns)
        answer = json.loads(fastest["peer"].out)
        self.versions["NannyML"] = answer["version"]
        for column in json.loads(fastest["as_peer"].out)["columns"]:
            for one in column["peer"]:
                theirs = answer["chunks"][one["method"]][column["name"]]
                same = len(theirs) == len(one["chunks"]) and all(
                    math.isclose(chunk["value"], value, rel_tol=1e-8, abs_tol=1e-12) and chunk["alert"] == alert
                    for chunk, (value, alert) in zip(one["chunks"], theirs))
                self.expect(same, f"{title}: {one['method']} of {column['name']} differs from theirs")
        self.add(f"{title}: our default check", fastest["ours"], fastest["peer"], faster_min, None)
        self.add("the same three methods and chunks, `--method nannyml`", fastest["as_peer"], fastest["peer"],
                 faster_min, None)

    def alone(self, rows, columns, growing):
        """Ten times as many rows, or columns, take about ten times as long; the page of a thousand columns is small."""
        fewer = (rows // 10, columns) if growing == "rows" else (rows, columns // 10)
        paths, ks = self.draw(*fewer, "parquet")
        tenth = self.in_turn({"ours": (self.check(paths), 3)}, 1)["ours"]
        self.own_answer(f"a tenth of the {growing}", tenth.out, ks, fewer[1])
        paths, ks = self.draw(rows, columns, "parquet")
        whole = self.in_turn({"ours": (self.check(paths), 2)}, 1)["ours"]
        self.own_answer(f"{rows:,} × {columns}", whole.out, ks, columns)
        page = self.folder / "report.html"
        ended_well(Measured(self.check(paths, "--html", page), THREADS), ["drift check --html"])
        times, size = whole.wall / tenth.wall, page.stat().st_size / 1e6
        # Linear: ten times as many in at most twelve times the time.
        print(f"| {rows:,} × {columns}, Parquet | {whole.wall:.2f} s | {tenth.wall:.2f} s for a tenth of the {growing} "
              f"| {times:.1f} × | {mark(-times, -12, 'about 10 ×')} | {whole.peak_mb:,.0f} MB | "
              f"{mark(-whole.peak_mb, -1000, '1 GB')} | {size:.2f} MB | {mark(-size, -4, '4 MB')} |", flush=True)


def mark(found, wanted, said):
    return "" if wanted is None else f"{said}: {'met' if found >= wanted else 'missed'}"


def run(tristrata, peers, folder, asked):
    speed = Speed(tristrata, peers, folder, 1 if asked.quick else 3)
    print("\n| what | ours | peer | faster | mark | our memory | theirs | part | mark |\n" + "|---" * 9 + "|")
    speed.evidently(10_000, 50, "csv", 100, 5, speed.turns)
    if not asked.quick:
        speed.evidently(10_000, 100, "csv", 100, 5, speed.turns)
    speed.evidently(100_000, 20, "csv", 40, None, speed.turns)
    speed.nannyml(100_000, 20, 25, speed.turns)
    if not asked.quick:
        speed.evidently(1_000_000, 20, "parquet", 100, 6, 1)
    print("\n| ours alone | time | beside | growth | mark | memory | mark | page | mark |\n" + "|---" * 9 + "|")
    speed.alone(*((1_000_000, 20) if asked.quick else (10_000_000, 20)), "rows")
    speed.alone(*((10_000, 1_000) if asked.quick else (100_000, 1_000)), "columns")
    print(f"\nEvidently {speed.versions.get('Evidently', 'gave no answer')}, NannyML {speed.versions['NannyML']}; the "
          f"fastest of {speed.turns} turns (the million rows: one), ours three runs a turn, two threads each.")
    return speed.wrong
