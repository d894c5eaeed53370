#!/usr/bin/env python3
"""Puts the overlay into a repository that is laid out as the design's: docs/adopt.md.

    assemble.py FOLDER [--replace PATH]... [--manual ADDRESS] [--tristrata PROGRAM]

A file that is there and says something else stays, and then nothing is written: it is named, and --replace says that
the overlay's may take its place. Run again, it writes what is missing and changes nothing else. Links of pages that
lead out of what is copied become links below --manual; without it only their words stay.
"""
import argparse
import pathlib
import posixpath
import re
import subprocess
import sys
import tomllib
import typing

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


class Overlay:
    """Files by their path in the other repository: what each says, and where it comes from."""

    def __init__(self, folder: pathlib.Path, program: str, manual: typing.Optional[str]) -> None:
        self.folder, self.program, self.manual = folder, program, manual
        self.files: dict[str, bytes] = {}
        self.origins: dict[str, str] = {}  # path here → path there
        rows = tomllib.loads((SOURCE / "examples/cvntrade/overlay.toml").read_text(encoding="utf-8"))["put"]
        for row in rows:
            self.put(row)
        for origin, path in self.origins.items():
            if path.endswith(".md"):
                self.files[path] = LINK.sub(lambda link, at=(origin, path): self.link(link, *at),  # type: ignore[misc]
                                            self.files[path].decode()).encode()

    def put(self, row: dict[str, typing.Any]) -> None:
        if "prints" in row:
            done = subprocess.run([self.program, *row["prints"]], capture_output=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"{self.program} {' '.join(row['prints'])}: {done.stderr.decode()}")
            self.files[self.numbered(row["path"])] = done.stdout
            return
        origin = SOURCE / row["from"]
        if not origin.exists():
            raise SystemExit(f"{row['from']} is not there; {row['path']} comes from it")
        for file in sorted(origin.rglob("*")) if origin.is_dir() else [origin]:
            if not file.is_file() or "__pycache__" in file.parts:
                continue
            below = file.relative_to(origin).as_posix()
            path = row["path"] if below == "." else f"{row['path']}/{below}"
            content = file.read_bytes()
            for before, after in row.get("replace", {}).items():
                if before.encode() not in content:
                    raise SystemExit(f"{row['from']} does not say {before!r}, which is to be replaced")
                content = content.replace(before.encode(), after.encode())
            self.files[path] = content
            self.origins[file.relative_to(SOURCE).as_posix()] = path

    def numbered(self, path: str) -> str:
        """0XX becomes the number after the last one; a file of that name that is there keeps its own."""
        place, name = posixpath.split(path)
        there = sorted(file.name for file in (self.folder / place).glob("[0-9]*_*.sql"))
        mine = [one for one in there if one.split("_", 1)[1] == name.split("_", 1)[1]]
        if mine:
            return f"{place}/{mine[-1]}"
        last = max((int(one.split("_", 1)[0]) for one in there if one.split("_", 1)[0].isdigit()), default=0)
        return f"{place}/{last + 1:03}_{name.split('_', 1)[1]}"

    def link(self, link: re.Match[str], origin: str, path: str) -> str:
        words, target = link[1], link[2]
        name, hash_sign, heading = target.partition("#")
        if not name or "://" in target or target.startswith("mailto:"):
            return link[0]
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(origin), name))
        if meant in self.origins:
            name = posixpath.relpath(self.origins[meant], posixpath.dirname(path))
            return f"[{words}]({name}{hash_sign}{heading})"
        if self.manual:
            return f"[{words}]({self.manual.rstrip('/')}/{meant}{hash_sign}{heading})"
        return words


def main() -> int:
    parser = argparse.ArgumentParser(description="Puts the overlay into a repository")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--replace", action="append", default=[], metavar="PATH")
    parser.add_argument("--manual", metavar="ADDRESS")
    parser.add_argument("--tristrata", default="tristrata", metavar="PROGRAM")
    arguments = parser.parse_args()
    folder: pathlib.Path = arguments.folder
    if not folder.is_dir():
        raise SystemExit(f"{folder} is no folder; expected the root of a repository")
    overlay = Overlay(folder, arguments.tristrata, arguments.manual)
    unknown = set(arguments.replace) - set(overlay.files)
    if unknown:
        raise SystemExit(f"the overlay has no {', '.join(sorted(unknown))}")
    missing: list[str] = []
    other: list[str] = []
    for path, content in overlay.files.items():
        there = folder / path
        if not there.exists():
            missing.append(path)
        elif there.read_bytes() != content:
            (missing if path in arguments.replace else other).append(path)
    if other:
        print("\n".join(f"{path} is there and says something else" for path in other))
        print("nothing was written; --replace PATH lets the overlay's take its place")
        return 1
    for path in missing:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(overlay.files[path])
    print(f"{len(missing)} files written, {len(overlay.files) - len(missing)} were there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
