"""Tries every wall of the house. For each ordered pair of rooms (A, B) one translation unit a header is compiled with
the include folders that A's own sources get. Where the table does not let A use B, every header of B must be out of
reach; where A names B in its CMakeLists.txt, the table must allow it and every header of B must be found."""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys


def read_table(path):
    table = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            room, _, listed = line.partition(":")
            table[room] = set(listed.split())
    return table


def read_facts(path):
    facts = {}
    for line in path.read_text().splitlines():
        room, uses, exposes, folders = line.split("|")
        facts[room] = {"uses": set(uses.split()), "exposes": set(exposes.split()), "folders": folders.split()}
    return facts


def allowed_by(table, facts, room):
    """The rooms listed for this one, core, and what any of these exposes, to the end."""
    seen, todo = set(), ["core", *table[room]]
    while todo:
        other = todo.pop()
        if other not in seen:
            seen.add(other)
            todo.extend(facts[other]["exposes"] if other in facts else ())
    return seen - {room}


def compiled(compiler, folders, text):
    command = [compiler, "-std=c++20", "-fsyntax-only", "-x", "c++", "-"]
    command += [f"-I{folder}" for folder in folders]
    done = subprocess.run(command, input=text, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--source", required=True, type=pathlib.Path)
    parser.add_argument("--facts", required=True, type=pathlib.Path)
    parser.add_argument("--strike", nargs=2, metavar=("A", "B"), help="forbid A the use of B, and look at A only")
    arguments = parser.parse_args()

    table = read_table(arguments.source / "tests/layering/rooms.txt")
    facts = read_facts(arguments.facts)
    lookers = set(facts)
    if arguments.strike:
        looker, struck = arguments.strike
        if struck not in facts.get(looker, {"uses": ()})["uses"]:
            print(f"{looker} does not use {struck}: nothing to strike")
            return 2
        table[looker].discard(struck)
        lookers = {looker}
    headers = {}
    for room in facts:
        face = arguments.source / "src" / room / "include"
        headers[room] = sorted(str(path.relative_to(face)) for path in face.rglob("*.hpp"))
    # A room whose face is empty (cli) cannot be reached; one header that is not there stands for it.
    face_or_none = {room: found or [f"tristrata/{room}/{room}.hpp"] for room, found in headers.items()}

    holes = [f"{room} is no room of rooms.txt" for room in sorted(set(facts) - set(table))]
    holes += [f"{room} of rooms.txt is not built" for room in sorted(set(table) - set(facts))
              if (arguments.source / "src" / room / "CMakeLists.txt").exists()]

    def closed(room, other):
        # One unit a header: GCC stops at the first that is missing, and after __has_include it never complains.
        for header in face_or_none[other]:
            status, said = compiled(arguments.compiler, facts[room]["folders"], f'#include "{header}"\n')
            if status == 0:
                return f"{room} reaches {other}, which rooms.txt does not allow: {header}"
            if f"{header}: No such file" not in said and f"'{header}' file not found" not in said:
                return f"{room} against {other} failed for another reason: {said}"
        return None

    def open_(room, other):
        text = "".join(f'#include "{header}"\n' for header in headers[other])
        status, said = compiled(arguments.compiler, facts[room]["folders"], text)
        return None if status == 0 else f"{room} uses {other} and cannot include its headers: {said}"

    jobs, shut = [], 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for room in sorted(lookers & set(table)):
            allowed = allowed_by(table, facts, room)
            named = facts[room]["uses"] | facts[room]["exposes"]
            holes += [f"{room} names {other}, which rooms.txt does not allow" for other in sorted(named - allowed)]
            for other in sorted(set(facts) - {room}):
                if other in named & allowed:
                    jobs.append(pool.submit(open_, room, other))
                elif other not in allowed:
                    jobs.append(pool.submit(closed, room, other))
                    shut += 1
    holes += [job.result() for job in jobs if job.result()]
    print("\n".join(holes) or f"{len(facts)} rooms: {shut} walls hold, {len(jobs) - shut} doors open")
    return 1 if holes else 0


sys.exit(main())
