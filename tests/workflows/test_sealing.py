"""The tree over a real database: what was planted is found, by heads from elsewhere where nothing else can."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from engine.chain import GENESIS, recorded_text, salted, seal
from engine.commands import Refusal
from engine.tree import HASHES, Edge, Head, edge_root, grown, included, leaf_hash
from storage import open_store
from storage.log import SqlLog
from storage.sql_store import SqlStore
from tests.storage.stories import Clock, Story
from tests.workflows.attackers import TREE_ANEW
from workflows.audit.sealing import growing
from workflows.audit.sealing.checking import check
from workflows.audit.sealing.checkpoints import Signer, checkpoint, verifier_of
from workflows.audit.sealing.claims import Elsewhere
from workflows.audit.sealing.keyring import FileMemory, make_key, pen_of
from workflows.audit.sealing.proving import Proof, prove, proved, read_proof
from workflows.audit.sealing.sayings import FINDINGS, MEANINGS, said
from workflows.audit.sealing.signing import Pen, signer_for
from workflows.audit.sealing.values import Flaw, Leaf
from workflows.audit.sealing.witnessing import witness
from workflows.clock import wall

DAY = timedelta(days=1)
ORIGIN = "duban.example.org"


@dataclass
class Site:
    """A database with a few tasks and another stream, its tree, and a key beside it."""

    url: str
    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        store = open_store(self.url, create=True, clock=self.clock)
        assert isinstance(store, SqlStore)
        self.store, self.log = store, SqlLog(store.engine)
        made = make_key(self.folder / "seal.key", ORIGIN)
        assert isinstance(made, Signer)
        self.signer = made
        self.stories = {name: Story(name).register(self.clock()) for name in ("dam", "leak", "road")}
        self.save()

    @property
    def pen(self) -> Pen:
        found = pen_of(self.folder / "seal.key")
        assert isinstance(found, Pen)
        return found

    def save(self) -> None:
        for story in self.stories.values():
            if len(story.events) > story._told:
                with self.store.work([story.id]) as work:
                    work.save([story.change()])

    def live(self, days: int = 3) -> None:
        """Each task goes on for some days, and somebody takes the record away."""
        for _ in range(days):
            self.clock.now += DAY
            for story in self.stories.values():
                story.fire(self.clock(), "planned")
            self.save()
            with self.store.chained("exports") as stream:
                stream.append("RecordExported", "li", {"format": "xes"})

    def seal(self) -> growing.Sealed | Refusal:
        return growing.seal(self.store, self.log, self.pen)

    def head(self, tree: str = "sha256") -> str:
        kept = self.log.checkpoint(tree)
        assert kept is not None
        return kept.note

    def found(self, *heads: str, signed: bool = True) -> list[str]:
        """The codes of what is found, each once, in order."""
        keys = [signer_for(self.signer, tree).verifier for tree in ("sha256", "sm3")] if signed else []
        known = Elsewhere(keys, [("auditor", note) for note in heads])
        findings = list(check(self.log, known, virtual=True, texts=True))
        assert all(said(each, lang) for each in findings for lang in ("zh", "en"))
        return list(dict.fromkeys(each.code for each in findings))

    def change(self, act: Callable[[Connection], object]) -> None:
        with self.store.engine.execution_options(writes=True).begin() as connection:
            act(connection)

    def sql(self, statement: str, **values: object) -> None:
        self.change(lambda connection: connection.execute(text(statement), values))


@pytest.fixture
def site(url: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(url, tmp_path)
    yield made
    made.store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'duban.db'}"
    return str(request.getfixturevalue("founded_postgres"))


@pytest.fixture
def sealed(site: Site) -> Site:
    """Two heads, and events after the first and the second."""
    site.live()
    assert isinstance(site.seal(), growing.Sealed)
    site.live()
    assert isinstance(site.seal(), growing.Sealed)
    return site


# -- growing


def test_every_stream_is_in_the_tree_in_the_order_of_its_recording(site: Site) -> None:
    """Tasks and what is chained beside them; a second look appends nothing."""
    site.live()
    done = site.seal()
    assert isinstance(done, growing.Sealed)
    assert done.grown.appended == 3 + 3 * 4
    leaves = site.log.leaves(0, 100)
    assert {leaf.stream for leaf in leaves} == {"dam", "leak", "road", "exports"}
    assert [leaf.seq for leaf in leaves if leaf.stream == "leak"] == [1, 2, 3, 4]
    assert [leaf.stream for leaf in leaves[:4]] == ["dam", "leak", "road", "dam"]
    again = site.seal()
    assert isinstance(again, growing.Sealed)
    assert again.grown.appended == 0
    assert site.found(site.head()) == []


def test_the_tree_grows_across_tiles_and_keeps_their_roots(site: Site) -> None:
    """More than two tiles, in steps; proofs from tiles lead to the root, in the tree of SM3 as well."""
    site.live(90)
    site.seal()
    site.log.begin("sm3")
    site.live(60)
    site.seal()
    trees = site.log.trees()
    assert trees["sha256"].size == trees["sm3"].size == 3 + 150 * 4
    for tree in ("sha256", "sm3"):
        assert len(site.log.tiles(tree)) == 2
        proof = prove(site.log, "leak", 100, tree)
        assert isinstance(proof, Proof)
        head = proved(read_proof(proof.to_text()), signer_for(site.signer, tree).verifier, tree)
        assert head.root == edge_root(trees[tree].edge, HASHES[tree])
    assert site.found(site.head(), site.head("sm3")) == []


def test_without_a_key_the_tree_grows_unsigned(site: Site) -> None:
    done = growing.seal(site.store, site.log, None)
    assert isinstance(done, growing.Sealed)
    assert (done.grown.appended, list(done.heads)) == (3, [])
    assert site.log.checkpoint("sha256") is None
    stands = growing.standing(site.store, site.log)
    assert (stands.size, stands.head, stands.waiting, stands.refused) == (3, None, 0, None)


def test_what_was_damaged_before_it_was_sealed_becomes_no_leaf(site: Site) -> None:
    """It waits and is told; what follows in its stream waits with it, and all others go on."""
    site.live(2)
    site.sql("UPDATE events SET payload = replace(payload, 'planned', 'plannet') WHERE stream = 'leak' AND seq = 2")
    refused = site.seal()
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.facts["event"], refused.facts["count"]) == ("seal_unfit", "leak#2", 2)
    assert site.log.position("leak", 1) is not None
    assert site.log.position("leak", 2) is None
    assert site.log.position("road", 3) is not None
    site.sql("UPDATE events SET payload = replace(payload, 'plannet', 'planned') WHERE stream = 'leak' AND seq = 2")
    assert isinstance(site.seal(), growing.Sealed)
    assert growing.standing(site.store, site.log).refused is None
    assert site.found() == []


def test_it_is_time_to_seal_when_enough_waits_or_has_waited(site: Site) -> None:
    now = site.clock()
    assert growing.due(site.log, None, None, now)
    assert not growing.due(site.log, None, now, now)
    assert growing.due(site.log, None, now, now + growing.LONGEST)
    site.live(25)
    assert growing.due(site.log, None, now, now)
    growing.seal(site.store, site.log, None)
    later = now + growing.LONGEST
    assert not growing.due(site.log, None, now, later)
    assert growing.due(site.log, site.pen, now, later)  # there is a key now, and no head
    site.seal()
    assert not growing.due(site.log, site.pen, now, later)


# -- keys


def test_a_key_that_others_may_read_is_refused(site: Site) -> None:
    file = site.folder / "seal.key"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    refused = pen_of(file)
    assert isinstance(refused, Refusal)
    assert refused.code == "seal_key_open"


def test_a_key_is_never_written_over_and_a_name_is_a_name(site: Site) -> None:
    for file, name, code in (("seal.key", ORIGIN, "seal_key_exists"), ("other.key", "a b", "seal_name")):
        refused = make_key(site.folder / file, name)
        assert isinstance(refused, Refusal)
        assert refused.code == code
    missing = pen_of(site.folder / "none.key")
    assert isinstance(missing, Refusal)
    assert missing.code == "seal_key_missing"
    (site.folder / "bad.key").write_text("no key")
    (site.folder / "bad.key").chmod(0o600)
    bad = pen_of(site.folder / "bad.key")
    assert isinstance(bad, Refusal)
    assert bad.code == "seal_key_bad"


def test_a_memory_that_cannot_be_read_signs_nothing(sealed: Site) -> None:
    (sealed.folder / "seal.key.signed").write_text('{"duban.example.org": {"size": 3, "edge": ""}}')
    sealed.live(1)
    assert _code(sealed.seal()) == "seal_memory"


@pytest.mark.parametrize("broken", ["full", "gone"])
def test_what_cannot_be_remembered_is_not_signed_and_is_told(
    sealed: Site, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The disk of the key is full, or the key was taken away. The tree has grown meanwhile; the health of the house
    says why there is no head, and as soon as it can be kept it is signed.
    """
    before, key, pen = sealed.log.checkpoint("sha256"), sealed.folder / "seal.key", sealed.pen
    sealed.live(1)
    with monkeypatch.context() as patched:
        if broken == "full":
            patched.setattr("workflows.audit.sealing.keyring.write_whole", _full)
        else:
            key.rename(sealed.folder / "away.key")
        refused = growing.seal(sealed.store, sealed.log, pen)
    assert _code(refused) == "seal_memory_unkept"
    assert sealed.log.checkpoint("sha256") == before
    told = growing.standing(sealed.store, sealed.log).refused
    assert told is not None
    assert told["code"] == "seal_memory_unkept"
    assert told["facts"]["reason"]["zh"] == ("磁盘已满" if broken == "full" else "没有这个文件或文件夹")
    if broken == "gone":
        (sealed.folder / "away.key").rename(key)
    assert not isinstance(sealed.seal(), Refusal)
    assert growing.standing(sealed.store, sealed.log).refused is None


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _code(found: object) -> str:
    assert isinstance(found, Refusal), found
    return found.code


# -- what is found

Tamper = Callable[[Site], None]


def _rewrite(site: Site, stream: str, seq: int, after: str) -> None:
    """As who knows the program: change a text, then compute every hash after it anew."""
    with site.store.engine.execution_options(writes=True).begin() as connection:
        rows = connection.execute(
            text("SELECT seq, header, payload, salts FROM events WHERE stream = :s ORDER BY seq"), {"s": stream}
        ).all()
        prev = GENESIS
        for n, header, payload, salts in rows:
            told = payload.replace("planned", after) if n == seq else payload
            link = seal(prev, header, told, salts)
            connection.execute(
                text("UPDATE events SET payload = :p, prev = :v, hash = :h WHERE stream = :s AND seq = :n"),
                {"p": told, "v": prev, "h": link, "s": stream, "n": n},
            )
            prev = link


def text_changed(site: Site) -> None:
    """As who does not know of hashes."""
    site.sql("UPDATE events SET payload = replace(payload, 'planned', 'ended') WHERE stream = 'leak' AND seq = 3")


def header_changed(site: Site) -> None:
    site.sql("UPDATE events SET header = replace(header, '\"li\"', '\"xi\"') WHERE stream = 'leak' AND seq = 3")


def salts_dropped(site: Site) -> None:
    site.sql("UPDATE events SET salts = '' WHERE stream = 'leak' AND seq = 3")


def texts_swapped(site: Site) -> None:
    """Two events of two tasks change places with everything that they have."""
    columns = "header, payload, salts, prev, hash"
    with site.store.engine.execution_options(writes=True).begin() as connection:
        read = text(f"SELECT {columns} FROM events WHERE stream = :s AND seq = 3")  # noqa: S608
        rows = {name: connection.execute(read, {"s": name}).one()._asdict() for name in ("leak", "road")}
        changed = "header = :header, payload = :payload, salts = :salts, prev = :prev, hash = :hash"
        write = text(f"UPDATE events SET {changed} WHERE stream = :s AND seq = 3")  # noqa: S608
        for name, other in (("leak", "road"), ("road", "leak")):
            connection.execute(write, {**rows[other], "s": name})


def rewritten(site: Site) -> None:
    _rewrite(site, "leak", 3, "unknown")


def deleted(site: Site) -> None:
    site.sql("DELETE FROM events WHERE stream = 'leak' AND seq = 3")


def truncated(site: Site) -> None:
    site.sql("DELETE FROM events WHERE stream = 'leak' AND seq > 4")


def task_deleted(site: Site) -> None:
    site.sql("DELETE FROM events WHERE stream = 'road'")


def leaf_deleted(site: Site) -> None:
    site.sql("DELETE FROM leaves WHERE position = 5")


def leaf_altered(site: Site) -> None:
    site.sql("UPDATE leaves SET hash = :h WHERE position = 5", h="0" * 64)


def leaves_swapped(site: Site) -> None:
    """Two events of one stream change places, as if one had been recorded before the other."""
    first, second = site.log.position("leak", 2), site.log.position("leak", 3)
    for old, new in ((first, 9_999), (second, first), (9_999, second)):
        site.sql("UPDATE leaves SET position = :new WHERE position = :old", old=old, new=new)


def inserted(site: Site) -> None:
    """An event of a stream of its own that never came through the program."""
    said = recorded_text({"trigger": "report"})
    salts = salted(bytes(16))
    told = {"t": "{}", "p": said, "s": salts, "v": GENESIS, "h": seal(GENESIS, "{}", said, salts)}
    site.sql(
        "INSERT INTO events (stream, seq, type, occurred_at, recorded_at, actor, edition, header, payload, salts,"
        " prev, hash) VALUES ('planted', 1, 'TriggerFired', 0, 0, 'x', '', :t, :p, :s, :v, :h)",
        **told,
    )


def head_forged(site: Site) -> None:
    """A head of other leaves, signed with another key under the same name."""
    note = checkpoint(Head(6, b"x" * 32), Signer(ORIGIN, bytes(32)))
    site.sql("UPDATE checkpoints SET note = :n, size = 6 WHERE size = (SELECT min(size) FROM checkpoints)", n=note)


def edge_changed(site: Site) -> None:
    site.sql("UPDATE trees SET size = size - 1, edge = :e", e=" ".join(["00" * 32] * ((27 - 1).bit_count())))


PLANTED: dict[str, tuple[Tamper, str]] = {
    "a changed text": (text_changed, "event_changed"),
    "a changed header": (header_changed, "event_changed"),
    "lost salts": (salts_dropped, "event_changed"),
    "events of two tasks swapped": (texts_swapped, "event_changed"),
    "a rewritten event": (rewritten, "event_changed"),
    "a deleted event": (deleted, "event_deleted"),
    "a cut end": (truncated, "event_deleted"),
    "a deleted task": (task_deleted, "event_deleted"),
    "a deleted leaf": (leaf_deleted, "leaf_missing"),
    "an altered leaf": (leaf_altered, "event_changed"),
    "leaves out of order": (leaves_swapped, "leaf_misplaced"),
    "an event from nowhere": (inserted, "event_outside"),
    "a forged head": (head_forged, "head_bad"),
    "an edge of other leaves": (edge_changed, "rolled_back"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(sealed: Site, name: str) -> None:
    """Without a head from elsewhere: by who did not make the tree anew."""
    tamper, code = PLANTED[name]
    assert sealed.found() == []
    tamper(sealed)
    assert code in sealed.found()


def _sealed_anew(site: Site, *, signed: bool) -> None:
    """As who knows the program, and writes the database: the whole tree from the events as they are, with the heads;
    with the stolen key they are signed, else as another key does.
    """
    for statement in TREE_ANEW:
        site.sql(statement)
    site.log.grow()
    tree = site.log.trees()["sha256"]
    thief = site.signer if signed else Signer(ORIGIN, bytes(32))
    site.log.keep("sha256", tree.size, checkpoint(Head(tree.size, edge_root(tree.edge)), thief))


HIDDEN = {"a rewritten event": rewritten, "a cut end": truncated, "a deleted task": task_deleted}


@pytest.mark.parametrize("name", HIDDEN)
def test_who_makes_the_tree_anew_is_found_by_the_key(sealed: Site, name: str) -> None:
    """An administrator of the database without the key: no head of theirs is believed, and the signer signs nothing
    more.
    """
    HIDDEN[name](sealed)
    _sealed_anew(sealed, signed=False)
    assert "head_bad" in sealed.found()
    sealed.live(1)
    refused = sealed.seal()
    assert isinstance(refused, Refusal)
    assert refused.code in {"seal_forked", "seal_rolled_back"}
    stands = growing.standing(sealed.store, sealed.log).refused
    assert stands is not None
    assert stands["code"] == refused.code


@pytest.mark.parametrize("name", HIDDEN)
def test_who_has_the_key_is_found_by_a_head_from_elsewhere_alone(sealed: Site, name: str) -> None:
    """With the key nothing inside tells: that is what heads outside are for."""
    before = sealed.head()
    HIDDEN[name](sealed)
    _sealed_anew(sealed, signed=True)
    assert sealed.found() == []
    assert sealed.found(before)[0] in {"head_unmet", "rolled_back"}


def test_a_database_that_was_rolled_back_signs_nothing_more(tmp_path: Path) -> None:
    """The whole file as it was, with everything in it, heads included: the signer remembers, and so does a head from
    elsewhere.
    """
    site = Site(f"sqlite:///{tmp_path / 'duban.db'}", tmp_path)
    site.live()
    site.seal()
    site.store.close()
    file, copy = site.folder / "duban.db", site.folder / "copy.db"
    shutil.copy(file, copy)
    again = open_store(site.url, clock=site.clock)
    assert isinstance(again, SqlStore)
    site.store, site.log = again, SqlLog(again.engine)
    site.live()
    site.seal()
    latest = site.head()
    site.store.close()
    for journal in site.folder.glob("duban.db-*"):
        journal.unlink()
    shutil.copy(copy, file)
    back = open_store(site.url, clock=site.clock)
    assert isinstance(back, SqlStore)
    site.store, site.log = back, SqlLog(back.engine)
    refused = site.seal()
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.facts["signed"], refused.facts["size"]) == ("seal_rolled_back", 27, 15)
    assert site.found() == []
    assert site.found(latest) == ["rolled_back"]
    back.close()


def test_the_signer_refuses_every_inconsistent_head(sealed: Site) -> None:
    """Also when it starts anew: each leaf changed in turn, with the edge that belongs to it."""
    tree = sealed.log.trees()["sha256"]
    leaves = sealed.log.leaves(0, tree.size)
    for at in range(tree.size):
        others = [leaf if n != at else leaf._replace(hash="0" * 64) for n, leaf in enumerate(leaves)]
        edge, _ = grown(Edge(), [leaf.digest() for leaf in others])
        sealed.sql("UPDATE trees SET edge = :e", e=edge.to_text())
        refused = sealed.seal()
        assert isinstance(refused, Refusal)
        assert refused.code == "seal_forked"
    sealed.sql("UPDATE trees SET edge = :e", e=tree.edge.to_text())
    assert isinstance(sealed.seal(), growing.Sealed)


def _smaller(site: Site) -> None:
    """The tree of some time ago, whole and in order."""
    leaves = site.log.leaves(0, 20)
    for statement in TREE_ANEW:
        site.sql(statement)
    site.log.begin("sha256")
    _put(site, leaves)


def _same_size(site: Site) -> None:
    """As many leaves, of which one is another; edge, tiles and all that follows agree."""
    leaves = list(site.log.leaves(0, site.log.trees()["sha256"].size))
    leaves[3] = leaves[3]._replace(hash="0" * 64)
    for statement in TREE_ANEW:
        site.sql(statement)
    site.log.begin("sha256")
    _put(site, leaves)


def _past_rewritten(site: Site) -> None:
    """An event is rewritten with every hash after it, the tree made anew from that, and the office went on."""
    rewritten(site)
    for statement in TREE_ANEW:
        site.sql(statement)
    site.live(2)


def _put(site: Site, leaves: Sequence[Leaf]) -> None:
    edge, _ = grown(Edge(), [leaf.digest() for leaf in leaves])
    for at, (stream, seq, link) in enumerate(leaves):
        site.sql("INSERT INTO leaves VALUES (:p, :s, :n, :h)", p=at, s=stream, n=seq, h=link)
    site.sql("UPDATE trees SET size = :n, edge = :e", n=edge.size, e=edge.to_text())
    site.sql("DELETE FROM unsealed")


INCONSISTENT: dict[str, tuple[Tamper, str]] = {
    "a smaller tree": (_smaller, "seal_rolled_back"),
    "another root of the same size": (_same_size, "seal_forked"),
    "a past that was rewritten": (_past_rewritten, "seal_forked"),
}


@pytest.mark.parametrize("name", INCONSISTENT)
def test_the_signer_refuses_each_way_in_which_a_head_does_not_go_on(sealed: Site, name: str) -> None:
    """By what it remembers, and by nothing else: without its memory it would sign. (A database that was rolled back as
    a whole, with the key and its memory in place: see above.)
    """
    tamper, code = INCONSISTENT[name]
    tamper(sealed)
    refused = sealed.seal()
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert sealed.log.checkpoint("sha256") is None
    (sealed.folder / "seal.key.signed").unlink()
    sealed.seal()
    assert sealed.log.checkpoint("sha256") is not None


def test_a_crash_between_the_memory_and_the_database_signs_the_same_head_again(site: Site) -> None:
    """What was remembered and not kept is kept the next time, with the same bytes."""
    site.live()
    site.seal()
    note = site.head()
    site.sql("DELETE FROM checkpoints")
    site.seal()
    assert site.head() == note


def test_the_hash_that_is_kept_is_enough_for_whoever_verifies_the_chains(sealed: Site) -> None:
    """Without the texts a changed one is theirs to find; a hash that was computed anew is found in any case."""
    text_changed(sealed)
    assert list(check(sealed.log, virtual=True)) == []
    rewritten(sealed)
    assert "event_changed" in {each.code for each in check(sealed.log, virtual=True)}


def test_a_backdated_event_is_found_by_the_heads_between(site: Site) -> None:
    """Real time: a head was signed, then an event came that says it was recorded a day before."""
    site.clock.now = site.log.trees()["sha256"].grown_at if site.log.trees() else site.clock()
    site.seal()
    site.live(1)  # the clock of this stage stands in 2022, and heads are signed by the database's own
    site.seal()
    assert "event_backdated" in [each.code for each in check(site.log)]
    assert "event_backdated" not in site.found()


def test_what_no_head_covers_is_found_in_time_by_who_has_the_key(sealed: Site) -> None:
    """Whether it waits or is a leaf already; a minute after it was recorded nothing is said, nor once it is signed."""
    sealed.live(1)

    def found(minutes: int) -> list[tuple[str, object]]:
        known = Elsewhere([sealed.signer.verifier], now=sealed.clock() + timedelta(minutes=minutes))
        found = check(sealed.log, known)
        return [(each.code, each.facts["count"]) for each in found if each.code == "head_overdue"]

    assert (found(1), found(11)) == ([], [("head_overdue", 4)])
    sealed.log.grow()
    assert (found(1), found(11)) == ([], [("head_overdue", 4)])
    sealed.seal()
    assert found(11) == []
    sealed.sql("DELETE FROM checkpoints")
    assert found(11) == [("head_overdue", 31)]


def test_a_rehearsal_goes_by_its_own_time(sealed: Site) -> None:
    """What was recorded last may wait; nobody silences the rest by calling the database a rehearsal."""
    known = Elsewhere([sealed.signer.verifier], now=wall())
    sealed.live(1)
    assert list(check(sealed.log, known, virtual=True)) == []
    sealed.live(1)
    assert [each.facts["count"] for each in check(sealed.log, known, virtual=True)] == [4]


# -- proofs


def test_a_proof_holds_by_hand_and_no_other_does(sealed: Site) -> None:
    """From the text alone: the leaf, the hashes, the signed root."""
    found = prove(sealed.log, "leak", 3)
    assert isinstance(found, Proof)
    read = read_proof(found.to_text())
    assert read == found
    stream, seq, link = sealed.log.leaves(found.position, found.position + 1)[0]
    assert found.leaf == f"{stream}#{seq} {link}"
    head = proved(read, verifier_of(str(sealed.signer.verifier)))
    assert included(leaf_hash(f"{found.leaf}\n".encode()), read.position, head.size, read.hashes, head.root)
    for stream, seq, code in (("leak", 99, "seal_not_yet"), ("none", 1, "seal_not_yet")):
        refused = prove(sealed.log, stream, seq)
        assert isinstance(refused, Refusal)
        assert refused.code == code


def test_what_came_after_the_last_head_is_not_proved_yet(sealed: Site) -> None:
    sealed.live(1)
    sealed.log.grow()
    refused = prove(sealed.log, "leak", 8)
    assert isinstance(refused, Refusal)
    assert refused.code == "seal_not_yet"


# -- witnesses


def test_a_witness_demands_that_heads_go_on(sealed: Site) -> None:
    """It remembers the first, follows, and refuses a fork, an older head and another key."""
    file, who = sealed.folder / "witness.json", sealed.signer.verifier
    old = sealed.log.checkpoints("sha256")[0].note
    assert isinstance(witness(sealed.log, file, old, who), Head)
    assert isinstance(witness(sealed.log, file, sealed.head(), who), Head)
    codes = []
    forged = checkpoint(Head(27, b"x" * 32), sealed.signer)
    for note, key in ((old, who), (forged, who), (sealed.head(), Signer(ORIGIN, bytes(32)).verifier)):
        refused = witness(sealed.log, file, note, key)
        assert isinstance(refused, Refusal)
        codes.append(refused.code)
    assert codes == ["witness_fork", "witness_fork", "witness_key"]
    rewritten(sealed)
    _sealed_anew(sealed, signed=True)
    refused = witness(sealed.log, file, sealed.head(), who)
    assert isinstance(refused, Refusal)
    assert refused.code == "witness_fork"


def test_a_head_of_another_log_is_told_as_such(sealed: Site) -> None:
    other = checkpoint(Head(3, b"x" * 32), Signer("elsewhere.example.org", bytes(32)))
    assert sealed.found(other) == ["head_foreign"]
    assert sealed.found(other, signed=False) == ["head_foreign"]
    assert sealed.found("nothing of the kind") == ["head_bad"]


def test_every_finding_has_words() -> None:
    facts = dict.fromkeys(("source", "reason", "origin", "size", "tree", "leaves", "number", "position", "count",
                           "after", "recorded_at", "signed_at", "error"), "x")  # fmt: skip
    assert set(MEANINGS) == set(FINDINGS)
    for code in FINDINGS:
        assert said(Flaw(code, "leak", 1, facts), "zh") != said(Flaw(code, "leak", 1, facts), "en")


def test_a_memory_is_a_file_that_is_whole_at_any_time(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("")
    memory = FileMemory(tmp_path / "k")
    assert memory.recall("a") is None
    memory.remember("a", Edge(1, (b"x" * 32,)))
    memory.remember("b", Edge())
    assert FileMemory(tmp_path / "k").recall("a") == Edge(1, (b"x" * 32,))
    assert [each.name for each in sorted(tmp_path.iterdir())] == ["k", "k.signed"]
