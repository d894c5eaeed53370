"""Beside Evidently and NannyML, each in an environment of its own: peers.py [--quick | --every-week] [PART]...

The parts: speed (time and memory), estimates (metrics without labels), candles (with two models on them), labelled,
simulations. Tables are printed as Markdown. A figure never fails the run; a wrong answer does."""
import argparse
import importlib
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PARTS = ["speed", "estimates", "candles", "labelled", "simulations"]


def main():
    build = HERE.parent / "build"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; without one all of them")
    parser.add_argument("--tristrata", type=pathlib.Path, default=build / "release/bin/tristrata")
    parser.add_argument("--evidently", type=pathlib.Path, default=build / "env-evidently/bin/python")
    parser.add_argument("--nannyml", type=pathlib.Path, default=build / "env-nannyml/bin/python")
    parser.add_argument("--quick", action="store_true", help="smaller tables, fewer repeats: minutes")
    parser.add_argument("--every-week", action="store_true",
                        help="candles: all weeks, for which NannyML fits an hour and more; else those of the dated "
                             "facts and every eighth")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    peers, wrong = {"evidently": arguments.evidently, "nannyml": arguments.nannyml}, []
    for part in PARTS:
        if arguments.parts and part not in arguments.parts:
            continue
        print(f"\n## {part}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            wrong += importlib.import_module(f"peers_{part}").run(arguments.tristrata, peers, pathlib.Path(folder),
                                                                  arguments)
    print("\n" + ("\n".join(wrong) or "every answer was checked and right"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
