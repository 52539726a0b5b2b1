"""Heads of the tree as signed text that anybody can keep, print and verify: C2SP `tlog-checkpoint` in a `signed-note`.

    duban.example.org        the origin: which log
    20852742                 how many leaves
    CsUYapGGPo4dkMgIAUqom…   their root, base64

    — duban.example.org Az3grl…   the signer, and base64 of 4 bytes of the key's name and 64 of the Ed25519 signature

Keys are the texts of the same specification: `NAME+HASH+BASE64` to verify (it may be published), and
`PRIVATE+KEY+NAME+HASH+BASE64` to sign. Sources: https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.problems import Spoken, Text
from engine.tree import DIGEST_BYTES, Head

ED25519 = b"\x01"
PRIVATE = "PRIVATE+KEY+"
KEY_BYTES = 32
SIGNATURE_BYTES = 4 + 64
"""Of a line of a note: the hash of its key, and what Ed25519 makes."""
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NotSigned(Spoken, ValueError):
    """A text is no checkpoint of this log signed with this key; says why."""


class NoKey(Spoken, ValueError):
    """A text is no key of a signed note; says why."""


_UNLIKE = Text("密钥的校验码与其名称和内容不符", "the key's hash is not that of its name and bytes")
_NO_NOTE = Text("没有空行和其后的签名行", "a blank line and lines of signatures are missing")


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who signs (`name` is the origin of the log too), and the public key, 32 bytes."""

    name: str
    key: bytes

    def __str__(self) -> str:
        return f"{self.name}+{key_hash(self).hex()}+{_text(ED25519 + self.key)}"


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A name, and the seed of its private key, 32 bytes: keep it outside the database."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        """What others need to know of it."""
        return Verifier(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def to_text(self) -> str:
        """As a key's file holds it."""
        return f"{PRIVATE}{self.name}+{key_hash(self.verifier).hex()}+{_text(ED25519 + self.seed)}"


def key_hash(who: Verifier) -> bytes:
    """The 4 bytes by which a signature names its key."""
    return sha256(who.name.encode() + b"\n" + ED25519 + who.key).digest()[:4]


def verifier_of(text: str) -> Verifier:
    """Read a key to verify with. Raises `NoKey`."""
    name, told, key = _parts(text.strip())
    found = Verifier(name, key)
    if key_hash(found).hex() != told:
        raise NoKey(*_UNLIKE)
    return found


def signer_of(text: str) -> Signer:
    """Read a key to sign with. Raises `NoKey`."""
    plain = text.strip()
    if not plain.startswith(PRIVATE):
        raise NoKey(f"不是以 {PRIVATE} 开头的签名密钥", f"no private key, which begins with {PRIVATE}")
    name, told, seed = _parts(plain.removeprefix(PRIVATE))
    found = Signer(name, seed)
    if key_hash(found.verifier).hex() != told:
        raise NoKey(*_UNLIKE)
    return found


def _parts(text: str) -> tuple[str, str, bytes]:
    name, _, rest = text.partition("+")  # base64 may hold a plus itself
    told, _, encoded = rest.partition("+")
    data = _bytes(encoded)
    if not _NAME.fullmatch(name) or data[:1] != ED25519 or len(data) != 1 + KEY_BYTES:
        raise NoKey(
            "不是签名格式的 Ed25519 密钥，应为 名称+校验码+BASE64", "no Ed25519 key of a signed note: NAME+HASH+BASE64"
        )
    return name, told, data[1:]


def body(origin: str, head: Head) -> str:
    """What is signed: three lines."""
    return f"{origin}\n{head.size}\n{_text(head.root)}\n"


def signed(text: str, signer: Signer) -> str:
    """The note: a text of whole lines, and its signature."""
    if not text.endswith("\n"):
        raise ValueError("what is signed consists of whole lines")
    signature = Ed25519PrivateKey.from_private_bytes(signer.seed).sign(text.encode())
    return f"{text}\n— {signer.name} {_text(key_hash(signer.verifier) + signature)}\n"


def checkpoint(head: Head, signer: Signer) -> str:
    """A signed head, whose origin is the signer's name."""
    return signed(body(signer.name, head), signer)


def opened(note: str, who: Verifier) -> str:
    """The text of a note that `who` signed; signatures of others are passed over. Raises `NotSigned`."""
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise NotSigned(*_NO_NOTE)
    mine = f"— {who.name} "
    for line in signatures.splitlines():
        data = _bytes(line.removeprefix(mine)) if line.startswith(mine) else b""
        if data[:4] == key_hash(who):
            _verify(who, data[4:], f"{text}\n")
            return f"{text}\n"
    raise NotSigned(f"{who.name} 没有用这个密钥签过它", f"{who.name} has not signed it with this key")


def _verify(who: Verifier, signature: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(who.key).verify(signature, text.encode())
    except InvalidSignature:
        zh, en = f"{who.name} 的签名与内容不符", f"the signature of {who.name} does not fit the text"
        raise NotSigned(zh, en) from None


def head_of(note: str, who: Verifier) -> Head:
    """The head in a checkpoint of this log, signed with its key. Raises `NotSigned`."""
    origin, head = _told(opened(note, who))
    if origin != who.name:
        raise NotSigned(
            f"这是 {origin} 的树头，不是 {who.name} 的", f"the checkpoint is of {origin}, not of {who.name}"
        )
    return head


def claimed(note: str) -> tuple[str, Head]:
    """The origin and the head in a checkpoint, whoever signed it, if anybody did. Raises `NotSigned`."""
    text, gap, _ = note.partition("\n\n")
    if not gap:
        raise NotSigned(*_NO_NOTE)
    return _told(f"{text}\n")


def is_checkpoint(note: str) -> bool:
    """Whether a text has the form of a checkpoint."""
    try:
        claimed(note)
    except NotSigned:
        return False
    return True


def signed_by_name(note: str) -> bool:
    """Whether a checkpoint bears a signature that says it is of its own log; whether it fits takes the key."""
    mine = f"— {note.partition(chr(10))[0]} "
    lines = note.rpartition("\n\n")[2].splitlines()
    return any(line.startswith(mine) and len(_bytes(line.removeprefix(mine))) == SIGNATURE_BYTES for line in lines)


def _told(text: str) -> tuple[str, Head]:
    origin, size, encoded, *_ = [*text.split("\n"), "", ""]
    root = _bytes(encoded)
    if not _SIZE.fullmatch(size) or len(root) != DIGEST_BYTES:
        raise NotSigned("缺少日志名、条数或根，应各占一行", "no checkpoint: origin, size and root, a line each")
    return origin, Head(int(size), root)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    """Empty where it is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
