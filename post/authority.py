"""A time stamping authority is asked over HTTP, as RFC 3161 section 3.4 says.

Whoever runs the command names the authority, and may name one inside. Its answers are signed, so that many listen
without TLS; what comes back is believed only after it was looked at (`workflows.audit.sealing.stamping.stamps`).
"""

from __future__ import annotations

from engine.commands import Refusal
from engine.reasons import reason_of
from post.addresses import networks
from post.calls import LARGEST, PATIENCE, PROBLEMS, Answered, Line, Target, target_of

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
ANYWHERE = networks(("0.0.0.0/0", "::/0"))
OK = 200


def ask(tsa: str, query: bytes, patience: float = PATIENCE) -> bytes | Refusal:
    """What the authority at this address answers, within so many seconds. Refuses where it does not, or at length."""
    try:
        target = target_of(tsa)
    except ValueError as error:
        return Refusal("stamp_address", {"tsa": tsa, "reason": reason_of(error).both})
    try:
        answered = _called(target, query, patience)
    except PROBLEMS as error:
        told = {"tsa": tsa, "reason": reason_of(error).both, "seconds": f"{patience:g}"}
        return Refusal("stamp_silent", told)
    if answered.status != OK:
        return Refusal("stamp_status", {"tsa": tsa, "status": answered.status})
    if answered.cut:
        return Refusal("stamp_large", {"tsa": tsa, "bytes": LARGEST})
    return answered.body


def _called(target: Target, query: bytes, patience: float) -> Answered:
    line = Line(allowed=ANYWHERE, patience=patience, plain=True)
    return line.post(target, query, {"Content-Type": QUERY, "Accept": REPLY})
