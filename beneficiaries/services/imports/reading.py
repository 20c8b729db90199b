"""What one row of people says by itself: numbers, dates, sex, address; without the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from bansos.lib.errors import BadInput
from bansos.lib.nik import check_kk, check_nik, clean_digits
from bansos.lib.sheets.cells import Cell, cell_date
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from beneficiaries.models import ImportBatch, ImportRow
from beneficiaries.queries.rows import cell_of, damage_of
from beneficiaries.rules import OLDEST_YEARS, account_is_sound, read_sex
from beneficiaries.services.imports.columns import NUMBER_KEYS
from beneficiaries.services.imports.mapping import place_of
from beneficiaries.services.imports.purposes import RowCheck
from beneficiaries.services.imports.references import referenced
from beneficiaries.services.imports.regions import RegionFinder

DAYS_PER_YEAR = 366
# The running number says nothing; the address is resolved as a whole.
NOT_READ = frozenset({"no"})


class RowReader:
    """Reads the rows of one batch by its mapping."""

    def __init__(
        self,
        batch: ImportBatch,
        columns: tuple[ExpectedColumn, ...],
        *,
        about_people: bool,
        about_places: bool = False,
        bank_code: str,
        today: date,
    ) -> None:
        self.batch = batch
        self.columns = [column for column in columns if column.key not in NOT_READ]
        self.about_people = about_people
        self.about_places = about_people or about_places
        self.bank_code = bank_code
        self.today = today
        self.referenced: dict[int, Mapping[str, Cell]] = {}
        self.finder = RegionFinder(batch.area_code, batch.code_system)

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """Look up whom these rows refer to, all at once; before they are read."""
        if self.about_people:
            self.referenced = referenced(self.batch, rows, self.bank_code)

    def read(self, row: ImportRow) -> RowCheck:
        """The row with its values typed and everything wrong in itself named."""
        check = RowCheck(row=row, values={})
        known = self.referenced.get(row.pk, {})
        for column in self.columns:
            cell = cell_of(row, self.batch.mapping.get(column.key))
            if column.key == "nik" or not cell.text:
                cell = known.get(column.key, cell)
            self._read_cell(check, column, cell)
        if self.about_people:
            self._read_identity(check)
            check.values["bank_code"] = self.bank_code if check.values.get("account") else ""
        if self.about_places:
            self._read_place(check)
        return check

    def _read_cell(self, check: RowCheck, column: ExpectedColumn, cell: Cell) -> None:
        if column.required and not cell.text:
            sentence = _("%(column)s belum diisi.") % {"column": column.label}
            check.problem(column.key, "belum_diisi", sentence)
        if column.kind is ColumnKind.DATE:
            check.values[column.key] = self._date(check, column, cell)
        elif column.kind is ColumnKind.DIGITS:
            check.values[column.key] = self._digits(check, column, cell)
        else:
            check.values[column.key] = cell.text

    def _digits(self, check: RowCheck, column: ExpectedColumn, cell: Cell) -> str:
        digits = clean_digits(cell.text)
        damage = damage_of(cell) if column.key in NUMBER_KEYS else None
        if damage is not None:
            code, sentence = damage
            # A short account number may be whole; the officer who knows the bank can say so.
            if column.key.endswith("account") and code == "sel_bilangan":
                check.warn(column.key, "rekening_bilangan", sentence, note=True)
            else:
                check.problem(column.key, "rusak_excel", sentence)
                return ""
        return digits

    def _date(self, check: RowCheck, column: ExpectedColumn, cell: Cell) -> date | None:
        birth = column.key == "birth_date"
        try:
            day = cell_date(cell, today=self.today, birth=birth)
        except BadInput as error:
            check.problem(column.key, "tanggal_tidak_terbaca", error.message)
            return None
        if day is None or not birth:
            return day
        too_old = (self.today - day).days > OLDEST_YEARS * DAYS_PER_YEAR
        if day > self.today or too_old:
            sentence = _("Tanggal lahir tidak mungkin: di masa depan atau terlalu lama.")
            check.problem(column.key, "tanggal_tidak_mungkin", sentence)
            return None
        return day

    def _read_identity(self, check: RowCheck) -> None:
        values = check.values
        sex = read_sex(values.get("sex", "")) if values.get("sex") else ""
        if sex is None:
            sentence = _("Jenis kelamin tidak terbaca. Tulis L atau P.")
            check.problem("sex", "jenis_kelamin_tidak_terbaca", sentence)
        values["sex"] = sex or ""
        values["name"] = " ".join(values.get("name", "").split())[:150]
        if values["name"] and not any(sign.isalpha() for sign in values["name"]):
            check.problem("name", "nama_tidak_sah", _("Nama harus berisi huruf."))
        values.setdefault("birth_date", None)
        self._check_nik(check)
        self._check_kk(check)
        account = values.get("account", "")
        if account and not account_is_sound(account):
            sentence = _("Nomor rekening harus 6 sampai 20 angka.")
            check.problem("account", "rekening_tidak_sah", sentence)

    def _check_nik(self, check: RowCheck) -> None:
        values = check.values
        if not values.get("nik"):
            return
        found = check_nik(
            values["nik"], birth_date=values["birth_date"], sex=values["sex"], today=self.today
        )
        for _code, sentence in found.errors[:1]:
            check.problem("nik", "nik_tidak_sah", sentence)
        for code, sentence in found.warnings:
            field = {"tanggal_lahir": "birth_date", "jenis_kelamin": "sex"}.get(code, "nik")
            check.warn(field, f"nik_beda_{code}", sentence, note=True)
        if found.ok:
            self._fill_from_nik(check, found.birth_date, found.sex)

    def _fill_from_nik(self, check: RowCheck, birth_date: date | None, sex: str | None) -> None:
        """What the list leaves out and the NIK says; never the address."""
        values = check.values
        said_nothing = not any(item["field"] == "birth_date" for item in check.problems)
        if values["birth_date"] is None and birth_date is not None and said_nothing:
            values["birth_date"] = birth_date
            sentence = _("Tanggal lahir tidak ada di daftar, jadi diambil dari NIK.")
            check.warn("birth_date", "diambil_dari_nik", sentence)
        if not values["sex"] and sex:
            values["sex"] = sex

    def _check_kk(self, check: RowCheck) -> None:
        kk = check.values.get("kk", "")
        if kk and (errors := check_kk(kk).errors):
            check.problem("kk", "kk_tidak_sah", errors[0][1])

    def _read_place(self, check: RowCheck) -> None:
        place = place_of(check.row, self.batch.mapping)
        found = self.finder.find(place)
        check.values["area_code"] = found.area_code
        check.values["village_id"] = found.village_id
        if "village" in self.batch.mapping and not place.village and not place.code:
            check.problem("village", "belum_diisi", _("Desa/kelurahan belum diisi."))
        elif found.problem is not None:
            code, sentence = found.problem
            field = "region_code" if code == "kode_beda_nama" else self._place_field(code)
            check.problem(field, code, sentence)

    def _place_field(self, code: str) -> str:
        wanted = (
            "regency" if code in ("wilayah_lain_berkas", "kabupaten_tidak_jelas") else "village"
        )
        return wanted if wanted in self.batch.mapping else "village"
