"""The command `tristrata` of an installed package: the program that lies beside this file, with pyarrow's Arrow."""

from __future__ import annotations

import os
import pathlib
import sys

from . import _reading


def main() -> None:
    """Becomes the program; where it cannot, says why and ends with 2, as the program does."""
    try:
        arrow = _reading.arrow_folder("the command line")
    except ImportError as error:
        print(f"tristrata: {error}", file=sys.stderr)
        sys.exit(2)
    program = pathlib.Path(__file__).with_name("tristrata")
    # An environment may keep pyarrow elsewhere than beside this package.
    known = os.environ.get("LD_LIBRARY_PATH")
    os.environ["LD_LIBRARY_PATH"] = f"{arrow}:{known}" if known else str(arrow)
    os.execv(program, ["tristrata", *sys.argv[1:]])
