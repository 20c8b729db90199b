"""The door for uploads: every file that is not a plain list gets one clear sentence."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from bansos.lib.errors import BadInput
from bansos.lib.sheets import guard
from bansos.lib.sheets.guard import FileKind, inspect_upload
from tests.lib.sheets import files

ROWS = [["NIK", "NAMA"], ["3519074108500001", "Sumarni"]]


def refusal(data: bytes, filename: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        inspect_upload(data, filename)
    sentence = str(caught.value)
    assert "Tidak ada data yang berubah." in sentence
    assert sentence.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("data", "filename", "kind"),
    [
        (files.xlsx(ROWS), "daftar.xlsx", FileKind.XLSX),
        (files.xlsx(ROWS), "DAFTAR LANSIA 2025.XLSX", FileKind.XLSX),
        (files.xls(ROWS), "daftar.xls", FileKind.XLS),
        (files.ods(ROWS), "daftar.ods", FileKind.ODS),
        (b"nik;nama\n1;Sumarni\n", "daftar.csv", FileKind.CSV),
        (b"nik\tnama\n1\tSumarni\n", "daftar.txt", FileKind.CSV),
        ("nik;nama\n1;Sumarni\n".encode("utf-16"), "daftar.csv", FileKind.CSV),
        (b"nik;nama\r\n1;Su\x02marni\r\n\x1a", "daftar.csv", FileKind.CSV),
    ],
)
def test_it_knows_the_four_kinds(data: bytes, filename: str, kind: FileKind) -> None:
    assert inspect_upload(data, filename) is kind


@pytest.mark.parametrize("data", [b"", b"  \r\n", b"\xef\xbb\xbf\n"])
def test_it_refuses_an_empty_file(data: bytes) -> None:
    assert refusal(data, "daftar.csv").code == "berkas_kosong"


def test_it_refuses_more_than_25_mb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_BYTES", 3 * 1024 * 1024)
    error = refusal(b"a;b\n" * 1_000_000, "daftar.csv")
    assert error.code == "berkas_terlalu_besar"
    assert "3 MB" in str(error)


def test_it_names_the_picture_behind_an_xlsx_name() -> None:
    error = refusal(files.PNG, "foto.xlsx")
    assert error.code == "berkas_gambar"
    assert str(error).startswith("Berkas ini gambar PNG, bukan daftar .xlsx.")


@pytest.mark.parametrize("magic", [b"\xff\xd8\xff\xe0", b"GIF89a", b"BM\x00\x00", b"II*\x00"])
def test_it_refuses_every_common_picture(magic: bytes) -> None:
    assert refusal(magic + bytes(60), "scan.xlsx").code == "berkas_gambar"


def test_a_list_whose_first_header_starts_with_bm_is_no_picture() -> None:
    assert inspect_upload(b"BMT;NAMA\n1;Sumarni\n", "daftar.csv") is FileKind.CSV


def test_it_refuses_a_locked_workbook() -> None:
    error = refusal(files.locked(files.xlsx(ROWS)), "daftar.xlsx")
    assert error.code == "berkas_bersandi"
    assert "hapus kata sandinya" in str(error)


def test_it_refuses_a_locked_opendocument_sheet() -> None:
    manifest = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    locked = files.ods(ROWS, extra={"META-INF/manifest.xml": manifest})
    assert refusal(locked, "daftar.ods").code == "berkas_bersandi"


def test_it_refuses_a_zip_with_locked_parts() -> None:
    data = bytearray(files.xlsx(ROWS))
    start = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, start + 8, 0x1)
    assert refusal(bytes(data), "daftar.xlsx").code == "berkas_bersandi"


def test_it_refuses_a_zip_bomb_without_unpacking_it() -> None:
    data = files.bomb()
    assert len(data) < 200_000
    assert refusal(data, "daftar.xlsx").code == "berkas_mengembang"


def test_it_refuses_too_many_parts() -> None:
    parts = {**files.parts_of(files.xlsx(ROWS)), **{f"xl/x{n}.xml": "" for n in range(2_001)}}
    assert refusal(files.zipped(parts), "daftar.xlsx").code == "berkas_mengembang"


@pytest.mark.parametrize("limit", ["MAX_ENTRY_BYTES", "MAX_TOTAL_BYTES"])
def test_it_refuses_sizes_over_the_limits(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(guard, limit, 1_000)
    assert refusal(files.xlsx(ROWS), "daftar.xlsx").code == "berkas_mengembang"


def test_it_refuses_parts_that_overlap() -> None:
    """The trick of small bombs: many directory entries over the same bytes."""
    data = bytearray(files.xlsx(ROWS))
    position = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, position + 20, len(data) * 2)
    assert refusal(bytes(data), "daftar.xlsx").code == "berkas_rusak"


def test_it_accepts_a_coloured_empty_sheet_of_a_million_rows() -> None:
    assert inspect_upload(files.million_rows(ROWS), "daftar.xlsx") is FileKind.XLSX


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_it_refuses_a_truncated_workbook(share: float) -> None:
    whole = files.xlsx(ROWS)
    error = refusal(whole[: int(len(whole) * share)], "daftar.xlsx")
    assert error.code == "berkas_rusak"
    assert "Simpan Sebagai .xlsx" in str(error)


def test_it_refuses_a_workbook_with_a_spoilt_part() -> None:
    whole = bytearray(files.xlsx(ROWS))
    start = whole.index(b"[Content_Types].xml") + len("[Content_Types].xml")
    whole[start : start + 40] = b"\xff" * 40
    assert refusal(bytes(whole), "daftar.xlsx").code == "berkas_rusak"


@pytest.mark.parametrize("filename", ["daftar.xlsm", "daftar.xlsx"])
def test_it_refuses_macros_whatever_the_name(filename: str) -> None:
    data = files.with_parts(files.xlsx(ROWS), xl__vbaProject_bin="x")
    parts = files.parts_of(data)
    parts["xl/vbaProject.bin"] = parts.pop("xl/vbaProject_bin")
    error = refusal(files.zipped(parts), filename)
    assert error.code == "berkas_makro"
    assert "Simpan Sebagai .xlsx" in str(error)


def test_it_refuses_macros_named_only_by_content_type() -> None:
    parts = files.parts_of(files.xlsx(ROWS))
    types = parts["[Content_Types].xml"]
    assert isinstance(types, bytes)
    parts["[Content_Types].xml"] = types.replace(
        b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml"
    )
    assert refusal(files.zipped(parts), "daftar.xlsx").code == "berkas_makro"


def test_it_refuses_macros_in_an_old_workbook() -> None:
    data = files.xls(ROWS) + "_VBA_PROJECT_CUR\x00".encode("utf-16-le")
    assert refusal(data, "daftar.xls").code == "berkas_makro"


def test_it_refuses_an_entity_that_would_read_other_files() -> None:
    def declare(sheet: bytes) -> bytes:
        body = sheet.split(b"?>", 1)[1]
        return b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + body

    data = files.with_sheet_xml(files.xlsx(ROWS), declare)
    assert refusal(data, "daftar.xlsx").code == "berkas_berbahaya"


def test_it_refuses_an_entity_hidden_in_utf_16() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []><x/>'
    parts = {**files.parts_of(files.xlsx(ROWS)), "xl/styles.xml": text.encode("utf-16-le")}
    assert refusal(files.zipped(parts), "daftar.xlsx").code == "berkas_berbahaya"


def test_it_refuses_an_archive_of_lists() -> None:
    data = files.zipped({"kecamatan.xlsx": files.xlsx(ROWS)})
    error = refusal(data, "semua.xlsx")
    assert error.code == "berkas_arsip"
    assert "Keluarkan berkas Excel dari arsipnya" in str(error)


def test_it_refuses_an_archive_inside_a_workbook() -> None:
    parts = {**files.parts_of(files.xlsx(ROWS)), "xl/embeddings/isi.zip": files.zipped({"a": "b"})}
    assert refusal(files.zipped(parts), "daftar.xlsx").code == "berkas_arsip"


@pytest.mark.parametrize("magic", [b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08"])
def test_it_refuses_other_archives(magic: bytes) -> None:
    assert refusal(magic + bytes(60), "daftar.xlsx").code == "berkas_arsip"


def test_it_refuses_pdf() -> None:
    assert refusal(b"%PDF-1.7 ...", "daftar.xlsx").code == "berkas_pdf"


@pytest.mark.parametrize("part", ["word/document.xml", "ppt/presentation.xml", "xl/workbook.bin"])
def test_it_refuses_other_office_files(part: str) -> None:
    data = files.zipped({"[Content_Types].xml": "<Types/>", part: "<x/>"})
    assert refusal(data, "surat.xlsx").code == "berkas_bukan_daftar"


def test_it_refuses_other_opendocument_files() -> None:
    data = files.ods(ROWS, extra={"mimetype": "application/vnd.oasis.opendocument.text"})
    assert refusal(data, "surat.ods").code == "berkas_bukan_daftar"


def test_it_refuses_other_ole_files() -> None:
    assert refusal(guard.OLE_MAGIC + bytes(2_000), "surat.xls").code == "berkas_bukan_daftar"


def test_it_refuses_a_web_page_named_xls() -> None:
    page = b"\xef\xbb\xbf\n<html><table><tr><td>NIK</td></tr></table></html>"
    assert refusal(page, "ekspor.xls").code == "berkas_halaman_web"


@pytest.mark.parametrize(
    ("filename", "code"),
    [
        ("daftar.xls", "nama_berkas_keliru"),
        ("daftar.csv", "nama_berkas_keliru"),
        ("daftar.docx", "berkas_bukan_daftar"),
        ("daftar", "berkas_bukan_daftar"),
    ],
)
def test_content_and_name_must_agree(filename: str, code: str) -> None:
    assert refusal(files.xlsx(ROWS), filename).code == code


def test_text_named_xlsx_is_not_an_xlsx() -> None:
    error = refusal(b"nik;nama\n1;Sumarni\n", "daftar.xlsx")
    assert str(error).startswith("Berkas ini bukan XLSX atau rusak.")


def test_it_refuses_text_with_nul_bytes() -> None:
    assert refusal(b"nik;nama\n1;Su\x00marni\n", "daftar.csv").code == "berkas_bukan_teks"


def test_it_refuses_binary_rubbish_named_csv() -> None:
    assert refusal(b"\x01\x02\x03\x04" * 500, "daftar.csv").code == "berkas_bukan_teks"


def test_links_to_other_workbooks_do_no_harm() -> None:
    parts = {
        **files.parts_of(files.xlsx(ROWS)),
        "xl/externalLinks/externalLink1.xml": "<externalLink/>",
    }
    assert inspect_upload(files.zipped(parts), "daftar.xlsx") is FileKind.XLSX


def test_the_directory_is_enough_to_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb is refused before any part of it is opened."""
    data = files.bomb()
    opened: list[object] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *args, **kw: opened.append(args))
    refusal(data, "daftar.xlsx")
    assert opened == []


def test_the_trailing_bytes_of_a_sound_zip_do_no_harm() -> None:
    target = io.BytesIO(files.xlsx(ROWS))
    assert inspect_upload(target.getvalue(), r"C:\Unduhan\daftar.xlsx") is FileKind.XLSX
