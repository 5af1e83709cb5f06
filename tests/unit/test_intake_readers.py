"""Every format, broken in every way: records or reasons, never a crash, nothing lost."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd import intake
from nabd.errors import Problem
from nabd.intake.mapping import Mapping
from nabd.intake.readers import fhirjson, xlsx
from nabd.intake.readers.mapped import Report, records
from nabd.intake.readers.table import letter
from nabd.intake.sources import Source, sources
from nabd.store.bulk.record import Record

HEAD = '{ "resourceType": "Patient", "id": "a" }'
MAPPING = """
name = "rows"
[source]
format = "FORMAT"
encoding = "utf-8"
[columns.a]
header = "A"
required = true
[columns.b]
header = "Bé"
[key]
columns = ["a"]
[[duplicates]]
columns = ["b"]
[[resources]]
type = "Organization"
id = "{key}"
[resources.set]
'name' = "{a}"
'alias[0]' = "{b}"
"""


def mapping(form: str = "csv", **changes: str) -> Mapping:
    """Make a mapping of two columns."""
    text = MAPPING.replace("FORMAT", form)
    for old, new in changes.items():
        text = text.replace(f'{old} = "utf-8"', f'{old} = "{new}"')
    return Mapping.parse(text.encode(), "rows.toml")


def csv_rows(content: bytes, **changes: str) -> tuple[list[Record], Report]:
    """Read CSV through the mapping."""
    report = Report()
    source = Source("x.csv", content=content)
    return list(records(source, mapping(**changes), report)), report


def reasons(found: list[Record]) -> list[list[str]]:
    """Return the codes of each record's issues."""
    return [[one.code for one in record.issues] for record in found]


def json_records(content: bytes, name: str = "x.json") -> list[Record]:
    """Read FHIR JSON."""
    return list(fhirjson.records(Source(name, content=content)))


def workbook(*rows: tuple[object, ...], sheet: str = "One") -> bytes:
    """Make a workbook."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx_rows(content: bytes) -> list[Record]:
    """Read a workbook through the mapping."""
    return list(records(Source("x.xlsx", content=content), mapping("xlsx"), Report()))


# FHIR JSON


def test_a_document_is_one_record_however_it_is_laid_out() -> None:
    pretty = json.dumps(json.loads(HEAD), indent=2).encode()
    for content in (HEAD.encode(), pretty, b"\xef\xbb\xbf" + pretty, gzip.compress(pretty)):
        (record,) = json_records(content)
        assert json.loads(record.raw)["id"] == "a"
        assert record[1:] == ("x.json", 1, ())


def test_lines_are_records_with_their_numbers() -> None:
    content = f"{HEAD}\n\n{HEAD}\r\n{{broken\n{HEAD}".encode()
    for packed in (content, b"\xef\xbb\xbf" + content, gzip.compress(content)):
        assert [(one.row, one.raw[:7]) for one in json_records(packed)] == [
            (1, b'{ "reso'),
            (3, b'{ "reso'),
            (4, b"{broken"),
            (5, b'{ "reso'),
        ]


def test_a_first_line_that_is_broken_does_not_hide_the_others() -> None:
    content = f'{{"resourceType": "Pat\n{HEAD}\n{HEAD}'.encode()
    assert len(json_records(content)) == 3


def test_nothing_is_nothing() -> None:
    assert json_records(b"") == json_records(b" \n ") == []


def test_utf16_is_refused_by_name() -> None:
    assert reasons(json_records(HEAD.encode("utf-16"))) == [["N5003"]]


def test_a_first_line_of_megabytes_is_a_line_all_the_same() -> None:
    long = {"resourceType": "Binary", "id": "a", "contentType": "x/y", "data": "QUJD" * 500_000}
    lines = [json.dumps(long), json.dumps({"resourceType": "Patient", "id": "b"})]
    found = json_records("\n".join(lines).encode())
    assert [(one.row, one.raw.decode()) for one in found] == [(1, lines[0]), (2, lines[1])]
    (whole,) = json_records(lines[0].encode() + b"\n")
    assert whole.raw.decode().strip() == lines[0]


def test_a_cut_off_gzip_keeps_what_came_before() -> None:
    lines = "\n".join(json.dumps({"id": str(i), "x": f"{i * 7919}"}) for i in range(50_000))
    packed = gzip.compress(lines.encode())
    found = json_records(packed[: len(packed) // 2], "x.ndjson.gz")
    assert len(found) > 1000
    assert [one.issues for one in found[:-1]] == [()] * (len(found) - 1)
    assert reasons(found)[-1] == ["N5005"]
    document = json_records(gzip.compress(HEAD.encode())[:-12])
    assert reasons(document) == [["N5005"]]


def test_a_gzip_bomb_is_refused_before_it_fills_memory() -> None:
    bomb = gzip.compress(b'{"a":"' + b"0" * (64 << 20) + b'"}')
    found = json_records(bomb)
    assert reasons(found) == [["N5004"]]
    assert found[0].raw == bomb


def test_a_line_without_end_is_kept_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhirjson, "MAX_LINE", 1000)
    monkeypatch.setattr(fhirjson, "KEPT", 100)
    content = f"{HEAD}\n{{{'x' * 5000}}}\n{HEAD}\n".encode()
    found = json_records(content)
    assert reasons(found) == [[], ["N5006"], []]
    assert [one.row for one in found] == [1, 2, 3]
    assert len(found[1].raw) == 100


def test_a_document_without_end_is_kept_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhirjson, "MAX_DOCUMENT", 1000)
    assert reasons(json_records(b"{" + b" " * 2000)) == [["N5006"]]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_records(content: bytes) -> None:
    found = json_records(content)
    assert all(record.raw for record in found)
    assert [one.row for one in found] == sorted({one.row for one in found})


# CSV


def test_rows_become_bundles_with_the_numbers_that_a_person_sees() -> None:
    found, report = csv_rows('A,Bé\nx,1\n\n,\ny,"2\n3"\nz,4\n'.encode())
    assert reasons(found) == [[], [], []]
    assert [one.row for one in found] == [2, 5, 7]
    assert report.rows == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp1256", "utf-16"])
def test_declared_encodings_are_read(encoding: str) -> None:
    letter_ = "ع" if encoding not in ("cp1252",) else "ê"
    found, _ = csv_rows(f"A,Bé\n{letter_}é,1\n".encode(encoding), encoding=encoding)
    assert reasons(found) == [[]]
    assert json.loads(found[0].raw)["entry"][0]["resource"]["name"] == f"{letter_}é"


def test_a_row_in_another_encoding_is_kept_as_its_bytes() -> None:
    content = "A,Bé\nx,1\n".encode() + "é,2\n".encode("cp1252") + b"z,3\n"
    found, _ = csv_rows(content)
    assert reasons(found) == [[], ["N5010"], []]
    assert found[1].raw == b"\xe9,2\n"


def test_a_file_in_another_encoding_is_refused_whole() -> None:
    content = "A,Bé\nx,1\n".encode("cp1252")
    found, _ = csv_rows(content)
    assert reasons(found) == [["N5008"]]
    assert found[0].raw == content


def test_an_open_quote_keeps_the_rest_and_loses_nothing() -> None:
    content = 'A,Bé\nx,1\n"y,2\nz,3\n'.encode()
    found, _ = csv_rows(content)
    assert reasons(found) == [[], ["N5011"]]
    assert found[1].raw == b'"y,2\nz,3\n'


def test_a_row_with_other_columns_is_a_problem_of_that_row() -> None:
    found, _ = csv_rows("A,Bé\nx,1,2\ny\nz,3,\n".encode())
    assert reasons(found) == [["N5015"], ["N5015"], []]


def test_columns_that_changed_refuse_the_file() -> None:
    assert reasons(csv_rows(b"A,B\nx,1\n")[0]) == [["N5008"]]
    assert reasons(csv_rows("A,Bé,C\nx,1,2\n".encode())[0]) == [["N5009"]]
    assert reasons(csv_rows("A,A,Bé\nx,1,2\n".encode())[0]) == [["N5008"]]
    assert reasons(csv_rows(b"")[0]) == [["N5008"]]


def test_rows_that_say_the_same_are_reported_and_contradictions_refused() -> None:
    found, report = csv_rows("A,Bé\nx,1\nx,1\nx,2\ny,1\n".encode())
    assert reasons(found) == [[], [], ["N5016"], []]
    assert [(one.row, one.first, one.exact) for one in report.duplicates] == [
        (3, 2, True),
        (5, 2, False),
    ]


def test_a_rejected_row_is_kept_by_its_titles() -> None:
    found, _ = csv_rows("A,Bé\n,1\n".encode())
    assert json.loads(found[0].raw) == {"mapping": "rows", "row": {"A": "", "Bé": "1"}}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_after_the_header_are_rows_or_reasons(content: bytes) -> None:
    found, _ = csv_rows("A,Bé\n".encode() + content)
    assert all(one.raw for one in found)
    numbers = [one.row for one in found]
    assert numbers == sorted(set(numbers))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=8))
def test_every_row_that_is_not_empty_is_told(rows: list[tuple[str, str]]) -> None:
    import csv

    out = io.StringIO(newline="")
    csv.writer(out).writerows([("A", "Bé"), *rows])
    found, report = csv_rows(out.getvalue().encode("utf-8", "replace"))
    filled = [row for row in rows if "".join(row).strip()]
    assert len(found) == report.rows == len(filled)


# XLSX


def test_a_workbook_is_read_with_its_row_numbers() -> None:
    found = xlsx_rows(workbook(("A", "Bé"), ("x", 1), (None, None), ("y", 2.5)))
    assert reasons(found) == [[], []]
    assert [one.row for one in found] == [2, 4]


def test_a_formula_is_refused() -> None:
    found = xlsx_rows(workbook(("A", "Bé"), ("x", "=1+1"), ("y", 2)))
    assert reasons(found) == [["N5014"], []]
    assert json.loads(found[0].raw)["row"]["Bé"] == "=1+1"


def test_cells_beside_the_table_are_a_problem_of_their_row() -> None:
    assert reasons(xlsx_rows(workbook(("A", "Bé"), ("x", 1, "?")))) == [["N5015"]]


def test_a_zip_bomb_is_refused_by_what_it_declares() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (32 << 20))
    assert reasons(xlsx_rows(out.getvalue())) == [["N5004"]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a workbook", b"PK\x03\x04" * 99])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert reasons(xlsx_rows(content)) == [["N5012"]]


def test_damaged_workbooks_are_refused_or_read() -> None:
    good = workbook(("A", "Bé"), *(("x" + str(i), i) for i in range(50)))
    for at in range(0, len(good), 97):
        broken = good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :]
        assert all(one.raw for one in xlsx_rows(broken))


def test_a_missing_sheet_is_named() -> None:
    text = MAPPING.replace("FORMAT", "xlsx").replace("[source]", '[source]\nsheet = "Two"')
    other = Mapping.parse(text.encode(), "rows.toml")
    source = Source("x.xlsx", content=workbook(("A", "Bé")))
    (found,) = records(source, other, Report())
    assert [one.code for one in found.issues] == ["N5013"]
    assert "One" in found.issues[0].text()


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [letter(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# sources


def test_folders_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/two.json", "a/one.ndjson", "c.json.gz", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(HEAD.encode())
    assert [one.name for one in sources([tmp_path])] == ["a/one.ndjson", "b/two.json", "c.json.gz"]


def test_paths_without_anything_to_read_are_problems(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none", "N5001"), (tmp_path, "N5002")):
        with pytest.raises(Problem) as wrong:
            sources([path])
        assert wrong.value.issues[0].code == code


def test_tables_need_a_mapping() -> None:
    for source in (Source("x.csv", content=b"a"), Source("x", content=workbook(("A",)))):
        with pytest.raises(Problem) as wrong:
            list(intake.preview([source]))
        assert wrong.value.issues[0].code == "N5007"


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(f"{HEAD}\n{HEAD}\n".encode())

    monkeypatch.setattr("sys.stdin", Stdin())
    assert [one.source for one in intake.preview(["-"])] == ["stdin", "stdin"]


def test_a_sheet_of_endless_width_is_refused_after_what_came_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx, "MAX_CELLS", 1000)
    rows: list[tuple[object, ...]] = [("A", "Bé"), ("x", 1), ("y", 2, *[None] * 2000, "?")]
    found = xlsx_rows(workbook(*rows))
    assert reasons(found) == [[], ["N5018"]]
    assert [one.row for one in found] == [2, 3]


def test_entities_in_a_workbook_do_not_grow() -> None:
    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'
    good = workbook(("A", "Bé"), ("x", 1))
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        for entry in archive.infolist():
            is_sheet = entry.filename.endswith("sheet1.xml")
            other.writestr(entry.filename, bomb if is_sheet else archive.read(entry))
    assert reasons(xlsx_rows(out.getvalue()))[0] in (["N5012"], ["N5008"])
