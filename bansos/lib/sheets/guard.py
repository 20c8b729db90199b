"""The door for uploaded lists: says what a file really is, or refuses it in one sentence.

Nothing is unpacked here: sizes, ratios and counts come from the zip's own directory, and every
refusal says what happened, that nothing changed, and what to do next.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from enum import StrEnum
from pathlib import PurePosixPath

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bansos.lib.errors import BadInput

MAX_BYTES = 25 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_ENTRY_BYTES = 300 * 1024 * 1024
MAX_TOTAL_BYTES = 400 * 1024 * 1024
MAX_RATIO = 150
# Small parts compress very well and harm nobody: the ratio counts from here on.
RATIO_FROM_BYTES = 4 * 1024 * 1024
XML_HEAD_BYTES = 4_096

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# First record of the globals of an .xls since Excel 97, and the record that announces a password.
BIFF8_START = b"\x09\x08\x10\x00\x00\x06\x05\x00"
FILEPASS = 0x2F
ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
ODS_MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"

_PICTURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
_ARCHIVES = (
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "GZIP"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ", "XZ"),
)
_ARCHIVE_NAMES = re.compile(
    r"\.(zip|rar|7z|gz|tgz|bz2|xz|tar|jar|xlsx|xlsm|xlsb|xls|ods|docx|docm|pptx)$", re.IGNORECASE
)
_DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_UTF16_DECLARATION = re.compile(rb"<\x00!\x00[\x00\s]*(D\x00O\x00C|E\x00N\x00T)", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"<\s*(!doctype\s+html|html|table|head|meta|\?xml)", re.IGNORECASE)
_CONTROLS = bytes([*range(0x01, 0x09), *range(0x0E, 0x1A), *range(0x1C, 0x20)])


class FileKind(StrEnum):
    """The four shapes of list the house reads."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"


_KIND_OF_SUFFIX = {
    ".xlsx": FileKind.XLSX,
    ".xls": FileKind.XLS,
    ".ods": FileKind.ODS,
    ".csv": FileKind.CSV,
    ".tsv": FileKind.CSV,
    ".txt": FileKind.CSV,
}
_MACRO_SUFFIXES = {".xlsm", ".xltm", ".xlam", ".xla"}


def inspect_upload(data: bytes, filename: str) -> FileKind:
    """Decide what an upload is by its content and its name; both must agree.

    Raises BadInput with one whole sentence for everything that is not a plain list: empty, too
    large, picture, archive, locked, macro, damaged, or built to exhaust the reader.
    """
    suffix = PurePosixPath(filename.replace("\\", "/").lower().strip()).suffix
    if not data.removeprefix(UTF8_MARK).strip():
        raise _refusal("berkas_kosong", _("Berkas ini kosong."), _("Pilih berkas lain."))
    if len(data) > MAX_BYTES:
        raise _refusal(
            "berkas_terlalu_besar",
            _("Berkas ini lebih besar dari %(limit)d MB.") % {"limit": MAX_BYTES // 1024**2},
            _("Pisahkan menjadi beberapa berkas, misalnya satu berkas per kecamatan."),
        )
    if suffix in _MACRO_SUFFIXES:
        raise _macro()
    _refuse_other_files(data, suffix)
    kind = _kind_by_content(data)
    _check_name(kind, suffix)
    return kind


def _refusal(code: str, happened: str | Promise, advice: str | Promise) -> BadInput:
    safe = _("Tidak ada data yang berubah.")
    return BadInput(code, f"{happened} {safe} {advice}")


def _resave() -> str:
    return _("Buka di Excel, lalu Simpan Sebagai .xlsx.")


def broken_file() -> BadInput:
    """The refusal for a file that starts well and cannot be read to its end."""
    return _refusal("berkas_rusak", _("Berkas ini rusak atau terpotong."), _resave())


def locked_file() -> BadInput:
    """The refusal for a file that opens only with a password."""
    return _refusal(
        "berkas_bersandi",
        _("Berkas ini dilindungi kata sandi."),
        _("Buka di Excel, hapus kata sandinya, lalu simpan dan unggah lagi."),
    )


def swollen_file() -> BadInput:
    """The refusal for a file whose content needs far more room than a list does."""
    return _refusal(
        "berkas_mengembang",
        _("Isi berkas ini jauh lebih besar daripada daftar biasa."),
        _("Salin hanya baris datanya ke buku kerja baru, lalu Simpan Sebagai .xlsx."),
    )


def _macro() -> BadInput:
    return _refusal("berkas_makro", _("Berkas ini berisi makro."), _resave())


def _refuse_other_files(data: bytes, suffix: str) -> None:
    name = suffix or _("tanpa akhiran")
    for magic, picture in _PICTURES:
        if data.startswith(magic) and (picture != "BMP" or b"\x00" in data[:32]):
            raise _refusal(
                "berkas_gambar",
                _("Berkas ini gambar %(kind)s, bukan daftar %(name)s.")
                % {"kind": picture, "name": name},
                _("Unggah berkas Excel aslinya, bukan fotonya."),
            )
    if data.startswith(b"%PDF"):
        raise _refusal(
            "berkas_pdf",
            _("Berkas ini PDF, bukan daftar Excel."),
            _("Minta berkas Excel aslinya, lalu unggah."),
        )
    if data.startswith(tuple(magic for magic, _name in _ARCHIVES)):
        raise _archive()


def _archive() -> BadInput:
    return _refusal(
        "berkas_arsip",
        _("Berkas ini arsip atau berisi berkas lain di dalamnya."),
        _("Keluarkan berkas Excel dari arsipnya, lalu unggah berkas itu saja."),
    )


def _kind_by_content(data: bytes) -> FileKind:
    if data.startswith(OLE_MAGIC):
        return _inspect_ole(data)
    if data.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC)):
        return _inspect_zip(data)
    return _inspect_text(data)


def _check_name(kind: FileKind, suffix: str) -> None:
    """A name that promises something else is refused: one of the two is wrong."""
    if _KIND_OF_SUFFIX.get(suffix) is kind:
        return
    if suffix not in _KIND_OF_SUFFIX:
        raise _refusal(
            "berkas_bukan_daftar",
            _("Nama berkas ini tidak berakhiran .xlsx, .xls, .ods, atau .csv."),
            _resave(),
        )
    if kind is FileKind.CSV:
        raise _refusal(
            "berkas_bukan_daftar",
            _("Berkas ini bukan %(name)s atau rusak.") % {"name": suffix[1:].upper()},
            _resave(),
        )
    raise _refusal(
        "nama_berkas_keliru",
        _("Nama berkas berakhiran %(name)s, tetapi isinya %(kind)s.")
        % {"name": suffix, "kind": f".{kind}"},
        _resave(),
    )


def _inspect_ole(data: bytes) -> FileKind:
    """Names of OLE streams stand as UTF-16 in its directory; looking for them is enough here."""
    if _stream_name("EncryptedPackage") in data or _stream_name("EncryptionInfo") in data:
        raise locked_file()
    if _stream_name("_VBA_PROJECT_CUR") in data:
        raise _macro()
    if _stream_name("Workbook") not in data and _stream_name("Book") not in data:
        raise _refusal("berkas_bukan_daftar", _("Berkas ini bukan daftar Excel."), _resave())
    if _has_filepass(data):
        raise locked_file()
    return FileKind.XLS


def _has_filepass(data: bytes) -> bool:
    """Whether the stream of an .xls says, right after its start, that the rest is encrypted."""
    position = data.find(BIFF8_START)
    for _record in range(3):
        if position < 0 or position + 4 > len(data):
            return False
        kind, size = struct.unpack_from("<HH", data, position)
        if kind == FILEPASS:
            return True
        position += 4 + size
    return False


def _stream_name(name: str) -> bytes:
    return f"{name}\x00".encode("utf-16-le")


# What reading a damaged package can raise: a name that is no text is a ValueError, an unknown
# compression a RuntimeError, a missing part a KeyError.
ZIP_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(RuntimeError, ValueError, KeyError),
)


def _inspect_zip(data: bytes) -> FileKind:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except ZIP_FAULTS as error:
        raise broken_file() from error
    with archive:
        entries = archive.infolist()
        _check_sizes(entries, len(data))
        names = {entry.filename for entry in entries}
        kind = _kind_of_package(archive, names)
        _check_contents(names)
        _check_declarations(archive, entries)
    return kind


def _check_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Sizes from the directory: count, each, together, ratio; and parts that overlap."""
    if len(entries) > MAX_ENTRIES:
        raise swollen_file()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise locked_file()
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise swollen_file()
    if sum(entry.compress_size for entry in entries) > size:
        raise broken_file()
    for entry in entries:
        if entry.file_size > MAX_ENTRY_BYTES:
            raise swollen_file()
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > RATIO_FROM_BYTES and ratio > MAX_RATIO:
            raise swollen_file()


def _kind_of_package(archive: zipfile.ZipFile, names: set[str]) -> FileKind:
    if "xl/vbaProject.bin" in names or "xl/macrosheets/sheet1.xml" in names:
        raise _macro()
    if "xl/workbook.xml" in names and "[Content_Types].xml" in names:
        if b"macroEnabled" in _head(archive, "[Content_Types].xml"):
            raise _macro()
        return FileKind.XLSX
    if "mimetype" in names and "content.xml" in names:
        if not _head(archive, "mimetype").strip().startswith(ODS_MIMETYPE):
            raise _not_a_list()
        if b"encryption-data" in _head(archive, "META-INF/manifest.xml", 256 * 1024):
            raise locked_file()
        return FileKind.ODS
    if (
        "xl/workbook.bin" in names
        or "word/document.xml" in names
        or "ppt/presentation.xml" in names
    ):
        raise _not_a_list()
    raise _archive()


def _not_a_list() -> BadInput:
    return _refusal(
        "berkas_bukan_daftar", _("Berkas ini bukan daftar .xlsx, .xls, .ods, atau .csv."), _resave()
    )


def _check_contents(names: set[str]) -> None:
    if any(_ARCHIVE_NAMES.search(name) for name in names):
        raise _archive()


def _check_declarations(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """A list never needs a document type; entities in one are an attempt to read other files."""
    for entry in entries:
        name = entry.filename
        # Old OpenOffice wrote a harmless document type into its manifest; nobody parses it here.
        if not name.endswith((".xml", ".rels")) or name.startswith("META-INF/"):
            continue
        head = _head(archive, name)
        if _DECLARATION.search(head) or _UTF16_DECLARATION.search(head):
            raise _refusal(
                "berkas_berbahaya",
                _("Berkas ini berisi perintah tersembunyi (entitas XML)."),
                _resave(),
            )


def _head(archive: zipfile.ZipFile, name: str, size: int = XML_HEAD_BYTES) -> bytes:
    if name not in archive.namelist():
        return b""
    try:
        with archive.open(name) as part:
            return part.read(size)
    except ZIP_FAULTS as error:
        raise broken_file() from error


def _inspect_text(data: bytes) -> FileKind:
    if data.startswith(UTF16_MARKS):
        return FileKind.CSV
    controls = len(data) - len(data.translate(None, _CONTROLS))
    # A stray control character is dirt of an old export; many of them are another kind of file.
    if b"\x00" in data or controls > max(10, len(data) // 200):
        raise _refusal(
            "berkas_bukan_teks",
            _("Berkas ini bukan daftar, atau rusak: isinya bukan teks."),
            _resave(),
        )
    if _WEB_PAGE.match(data.removeprefix(UTF8_MARK).lstrip()):
        raise _refusal(
            "berkas_halaman_web",
            _("Berkas ini halaman web yang diberi nama daftar."),
            _resave(),
        )
    return FileKind.CSV
