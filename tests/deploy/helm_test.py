"""The chart: linted, rendered, its objects held against Kubernetes' schemas and against the program, its pod started
as processes of this machine; no cluster is asked: helm_test.py TRISTRATA SOURCE HELM"""
import datetime
import ipaddress
import json
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import kubernetes_validate
import yaml
from rendered import NAMESPACE, Document, Helm, Volumes, one
from serving import Receiver, Serving, failures, known_settings, report, until

TRISTRATA, SOURCE, HELM = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
CHART = SOURCE / "deploy/helm/tristrata"
OLDEST, NEWEST = "1.29.0", "1.37.0"  # of Kubernetes, for which schemas are at hand
SELECTOR = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}
KNOWN = known_settings(TRISTRATA)
# What the chart sets by itself: the spool's place, and what `intake` stands for.
OWN = {"TRISTRATA_SPOOL", "TRISTRATA_INTAKE_LISTEN", "TRISTRATA_INTAKE_CERTIFICATE", "TRISTRATA_INTAKE_KEY",
       "TRISTRATA_INTAKE_CLIENT_AUTHORITY"}


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def set_of(**values: str) -> list[str]:
    return [word for key, value in values.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


def container_of(document: Document) -> Document:
    found = document["spec"]["template"]["spec"]["containers"]
    assert len(found) == 1
    return dict(found[0])


def check_schemas(case: str, objects: list[Document]) -> None:
    for document in objects:
        name = f"{case}: {document['kind']}"
        if document["kind"] == "ServiceMonitor":  # The operator's own; Kubernetes has no schema for it.
            expect(document["apiVersion"] == "monitoring.coreos.com/v1" and
                   set(document["spec"]) == {"selector", "endpoints"}, f"{name}: {document}")
            continue
        for version in (OLDEST, NEWEST):
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                failures.append(f"{name} of {version}: {error.message}")


def check_labels(case: str, objects: list[Document]) -> None:
    whole = one(objects, "StatefulSet")
    pod = whole["spec"]["template"]["metadata"]["labels"]
    name = whole["metadata"]["name"]
    selectors = {"StatefulSet": whole["spec"]["selector"]["matchLabels"],
                 "Service": one(objects, "Service")["spec"]["selector"]}
    for kind, where in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
        if any(document["kind"] == kind for document in objects):
            selectors[kind] = one(objects, kind)["spec"][where]["matchLabels"]
    for kind, labels in selectors.items():
        # What changes with a version may be in no selector: it cannot be changed.
        expect(set(labels) == SELECTOR, f"{case}: {kind} selects by {sorted(labels)}")
        expect(labels.items() <= pod.items(), f"{case}: {kind} selects {labels}, the pod has {pod}")
    for document in objects:
        labels = document["metadata"]["labels"]
        expect(SELECTOR < set(labels) and document["metadata"]["namespace"] == NAMESPACE,
               f"{case}: {document['kind']} has {labels}")
        called = document["metadata"]["name"]
        expect(called == name, f"{case}: {document['kind']} is called {called}")
        if document["kind"] == "ServiceMonitor":
            service = one(objects, "Service")
            expect(document["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items(),
                   f"{case}: no Service is monitored")
            ports = {port["name"] for port in service["spec"]["ports"]}
            asked = {endpoint["port"] for endpoint in document["spec"]["endpoints"]}
            expect(asked <= ports, f"{case}: {asked} are monitored of {ports}")


def check_pod(case: str, objects: list[Document], values: Document) -> None:
    whole = one(objects, "StatefulSet")
    pod = whole["spec"]["template"]["spec"]
    serve = container_of(whole)
    mounts = {mount["mountPath"]: mount["name"] for mount in serve["volumeMounts"]}
    claims = {claim["metadata"]["name"] for claim in whole["spec"]["volumeClaimTemplates"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    expect(set(mounts.values()) == claims | set(volumes), f"{case}: {mounts} are mounted of {claims}, {set(volumes)}")
    environment = {entry["name"]: entry["value"] for entry in serve["env"]}
    expect(len(environment) == len(serve["env"]), f"{case}: a variable is set twice")
    for name, value in environment.items():
        if name.startswith("TRISTRATA_"):
            expect(name in KNOWN, f"{case}: {name} is no setting of the program's")
        else:
            expect(name.startswith(("OTEL_", "AWS_")), f"{case}: {name} is set")
        if name.endswith("_FILE") or name.startswith("TRISTRATA_") and value.endswith(".toml"):
            folder, _, file = value.rpartition("/")
            volume = volumes.get(mounts.get(folder, ""), {})
            held = {item["path"] for item in volume["secret"]["items"]} if "secret" in volume else \
                set(one(objects, "ConfigMap")["data"])
            expect(file in held, f"{case}: {name} names {value}, and there is {sorted(held)}")
    spool = environment["TRISTRATA_SPOOL"].rpartition("/")[0]
    expect(mounts.get(spool) in claims, f"{case}: the spool {spool} is no volume of its own")
    # Ports: the program's own, the Service's and the probes'.
    port = values.get("serve", {}).get("port", default_port())
    words = serve["args"]
    expect(words[0] == "serve" and words[words.index("--listen") + 1].endswith(f":{port}"), f"{case}: {words}")
    ports = {"http": port}
    if "TRISTRATA_INTAKE_LISTEN" in environment:
        ports["intake"] = int(environment["TRISTRATA_INTAKE_LISTEN"].rpartition(":")[2])
    expect(("intake" in ports) == bool(values.get("intake", {}).get("enabled")), f"{case}: {ports}")
    expect(serve["ports"] == [{"name": name, "containerPort": number, "protocol": "TCP"}
                              for name, number in ports.items()], f"{case}: {serve['ports']}")
    offered = one(objects, "Service")["spec"]["ports"]
    expect({entry["name"]: entry["port"] for entry in offered} == ports and
           all(entry["targetPort"] == entry["name"] for entry in offered), f"{case}: {offered}")
    probes = {name: serve[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    expect(all(probe["port"] == "http" for probe in probes.values()), f"{case}: {probes}")
    expect(probes["livenessProbe"]["path"] == "/livez", f"{case}: liveness asks for more than the process: {probes}")
    budget = int(words[words.index("--budget") + 1].removesuffix("s"))
    expect(pod["terminationGracePeriodSeconds"] >= budget + 10, f"{case}: {budget} s of budget are cut off")
    # What it may.
    expect(pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0 and
           pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, f"{case}: {pod['securityContext']}")
    expect(serve["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                        "capabilities": {"drop": ["ALL"]}}, f"{case}: {serve['securityContext']}")
    account = one(objects, "ServiceAccount")
    expect(pod["serviceAccountName"] == account["metadata"]["name"] and
           not account["automountServiceAccountToken"] and not pod["automountServiceAccountToken"],
           f"{case}: it has a token")
    expect({"requests", "limits"} <= set(serve["resources"]), f"{case}: {serve['resources']}")


def check_policy(case: str, objects: list[Document], values: Document) -> None:
    wanted = values.get("networkPolicy", {})
    if wanted.get("enabled") is False:
        expect(not any(document["kind"] == "NetworkPolicy" for document in objects), f"{case}: a policy is there")
        return
    spec = one(objects, "NetworkPolicy")["spec"]
    expect(spec["policyTypes"] == ["Ingress", "Egress"], f"{case}: {spec['policyTypes']}")
    who = {rule["ports"][0]["port"]: [peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
                                      for peer in rule["from"]] for rule in spec["ingress"]}
    may = {"http": wanted.get("ingressNamespaces"), "intake": wanted.get("intakeNamespaces")}
    expect(who == {port: names for port, names in may.items() if names}, f"{case}: {who} may ask")
    expect(all(len(rule["ports"]) == 1 and rule["ports"][0]["protocol"] == "TCP" for rule in spec["ingress"]),
           f"{case}: {spec['ingress']}")
    expect({(port["protocol"], port["port"]) for port in spec["egress"][0]["ports"]} == {("UDP", 53), ("TCP", 53)},
           f"{case}: names are not to be had by UDP and TCP")
    expect([rule["ports"] for rule in spec["egress"][1:]] ==
           [[{"protocol": "TCP", "port": place["port"]}] for place in wanted["egress"]], f"{case}: egress")
    for rule, place in zip(spec["egress"], [{}, *wanted["egress"]], strict=True):
        expect(bool(rule["to"]), f"{case}: {place} is everywhere")
        for peer in rule["to"]:
            expect(set(peer) in ({"ipBlock"}, {"namespaceSelector"}, {"namespaceSelector", "podSelector"}), f"{peer}")
            if "ipBlock" in peer:
                expect(ipaddress.ip_network(peer["ipBlock"]["cidr"]).prefixlen > 0, f"{case}: {peer} is everywhere")
            else:
                expect(bool(peer["namespaceSelector"]["matchLabels"]), f"{case}: {peer} is every namespace")


def check_secrets(case: str, objects: list[Document], text: str) -> None:
    kinds = [document["kind"] for document in objects]
    expect("Secret" not in kinds, f"{case}: the chart makes a Secret")
    for pattern in (r"postgres(ql)?://", r"secretKeyRef", r"://[^/\s]+:[^/\s]+@", r"(?i)password\s*[:=]\s*\S"):
        expect(not re.search(pattern, text), f"{case}: {pattern} stands in it")


def default_port() -> int:
    said = subprocess.run([TRISTRATA, "serve", "--help"], capture_output=True, text=True, timeout=60).stdout
    match = re.search(r"--listen TEXT=127\.0\.0\.1:(\d+)", said)
    assert match, said
    return int(match[1])


def secret_value(folder: pathlib.Path, key: str) -> str:
    """A store of this test's, or a receiver that does not answer."""
    elsewhere = {"alertmanager_url": ALERTMANAGER.url, "webhook_url": HOOK.url, "webhook_secret": "signs",
                 "intake_token": "shown",
                 "credentials": "[default]\naws_access_key_id = a\naws_secret_access_key = b\n"}
    if key in ("tls.crt", "tls.key", "ca.crt"):
        return (CERTIFICATE if key != "tls.key" else CERTIFICATE.with_suffix(".key")).read_text()
    store = {"read_url": "kpi", "analyzer_url": "kpi", "admin_url": "kpi"}.get(key, key.removesuffix("_url"))
    return elsewhere.get(key, f"sqlite:///{folder}/{store}.db\n")


CERTIFICATE = pathlib.Path(tempfile.mkdtemp()) / "intake.crt"
subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", "/CN=localhost", "-out", CERTIFICATE,
                "-keyout", CERTIFICATE.with_suffix(".key")],
               capture_output=True, check=True, timeout=60)
ALERTMANAGER = Receiver(SOURCE / "tests/servers/alertmanager.py")
HOOK = Receiver(SOURCE / "tests/servers/hook.py", "signs")
HERE = {"TRISTRATA_INTAKE_LISTEN": "127.0.0.1:0", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


def run(words: list[str], environment: dict[str, str], folder: pathlib.Path, code: int = 0) -> str:
    done = subprocess.run([TRISTRATA, *words], env=environment, cwd=folder, capture_output=True, text=True, timeout=120)
    expect(done.returncode == code, f"{words}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def check_watch(case: str, analyzers: str, serving: Serving) -> None:
    """With analyzers, incidents and receivers: what did not come pages; and webhooks come in by TLS and token alone."""
    run(["analyze", "lint", analyzers], {}, SOURCE)
    expect(until(lambda: any(alert["labels"].get("module") == "phase2" for alert in ALERTMANAGER.ask("alerts"))),
           f"{case}: no row of phase2 came, and nobody is told: {serving.log.read_text()}")
    expect(until(lambda: any(told["genuine"] for told in HOOK.ask("tell"))), f"{case}: no webhook was signed")
    place = re.search(r'"webhooks are taken in","address":"([^"]+)"', serving.log.read_text())
    if place is None:
        failures.append(f"{case}: no webhook is taken in: {serving.log.read_text()}")
        return
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    trusting.check_hostname = False
    alert = {"status": "firing", "fingerprint": "1", "startsAt": "2026-01-01T00:00:00Z", "labels": {
        "alertname": "slow", "drift_type": "latency_drift", "module": "m", "severity": "warn"}, "annotations": {}}
    message = {"version": "4", "groupKey": "g", "status": "firing", "receiver": "r", "alerts": [alert]}
    for token, expected in (("shown", 200), ("guessed", 401)):
        asked = urllib.request.Request(f"https://{place[1]}/", data=json.dumps(message).encode(), headers={
            "Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=20, context=trusting) as answer:
                status = answer.status
        except urllib.error.HTTPError as refused:
            status = refused.code
        expect(status == expected, f"{case}: a webhook with the token {token!r} is answered with {status}")


def start_pod(case: str, objects: list[Document], folder: pathlib.Path) -> None:
    """The pod's container as a process: its arguments, its environment, its mounted files, its probes, its end."""
    whole = one(objects, "StatefulSet")
    pod, serve = whole["spec"]["template"]["spec"], container_of(whole)
    claims = [claim["metadata"]["name"] for claim in whole["spec"]["volumeClaimTemplates"]]
    volumes = Volumes(folder, pod, objects, claims, lambda key: secret_value(folder, key))
    environment = volumes.environment(serve, HERE)
    arguments = volumes.arguments(serve)
    config = arguments[arguments.index("--config"):][:2] if "--config" in arguments else []
    run(["store", "init", *config], environment, folder)
    if "TRISTRATA_KILL_SWITCH_URL_FILE" in environment:
        run(["kill-switch", "init", *config], environment, folder)
    # The program's own opinion of its settings and files; what is elsewhere does not answer here.
    done = subprocess.run([TRISTRATA, "doctor", "--format", "json", *config], env=environment, cwd=folder,
                          capture_output=True, text=True, timeout=120)
    said = json.loads(done.stdout) if done.stdout else {"settings": [], "unknown_variables": []}
    away = {"TRISTRATA_ARCHIVE", "OTEL_EXPORTER_OTLP_ENDPOINT"}
    wrong = [entry for entry in said["settings"] if not entry["works"] and entry["setting"] not in away]
    expect(bool(said["settings"]) and not wrong, f"{case}: doctor says {wrong}{done.stderr}")
    expect(not said["unknown_variables"], f"{case}: {said['unknown_variables']}")
    read = {entry["setting"] for entry in said["settings"] if entry["value"]}
    set_here = {name.removesuffix("_FILE") for name in environment if name.startswith("TRISTRATA_")}
    expect(set_here <= read, f"{case}: doctor does not see {sorted(set_here - read)}")
    expect("every user of this machine may read" not in done.stdout, f"{case}: a secret lies open: {done.stdout}")
    if "TRISTRATA_CHECKS" in environment:  # What the check asks for, before its first evaluation.
        for days in range(1, 30):
            at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
            run(["kpi", "emit", "--module", "hamilton.features", "--time", at.isoformat(timespec="seconds"),
                 f"success_rate={0.9 + days / 1000}"], environment, folder)
        run(["spool", "drain"], environment, folder)
    run(["kpi", "emit", "--module", "m", "first=1"], environment, folder)
    serving = Serving(TRISTRATA, arguments, environment, folder)
    if not serving.url:
        failures.append(f"{case}: it does not start: {serving.log.read_text()}")
        return
    try:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = serve[probe]["httpGet"]["path"]
            expect(until(lambda path=path: serving.status(path) == 200),  # type: ignore[misc]
                   f"{case}: {probe} {path}: {serving.status(path)} {serving.log.read_text()}")
        expect(serving.status("/metrics") == 200, f"{case}: no figures")
        if "TRISTRATA_ANALYZERS" in environment:
            check_watch(case, environment["TRISTRATA_ANALYZERS"], serving)
    finally:
        code = serving.stop(signal.SIGTERM, pod["terminationGracePeriodSeconds"])
    expect(code == 0, f"{case}: it ends with {code}: {serving.log.read_text()}")
    rows = run(["kpi", "query", "--module", "m", *config], environment, folder)
    expect("first" in rows, f"{case}: it carried nothing")


def start_sidecar(folder: pathlib.Path) -> None:
    """The example's two containers: what the one emits, the other carries, also behind its end."""
    documents = list(yaml.safe_load_all((SOURCE / "deploy/helm/sidecar.yaml").read_text()))
    check_schemas("sidecar", documents)
    pod = documents[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    beside, pipeline = pod["initContainers"][0], pod["containers"][0]
    expect(beside["restartPolicy"] == "Always", "the sidecar is none")
    expect(not any("runAsUser" in entry["securityContext"] for entry in (beside, pipeline)), "a spool has two users")
    known = {entry["name"] for entry in pipeline["env"]}
    expect(known == {"TRISTRATA_SPOOL"}, f"the pipeline knows more than its spool: {known}")
    for entry in (*beside["env"], *pipeline["env"]):
        expect(entry["name"] in KNOWN, f"{entry['name']} is no setting")
    volumes = Volumes(folder, pod, [], [], lambda key: secret_value(folder, key))
    environment = volumes.environment(beside, {})
    run(["store", "init"], environment, folder)
    words = volumes.arguments(beside)
    budget = int(words[words.index("--budget") + 1].removesuffix("s"))
    expect(pod["terminationGracePeriodSeconds"] >= budget + 10, "the sidecar's budget is cut off")
    serving = Serving(TRISTRATA, words, environment, folder)
    path = beside["livenessProbe"]["httpGet"]["path"]
    expect(until(lambda: serving.status(path) == 200), "the sidecar does not live")
    run(pipeline["args"], volumes.environment(pipeline, {}), folder)
    code = serving.stop(signal.SIGTERM, budget)
    expect(code == 0, f"the sidecar ends with {code}: {serving.log.read_text()}")
    expect("success_rate" in run(["kpi", "query"], environment, folder), "what the pipeline emitted is not stored")


def check_offer() -> None:
    """Every setting of the program's can be given to the chart, as what it is, and nothing else can."""
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    names = {"secret": schema["secret"]["properties"]["settings"]["propertyNames"]["enum"],
             "settings": schema["settings"]["propertyNames"]["enum"],
             "files": schema["files"]["propertyNames"]["anyOf"][0]["enum"]}
    offered = {where: {f"TRISTRATA_{name.removesuffix('.toml').upper()}" for name in some}
               for where, some in names.items()}
    own = {name for name in KNOWN if name.startswith("TRISTRATA_") and not name.endswith("_FILE")} - OWN
    secrets = {name for name in own if f"{name}_FILE" in KNOWN}
    plain = (offered["settings"] | offered["files"]) - {"TRISTRATA_TRISTRATA"}
    for which, has, wants in (("secret.settings", offered["secret"], secrets),
                              ("settings and files", plain, own - secrets)):
        expect(has == wants, f"values.schema.json, {which}: offers {sorted(has - wants)} too much and not "
               f"{sorted(wants - has)}, which the program reads")
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    expect(set(values) == set(schema) - {"global"}, f"values.yaml has {set(values) ^ set(schema)} in one place only")
    expect(values["serve"]["port"] == default_port(), f"the chart's port is {values['serve']['port']}")
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = run(["--version"], {}, CHART).split()[1]
    expect(chart["appVersion"] == version and chart["version"] == version, f"{chart} is of {version}")
    expect(chart["kubeVersion"] == f">={OLDEST}-0", f"checked against {OLDEST}, offered for {chart['kubeVersion']}")


def check_refusals(helm: Helm) -> None:
    least = ["--values", str(SOURCE / "deploy/helm/values/minimal.yaml")]
    full = ["--values", str(SOURCE / "deploy/helm/values/full.yaml")]

    def to(place: str) -> list[str]:
        return [*least, "--set-json", f'networkPolicy.egress=[{{"name":"x","port":1{place}}}]']

    for given, says in (
            ([], "secret.name is empty"),
            ([*least, *set_of(networkPolicy__egress="null")], "networkPolicy.egress is empty"),
            ([*least, *set_of(serve__retain="true")], "serve.retain needs settings.archive"),
            ([*least, *set_of(settings__archive="file:///a")], "a folder in the pod is no archive"),
            ([*least, *set_of(settings__kpi_url="x")], "kpi_url"),
            ([*least, *set_of(secret__settings__password="x")], "password"),
            ([*least, *set_of(serve__prot="1")], "prot"),
            ([*least, *set_of(intake__enabled="true")], "anybody could send"),
            ([*least, *set_of(intake__enabled="true", intake__clientAuthority="true",
                              secret__settings__intake_token="x")], "needs intake.tlsSecretName"),
            ([*least, *set_of(intake__enabled="true", secret__settings__intake_token="x", intake__port="9871")],
             "are one"),
            ([*least, *set_of(intake__enabled="true", secret__settings__intake_token="x",
                              secret__settings__drift_url="null")], "needs drift_url"),
            ([*least, *set_of(serve__port="80")], "port"),
            ([*least, *set_of(user="0")], "user"),
            ([*least, *set_of(image__digest="latest")], "digest"),
            ([*least, *set_of(openTelemetry__OTEL_EXPORTER_OTLP_HEADERS="authorization=x")], "HEADERS"),
            ([*least, *set_of(s3__endpoint="https://KEY:SECRET@host")], "endpoint"),
            (to(""), "egress"),
            (to(',"cidr":"db.internal"'), "cidr"),
            (to(',"cidr":"10.0.0.1/32","namespace":"database"'), "egress"),
            ([*least, "--set-json", 'podLabels={"app.kubernetes.io/name":"evil"}'],
             "podLabels holds app.kubernetes.io/name"),
            ([*least, "--set-json", 'podLabels={"helm.sh/chart":"x"}'], "podLabels holds helm.sh/chart"),
            ([*least, "--set-json", 'serviceMonitor={"enabled":true,"labels":{"app.kubernetes.io/instance":"x"}}'],
             "serviceMonitor.labels holds app.kubernetes.io/instance"),
            ([*least, "--set-json", 'podAnnotations={"checksum/files":"x"}'], "podAnnotations holds checksum/files"),
            *(([*least, *set_of(serve__address=address)], "neither a probe nor another pod reaches it")
              for address in ("127.0.0.1", "127.1.2.3", "localhost", "[::1]", "[0:0:0:0:0:0:0:1]",
                              "[::ffff:127.0.0.1]")),
            ([*full, *set_of(replicas="0")], "replicas")):
        done = helm.template(NEWEST, *given)
        expect(done.returncode != 0 and says in done.stderr, f"{given}: exit {done.returncode}: {done.stderr[:400]}")
    old = helm.template("1.28.0", *least)
    expect(old.returncode != 0 and "kubeVersion" in old.stderr, f"an older Kubernetes: {old.stderr}")
    try:
        kubernetes_validate.validate({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"},
                                      "spec": {"prots": []}}, NEWEST, strict=True)
        failures.append("a key that Kubernetes does not know is not noticed")
    except kubernetes_validate.ValidationError:
        pass


def check_rendering(helm: Helm, folder: pathlib.Path) -> None:
    """Whatever stands in a value is in the objects as it was given, and makes nothing else of them."""
    files = {"owners.toml": "   # comment\n[default]\nowner = \"x\"\n", "tags.toml": "\n\n\ta = 1  \n",
             "events.toml": "# a: b\n- {{ .Release.Name }}\n", "analyzers.toml": "true", "plan_a.toml": "x: y\r\n---\n"}
    values = folder / "rendering.yaml"
    values.write_text(json.dumps({
        "secret": {"name": "1e3", "settings": {"kpi_url": "123", "drift_url": "true"}}, "files": files,
        "user": 1000650000, "priorityClassName": "x: y", "podLabels": {"team": "007", "note": "no"},
        "podAnnotations": {"a": "x: \n- y"},
        "settings": {"environment": "a\nb: \"c\" # d"}, "serve": {"address": "[::]"},
        "persistence": {"size": "1Gi", "storageClass": "1_000"},
        "networkPolicy": {"dns": {"namespace": "123", "cidr": "fd00::/8"}, "ingressNamespaces": ["456"], "egress": [
            {"name": "data\nbase:\u0085- x\u2028- y", "namespace": "789", "port": 5432}]}}))
    objects = helm.objects(NEWEST, "--values", str(values))
    check_schemas("rendering", objects)
    expect(one(objects, "ConfigMap")["data"] == files, f"files are rendered as {one(objects, 'ConfigMap')['data']}")
    whole = one(objects, "StatefulSet")
    pod = whole["spec"]["template"]
    expect(pod["spec"]["priorityClassName"] == "x: y" and pod["spec"]["securityContext"]["runAsUser"] == 1000650000 and
           isinstance(pod["spec"]["securityContext"]["fsGroup"], int), f"{pod['spec']}")
    expect(pod["metadata"]["labels"]["team"] == "007" and pod["metadata"]["labels"]["note"] == "no" and
           pod["metadata"]["annotations"]["a"] == "x: \n- y", f"{pod['metadata']}")
    environment = {entry["name"]: entry["value"] for entry in container_of(whole)["env"]}
    expect(environment["TRISTRATA_ENVIRONMENT"] == "a\nb: \"c\" # d", f"{environment}")
    (secret,) = (volume["secret"] for volume in pod["spec"]["volumes"] if volume["name"] == "secrets")
    expect(secret["secretName"] == "1e3" and [item["key"] for item in secret["items"]] == ["123", "true"], f"{secret}")
    claim = whole["spec"]["volumeClaimTemplates"][0]["spec"]
    expect(claim["storageClassName"] == "1_000", f"{claim}")
    policy = one(objects, "NetworkPolicy")["spec"]
    spaces = [peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
              for rule in policy["egress"] + policy["ingress"] for peer in rule.get("to", rule.get("from"))
              if "namespaceSelector" in peer]
    expect(spaces == ["123", "789", "456"] and len(policy["egress"]) == 2, f"{policy}")


def check_case(helm: Helm, case: str, given: list[str], values: Document, kinds: set[str],
               folder: pathlib.Path) -> None:
    linted = helm.lint(*given)
    expect(linted.returncode == 0 and "0 chart(s) failed" in linted.stdout, f"{case}: {linted.stdout}{linted.stderr}")
    for version in (OLDEST, NEWEST):
        done = helm.template(version, *given)
        if done.returncode != 0:
            failures.append(f"{case}: {done.stderr}")
            return
    objects = helm.objects(NEWEST, *given)
    found = [document["kind"] for document in objects]
    expect(set(found) == kinds and len(found) == len(kinds), f"{case}: objects {sorted(found)}")
    check_schemas(case, objects)
    check_labels(case, objects)
    check_pod(case, objects, values)
    check_policy(case, objects, values)
    check_secrets(case, objects, done.stdout)
    folder.mkdir()
    start_pod(case, objects, folder)


ALWAYS = {"StatefulSet", "Service", "ServiceAccount"}
try:
    with tempfile.TemporaryDirectory() as temporary:
        home = pathlib.Path(temporary)
        charted = Helm(HELM, home / "home", CHART)
        check_offer()
        check_refusals(charted)
        check_rendering(charted, home)
        for file, more in (("minimal", ALWAYS | {"NetworkPolicy"}),
                           ("full", ALWAYS | {"NetworkPolicy", "ConfigMap", "PodDisruptionBudget", "ServiceMonitor"})):
            path = SOURCE / f"deploy/helm/values/{file}.yaml"
            check_case(charted, file, ["--values", str(path)], yaml.safe_load(path.read_text()), more, home / file)
        open_policy = set_of(secret__name="tristrata", networkPolicy__enabled="false", serve__port="9900",
                             image__digest="sha256:" + "0" * 64)
        check_case(charted, "without a policy", open_policy,
                   {"serve": {"port": 9900}, "networkPolicy": {"enabled": False}}, ALWAYS, home / "open")
        start_sidecar(home / "sidecar")
finally:
    ALERTMANAGER.stop()
    HOOK.stop()
    shutil.rmtree(CERTIFICATE.parent)
report("the chart is in order, and its pod and the sidecar run as they say; no cluster was asked")
