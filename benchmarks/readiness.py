"""Plans through the readiness gate, from the outside: one beside the start of the process, and many at once, of which
every third is wrong. Every answer is checked: readiness.py TRISTRATA [PLANS] [--marks]

--marks: exits with 1 where 10,000 plans take more than 5 s, or one more than the start and 10 ms."""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

tristrata = pathlib.Path(sys.argv[1]).resolve()
count = int(next((word for word in sys.argv[2:] if word.isdigit()), "10000"))
right = (pathlib.Path(__file__).resolve().parents[1] / "tests/golden/readiness/right.md").read_text(encoding="utf-8")
STORY = "CVN-N001-EF-S07"


def took(folder: pathlib.Path, *words: str, code: int = 0) -> tuple[float, bytes]:
    begun = time.perf_counter()
    done = subprocess.run([tristrata, *words], capture_output=True, cwd=folder)
    seconds = time.perf_counter() - begun
    if done.returncode != code:
        sys.exit(f"{words}: exit {done.returncode}, not {code}: {done.stderr.decode()}")
    return seconds, done.stdout


with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    for index in range(count):
        text = right.replace(STORY, f"CVN-{index}")
        if index % 3 == 0:
            text = text.replace("- DRI: @maria\n", "")
        plan = folder / f"documentation/stories/CVN-{index}/mlops_readiness.md"
        plan.parent.mkdir(parents=True)
        plan.write_text(text, encoding="utf-8")
    day = ("--root", ".", "--at", "2026-05-10")
    start, one = [], []
    for _ in range(21):
        start.append(took(folder, "--version")[0])
        one.append(took(folder, "readiness", "check", "--story", "CVN-1", *day)[0])
    many, found = min((took(folder, "readiness", "check", "--all", *day, "--format", "json", code=1) for _ in range(3)),
                      key=lambda pair: pair[0])
    plans = json.loads(found)["plans"]
    wrong = [plan for plan in plans if [one_["rule"] for one_ in plan["findings"]] == ["RDY601"]]
    if len(plans) != count or len(wrong) != (count + 2) // 3 or sum(plan["blocked"] for plan in plans) != len(wrong):
        sys.exit(f"{len(plans)} plans, {len(wrong)} of them wrong in the one way")
    extra = 1000 * (statistics.median(one) - statistics.median(start))
    print(f"the process's start      {1000 * statistics.median(start):8.1f} ms\n"
          f"one plan, beyond that    {extra:8.1f} ms\n"
          f"{count:6} plans           {many:8.2f} s   {1000 * many / count:.3f} ms each")
    if "--marks" in sys.argv and (many * 10_000 / count > 5 or extra > 10):
        sys.exit("above the marks: 5 s for 10,000 plans, 10 ms for one")
