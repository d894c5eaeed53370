"""An authority of a test's own, and what it signed: a certificate for a server of this machine and one for a client."""
import pathlib
import subprocess
import typing


class Certificates(typing.NamedTuple):
    authority: pathlib.Path
    server: pathlib.Path
    server_key: pathlib.Path
    client: pathlib.Path
    client_key: pathlib.Path


def openssl(*arguments: str | pathlib.Path) -> None:
    subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=True)


def certificates_in(folder: pathlib.Path) -> Certificates:
    """PEM files in the folder, which is made; they are good for two days."""
    folder.mkdir(parents=True)
    made = Certificates(*(folder / name for name in ("authority.pem", "server.pem", "server.key", "client.pem",
                                                     "client.key")))
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    key = folder / "authority.key"
    openssl(*new, "-subj", f"/CN=authority of {folder.name}", "-keyout", key, "-out", made.authority)
    signed = (*new, "-CA", made.authority, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE")
    openssl(*signed, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext",
            "extendedKeyUsage=serverAuth", "-keyout", made.server_key, "-out", made.server)
    openssl(*signed, "-subj", "/CN=pipeline", "-addext", "extendedKeyUsage=clientAuth", "-keyout", made.client_key,
            "-out", made.client)
    return made
