"""Properties of the tree that no compiler checks. Runs as the CTest test "tidy" and in ./dev lint: tidy.py ROOT"""
import os
import pathlib
import re
import sys

LINE_COLUMNS_MAX = {".hpp": 110, ".cpp": 110}  # 120 elsewhere
FILE_LINES_MAX = 500
VAGUE = {"util", "utils", "utility", "utilities", "helper", "helpers", "common", "misc", "manager", "managers"}
VAGUE_TYPE = re.compile(r"^\s*(?:class|struct|enum class)\s+(\w*(?:Util|Helper|Common|Misc|Manager)\w*)\s*[{:]")
# Written in two pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
ELSEWHERE = ["/wo" + "rk/", "sha" + "red/", "/ro" + "ot/"]
CONFLICT = re.compile(r"(<" + r"{7}|>" + r"{7}|\|{7})( |$)|={7}$")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
SAYS = re.compile(r"\b(std::cout|std::cerr|std::clog|std::printf|std::puts|fmt::print|std::exit|std::abort)\b")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE = {".hpp", ".cpp", ".py", ".cmake", ".sh"}
TEXT = CODE | {".md", ".txt", ".toml", ".json", ".sql", ".html", ".css", ".js", ".yml", ".yaml", ""}


def files_of(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in {"build", "__pycache__"}
                            and (not name.startswith(".") or name == ".ci"))
        for name in sorted(names):
            if name != ".git":  # a file in a linked work tree
                yield pathlib.Path(folder, name)


def listed_in(cmake, keyword):
    """The words after a keyword of tristrata_module, up to the next keyword or the closing bracket."""
    found = re.search(rf"\b{keyword}\b([^)]*?)(?:\b(?:HEADERS|SOURCES|TESTS|EXPOSES|USES|TEST_USES)\b|\))", cmake)
    return set(found.group(1).split()) if found else set()


def check_names(name, problems):
    for part in name.parts:
        words = set(re.split(r"[_.\-]", part.lower()))
        if words & VAGUE:
            problems.append(f"{name}: the name says nothing; name it after the concept")


def check_lines(name, text, problems):
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}:{number}"
        columns_max = LINE_COLUMNS_MAX.get(name.suffix, 120)
        if (name.suffix in CODE or name.name == "CMakeLists.txt") and len(line) > columns_max:
            problems.append(f"{where}: {len(line)} columns, limit {columns_max}")
        if UNFINISHED.search(line):
            problems.append(f"{where}: unfinished; finish it or file it")
        if CONFLICT.match(line):
            problems.append(f"{where}: a conflict of a merge; decide it")
        for place in ELSEWHERE:
            if place in line:
                problems.append(f"{where}: names {place}, which a reader does not have")
        if name.suffix in {".hpp", ".cpp"} and (vague := VAGUE_TYPE.match(line)):
            problems.append(f"{where}: the type {vague.group(1)} says nothing; name it after the concept")


def check_source(name, text, problems):
    room, is_test = name.parts[1], "tests" in name.parts
    is_face = "include" in name.parts
    if len(text.splitlines()) > FILE_LINES_MAX:
        problems.append(f"{name}: over {FILE_LINES_MAX} lines; look for the second thing in it")
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}:{number}"
        code = line.split("//")[0]
        if room != "config" and not is_test and re.search(r"\bgetenv\b", code):
            problems.append(f"{where}: the environment is read in config only")
        if room != "cli" and not is_test and SAYS.search(code):
            problems.append(f"{where}: a room neither prints nor exits; return it")
        if not (include := INCLUDE.match(line)):
            continue
        header = include.group(1)
        if header.startswith("toml++/") and room != "config":
            problems.append(f"{where}: toml++ is for config only")
        if header.startswith(("arrow/", "parquet/")) and room not in ("sources", "objects", "archive"):
            problems.append(f"{where}: Arrow C++ is for sources, objects and archive only")
        foreign = ("/" in header or header.endswith((".h", ".hpp"))) and not header.startswith("tristrata/")
        if is_face and foreign and header != "tl/expected.hpp":
            problems.append(f"{where}: {header} in a public header; third-party headers stay in .cpp files")


def check_targets(root, room, names, problems):
    cmake_file = root / "src" / room / "CMakeLists.txt"
    if not cmake_file.exists():
        return
    cmake = cmake_file.read_text()
    headers, sources = listed_in(cmake, "HEADERS"), listed_in(cmake, "SOURCES")
    tests = listed_in(cmake, "TESTS")
    # A room may add a target of its own (the executable of cli): what that names counts too.
    extra = set(re.findall(r"[\w/.]+\.cpp", cmake))
    for name in names:
        inside = name.relative_to(pathlib.Path("src", room))
        if inside.parts[:3] == ("include", "tristrata", room) and inside.suffix == ".hpp":
            if "/".join(inside.parts[3:]) not in headers:
                problems.append(f"{name}: a public header in no target")
        elif inside.suffix == ".cpp" and inside.parts[0] == "tests":
            if inside.stem not in tests and str(inside) not in extra:
                problems.append(f"{name}: this test is never built")
        elif inside.suffix == ".cpp" and str(inside) not in sources | extra:
            problems.append(f"{name}: in no target")


def check_page(root, name, text, problems):
    prose, fenced = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            prose.append(line)
    titles = sum(line.startswith("# ") for line in prose)
    if titles != 1:
        problems.append(f"{name}: {titles} titles, a page has one")
    for target in LINK.findall("\n".join(prose)):
        path = target.split("#")[0]
        if path and "://" not in target and not target.startswith("mailto:"):
            if not (root / name.parent / path).exists():
                problems.append(f"{name}: the link to {target} leads nowhere")


def check_decisions(root, problems):
    names = {}
    for path in sorted((root / "docs" / "adr").glob("[0-9]*.md")):
        first = names.setdefault(path.name[:4], path.name)
        if first != path.name:
            problems.append(f"docs/adr/{path.name}: {first} has that number too")


def check(root):
    problems, count, rooms = [], 0, {}
    check_decisions(root, problems)
    for path in files_of(root):
        name = path.relative_to(root)
        check_names(name, problems)
        if name.suffix not in TEXT:
            continue
        count += 1
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            if name.suffix in CODE:
                problems.append(f"{name}: not UTF-8")
            continue
        check_lines(name, text, problems)
        if name.parts[0] == "src" and name.suffix in {".hpp", ".cpp"} and len(name.parts) > 2:
            check_source(name, text, problems)
            rooms.setdefault(name.parts[1], []).append(name)
        if name.suffix == ".md":
            check_page(root, name, text, problems)
    for room, names in rooms.items():
        check_targets(root, room, names, problems)
    return problems, count


if __name__ == "__main__":
    found, files = check(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(found) or f"tidy: {files} files")
    sys.exit(1 if found else 0)
