"""docs/kasus-program.md: how many worked cases each programme has, and how they are answered.

`DJANGO_SETTINGS_MODULE=bansos.settings.test python -m tests.programs.case_table` writes it anew;
a test keeps it equal to the files of cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "kasus-program.md"
GOLDEN = ROOT / "tests" / "golden"
PROVINCES = {"15": "Jambi", "35": "Jawa Timur", "64": "Kalimantan Timur"}
ANSWERED = ("ya", "tidak", "belum")
# What the files beside those of the programmes hold.
RULES = {
    "deadlines.csv": "Tenggat",
    "exclusions.csv": "Daftar pengecualian",
    "formula.csv": "Pagu dibagi penerima",
    "heirs.csv": "Ahli waris",
    "pkh_plus.csv": "PKH Plus, kriteria satu per satu",
    "proxies.csv": "Kuasa",
    "rails.csv": "Jalur bayar",
    "working_days.csv": "Hari kerja",
}
HEAD = """# Contoh kasus

Setiap baris berkas kasus diuji: fakta seseorang dan jawaban yang diharapkan. *Belum* berarti data
yang ada belum cukup untuk menjawab. Bila sumber suatu program tidak menyebut syarat lain, kepala
berkasnya mengatakannya. Berkasnya di `tests/golden`, dapat dibaca dan
ditambah dengan Excel. Halaman ini ditulis `python -m tests.programs.case_table` dan diuji sama
dengan berkasnya.

## Kriteria program
"""


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; figures, which are all columns but the first two, stand right."""
    marks = ["---" if place < 2 else "---:" for place in range(len(heads))]
    lines = [heads, marks, *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def case_page() -> str:
    """The whole page, from the files of cases and the catalogue."""
    from programs.rules.version_file import read
    from programs.services.loading import known_versions
    from tests.programs.golden import files, named_programmes

    papers = {(row.area_code, row.code): row.path for row in known_versions()}
    rows = []
    for code, cases in files().items():
        area, _plain = which = named_programmes()[code]
        name = read(papers[which].read_bytes())["program"]["nama"]
        answers = Counter(case["jawaban"] for case in cases)
        rows.append((PROVINCES[area], name, len(cases), *(answers[word] for word in ANSWERED)))
    rows.sort(key=lambda row: row[:2])
    sums = [sum(int(row[place]) for row in rows) for place in range(2, 6)]
    heads = ("Provinsi", "Program", "Kasus", "Ya", "Tidak", "Belum")
    programmes = table(heads, [*rows, ("Jumlah", f"{len(rows)} program", *sums)])
    rules = [
        (RULES[path.name], f"`{path.name}`", len(path.read_text().splitlines()) - 1)
        for path in sorted(GOLDEN.glob("*.csv"))
    ]
    others = table(("Aturan", "Berkas", "Kasus"), rules)
    return f"{HEAD}\n{programmes}\n\n## Aturan lain\n\n{others}\n"


def main() -> None:
    """Write the page anew."""
    import django

    django.setup()
    PAGE.write_text(case_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
