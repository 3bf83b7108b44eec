"""TLS and accounts for nodes: what ``Guard.java`` makes a node ask for, and what whoever asks it needs."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.lucene import jdk

_PASSWORD = "keystore"  # noqa: S105 - that of Guard.java; the keys are of one test
_NAME = "node"


@dataclass(frozen=True, slots=True)
class Guard:
    """A guarded node's keys, the certificate to check it by, and whom it admits, by their ``Authorization``."""

    keys: Path
    certificate: Path
    admitted: Sequence[str]

    @classmethod
    def of(cls, directory: Path, admitted: Sequence[str]) -> Guard:
        """Make keys for 127.0.0.1, which are their own certificate's issuer, in a directory."""
        directory.mkdir(parents=True, exist_ok=True)
        made = cls(directory / "node.p12", directory / "node.pem", admitted)
        _, java = jdk()
        store = ["-keystore", str(made.keys), "-storetype", "PKCS12", "-storepass", _PASSWORD, "-alias", _NAME]
        for command in (
            ["-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1", *store],
            ["-exportcert", "-rfc", "-file", str(made.certificate), *store],
        ):
            subprocess.run([java / "bin" / "keytool", *command], check=True, capture_output=True)
        return made

    def environment(self) -> Mapping[str, str]:
        """Return the variables by which a node knows of it."""
        return {"GUARD_KEYS": str(self.keys), "GUARD_ADMITTED": "\n".join(self.admitted)}

    def context(self) -> ssl.SSLContext:
        """Return what whoever asks the node checks it by."""
        return ssl.create_default_context(cafile=str(self.certificate))
