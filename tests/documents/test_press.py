"""What a template from outside may not do, and that the same facts print the same bytes."""

from __future__ import annotations

import os
import re
import signal
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pytest
from docx import Document

from documents import inspection
from documents.packing import packed
from documents.press import Press
from tools.make_templates import build
from workflows.papers.ports import PressProblem

FACTS: dict[str, Any] = {
    "zh": True, "organ": "市督查室", "number": "督〔2022〕1号", "title": "通知", "to": "水务局", "day": "2022年3月1日",
    "copies": "市政府", "body": [{"text": "请办理<&>。", "level": 0}], "tasks": [],
    "attendance": [], "marks": {"copy_number": "", "secrecy": "", "urgency": ""},
    "title_lines": ["通知"],
}  # fmt: skip


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    made = Press(seconds=6)
    yield made
    made.close()


def word(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def changed(template: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The same archive with some parts replaced or added."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(template)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as sink:
        for name in source.namelist():
            sink.writestr(name, parts.get(name, source.read(name)))
        for name in parts.keys() - set(source.namelist()):
            sink.writestr(name, parts[name])
    return made.getvalue()


def part(template: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(template)) as archive:
        return archive.read(name)


def refused(press: Press, template: bytes) -> str:
    with pytest.raises(PressProblem) as caught:
        press.render(template, FACTS)
    assert caught.value.text.zh
    assert caught.value.text.en
    return caught.value.code


def test_the_same_facts_print_the_same_bytes(press: Press) -> None:
    """Whichever process prints: fixed times, parts in one order."""
    template = build("rectification-order", 4)
    other = Press()
    try:
        assert press.render(template, FACTS) == other.render(template, FACTS)
    finally:
        other.close()
    assert press.render(template, FACTS) != press.render(template, {**FACTS, "number": "督〔2022〕2号"})
    with zipfile.ZipFile(BytesIO(press.render(template, FACTS))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_words_that_look_like_markup_stay_words(press: Press) -> None:
    """What people typed is neither XML nor a template."""
    made = press.render(word("{{ title }}"), {"title": "<w:p/> & {{ organ }}"})
    assert [paragraph.text for paragraph in Document(BytesIO(made)).paragraphs] == ["<w:p/> & {{ organ }}"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ title.__init__.__globals__ }}",
        "{{ cycler.__init__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ range(10) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ nothing }}",
        "{{ title.format(1) }}",
        "{% include 'x' %}",
    ],
)
def test_a_template_reaches_nothing_but_its_facts(press: Press, text: str) -> None:
    """No class, global, include or padding; a name that is missing is told."""
    assert refused(press, word(text)) == "template_words"
    assert press.render(word("{{ title }}"), FACTS), "the press goes on"


def test_a_template_that_does_not_end_is_stopped() -> None:
    """The process is killed, and a new one prints the next document."""
    quick = Press(seconds=2)
    try:
        quick.render(word("warm"), {})
        loops = "".join(f"{{% for {name} in many %}}" for name in "abcde") + "{% endfor %}" * 5
        with pytest.raises(PressProblem) as caught:
            quick.render(word(loops), {"many": list(range(200))})
        assert caught.value.code == "template_slow"
        assert quick.render(word("{{ title }}"), FACTS)
    finally:
        quick.close()


def test_a_process_that_takes_nothing_in_is_not_waited_for() -> None:
    """It hangs before it has read: more than a pipe holds is still written for so long only; the next one works."""
    press, (template, long) = Press(seconds=2), (word("{{ x }}"), {"x": "a" * 500_000})
    try:
        press.render(word("warm"), {})
        assert press._child is not None
        os.kill(press._child.pid, signal.SIGSTOP)
        with pytest.raises(PressProblem) as caught:
            press.render(template, long)
        assert caught.value.code == "template_slow"
        press._seconds = 20
        assert press.render(template, long)
    finally:
        press.close()


def test_a_template_that_takes_all_memory_is_stopped(press: Press) -> None:
    """It may use less than a gigabyte; the process ends and is replaced."""
    grows = (
        "{% set n = namespace(x='') %}{% for a in many %}{% set n.x = n.x ~ n.x ~ 'aaaaaaaa' %}{% endfor %}{{ n.x }}"
    )
    with pytest.raises(PressProblem) as caught:
        press.render(word(grows), {"many": list(range(60))})
    assert caught.value.code in {"template_memory", "template_words", "template_large"}
    doubles = "{% for a in many %}{{ text }}{% endfor %}"
    with pytest.raises(PressProblem) as big:
        press.render(word(doubles), {"many": list(range(3000)), "text": "字" * 400_000})
    assert big.value.code in {"template_memory", "template_large", "template_slow"}
    assert press.render(word("{{ title }}"), FACTS)


RELATIONS = "word/_rels/document.xml.rels"
LINK = (
    '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
    ' Target="{target}"{mode}/></Relationships>'
)


def linked(kind: str, target: str, mode: str = "") -> bytes:
    plain = word("x")
    relations = part(plain, RELATIONS).decode()
    return changed(
        plain,
        {RELATIONS: relations.replace("</Relationships>", LINK.format(kind=kind, target=target, mode=mode)).encode()},
    )


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("external", linked("image", "http://192.0.2.1/x.png", ' TargetMode="External"')),
        ("template", linked("attachedTemplate", "file:///x.dotm", ' TargetMode="External"')),
        ("object", linked("oleObject", "embeddings/x.bin")),
        ("chunk", linked("aFChunk", "x.html")),
        ("macro", changed(word("x"), {"word/vbaProject.bin": b"x"})),
        ("embedded", changed(word("x"), {"word/embeddings/book.xlsx": b"x"})),
        (
            "docm",
            changed(
                word("x"),
                {
                    "[Content_Types].xml": part(word("x"), "[Content_Types].xml").replace(
                        b"wordprocessingml.document.main+xml", b"document.macroEnabled.main+xml"
                    )
                },
            ),
        ),
    ],
)
def test_a_file_that_is_more_than_words_is_refused(press: Press, name: str, template: bytes) -> None:
    """Macros, objects, links to elsewhere."""
    assert refused(press, template) == "template_live", name


def told(*pieces: str) -> str:
    """A run for each piece of an instruction, or for a mark of a field: `{`, `|` (its result begins), `}`."""
    marks = {"{": "begin", "|": "separate", "}": "end"}
    shown = [
        f'<w:fldChar w:fldCharType="{marks[each]}"/>'
        if each in marks
        else each
        if each.startswith("<")
        else f"<w:instrText>{each}</w:instrText>"
        for each in pieces
    ]
    return "".join(each if each.startswith("<mc") else f"<w:r>{each}</w:r>" for each in shown)


CUT = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="w">'
    "<w:r><w:instrText>DE</w:instrText></w:r></mc:Choice><mc:Fallback><w:r><w:instrText>x</w:instrText></w:r>"
    "</mc:Fallback></mc:AlternateContent>"
)


@pytest.mark.parametrize(
    "field",
    {
        "alone": told('DDEAUTO c:\\x "y"'),
        "in one run": told("{", " DDEAUTO c:\\x ", "|", "}"),
        "in several": told("{", "DD", "EAU", 'TO c:\\x "y"', "}"),
        "around a run of words": told("{", "INCLUDE", "<w:t>x</w:t>", "TEXT x", "}"),
        "in small letters": told("{", "dde", "Auto x", "}"),
        "deleted": told("{", "D", "<w:delInstrText>DE x</w:delInstrText>", "}"),
        "in an instruction": told("{", "IF 1 = 1 ", "{", "LI", "NK x", "}", "}"),
        "in a result": told("{", "PAGE", "|", "{", "DAT", "ABASE x", "}", "}"),
        "after one inside": told("{", "D", "{", "PAGE", "|", "}", "DE x", "}"),
        "named by another": told("{", "{", "QUOTE 68 68 69", "}", " x", "}"),
        "ended by another": told("{", "DD", "{", "QUOTE 69", "}", "}"),
        "never ended": told("{", "IMP", "ORT x"),
        "simple": '<w:fldSimple w:instr="includepicture x"/>',
        "cut by alternatives": told("{", "D", CUT, " x", "}"),
        "told when it is printed": told("{", "DD{{ title }}", "}"),
        "cut when it is printed": told("{", "D", "<w:t>{% if 0 %}</w:t>", "X", "<w:t>{% endif %}</w:t>", "DE x", "}"),
    }.items(),
    ids=lambda each: each[0],
)
def test_fields_that_fetch_are_refused(press: Press, field: tuple[str, str]) -> None:
    """However their instruction is cut into runs, nested, or written."""
    document = part(word("x"), "word/document.xml").replace(b"<w:r><w:t>x</w:t></w:r>", field[1].encode())
    assert field[1].encode() in document
    assert refused(press, changed(word("x"), {"word/document.xml": document})) == "template_live"


def test_fields_of_the_strict_kind_are_judged_too(press: Press) -> None:
    """Word reads both kinds of its format, which differ in the namespace."""
    strict = (
        b'<a xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main">%s</a>' % told("{", "DD", "E x", "}").encode()
    )
    assert refused(press, changed(word("x"), {"word/footer9.xml": strict})) == "template_live"


def test_fields_that_only_count_are_taken(press: Press) -> None:
    """Page numbers by odd and even, and words that only look like a field's name."""
    field = told(
        "{", " IF ", "{", "=MOD(", "{", "PA", "GE ", "|", "<w:t>1</w:t>", "}", ",2)", "|", "}", " = 1 a b ", "}"
    )
    field += told("{", 'HYPERLINK \\l "link"', "|", "<w:t>DDE</w:t>", "}") + '<w:fldSimple w:instr=" NUMPAGES "/>'
    document = part(word("x"), "word/document.xml").replace(b"<w:r><w:t>x</w:t></w:r>", field.encode())
    assert press.render(changed(word("x"), {"word/document.xml": document}), FACTS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(press: Press, encoding: str) -> None:
    """XXE and the bomb of entities: no document type is read at all, in whatever encoding."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    )
    template = changed(word("x"), {"word/document.xml": text.encode(encoding)})
    assert refused(press, template) in {"template_live", "template_file"}


def test_a_bomb_is_refused_before_it_is_unpacked(press: Press) -> None:
    """By the archive's own list; one that lies about sizes is no archive."""
    bomb = changed(word("x"), {"word/media.xml": b"<x>" + b" " * 25_000_000 + b"</x>"})
    assert len(bomb) < 100_000
    assert refused(press, bomb) == "template_bomb"
    many = changed(word("x"), {f"word/{number}.xml": b"<x/>" for number in range(inspection.ENTRY_LIMIT)})
    assert refused(press, many) == "template_bomb"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"<html>", b"x" * (inspection.FILE_LIMIT + 1), changed(word("x"), {"../x": b""})]
)
def test_what_is_no_word_file_is_refused(press: Press, content: bytes) -> None:
    assert refused(press, content) in {"template_file", "template_large"}


def test_the_templates_of_the_definitions_are_those_that_the_tool_builds(press: Press) -> None:
    """Each that a definition names and no other, and each uses nothing but what a document has."""
    from tools.make_templates import FOUNDING, built
    from workflows.papers.values import NAMES
    from workflows.sources import definitions_folder, load_process

    for process in FOUNDING:
        edition = load_process(definitions_folder() / process).edition
        assert edition is not None
        folder = definitions_folder() / process / "templates"
        kept = {each.name: each.read_bytes() for each in folder.iterdir()}
        assert kept == built(edition), f"run make_templates: {process}"
        for content in kept.values():
            assert press.names(content) <= NAMES


def test_packing_is_idempotent() -> None:
    once = packed(word("x"))
    assert packed(once) == once
    assert re.search(rb"word/document.xml", once)
