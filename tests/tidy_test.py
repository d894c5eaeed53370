"""Each untidiness that tools/tidy.py knows is put into an empty tree, alone, and must be named."""
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
import tidy  # noqa: E402

CMAKE = "tristrata_module(stats\n  HEADERS ks.hpp\n  SOURCES ks.cpp\n  TESTS ks_test\n  EXPOSES core)\n"
FACE = "src/stats/include/tristrata/stats/ks.hpp"
CLEAN = {"src/stats/CMakeLists.txt": CMAKE, FACE: "#pragma once\n#include <tl/expected.hpp>\n#include <vector>\n",
         "src/stats/ks.cpp": '#include "tristrata/stats/ks.hpp"\n', "src/stats/tests/ks_test.cpp": "int a;\n",
         "README.md": "# Title\n\n[the source](src/stats/ks.cpp)\n\n```\n# a comment in a shell\n```\n"}
UNTIDY = [
    ({"src/stats/string_utils.hpp": ""}, "the name says nothing"),
    ({"src/stats/ks.cpp": "class KsManager {};\n"}, "the type KsManager says nothing"),
    ({"src/stats/ks.cpp": "// " + "a" * 120 + "\n"}, "123 columns"),
    ({"src/stats/ks.cpp": "int a;\n" * 501}, "over 500 lines"),
    ({"src/stats/ks.cpp": "// TO" + "DO later\n"}, "unfinished"),
    ({"README.md": "# T\nsee sha" + "red/design\n"}, "which a reader does not have"),
    ({"src/stats/ks.cpp": 'auto a = std::getenv("A");\n'}, "the environment is read in config only"),
    ({"src/stats/ks.cpp": "std::cout << 1;\n"}, "neither prints nor exits"),
    ({"src/stats/ks.cpp": "#include <toml++/toml.h>\n"}, "toml++ is for config only"),
    ({"src/stats/ks.cpp": "#include <arrow/api.h>\n"}, "Arrow C++ is for sources, objects and archive only"),
    ({FACE: "#include <fmt/format.h>\n"}, "third-party headers stay in .cpp files"),
    ({FACE: "#include <sqlite3.h>\n"}, "third-party headers stay in .cpp files"),
    ({"src/stats/include/tristrata/stats/psi.hpp": ""}, "a public header in no target"),
    ({"src/stats/psi.cpp": ""}, "psi.cpp: in no target"),
    ({"src/stats/tests/psi_test.cpp": ""}, "this test is never built"),
    ({"README.md": "# T\n" + "<" * 7 + " HEAD\n"}, "a conflict of a merge"),
    ({"docs/adr/0001-a.md": "# A\n", "docs/adr/0001-b.md": "# B\n"}, "0001-a.md has that number too"),
    ({"docs/a.md": "# A\n# B\n"}, "2 titles"),
    ({"docs/a.md": "no title\n"}, "0 titles"),
    ({"docs/a.md": "# A\n[gone](gone.md)\n"}, "the link to gone.md leads nowhere"),
]


def problems_of(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **files}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tidy.check(pathlib.Path(folder))[0]


failures = [f"the clean tree: {problem}" for problem in problems_of({})]
for files, expected in UNTIDY:
    found = problems_of(files)
    if len(found) != 1 or expected not in found[0]:
        failures.append(f"expected one problem, '{expected}', found {found}")
print("\n".join(failures) or f"{len(UNTIDY)} kinds of untidiness are noticed")
sys.exit(1 if failures else 0)
