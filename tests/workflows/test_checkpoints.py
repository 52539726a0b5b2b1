"""Signed heads are notes that other programs read: a published note, OpenSSL, and every change found."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.tree import Head, root, sha256
from workflows.audit.sealing.checkpoints import (
    NotSigned,
    Signer,
    body,
    checkpoint,
    head_of,
    opened,
    signed,
    signer_of,
    verifier_of,
)

# The example of Go's golang.org/x/mod/sumdb/note.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n"
SIGNER = Signer("duban.example.org/城", bytes(range(32)))
HEAD = Head(7, sha256(b"seven"))


def test_the_published_note_is_read_and_written() -> None:
    """Ed25519 is deterministic: the same key signs the same text with the same bytes."""
    assert opened(NOTE, verifier_of(VKEY)) == TEXT
    assert signed(TEXT, signer_of(SKEY)) == NOTE
    assert str(verifier_of(VKEY)) == VKEY == str(signer_of(SKEY).verifier)
    assert signer_of(SKEY).to_text() == SKEY


def test_a_checkpoint_tells_its_head() -> None:
    assert head_of(checkpoint(HEAD, SIGNER), SIGNER.verifier) == HEAD
    empty = Head(0, root([]))
    assert head_of(checkpoint(empty, SIGNER), SIGNER.verifier) == empty


def test_every_changed_character_is_found() -> None:
    """Of the head and of the signature, one at a time."""
    note = checkpoint(HEAD, SIGNER)
    for at, old in enumerate(note):
        changed = note[:at] + ("A" if old != "A" else "B") + note[at + 1 :]
        with pytest.raises(NotSigned):
            head_of(changed, SIGNER.verifier)


def test_signatures_of_others_stand_beside_it() -> None:
    other = Signer("witness", bytes(32))
    note = checkpoint(HEAD, SIGNER)
    both = note + signed(body(SIGNER.name, HEAD), other).rpartition("\n\n")[2]
    assert head_of(both, SIGNER.verifier) == HEAD
    assert opened(both, other.verifier) == body(SIGNER.name, HEAD)
    with pytest.raises(NotSigned, match="has not signed"):
        head_of(note, other.verifier)


@pytest.mark.parametrize(
    "text",
    [
        body("another.log", HEAD),
        f"{SIGNER.name}\n07\n{base64.b64encode(HEAD.root).decode()}\n",
        f"{SIGNER.name}\n7\nAAAA\n",
        f"{SIGNER.name}\n",
    ],
)
def test_what_is_signed_and_no_checkpoint_of_this_log_is_refused(text: str) -> None:
    with pytest.raises(NotSigned):
        head_of(signed(text, SIGNER), SIGNER.verifier)


@pytest.mark.parametrize("text", ["", "x", "a b+c74f20a3+AQ==", VKEY.replace("c74f", "c74e"), VKEY[:-4], SKEY])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        verifier_of(text)


@pytest.mark.parametrize("text", [VKEY, SKEY.replace("c74f", "c74e"), "PRIVATE+KEY+"])
def test_what_is_no_private_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        signer_of(text)


def test_a_signer_does_not_show_its_seed() -> None:
    assert SIGNER.seed.hex() not in repr(SIGNER)
    assert repr(SIGNER.seed) not in repr(SIGNER)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
def test_openssl_verifies_it(tmp_path: Path) -> None:
    """A program that shares nothing with ours: the key as DER, the text, the last 64 bytes of the signature line."""
    text, _, line = checkpoint(HEAD, SIGNER).rpartition("\n\n")
    prefix = bytes.fromhex("302a300506032b6570032100")
    parts = {"key": prefix + SIGNER.verifier.key, "text": f"{text}\n".encode()}
    for name, data in {**parts, "sig": base64.b64decode(line.split(" ")[2])[4:]}.items():
        (tmp_path / name).write_bytes(data)
    asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key"]
    asked += ["-rawin", "-in", "text", "-sigfile", "sig"]
    assert subprocess.run(asked, cwd=tmp_path, capture_output=True, check=False, timeout=300).returncode == 0
    (tmp_path / "text").write_bytes(f"{text}x\n".encode())
    assert subprocess.run(asked, cwd=tmp_path, capture_output=True, check=False, timeout=300).returncode == 1
