"""The catalogue that comes with the product: one YAML file per version, read as an import is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from bansos.accounts.models import Agency, User
from bansos.lib.errors import BadInput
from bansos.regions.choices import Level
from bansos.regions.models import Region
from programs.models import Programme, ProgrammeVersion
from programs.queries.differences import version_changes
from programs.rules.version_file import read
from programs.services import loading
from programs.services.catalogue import problems_of
from programs.services.version_files import document_of, export_version, import_version
from tests.cast import Cast
from tests.factories.accounts import AgencyFactory, UserFactory
from tests.programs.stage import AT

# Every programme that the agencies' own accounts name.
NAMED = {
    "35": {
        *("PKHPLUS", "ASPD", "KEMISEM", "KIP", "KIP-PUTRI", "KIP-PPKS", "KUBE", "KWU-EKSPM"),
        *("BLTROKOK", "PERMAKANAN", "ALATBANTU", "BUFFER", "TALIASIH", "ZAKAT", "BKK", "PRSE"),
    },
    "64": {"JOSPOL4", "GRATISPOL-SEHAT", "GRATISPOL-KERJA"},
    "15": {"KUBE", "UEP", "ALATBANTU", "PSTW"},
}
FILES = loading.known_versions()


@pytest.fixture
def staff(cast: Cast) -> dict[str, tuple[Agency, User]]:
    """Each province with its agency and its programme officer, and all regencies of Kaltim."""
    jambi = AgencyFactory(area_code="15", name="Dinas Sosial Jambi")
    for row in loading.known_versions("64"):
        for code in read(row.path.read_bytes()).get("kuota_wilayah", {}):
            Region.objects.get_or_create(
                code=code, defaults={"name": code, "level": Level.REGENCY, "parent_id": "64"}
            )
    officer = UserFactory(username="staf.15", role="staf_program", area_code="15")
    return {
        "35": (cast.agency, cast.budi),
        "64": (cast.kalt.agency, cast.kalt),
        "15": (jambi, officer),
    }


def test_every_named_programme_has_a_file_that_says_what_its_name_does() -> None:
    for area_code, codes in NAMED.items():
        assert {row.code for row in loading.known_versions(area_code)} >= codes, area_code
    for row in FILES:
        document = read(row.path.read_bytes())
        assert (document["program"]["kode"], document["tahun"]) == (row.code, row.year), row.path
        assert document["sumber"], row.path


def test_what_is_loaded_is_what_the_files_say(staff: dict[str, tuple[Agency, User]]) -> None:
    """Field by field, both ways; in force exactly where nothing is left to fill."""
    call_command("load_programmes", verbosity=0)
    for row in FILES:
        version = ProgrammeVersion.objects.get(
            programme__area_code=row.area_code, programme__code=row.code, year=row.year
        )
        assert document_of(version) == read(row.path.read_bytes()), row.path
        complete = not version.is_rate_open and not problems_of(version)
        assert version.state == ("active" if complete else "draft"), row.path
        agency, by = staff[row.area_code]
        again = import_version(data=export_version(version), agency=agency, by=by, at=AT)
        assert version_changes(version, again) == [], row.path


def test_what_people_changed_stays(staff: dict[str, tuple[Agency, User]]) -> None:
    agency, by = staff["35"]
    loading.load_programmes(agency=agency, by=by, at=AT)
    version = ProgrammeVersion.objects.get(programme__code="KIP", year=2026)
    Programme.objects.filter(pk=version.programme_id).update(name="KIP menurut kami")
    ProgrammeVersion.objects.filter(pk=version.pk).update(source_note="Diisi staf.", quota_total=7)
    ProgrammeVersion.objects.filter(programme__code="KIP", year=2025).delete()

    written = loading.load_programmes(agency=agency, by=by, at=AT)

    assert [(row.programme.code, row.year) for row in written] == [("KIP", 2025)]
    version.refresh_from_db()
    assert (version.source_note, version.quota_total) == ("Diisi staf.", 7)
    assert version.programme.name == "KIP menurut kami"


def test_a_wrong_file_stores_nothing_of_the_province(
    staff: dict[str, tuple[Agency, User]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that pays an heir where the heir rules do not: the line is told, as on screen."""
    shutil.copytree(loading.FOLDER, tmp_path / "catalogue")
    monkeypatch.setattr(loading, "FOLDER", tmp_path / "catalogue")
    wrong = tmp_path / "catalogue" / "35-PKHPLUS-2026.yaml"
    text = wrong.read_text(encoding="utf-8")
    wrong.write_text(text.replace("\n  pays: true\n", "\n  pays: false\n"), encoding="utf-8")
    agency, by = staff["35"]

    with pytest.raises(BadInput, match=r"Baris \d+: .*ahli waris program ini tidak membayar"):
        loading.load_programmes(agency=agency, by=by, at=AT)

    assert not Programme.objects.exists()


def test_the_list_of_programmes_says_what_each_kind_is_worth(
    staff: dict[str, tuple[Agency, User]], client: Client
) -> None:
    """A tariff and a budget to share are no dash; what nobody found says so."""
    pages = {}
    for area_code, (agency, by) in staff.items():
        loading.load_programmes(agency=agency, by=by, at=AT)
        client.force_login(by)
        pages[area_code] = client.get(reverse("programs:catalogue")).content.decode()
    for rate in ("Rp42.000", "Rp16.800", "Tarif per orang-bulan"):
        assert rate in pages["64"], rate
    for words in ("Pagu yang dibagi", "Belum diisi", "Belum ditetapkan", "Layanan tanpa uang"):
        assert words in pages["35"], words


def test_a_programme_that_is_not_there_is_told() -> None:
    with pytest.raises(LookupError):
        loading.known_fields("35", "JOSPOL4")
