"""What a program is told when something is not possible: a status, a stable code, and facts, besides the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.commands import Refusal
from engine.events import Json

CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    412: "stale",
    413: "too_large",
    415: "media_type",
    422: "invalid",
    429: "too_many_tries",
    500: "broken",
    503: "unavailable",
}
"""The code where nothing more is known than the status."""

_CONFLICTS = frozenset({
    "stale", "key_reused", "already_issued", "void_already", "user_exists", "unit_exists", "id_taken", "job_over",
    "job_standing", "twin", "role_held", "subject_taken", "user_closed", "unit_closed", "edition_exists",
    "edition_waits", "not_waiting", "other_text", "redact_waits", "redact_over", "redact_decides", "redact_shared",
    "redact_active", "redact_nothing", "redact_broken",
})  # fmt: skip
_FORBIDDEN = frozenset({"wrong_role", "wrong_unit", "same_person", "not_admin", "own_proposal", "not_alone"})
_UNKNOWN = frozenset({
    "unknown_task", "unknown_event", "unknown_job", "unknown_document", "unknown_holding", "unknown_proposal",
})  # fmt: skip
_CLOCK = frozenset({"clock_jumped", "clock_behind", "gap"})


def status_of(code: str) -> int:
    """The status for the code of a refusal."""
    for codes, status in ((_CONFLICTS, 409), (_FORBIDDEN, 403), (_UNKNOWN, 404), (_CLOCK, 503)):
        if code in codes:
            return status
    return {"sign_in_failed": 401, "sign_in_shut": 429}.get(code, 422)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one part of a request: `where` is body, query, path or header, `at` a JSON pointer in it."""

    where: str
    at: str
    message: str

    def to_json(self) -> dict[str, Json]:
        """As a problem carries it."""
        return {"in": self.where, "at": self.at, "message": self.message}


@dataclass(eq=False)
class Problem(Exception):
    """A request of a program that cannot be answered. The words are those of `key` in `web.words`, or of `refusal`."""

    status: int
    key: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    refusal: Refusal | None = None
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The stable code."""
        return self.refusal.code if self.refusal else self.key.removeprefix("api_") or CODES.get(self.status, "failed")


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
