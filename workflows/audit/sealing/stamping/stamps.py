"""Time stamps of signed heads (RFC 3161): an authority outside the house says when a head was there at the latest.

What is stamped is SHA-256 of the bytes of the checkpoint, as `duban seal head` prints it. A stamp needs nothing of
ours to verify: `openssl ts -verify -data HEAD -in STAMP -CAfile CERTS` does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.commands import Refusal
from engine.events import Json, iso
from engine.reasons import quoted, reason_of
from workflows.audit.sealing.stamping.order import in_order

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

GRANTED = 0
"""The only status with which an answer is kept (RFC 3161 section 2.4.2)."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question to an authority: its bytes in DER, what it is about, and the number that an answer must repeat."""

    body: bytes
    head: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was there, and who says so; "" where the signature was not looked at."""

    at: datetime
    serial: int
    authority: str = ""

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {"at": iso(self.at), "serial": str(self.serial), "authority": self.authority or None}


def query_for(head: bytes) -> Query:
    """What to ask: the digest of a head under a nonce of 63 random bits, with the certificate to be sent along."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    made = TimestampRequestBuilder().data(head).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    assert made.nonce is not None, "it was asked for"
    return Query(made.as_bytes(), head, made.nonce)


def taken(answer: bytes, query: Query) -> Stamp | Refusal:
    """An answer that may be kept: granted, to this question, of this head. Whose signature it is, is not looked at."""
    found = _read(answer)
    if isinstance(found, Refusal):
        return found
    try:
        if found.tst_info.nonce != query.nonce:
            return Refusal("stamp_nonce")
        return _of(found, query.head)
    except ValueError as error:
        return Refusal("stamp_unread", {"reason": reason_of(error).both})


def stamped(answer: bytes, head: bytes, roots: bytes) -> Stamp | Refusal:
    """What a stamp of a head says, if those vouch for it whose certificates (PEM) are given. Needs no network."""
    from rfc3161_client import VerificationError, VerifierBuilder

    trusted, found = _certificates(roots), _read(answer)
    if isinstance(trusted, Refusal):
        return trusted
    if isinstance(found, Refusal):
        return found
    try:
        said = _of(found, head)
        if isinstance(said, Refusal):
            return said
        VerifierBuilder(roots=trusted).build().verify_message(found, head)
        return Stamp(said.at, said.serial, _signer(found))
    except (VerificationError, ValueError) as error:
        return Refusal("stamp_untrue", {"reason": reason_of(error).both})


def _read(answer: bytes) -> TimeStampResponse | Refusal:
    """An answer with a stamp in it."""
    from rfc3161_client import decode_timestamp_response

    try:
        found = decode_timestamp_response(in_order(answer))
    except ValueError as error:
        return Refusal("stamp_unread", {"reason": reason_of(error).both})
    if found.status != GRANTED:
        return Refusal(
            "stamp_refused", {"status": found.status, "reason": quoted("; ".join(found.status_string) or "–").both}
        )
    return found


def _of(found: TimeStampResponse, head: bytes) -> Stamp | Refusal:
    """What a stamp says, if it is of this head; raises ValueError where it says nothing."""
    said = found.tst_info
    if said.message_imprint.message != sha256(head).digest():
        return Refusal("stamp_other")
    return Stamp(said.gen_time.astimezone(UTC), said.serial_number)


def _certificates(roots: bytes) -> list[Certificate] | Refusal:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(roots)
    except ValueError as error:
        return Refusal("stamp_roots", {"reason": reason_of(error).both})


def _signer(found: TimeStampResponse) -> str:
    """The name in the certificate that signed: the verifier has found it among those that came along."""
    from cryptography.x509 import load_der_x509_certificate

    (who,) = found.signed_data.signer_infos
    told = map(load_der_x509_certificate, found.signed_data.certificates)
    signer = next(each for each in told if (each.issuer, each.serial_number) == (who.issuer, who.serial_number))
    return signer.subject.rfc4514_string()
