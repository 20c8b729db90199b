"""The texts of the papers a programme has signed: plain words with a closed set of placeholders.

letters = [{"code", "label", "text"}]. "{nama}" stands for the name of the recipient; a placeholder
nobody knows is refused when the text is entered, never printed as it stands. What is not known of
somebody is printed as a dotted line to be filled in by hand. The last line may name who signs:
"Tanda tangan: Pemberi kuasa; Penerima kuasa; Saksi". The first of them is the recipient.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PLACEHOLDERS: dict[str, Any] = {
    "nama": gettext_lazy("nama penerima"),
    "nik": gettext_lazy("NIK tersamar"),
    "tempat_lahir": gettext_lazy("tempat lahir"),
    "tanggal_lahir": gettext_lazy("tanggal lahir"),
    "alamat": gettext_lazy("alamat"),
    "wilayah": gettext_lazy("desa, kecamatan, kabupaten/kota"),
    "lembaga": gettext_lazy("kelompok atau lembaga penerima"),
    "usaha": gettext_lazy("usaha menurut RAB"),
    "program": gettext_lazy("nama program"),
    "tahun": gettext_lazy("tahun anggaran"),
    "besaran": gettext_lazy("besaran bantuan"),
    "terbilang": gettext_lazy("besaran dengan huruf"),
    "tahap": gettext_lazy("banyaknya tahap"),
    "dinas": gettext_lazy("nama dinas"),
    "isian": gettext_lazy("titik-titik untuk diisi tangan"),
}
DOTS = "." * 40
MOST_LETTERS = 12
LONGEST_TEXT = 8_000
LONGEST_LABEL = 120
MOST_SIGNERS = 3
ALONE = "Yang membuat pernyataan"
_GAP = re.compile(r"\{([^{}]*)\}")
_SIGNED = re.compile(r"(?:^|\n)[ \t]*tanda tangan[ \t]*:(?P<roles>[^\n]*)\s*\Z", re.IGNORECASE)


def letter_problems(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the texts of a version, in sentences."""
    if len(rows) > MOST_LETTERS:
        return [_("Naskah dokumen paling banyak %(most)s.") % {"most": MOST_LETTERS}]
    codes = [str(row.get("code", "")) for row in rows]
    if "" in codes or len(set(codes)) != len(codes):
        return [_("Kode naskah dokumen kosong atau dipakai dua kali.")]
    return [sentence for row in rows if (sentence := _letter_problem(row))]


def _letter_problem(row: Mapping[str, Any]) -> str:
    label, text = str(row.get("label", "")).strip(), str(row.get("text", ""))
    body, roles = signed_by(text)
    if not label or not body:
        return _("Naskah dokumen belum punya nama atau isi.")
    if len(label) > LONGEST_LABEL or len(text) > LONGEST_TEXT:
        return _("%(letter)s: nama paling panjang 120 huruf, isi paling panjang 8.000 huruf.") % {
            "letter": label[:LONGEST_LABEL]
        }
    if not all(roles) or len(roles) > MOST_SIGNERS or re.search(r"[{}]", "".join(roles)):
        return _(
            "%(letter)s: baris Tanda tangan menyebut satu sampai tiga orang, dipisah titik koma,"
            " tanpa isian."
        ) % {"letter": label}
    unknown = next((word for word in _GAP.findall(text) if word not in PLACEHOLDERS), None)
    if unknown is not None:
        return _("%(letter)s: isian {%(gap)s} tidak dikenal. Yang dikenal: %(known)s.") % {
            "letter": label,
            "gap": unknown,
            "known": ", ".join("{" + word + "}" for word in PLACEHOLDERS),
        }
    if re.search(r"[{}]", _GAP.sub("", text)):
        return _("%(letter)s: kurung kurawal tidak berpasangan.") % {"letter": label}
    return ""


def signed_by(text: str) -> tuple[str, list[str]]:
    """A text without its last line "Tanda tangan: ...", and who signs as that line says."""
    written = text.replace("\r\n", "\n").strip()
    found = _SIGNED.search(written)
    if found is None:
        return written, [ALONE]
    return written[: found.start()].strip(), [role.strip() for role in found["roles"].split(";")]


def filled(text: str, values: Mapping[str, str]) -> list[list[str]]:
    """The paragraphs of a text, each its lines, with the placeholders filled."""
    written = _GAP.sub(lambda found: values.get(found[1]) or DOTS, text)
    parts = re.split(r"\n\s*\n", written.replace("\r\n", "\n").strip())
    return [[line.strip() for line in part.split("\n")] for part in parts]
