"""Where the workflow of pull requests finds the plan of a small story: among the issues that the pull request's text
links, as a reader sees it: readiness_links_test.py TRISTRATA SOURCE"""
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from gated_repository import PLAN, committed, failures, git, of_today, right, source, write  # noqa: E402
from played_workflow import begun, offered, prepared, steps  # noqa: E402


def text_of_any_kind(root: pathlib.Path) -> None:
    """None, and as long as GitHub takes it: longer than a variable may be, and read by nothing that lies there."""
    folder = begun(root, "texts")
    for branch, path in (("words", "docs/a.md"), ("bare", "src/training/bare.py")):
        git(root, folder, "checkout", "-qb", branch, "main")
        write(folder, path, "x\n")
        write(folder, "json.py", 'open("evil", "w")\n')
        committed(root, folder, branch)
    for branch, code in (("words", 0), ("bare", 1)):
        context = offered(root, folder, branch, "")
        for body in (None, "", "\u6f22" * 65_536, "\U0001f600" * 65_536, "\ud800 $(touch evil) `touch evil`\r\n"):
            ended = steps(root, "readiness.yml", folder, context | {"github.event.pull_request.body": body}, {})
            if [end for end, _ in ended.values()] != [0, 0, 0, 0, 0, code, 0] or (folder / "evil").exists():
                failures.append(f"{branch}, with a text {(body or '-')[:9]!r}: {ended}")
            if body is None and (root / "runner/pull_request.md").read_text().strip():
                failures.append("a pull request without a text has one")


def links(root: pathlib.Path) -> None:
    """What a reader sees as code, or not at all, is no link; and whatever stands there is read at once."""
    at = "https://github.com/example/trading/issues/709#mlops-readiness"
    hidden = ["a\n\n    {}\n", "- a\n\n      {}", "# a\n\t{}", "> \n>     {}", "<code>{}</code>", "<pre>{}",
              "a <PRE class=b>\n\n{}\n</PRE>", "<code>\n\n{}", "<pre>\n```\n</pre>\n```\n{}\n```", "<!-- {}",
              "```\n~~~\n<!--\n```` {}", "- ~~~\n  {}", "<!--\n```\n-->\n<!-- ` {} -->", "`` ` {} ``", "{}-1"]
    shown = ["a\n    {}", "- a\n\n    {}", "1. a\n   - b\n\n     {}", "`<pre>` {}", "\\<code> {}", "<prefix> {}",
             "<!--\n```\n<pre>\n--> {}", "> ```\n> <!--\n\n{}", "```\n<pre>\n```\n{}", "a ` b\n\n{} `", "[a]({})",
             "<pre>\n`</pre>\n{} `", "\\` {} `", "    a\n{}", "a `<!--` {}", "<code>a</code> {}", "a <!-- b\n\n{}",
             "# a ` b\n{} `", "| a ` | {} ` |", "a\n=\n    b\n{}"]
    long = ["`", "` ", "\\", "<!--", "<pre>", "<code></code>", "> ", "-  ", "1. ", "~~~\n", "`\n", "    x\n\n", "\n",
            "\t", "#1 ", "漢", "```\n<!--\n<pre>\n", "".join("`" * run + " " for run in range(1, 361))]
    context = {"github.server_url": "https://github.com", "github.repository": "example/trading"}
    for text in hidden + shown + [(word * 65_536)[:65_536] for word in long]:
        written = text.replace("{}", at)
        (root / "runner/pull_request.md").write_text(written.replace("\n", "\r\n"), encoding="utf-8")
        began = time.monotonic()
        done = steps(root, "readiness.yml", root, context, {}, only="Links")["Links"]
        linked = (root / "runner/linked").read_text().split()
        if done[0] or linked != [at.partition("#")[0]] * (text in shown) or time.monotonic() - began > 5:
            failures.append(f"{text[:40]!r}: links {linked}, {done}, in {time.monotonic() - began:.1f} s")


def linked_issues(root: pathlib.Path) -> None:
    """Only where a plan is asked for and none is among what changed, by links that a reader of the text sees."""
    folder = begun(root, "issues")
    issue = (source / "tests/golden/readiness/plans/issue_right.markdown").read_text(encoding="utf-8")
    (root / "comments/issue_709.md").write_text(of_today(issue), encoding="utf-8")
    (root / "comments/issue_711.md").write_text("It is slow.\n")
    for branch, files in (("small", {}), ("planned", {PLAN: right}), ("words", {"docs/a.md": "x\n"})):
        git(root, folder, "checkout", "-qb", branch, "main")
        for path, text in (files if branch == "words" else files | {"src/training/fit.py": "second\n"}).items():
            write(folder, path, text)
        committed(root, folder, branch)
    at = "https://github.com/example/trading/issues/{}#mlops-readiness".format
    hidden, planned = f"<!-- {at(709)} --> `{at(711)}` {at(709)}-1 {at(790).replace('/t', '_t')}", f"The plan: {PLAN}"
    code_then = f"a ` b\r\n\r\n```sh\r\n{at(711)}\r\n```\r\nsee `{at(711)}\r\n` ``{at(711)} ` `` {at(709)}"
    # The text, the exit, the issues that are read, and what is said of each that is not the one.
    for branch, text, code, read, says in (
            ("small", hidden, 1, [], ["issue 709 is linked without #mlops-readiness"]),
            ("small", f"As in {at(711)}, now {at(709)}", 0, [711, 709], ["issues/711, which", "has no part ##"]),
            ("small", f"[a]({at(790)}), [b]({at(709)}), {at(711)}", 0, [790, 709], ["issues/790, which", "HTTP 404"]),
            ("small", code_then, 0, [709], []),
            ("small", at(711), 1, [711], ["issues/711, which the pull request links, has no part ## MLOps readiness"]),
            ("small", f"{at(790)} {at(711)}", 1, [790, 711], ["issues/790, which", "issues/711, which"]),
            ("small", f"{at(790)} {at(791)} {at(790)}", 3, [790, 791], ["issues/790, which", "issues/791, which"]),
            ("small", " ".join(map(at, range(100, 112))), 3, list(range(100, 110)), ["more than ten", "110 was not"]),
            ("small", f"a\n\n    {at(709)}\n\n<pre>{at(709)}</pre>", 1, [], []),
            ("small", f"#711, (#7), x#9, {at(709)[:-16]} and {at(709)[:-15]}plan, 3e0a3008", 1, [],
             [f"issue {issue} is linked without #mlops-readiness; write {at(issue)} where" for issue in (709, 711, 7)]),
            ("small", f"Closes #12: {at(709)[:-16]} {at(709)}", 0, [709], []),
            ("planned", f"#12, {at(709)[:-16]}, {planned}", 0, [], []),
            ("planned", f"{planned} <!-- {at(790)} --> follows {at(711)} and {at(790)}", 0, [], []),
            ("words", f"See {at(711)} and {at(790)}", 0, [], [])):
        (root / "comments/calls").unlink(missing_ok=True)
        ended = steps(root, "readiness.yml", folder, offered(root, folder, branch, f"{text}, session 3e0a3008"), {})
        calls = re.findall("/issues/([0-9]+) ", (root / "comments/calls").read_text())
        comment = (root / "comments/1").read_text()
        if ended["Issue"][0] or ended["Judge"][0] != code or calls != [str(number) for number in read]:
            failures.append(f"{branch}, {text}: read {calls}, {ended}")
        failures.extend(f"{branch}, {text}: no {word!r} in {comment} {ended['Judge']}" for word in says
                        if word not in comment or (word not in ended["Judge"][1] and code != 3))
        if not says and ("which the pull request links" in comment or "linked without" in comment):
            failures.append(f"{branch}, {text}: of an issue that does not count is spoken: {comment}")


def in_bad_weather(root: pathlib.Path) -> None:
    """A GitHub that fails once is asked again."""
    folder = begun(root, "weather")
    issue = (source / "tests/golden/readiness/plans/issue_right.markdown").read_text(encoding="utf-8")
    (root / "comments/issue_709.md").write_text(of_today(issue), encoding="utf-8")
    (root / "comments/failing_709").touch()
    git(root, folder, "checkout", "-qb", "work", "main")
    write(folder, "src/training/fit.py", "second\n")
    committed(root, folder, "second")
    at = "https://github.com/example/trading/issues/709#mlops-readiness"
    ended = steps(root, "readiness.yml", folder, offered(root, folder, "work", f"{at}, session 3e0a3008"), {})
    if ended["Judge"][0] or (root / "comments/failing_709").exists():
        failures.append(f"an issue that could not be read once: {ended}")


for part in (text_of_any_kind, links, linked_issues, in_bad_weather):
    with tempfile.TemporaryDirectory() as temporary_folder:
        part(prepared(temporary_folder))
print("\n".join(failures) or "the links of a text are those that a reader sees")
sys.exit(bool(failures))
