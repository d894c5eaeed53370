"""The chart as Helm renders it, and a pod of it as processes of this machine."""
import os
import pathlib
import re
import subprocess
import typing

import yaml

Document = dict[str, typing.Any]
RELEASE, NAMESPACE = "tristrata", "observability"


class Helm:
    """Helm with a home of its own and no cluster."""

    def __init__(self, program: pathlib.Path, home: pathlib.Path, chart: pathlib.Path) -> None:
        self.program, self.chart = program, chart
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "HELM_CACHE_HOME": str(home / "cache"),
                            "HELM_CONFIG_HOME": str(home / "config"), "HELM_DATA_HOME": str(home / "data"),
                            "KUBECONFIG": str(home / "none")}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.program, *words], capture_output=True, text=True, env=self.environment, timeout=120)

    def lint(self, *values: str) -> subprocess.CompletedProcess[str]:
        return self.run("lint", "--strict", "--kube-version", "1.37.0", str(self.chart), *values)

    def template(self, version: str, *values: str) -> subprocess.CompletedProcess[str]:
        return self.run("template", RELEASE, str(self.chart), "--namespace", NAMESPACE, "--kube-version", version,
                        *values)

    def objects(self, version: str, *values: str) -> list[Document]:
        done = self.template(version, *values)
        assert done.returncode == 0, done.stderr
        return [document for document in yaml.safe_load_all(done.stdout) if document]


def one(objects: list[Document], kind: str) -> Document:
    found = [document for document in objects if document["kind"] == kind]
    assert len(found) == 1, f"{len(found)} objects are a {kind}"
    return found[0]


class Volumes:
    """A pod's volumes as folders: what Kubernetes puts there is put there, as it does."""

    def __init__(self, folder: pathlib.Path, pod: Document, objects: list[Document], claims: list[str],
                 secret_of: typing.Callable[[str], str]) -> None:
        self.places: dict[str, pathlib.Path] = {}
        self.secret_of = secret_of
        for name in claims:
            self.places[name] = folder / name
        for volume in pod["volumes"]:
            place = self.places[volume["name"]] = folder / volume["name"]
            if "secret" in volume:
                self.project(place, {item["path"]: secret_of(item["key"]) for item in volume["secret"]["items"]},
                             volume["secret"]["defaultMode"])
            elif "configMap" in volume:
                data = next(document["data"] for document in objects if document["kind"] == "ConfigMap"
                            and document["metadata"]["name"] == volume["configMap"]["name"])
                # Files name each other by where they are mounted.
                mounted = next(mount["mountPath"] for container in pod["containers"]
                               for mount in container["volumeMounts"] if mount["name"] == volume["name"])
                self.project(place, {name: text.replace(f"{mounted}/", f"{place}/") for name, text in data.items()},
                             0o644)
        for place in self.places.values():
            place.mkdir(exist_ok=True)

    @staticmethod
    def project(place: pathlib.Path, files: dict[str, str], mode: int) -> None:
        """Files behind two links, as the kubelet exchanges them at once."""
        behind = place / "..2026_01_01"
        behind.mkdir(parents=True)
        (place / "..data").symlink_to(behind.name)
        for name, text in files.items():
            (behind / name).write_text(text)
            (behind / name).chmod(mode)
            (place / name).symlink_to(f"..data/{name}")

    def inside(self, container: Document, text: str) -> str:
        """A text of the container's, its paths those of the folders."""
        places = {mount["mountPath"]: str(self.places[mount["name"]]) for mount in container["volumeMounts"]}
        mounted = "|".join(map(re.escape, sorted(places, key=len, reverse=True)))
        return re.sub(rf"(?<![\w/])({mounted})(?=/|$)", lambda match: places[match[1]], text)

    def environment(self, container: Document, instead: dict[str, str]) -> dict[str, str]:
        own = {entry["name"]: self.inside(container, entry["value"]) for entry in container["env"]}
        inherited = {key: value for key, value in os.environ.items()
                     if not key.startswith(("TRISTRATA_", "OTEL_", "AWS_"))}
        return {**inherited, **own, **{name: value for name, value in instead.items() if name in own}}

    def arguments(self, container: Document) -> list[str]:
        """With a port that is free here."""
        words = [self.inside(container, word) for word in container["args"]]
        return ["127.0.0.1:0" if before == "--listen" else word
                for before, word in zip(["", *words], words, strict=False)]
