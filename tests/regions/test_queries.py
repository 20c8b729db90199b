"""Names of places as lists write them."""

from __future__ import annotations

import pytest

from bansos.regions.queries import plain_name


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("KAB. MADIUN", "Kabupaten Madiun"),
        ("KAB.MADIUN", "Kabupaten Madiun"),
        ("Kec.Kebonsari", "Kebonsari"),
        ("DS. TAMBAK MAS", "Tambakmas"),
        ("Kel. Tambak-Mas", "Tambakmas"),
        ("MA\u2019RANG", "Marang"),
        ("KOTA", "Kota"),
    ],
)
def test_a_written_name_means_the_place(written: str, meant: str) -> None:
    assert plain_name(written) == plain_name(meant)


def test_different_places_stay_different() -> None:
    assert plain_name("Kebonsari") != plain_name("Kebon Agung")
    assert plain_name("Kelutan") == "KELUTAN"
    assert plain_name("Dsun") == "DSUN"
