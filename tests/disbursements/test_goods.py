"""Goods: package limit, lots, stock never negative, handed over once with photo and BAST."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bansos.documents.services import read_bytes
from bansos.jobs.models import Job
from bansos.jobs.services import run_step
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.lists import export_rows
from disbursements.models import GoodsRequest, Handover, HandoverLine, Stock, StockMove, Warehouse
from disbursements.queries.goods import (
    asked_of,
    figures_of,
    goods_figures,
    needs_of,
    package_gaps,
    waiting,
)
from disbursements.services import goods, handover_papers
from disbursements.services.goods import Proof
from disbursements.services.goods_requests import package_of, request_goods
from disbursements.tables.goods import GoodsLots
from programs.models import Enrolment, ProgrammeVersion, ProxyGrant
from tests.access_benefits import PNG, goods_version, recipient
from tests.cast import Cast, make_cast
from tests.disbursements.test_races import only_refusals, race, won

AT = datetime(2026, 6, 2, 3, 0, tzinfo=UTC)
DAY = date(2026, 6, 1)
PROOF = Proof(PNG, PNG)


class Ground:
    """A warehouse with two lots of wheelchairs and one of cushions."""

    def __init__(
        self, cast: Cast, *, chairs: int = 2, cushions: int = 10, plan: Any = None
    ) -> None:
        self.cast = cast
        self.version: ProgrammeVersion = goods_version(cast)
        self.version.plan_rules = plan or {}
        self.version.save(update_fields=["plan_rules"])
        self.chair, self.cushion = self.version.goods_items.order_by("pk")
        self.place = goods.open_warehouse(
            name="Gudang Madiun", area_code="35.19", by=cast.budi, at=AT
        )
        self.lot("K/1", self.chair, chairs - 1, 2_400_000, date(2026, 3, 1))
        self.lot("K/2", self.chair, 1, 2_450_000, date(2026, 4, 1))
        self.lot("K/3", self.cushion, cushions, 90_000, date(2026, 3, 1))

    def lot(self, number: str, item: Any, quantity: int, price: int, day: date) -> Any:
        return goods.receive_lot(
            item=item,
            warehouse=self.place,
            vendor="CV Sehat",
            contract_number=number,
            received_on=day,
            unit_price=Decimal(price),
            quantity=quantity,
            by=self.cast.budi,
            at=AT,
        )

    def give(self, enrolment: Enrolment | None = None, **more: Any) -> Handover:
        given = {"warehouse": self.place, "proof": PROOF, "handed_on": DAY, "by": self.cast.sari}
        return goods.hand_over(
            enrolment=enrolment or recipient(self.cast, self.version), at=AT, **{**given, **more}
        )

    def left(self) -> dict[str, int]:
        return dict(Stock.objects.values_list("lot__contract_number", "quantity"))


def balanced() -> bool:
    """Every stock is the sum of its movements."""
    return all(
        row.quantity == sum(row.moves.values_list("quantity", flat=True))
        for row in Stock.objects.all()
    )


@pytest.fixture
def ground(cast: Cast) -> Ground:
    return Ground(cast)


@pytest.mark.django_db
def test_the_package_stays_within_the_value_of_the_programme(ground: Ground) -> None:
    with pytest.raises(Refused) as over:
        goods.save_item(
            version=ground.version,
            name="Ranjang",
            unit="unit",
            quantity=1,
            unit_price=Decimal("2300000.01"),
            by=ground.cast.budi,
            at=AT,
        )
    assert "Rp5.000.000,01 melebihi Rp5.000.000" in str(over.value)
    made = goods.save_item(
        version=ground.version,
        name="Ranjang",
        unit="unit",
        quantity=1,
        unit_price=Decimal(2_300_000),
        by=ground.cast.budi,
        at=AT,
    )
    assert made.value == Decimal(2_300_000)
    with pytest.raises(Refused) as bought:
        goods.save_item(
            version=ground.version,
            name="Kursi roda",
            unit="unit",
            quantity=1,
            unit_price=Decimal(1),
            by=ground.cast.budi,
            at=AT,
        )
    assert bought.value.code == "GOODS-BOUGHT"


@pytest.mark.django_db
def test_a_package_is_handed_over_once_from_the_oldest_lots(ground: Ground) -> None:
    person = recipient(ground.cast, ground.version)
    assert waiting(ground.version, ground.cast.sari).count() == 1
    row = ground.give(person)
    assert row.value == Decimal(2_400_000 + 2 * 90_000)
    assert ground.left() == {"K/1": 0, "K/2": 1, "K/3": 8}
    assert waiting(ground.version, ground.cast.sari).count() == 0
    with pytest.raises(Refused) as twice:
        ground.give(person)
    assert twice.value.code == "GOODS-ONCE"
    assert str(twice.value) == (
        "Barang penerima ini sudah diserahkan. Tidak ada yang berubah. Buka BAST-nya."
    )
    found = figures_of(ground.version, ground.cast.sari)
    assert (found.handed, found.value, found.stock) == (1, row.value, 9)
    assert goods_figures(ground.cast.lain)[0].handed == 0
    assert balanced()
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.update(quantity=-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        StockMove.objects.update(quantity=5)


@pytest.mark.django_db
def test_too_little_stock_gives_nothing(ground: Ground) -> None:
    ground.give()
    ground.give()
    before = (Handover.objects.count(), ground.left(), StockMove.objects.count())
    with pytest.raises(Refused) as short:
        ground.give()
    assert short.value.code == "GOODS-STOCK"
    assert (Handover.objects.count(), ground.left(), StockMove.objects.count()) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"proof": Proof(b"", PNG)}, "GOODS-PICTURE"),
        ({"proof": Proof(PNG, b"")}, "GOODS-PICTURE"),
        ({"proof": Proof(b"%PDF-1.7 x", PNG)}, "GOODS-PICTURE"),
        ({"proof": Proof(b"MZ program", PNG)}, "GOODS-PICTURE"),
        ({"handed_on": date(2026, 6, 3)}, "GOODS-DATE"),
        ({"handed_on": date(2026, 1, 1)}, "GOODS-DATE"),
    ],
)
def test_wrong_pictures_and_days(ground: Ground, more: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as wrong:
        ground.give(**more)
    assert wrong.value.code == code
    assert not Handover.objects.exists()


@pytest.mark.django_db
def test_wrong_hands(ground: Ground) -> None:
    with pytest.raises(NotAllowed):
        ground.give(by=ground.cast.budi)
    other = Warehouse.objects.create(
        name="Gudang Magetan", area_code="35.20", made_at=AT, made_by=ground.cast.budi
    )
    with pytest.raises(Refused) as place:
        ground.give(warehouse=other)
    assert place.value.code == "GOODS-PLACE"
    person = recipient(ground.cast, ground.version)
    Enrolment.objects.filter(pk=person.pk).update(state="stopped")
    with pytest.raises(Refused) as ended:
        ground.give(person)
    assert ended.value.code == "GOODS-STATE"


@pytest.mark.django_db
def test_the_bast_names_who_came(ground: Ground, client: Client) -> None:
    first, second = (recipient(ground.cast, ground.version) for _n in range(2))
    with pytest.raises(BadInput) as nobody:
        ground.give(first, by_proxy=True)
    assert nobody.value.code == "GOODS-PROXY"
    grants = [
        ProxyGrant.objects.create(
            enrolment=row,
            area_code=row.area_code,
            who="guardian",
            relation="child",
            name="Wahyu Pemegang Kuasa",
            nik="3519010101800007",
            letter_number="SK/12",
            letter_date=DAY,
            reason="Sakit",
            article="Juknis",
            valid_from=DAY,
            valid_until=date(2026, 7, 1),
            made_at=AT,
            made_by=ground.cast.sari,
        )
        for row in (first, second)
    ]
    came = ground.give(first)
    assert (came.receiver_name, came.proxy) == (first.person.name, None)
    client.force_login(ground.cast.sari)
    sent = {
        "warehouse": ground.place.pk,
        "handed_on": "01-06-2026",
        "photo": SimpleUploadedFile("foto.png", PNG),
        "signature": SimpleUploadedFile("ttd.png", PNG),
        "by_proxy": "on",
    }
    assert (
        client.post(reverse("disbursements:hand_over", args=[second.pk]), sent).status_code == 302
    )
    fetched = Handover.objects.get(enrolment=second)
    assert (fetched.receiver_name, fetched.proxy) == ("Wahyu Pemegang Kuasa", grants[1])


@pytest.mark.django_db
def test_goods_come_back_and_may_be_given_again(ground: Ground) -> None:
    person = recipient(ground.cast, ground.version)
    row = ground.give(person)
    goods.take_back(handover=row, reason="Pindah", by=ground.cast.budi, at=AT)
    assert ground.left() == {"K/1": 1, "K/2": 1, "K/3": 10}
    with pytest.raises(Stale):
        goods.take_back(handover=row, reason="Pindah", by=ground.cast.budi, at=AT)
    assert ground.give(person).number != row.number
    assert balanced()


@pytest.mark.django_db
def test_a_broken_thing_is_replaced_once(ground: Ground) -> None:
    row = ground.give()
    line = row.lines.get(lot__item=ground.chair)
    goods.replace(line=line, reason="Roda patah", by=ground.cast.budi, at=AT)
    assert ground.left()["K/2"] == 0
    assert HandoverLine.objects.get(replaces=line).unit_price == Decimal(2_450_000)
    with pytest.raises(Stale):
        goods.replace(line=line, reason="Lagi", by=ground.cast.budi, at=AT)
    goods.take_back(handover=row, reason="Pindah", by=ground.cast.budi, at=AT)
    # The broken one was written off; only its replacement lies in the warehouse again.
    assert ground.left() == {"K/1": 0, "K/2": 1, "K/3": 10}
    assert balanced()


@pytest.mark.django_db
def test_stock_moves_between_warehouses(ground: Ground) -> None:
    other = goods.open_warehouse(
        name="Gudang Kebonsari", area_code="35.19", by=ground.cast.budi, at=AT
    )
    stock = Stock.objects.get(lot__contract_number="K/3")
    goods.transfer(stock=stock, to=other, quantity=4, note="", by=ground.cast.budi, at=AT)
    assert sorted(Stock.objects.filter(lot=stock.lot).values_list("quantity", flat=True)) == [4, 6]
    for many in (7, 2**31 - 1, 10**20):
        with pytest.raises(Refused) as few:
            goods.transfer(
                stock=stock, to=other, quantity=many, note="", by=ground.cast.budi, at=AT
            )
        assert few.value.code == "GOODS-STOCK"
    assert balanced()


@pytest.mark.django_db
def test_a_bast_whose_making_stopped_is_asked_for_again(ground: Ground, client: Client) -> None:
    row = ground.give()
    path = reverse("disbursements:handover", args=[row.pk])
    client.force_login(ground.cast.sari)
    assert "BAST belum ada: pembuatannya berhenti" in client.get(path).content.decode()
    client.force_login(ground.cast.tono)
    assert client.post(path).status_code == 403
    client.force_login(ground.cast.sari)
    words = client.post(path, follow=True).content.decode()
    assert "BAST sedang dibuat." in words
    assert "pembuatannya berhenti" not in words
    assert "sudah ada atau sedang dibuat" in client.post(path, follow=True).content.decode()
    job = Job.objects.get(kind="disbursements.bast")
    while run_step(job_id=str(job.pk), at=AT):
        pass
    row.refresh_from_db()
    assert row.document is not None
    assert "sudah ada atau sedang dibuat" in client.post(path, follow=True).content.decode()
    assert Job.objects.filter(kind="disbursements.bast").count() == 1


@pytest.mark.django_db
def test_a_hand_over_and_its_bast_are_asked_for_together(ground: Ground) -> None:
    person = recipient(ground.cast, ground.version)
    given: dict[str, Any] = {"warehouse": ground.place, "proof": PROOF, "handed_on": DAY}
    given |= {"enrolment": person, "by": ground.cast.sari, "at": AT}
    with (
        patch.object(handover_papers.jobs, "submit", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        handover_papers.hand_over(**given)
    assert not Handover.objects.exists()
    handover_papers.hand_over(**given)
    assert Job.objects.filter(kind="disbursements.bast").count() == 1


@pytest.mark.django_db
def test_the_bast_names_what_was_given(ground: Ground) -> None:
    row = ground.give()
    made = handover_papers.issue_bast(handover=row, by=ground.cast.sari, at=AT)
    assert handover_papers.issue_bast(handover=row, by=ground.cast.sari, at=AT) == made
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(read_bytes(made))).pages)
    for words in ("Kursi roda", "Rp2.580.000", row.number):
        assert words in text
    assert row.enrolment.person.nik not in text


@pytest.mark.django_db
def test_the_pages_and_the_api(ground: Ground, client: Client) -> None:
    person = recipient(ground.cast, ground.version)
    client.force_login(ground.cast.sari)
    page = client.get(reverse("disbursements:goods")).content.decode()
    assert "Alat bantu" in page
    page = client.get(reverse("disbursements:goods_programme", args=[ground.version.pk]))
    assert "Gudang Madiun" in page.content.decode()
    address = reverse("disbursements:hand_over", args=[person.pk])
    assert "Kursi roda" in client.get(address).content.decode()

    def sent(**more: Any) -> dict[str, Any]:
        return {
            "warehouse": ground.place.pk,
            "handed_on": "01-06-2026",
            "photo": SimpleUploadedFile("foto.png", PNG),
            "signature": SimpleUploadedFile("ttd.png", PNG),
            **more,
        }

    wrong = client.post(address, sent(photo=SimpleUploadedFile("foto.png", b"MZ")))
    assert wrong.status_code == 422
    assert "Foto dan tanda tangan harus gambar JPEG atau PNG." in wrong.content.decode()
    answer = client.post(address, sent())
    row = Handover.objects.get()
    assert answer["Location"] == reverse("disbursements:handover", args=[row.pk])
    assert row.number in client.get(answer["Location"]).content.decode()
    again = client.get(address, follow=True)
    assert again.redirect_chain[-1][0] == answer["Location"], "no form for what is done"
    assert "sudah diserahkan" in again.content.decode()
    assert client.post(address, sent()).status_code == 422
    assert Handover.objects.count() == 1
    photo = client.get(reverse("disbursements:handover_photo", args=[row.pk]))
    assert (photo["Content-Type"], photo.content) == ("image/png", PNG)
    other = recipient(ground.cast, ground.version)
    made = client.post("/api/handovers/", {**sent(handed_on="2026-06-01"), "enrolment": other.pk})
    assert made.status_code == 201, made.content
    assert made.json()["lines"][0]["item"] == "Kursi roda"
    stock = client.get("/api/goods-stock/").json()["results"]
    assert {line["quantity"] for line in stock} == {0, 6}


@pytest.mark.django_db(transaction=True)
def test_a_crowd_never_takes_more_than_there_is() -> None:
    ground = Ground(make_cast(), chairs=5, cushions=100)
    people = [recipient(ground.cast, ground.version) for _n in range(32)]
    outcomes = race(lambda place: ground.give(people[place]), threads=32)
    assert won(outcomes) == 5
    assert only_refusals(outcomes)
    assert ground.left() == {"K/1": 0, "K/2": 0, "K/3": 90}
    assert balanced()


@pytest.mark.django_db(transaction=True)
def test_a_crowd_brings_goods_to_one_place() -> None:
    ground = Ground(make_cast(), cushions=20)
    other = goods.open_warehouse(
        name="Gudang Kebonsari", area_code="35.19", by=ground.cast.budi, at=AT
    )
    stock = Stock.objects.get(lot__contract_number="K/3")

    def bring(_place: int) -> Stock:
        return goods.transfer(
            stock=stock, to=other, quantity=1, note="", by=ground.cast.budi, at=AT
        )

    assert won(race(bring, threads=12)) == 12
    assert Stock.objects.get(warehouse=other).quantity == 12
    assert balanced()


@pytest.mark.django_db(transaction=True)
def test_a_crowd_gives_one_person_one_package() -> None:
    ground = Ground(make_cast(), chairs=20, cushions=100)
    person = recipient(ground.cast, ground.version)
    outcomes = race(lambda _place: ground.give(person), threads=16)
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    assert Handover.objects.count() == 1
    assert balanced()


def kinds(ground: Ground) -> None:
    """Chicken rearing gets a coop of its own, cake making an oven."""
    for kind, name, price in (("Ternak ayam", "Kandang", 1_500_000), ("Kue", "Oven", 2_000_000)):
        item = goods.save_item(
            version=ground.version,
            business_kind=kind,
            name=name,
            unit="unit",
            quantity=1,
            unit_price=Decimal(price),
            by=ground.cast.budi,
            at=AT,
        )
        ground.lot(f"K/{name}", item, 1, price - 100_000, date(2026, 3, 1))


@pytest.mark.django_db
def test_a_package_follows_the_kind_of_business_asked_for(cast: Cast) -> None:
    ground = Ground(cast)
    kinds(ground)
    row = recipient(cast, ground.version)
    given = {"enrolment": row, "by": cast.sari, "at": AT}
    with pytest.raises(Refused, match="Jenis usaha"):
        ground.give(row)
    with pytest.raises(BadInput):
        request_goods(business_kind="Bengkel", **given)
    request_goods(business_kind="Kue", **given)
    request_goods(business_kind="Ternak ayam", **given)
    assert [item.name for item in package_of(row)] == ["Kursi roda", "Bantal", "Kandang"]
    needs = {
        need.item.name: (need.asked, need.stock, need.short)
        for need in needs_of(ground.version, cast.budi)
    }
    assert needs == {
        "Kursi roda": (1, 2, 0),
        "Bantal": (2, 10, 0),
        "Kandang": (1, 1, 0),
        "Oven": (0, 1, 0),
    }
    made = ground.give(row)
    assert made.value == Decimal(2_400_000 + 2 * 90_000 + 1_400_000)
    with pytest.raises(Refused) as handed:
        request_goods(business_kind="Kue", **given)
    assert handed.value.code == "GOODS-ONCE"
    assert [(a.business_kind, a.asked, a.handed) for a in asked_of(ground.version, cast.budi)] == [
        ("Ternak ayam", 1, 1)
    ]
    with pytest.raises(Refused, match="melebihi"):
        goods.save_item(
            version=ground.version,
            business_kind="Kue",
            name="Mikser",
            unit="unit",
            quantity=1,
            unit_price=Decimal(400_000),
            by=cast.budi,
            at=AT,
        )


JOSPOL = {
    "lowest": "4500000",
    "kinds": [{"code": "chicken", "label": "Ternak ayam"}, {"code": "cake", "label": "Kue"}],
}


def put(ground: Ground, kind: str, price: int) -> None:
    """One thing for a kind of business; the package of everybody is worth 2.7 million."""
    goods.save_item(
        version=ground.version, business_kind=kind, name="Alat", unit="unit", quantity=1,
        unit_price=Decimal(price), by=ground.cast.budi, at=AT,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_package_is_for_one_of_the_kinds_the_programme_names(cast: Cast, client: Client) -> None:
    ground = Ground(cast, plan=JOSPOL)
    with pytest.raises(BadInput, match="Pilih salah satu jenis usaha program ini"):
        put(ground, "Ternak ayam", 1_900_000)
    client.force_login(cast.budi)
    address = reverse("disbursements:goods_item", args=[ground.version.pk])
    form = client.get(address).content.decode()
    assert 'value="chicken">Ternak ayam<' in form
    sent = {"name": "Alat", "unit": "unit", "quantity": "1", "unit_price": "1.900.000"}
    assert client.post(address, {**sent, "business_kind": "batik"}).status_code == 422
    assert client.post(address, {**sent, "business_kind": "chicken"}).status_code == 302
    page = client.get(reverse("disbursements:goods_programme", args=[ground.version.pk]))
    shown = page.content.decode()
    assert "Ternak ayam" in shown
    assert "chicken" not in shown
    assert "Belum ada paket untuk: Kue." in shown
    row = recipient(cast, ground.version)
    request_goods(enrolment=row, business_kind="chicken", by=cast.sari, at=AT)
    put(ground, "cake", 2_000_000)
    assert package_gaps(ground.version) == []
    assert [item.value for item in package_of(row)] == [2_500_000, 200_000, 1_900_000]


@pytest.mark.django_db
def test_a_package_below_the_least_value_goes_to_nobody(cast: Cast, client: Client) -> None:
    ground = Ground(cast, plan=JOSPOL)
    put(ground, "chicken", 1_799_999)
    put(ground, "cake", 1_800_000)
    gap = "Nilai paket Ternak ayam Rp4.499.999, di bawah Rp4.500.000 per penerima."
    assert package_gaps(ground.version) == [gap]
    row = recipient(cast, ground.version)
    with pytest.raises(Refused) as below:
        request_goods(enrolment=row, business_kind="chicken", by=cast.sari, at=AT)
    assert str(below.value).startswith(gap)
    assert below.value.code == "GOODS-BELOW"
    assert not GoodsRequest.objects.exists()
    request_goods(enrolment=row, business_kind="cake", by=cast.sari, at=AT)
    assert len(package_of(row)) == 3
    # Asked for before the rule: nothing is handed over, and the page says why.
    GoodsRequest.objects.filter(enrolment=row).update(business_kind="chicken")
    with pytest.raises(Refused, match=r"di bawah Rp4\.500\.000"):
        ground.give(row)
    assert not Handover.objects.exists()
    client.force_login(cast.sari)
    page = client.get(reverse("disbursements:hand_over", args=[row.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse(
        "disbursements:goods_programme", args=[ground.version.pk]
    )
    assert gap in page.content.decode()


@pytest.mark.django_db
def test_one_package_for_everybody_has_its_least_value_too(cast: Cast) -> None:
    ground = Ground(cast, plan={"lowest": "2700000.01"})
    assert package_gaps(ground.version) == [
        "Nilai paket semua penerima Rp2.700.000, di bawah Rp2.700.000,01 per penerima."
    ]
    with pytest.raises(Refused, match="di bawah"):
        ground.give()
    ground.version.plan_rules = {"lowest": "2700000"}
    ground.version.save(update_fields=["plan_rules"])
    assert ground.give().value == 2_580_000  # what the oldest lots cost; the plan is judged


@pytest.mark.django_db
def test_unit_prices_are_told_per_lot_and_vendor(cast: Cast, client: Client) -> None:
    ground = Ground(cast)
    kinds(ground)
    row = recipient(cast, ground.version)
    client.force_login(cast.sari)
    hand = reverse("disbursements:hand_over", args=[row.pk])
    assert client.get(hand)["Location"] == reverse("disbursements:goods_request", args=[row.pk])
    ask = reverse("disbursements:goods_request", args=[row.pk])
    assert client.post(ask, {"business_kind": "Bengkel"}).status_code == 422
    assert client.post(ask, {"business_kind": "Kue"}).status_code == 302
    assert "Oven" in client.get(hand).content.decode()
    page = client.get(reverse("disbursements:goods_programme", args=[ground.version.pk]))
    assert "Permintaan menurut jenis usaha" in page.content.decode()
    query = QueryDict(f"version={ground.version.pk}")
    _heads, rows, _kinds = export_rows(GoodsLots(), cast.budi, query)
    told = {line[0]: (line[3], line[5], line[6], line[8]) for line in rows}
    assert told["K/1"] == ("CV Sehat", Decimal(2_500_000), Decimal(2_400_000), 1)
    assert told["K/3"] == ("CV Sehat", Decimal(100_000), Decimal(90_000), 10)
    lots = client.get(reverse("disbursements:goods_lots"), {"version": ground.version.pk})
    assert "CV Sehat" in lots.content.decode()
