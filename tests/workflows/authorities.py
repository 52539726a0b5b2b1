"""A time stamping authority by `openssl ts`, with certificates of its own, behind HTTP; it does wrong where it is told
to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event

import pytest

from tests.limits import PATIENCE, listening

QUICK = 0.5
"""Seconds after which who asks gives up, where nobody answers."""

SETTINGS = """\
[tsa]
default_tsa = {name}
[{name}]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = {digests}
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(*words: object, exit: int = 0) -> str:  # noqa: A002 - as the shell calls it
    """What it says. In continuous integration it has to be there; elsewhere the test is skipped."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("openssl is installed by .ci/run")
        pytest.skip("openssl is not installed")
    command = ["openssl", *map(str, words)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, text=True, check=False)
    assert done.returncode == exit, done.stdout + done.stderr
    return done.stdout + done.stderr


@dataclass
class Authority:
    """`folder` has the certificate of its root (`ca.pem`) and its own; `fault` changes what is asked, or says what is
    answered instead.
    """

    folder: Path
    url: str = ""
    fault: Callable[[bytes], bytes] | str = ""
    asked: list[bytes] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def reply(self, query: bytes) -> bytes:
        """What `openssl` answers."""
        (self.folder / "query").write_bytes(query)
        settings = self.folder / ("strict.cnf" if self.fault == "refused" else "tsa.cnf")
        out = self.folder / "reply"
        openssl("ts", "-reply", "-config", settings, "-queryfile", self.folder / "query", "-out", out)
        return out.read_bytes()


def founded(folder: Path) -> Authority:
    """Keys and certificates of an authority in a new folder."""
    folder.mkdir()
    new = ("-nodes", "-keyout")
    openssl("req", "-x509", "-newkey", "ed25519", *new, folder / "ca.key", "-out", folder / "ca.pem", *_named("Root"))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl("req", *curve, *new, folder / "tsa.key", "-out", folder / "tsa.csr", *_named("Authority of Time")[:2])
    certified(folder, "critical,timeStamping", folder / "tsa.pem")
    (folder / "serial").write_text("0A\n")
    for name, digests in (("tsa.cnf", "sha256"), ("strict.cnf", "sha512")):
        (folder / name).write_text(SETTINGS.format(name="tsa_one", folder=folder, digests=digests))
    return Authority(folder)


def chained(folder: Path) -> Authority:
    """An authority whose certificate is of an office between it and the root; its answers bring the chain along, the
    signer first and the root last.
    """
    end = founded(folder)
    for old, new in (("ca.pem", "root.pem"), ("ca.key", "root.key")):
        (folder / old).rename(folder / new)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", *curve, "-keyout", folder / "ca.key", "-out", folder / "ca.csr", *_named("Between")[:2])
    (folder / "between").write_text("basicConstraints=critical,CA:true\n")
    signed = ("-CA", folder / "root.pem", "-CAkey", folder / "root.key", "-set_serial", 7, "-days", 30)
    asked = ("-req", "-in", folder / "ca.csr", "-extfile", folder / "between")
    openssl("x509", *asked, *signed, "-out", folder / "ca.pem")
    certified(folder, "critical,timeStamping", folder / "tsa.pem")
    (folder / "chain.pem").write_bytes((folder / "ca.pem").read_bytes() + (folder / "root.pem").read_bytes())
    with (folder / "tsa.cnf").open("a") as settings:
        settings.write(f"certs = {folder}/chain.pem\n")
    return end


def _named(name: str) -> tuple[str, ...]:
    return ("-subj", f"/CN={name}", "-days", "30")


def certified(folder: Path, usage: str, out: Path, form: str = "PEM") -> None:
    """A certificate of the authority's key for this usage: always of the same number, and of the same length."""
    (folder / "usage").write_text(f"extendedKeyUsage={usage}\n")
    signed = ("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-set_serial", 77, "-days", 30)
    asked = ("-req", "-in", folder / "tsa.csr", "-extfile", folder / "usage")
    openssl("x509", *asked, *signed, "-outform", form, "-out", out)


@contextmanager
def answering(end: Authority) -> Iterator[Authority]:
    """The authority answers over HTTP meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            query = self.rfile.read(int(self.headers["Content-Length"]))
            end.asked.append(query)
            if end.fault == "silent":
                end.over.wait(PATIENCE)
                return
            self.send_response(404 if end.fault == "lost" else 200)
            self.end_headers()
            with suppress(OSError):  # who asked has gone
                self._answer(query)

        def _answer(self, query: bytes) -> None:
            if end.fault == "drop by drop":
                while not end.over.wait(0.02):
                    self.wfile.write(b"0")
            elif end.fault in ("garbage", "large", "lost"):
                self.wfile.write(b"<html>" * (1 if end.fault == "garbage" else 20_000))
            else:
                self.wfile.write(end.reply(query if isinstance(end.fault, str) else end.fault(query)))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    end.url = f"http://127.0.0.1:{server.server_address[1]}/tsr"
    with listening(server):
        try:
            yield end
        finally:
            end.over.set()
