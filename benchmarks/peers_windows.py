"""What Evidently and NannyML say of windows of one CSV, by the scripts *_windows.py in peers/."""
import json
import pathlib

from measured import Measured, ended_well

HERE = pathlib.Path(__file__).resolve().parent


def answers(python, script, job, folder):
    path = folder / f"{script}.json"
    path.write_text(json.dumps({**job, "file": str(job["file"])}))
    command = [python, "-W", "ignore", HERE / "peers" / script, path]
    return json.loads(ended_well(Measured(command), command).out)


def evidently(python, data, kinds, windows, folder):
    """Of each window the columns that drifted; and Evidently's version."""
    answer = answers(python, "evidently_windows.py", {"file": data, "columns": kinds, "windows": windows}, folder)
    drifted = [{name for name, told in found.items() if told and told[1]} for found in answer["windows"]]
    return drifted, answer["version"]


def nannyml(python, data, kinds, windows, folder, time=None, methods=None):
    """Of each window its chunks, as pairs of key and column -> methods that alert; and NannyML's version."""
    job = {"file": data, "columns": kinds, "windows": windows, **({"time": time} if time else {}),
           **({"methods": methods} if methods else {})}
    answer = answers(python, "nannyml_windows.py", job, folder)
    return [[(key, {name: {method for method, alert in one.items() if alert} for name, one in found.items()})
             for key, found in chunks] for chunks in answer["windows"]], answer["version"]
