"""The simulated bank as a process: files, SNAP, each scenario, what a restart leaves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from django.core.management import call_command
from lxml import etree

from bansos.demo.simulator import snap
from bansos.demo.simulator.process import Simulator, running, start
from bansos.demo.simulator.scenarios import SCENARIOS
from bansos.lib.sheets.reading import read_table
from bansos.settings import env
from disbursements.documents.bank_files import (
    BankLine,
    BankList,
    render_csv,
    render_pain001,
    render_xlsx,
)
from disbursements.models import BankChannel
from disbursements.services.channels import open_channel
from disbursements.services.channels.base import NameQuestion
from disbursements.services.reading import COLUMNS
from tests.cast import make_cast
from tests.factories.beneficiaries import BankAccountFactory

DAY = "2026-11-20"
RENDER = {"csv": render_csv, "xlsx": render_xlsx, "pain001": render_pain001}


@pytest.fixture(scope="module")
def running_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("bank")) as bank:
        yield bank


@pytest.fixture
def bank(running_bank: Simulator) -> Simulator:
    """The same process, its books empty and its trouble gone."""
    running_bank.forget()
    running_bank.control(scenario="normal", seed=1, today=DAY)
    return running_bank


def a_list(count: int = 40) -> BankList:
    lines = [
        BankLine(
            position=place,
            name=f"Suparni {place}",
            account_number=f"0071{place:06d}",
            bank_code="114",
            amount=Decimal("500000.59"),
            reference=f"D35260012{place:07d}",
        )
        for place in range(1, count + 1)
    ]
    return BankList(
        number="DB-35-2026-0012",
        agency="Dinas Sosial",
        stage="Tahap 1",
        programme="PKH Plus",
        created_at=datetime(2026, 11, 19, 3, tzinfo=UTC),
        execution_date=date(2026, 11, 20),
        debtor_name="Dinas Sosial",
        debtor_account="0011223344",
        bank_code="114",
        bank_bic="",
        lines=lines,
    )


def ask(
    bank: Simulator,
    path: str,
    body: bytes | None = None,
    *,
    timeout: float = 10,
    **headers: str,
) -> tuple[int, bytes]:
    """One call with the key of the file door."""
    host = bank.url.removeprefix("http://")
    wire = http.client.HTTPConnection(host, timeout=timeout)
    sent = {"Authorization": f"Bearer {bank.key}", **headers}
    try:
        wire.request("GET" if body is None else "POST", path, body, sent)
        answer = wire.getresponse()
        return answer.status, answer.read()
    finally:
        wire.close()


def hand_in(
    bank: Simulator, data: bytes, *, reference: str = "S3526001201", form: str = "csv", **more: Any
) -> tuple[int, dict[str, Any]]:
    headers = {
        "X-Reference": reference,
        "X-Content-SHA256": hashlib.sha256(data).hexdigest(),
        "X-Format": form,
        **more.pop("headers", {}),
    }
    status, body = ask(bank, "/berkas", data, **headers, **more)
    return status, json.loads(body)


def result_of(bank: Simulator, *, part: int = 1, reference: str = "S3526001201") -> list[list[str]]:
    status, data = ask(bank, f"/berkas/{reference}/hasil?format=csv&part={part}")
    assert status == 200, data
    return [line.split(";") for line in data.decode().splitlines()[1:]]


@pytest.mark.parametrize("form", list(RENDER))
def test_a_file_is_taken_paid_once_and_answered(bank: Simulator, form: str) -> None:
    data = RENDER[form](a_list())
    status, about = hand_in(bank, data, form=form)
    assert (status, about["state"], about["lines"]) == (202, "accepted", 40)
    assert about["total"] == "20000023.60"
    status, about = hand_in(bank, data, form=form)
    assert (status, about["duplicate"]) == (200, True)
    status, _about = hand_in(bank, data + b" ", form=form)
    assert status == 409
    assert set(bank.credits().values()) == {1}
    assert {row[5] for row in result_of(bank)} == {"BERHASIL"}
    status, found = ask(bank, "/berkas/S3526001201")
    assert json.loads(found)["settled"] == 40


def test_what_is_no_payment_file_is_refused_and_pays_nothing(bank: Simulator) -> None:
    good = render_csv(a_list())
    cut = good.replace(b"JUMLAH,40", b"JUMLAH,39")
    cases: list[tuple[bytes, dict[str, Any], int]] = [
        (cut, {}, 422),
        (b"x", {"form": "pain001"}, 422),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", {"form": "pain001"}, 422),
        (good, {"form": "docx"}, 422),
        (good, {"reference": "x" * 17}, 400),
        (good, {"headers": {"X-Content-SHA256": "0" * 64}}, 400),
        (good, {"headers": {"Authorization": "Bearer salah"}}, 401),
    ]
    for data, changes, expected in cases:
        bank.forget()
        assert hand_in(bank, data, **changes)[0] == expected, changes
    assert bank.credits() == {}
    bank.control(scenario="rejects")
    status, about = hand_in(bank, good)
    assert (status, about["state"]) == (422, "rejected")
    bank.control(scenario="normal")
    assert hand_in(bank, good)[0] == 202
    assert set(bank.credits().values()) == {1}


def test_it_takes_a_file_and_never_answers(bank: Simulator) -> None:
    bank.control(scenario="timeout_after_accept_once")
    data = render_csv(a_list())
    with pytest.raises(TimeoutError):
        hand_in(bank, data, timeout=2)
    assert ask(bank, "/berkas/S3526001201")[0] == 200
    assert hand_in(bank, data)[1]["duplicate"]
    assert set(bank.credits().values()) == {1}


def test_without_deduplication_a_second_sending_pays_again(bank: Simulator) -> None:
    bank.control(scenario="timeout_after_accept_once+no_dedupe")
    data = render_csv(a_list())
    with pytest.raises(TimeoutError):
        hand_in(bank, data, timeout=2)
    assert hand_in(bank, data)[0] == 202
    assert set(bank.credits().values()) == {2}


def test_a_cut_connection_takes_nothing(bank: Simulator) -> None:
    bank.control(scenario="timeout_before_accept_once")
    data = render_csv(a_list())
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        hand_in(bank, data)
    assert ask(bank, "/berkas/S3526001201")[0] == 404
    assert hand_in(bank, data)[0] == 202
    bank.control(scenario="down")
    assert ask(bank, "/berkas/S3526001201")[0] == 503
    bank.control(scenario="slow")
    began = time.monotonic()
    ask(bank, "/berkas/S3526001201")
    assert time.monotonic() - began >= 1.5


def test_closed_accounts_names_deaths_come_back_by_the_seed(bank: Simulator) -> None:
    bank.control(scenario="troubled", seed=7)
    hand_in(bank, render_csv(a_list(120)))
    rows = result_of(bank)
    back = [row for row in rows if row[5] == "GAGAL"]
    assert 5 <= len(back) <= 25
    assert {row[6] for row in back} <= {
        "Rekening ditutup",
        "Tidak diambil sampai batas waktu",
        "Nama tidak cocok dengan rekening",
        "Meninggal dunia",
    }
    bank.forget()
    hand_in(bank, render_csv(a_list(120)))
    assert result_of(bank) == rows
    bank.forget()
    bank.control(seed=8)
    hand_in(bank, render_csv(a_list(120)))
    assert result_of(bank) != rows


def test_lines_come_back_days_after_they_were_delivered(bank: Simulator) -> None:
    bank.control(scenario="late_returns", seed=3)
    hand_in(bank, render_csv(a_list(80)))
    assert {row[5] for row in result_of(bank)} == {"BERHASIL"}
    assert ask(bank, "/berkas/S3526001201/hasil?part=2")[0] == 404
    bank.control(days=3)
    late = result_of(bank, part=2)
    assert late
    assert {row[5] for row in late} == {"GAGAL"}
    assert {row[7] for row in late} == {"23/11/2026"}
    assert {row[5] for row in result_of(bank)} == {"BERHASIL"}


def test_a_partial_answer_a_second_answer_and_one_for_tomorrow(bank: Simulator) -> None:
    bank.control(scenario="partial")
    hand_in(bank, render_csv(a_list()))
    assert len(result_of(bank)) == 24
    bank.control(days=1)
    assert len(result_of(bank, part=2)) == 16
    bank.forget()
    bank.control(scenario="answers_twice")
    hand_in(bank, render_csv(a_list()))
    first, second = result_of(bank), result_of(bank, part=2)
    assert first != second
    assert sorted(row[1:] for row in first) == sorted(row[1:] for row in second)
    bank.forget()
    bank.control(scenario="next_day")
    hand_in(bank, render_csv(a_list()))
    assert ask(bank, "/berkas/S3526001201/hasil")[0] == 404
    bank.control(days=1)
    assert len(result_of(bank)) == 40


def test_results_and_statements_in_every_format(bank: Simulator) -> None:
    bank.control(scenario="troubled+statement_noise")
    hand_in(bank, render_csv(a_list(60)))
    back = sum(row[5] == "GAGAL" for row in result_of(bank))
    path = "/berkas/S3526001201/hasil?format="
    _status, xlsx = ask(bank, f"{path}xlsx")
    table = read_table(xlsx, "hasil.xlsx", expected=COLUMNS)
    assert len(table.rows) == 60
    assert ask(bank, f"{path}xlsx")[1] == xlsx
    report = etree.fromstring(ask(bank, f"{path}pain002")[1])
    assert report.xpath("count(//*[local-name()='TxSts'][.='RJCT'])") == back > 0
    note = etree.fromstring(ask(bank, f"{path}camt054")[1])
    assert note.xpath("count(//*[local-name()='Ntry'])") == 60
    statement = etree.fromstring(ask(bank, f"/rekening-koran?format=camt053&day={DAY}")[1])
    assert statement.xpath("count(//*[local-name()='Ntry'])") == 60 + back + 4
    _status, text = ask(bank, f"/rekening-koran?format=mt940&day={DAY}")
    assert text.count(b":61:") == 60 + back + 4
    assert b"NONREF" in text
    assert ask(bank, "/rekening-koran?format=pdf")[0] == 400


def signed(bank: Simulator, path: str, body: dict[str, Any], **changes: str) -> tuple[str, Any]:
    """A SNAP call signed right, unless `changes` says otherwise; (responseCode, body)."""
    stamp = "2026-11-20T09:00:00+07:00"
    token = changes.pop("token", "") or token_of(bank)[1]["accessToken"]
    data = json.dumps(body).encode()
    minified = json.dumps(body, separators=(",", ":")).encode()
    text = f"POST:{path}:{token}:{hashlib.sha256(minified).hexdigest()}:{stamp}"
    secret = changes.pop("secret", bank.secret)
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha512).digest()
    headers = {
        "Authorization": f"Bearer {token}",
        "X-TIMESTAMP": stamp,
        "X-SIGNATURE": base64.b64encode(mac).decode(),
        "X-PARTNER-ID": bank.client_id,
        "X-EXTERNAL-ID": str(time.time_ns()),
        "CHANNEL-ID": "95221",
        **changes,
    }
    answer = json.loads(ask(bank, path, data, timeout=3, **headers)[1])
    return answer["responseCode"], answer


def token_of(bank: Simulator, *, said: str = "") -> tuple[str, Any]:
    stamp = "2026-11-20T09:00:00+07:00"
    key: Any = serialization.load_pem_private_key(bank.private_key.encode(), None)
    text = said or f"{bank.client_id}|{stamp}"
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    headers = {
        "X-TIMESTAMP": stamp,
        "X-CLIENT-KEY": bank.client_id,
        "X-SIGNATURE": base64.b64encode(signature).decode(),
    }
    body = json.dumps({"grantType": "client_credentials"}).encode()
    answer = json.loads(ask(bank, snap.TOKEN, body, **headers)[1])
    return answer["responseCode"], answer


def transfer(reference: str = "D352600120000001", value: str = "500000.00") -> dict[str, Any]:
    return {
        "partnerReferenceNo": reference,
        "amount": {"value": value, "currency": "IDR"},
        "beneficiaryAccountNo": "0071000001",
        "sourceAccountNo": "0011223344",
    }


INTRABANK, STATUS = f"{snap.PREFIX}/transfer-intrabank", f"{snap.PREFIX}/transfer/status"
INQUIRY = f"{snap.PREFIX}/account-inquiry-external"


def test_snap_pays_once_and_says_how_it_stands(bank: Simulator) -> None:
    assert signed(bank, INTRABANK, transfer())[0] == "2001700"
    assert signed(bank, INTRABANK, transfer())[0] == "4091701"
    assert signed(bank, INTRABANK, transfer(value="1.00"))[0] == "4041718"
    assert bank.credits() == {"D352600120000001": 1}
    asked = {"originalPartnerReferenceNo": "D352600120000001", "serviceCode": "17"}
    code, body = signed(bank, STATUS, asked)
    assert (code, body["latestTransactionStatus"]) == ("2003600", "00")
    asked["originalPartnerReferenceNo"] = "D352600120000002"
    assert signed(bank, STATUS, asked)[0] == "4043601"
    other = {**transfer("D352600120000009"), "beneficiaryBankCode": "008"}
    path = f"{snap.PREFIX}/transfer-interbank"
    assert signed(bank, path, {**other, "beneficiaryAccountName": "Suparni"})[0] == "2001800"


def test_snap_refuses_what_is_not_signed_by_us(bank: Simulator) -> None:
    assert token_of(bank, said="anything")[0] == "4017300"
    assert signed(bank, INTRABANK, transfer(), secret="salah")[0] == "4011700"
    assert signed(bank, INTRABANK, transfer(), token="salah")[0] == "4011701"
    once = {"X-EXTERNAL-ID": "20261120000000000001"}
    assert signed(bank, INTRABANK, transfer(), **once)[0] == "2001700"
    assert signed(bank, INTRABANK, transfer("D352600120000002"), **once)[0] == "4091700"
    bank.control(days=1)
    assert signed(bank, INTRABANK, transfer("D352600120000002"), **once)[0] == "2001700"
    assert signed(bank, INTRABANK, transfer("D352600120000003"), **{"CHANNEL-ID": ""})[0] == (
        "4001702"
    )
    assert set(bank.credits()) == {"D352600120000001", "D352600120000002"}


def test_snap_takes_a_transfer_and_never_answers(bank: Simulator) -> None:
    bank.control(scenario="timeout_after_accept_once")
    with pytest.raises(TimeoutError):
        signed(bank, INTRABANK, transfer())
    asked = {"originalPartnerReferenceNo": "D352600120000001", "serviceCode": "17"}
    assert signed(bank, STATUS, asked)[1]["latestTransactionStatus"] == "00"
    bank.control(scenario="timeout_after_accept_once+no_dedupe")
    assert signed(bank, INTRABANK, transfer())[0] == "2001700"
    assert bank.credits() == {"D352600120000001": 2}


def test_snap_tells_whose_account_it_is(bank: Simulator) -> None:
    rows = [
        {"bank_code": "114", "account": f"0071{place:06d}", "name": f"SUPARNI {place}"}
        for place in range(30)
    ]
    bank.open_accounts(rows)
    asked = {"beneficiaryBankCode": "114", "beneficiaryAccountNo": "0071000003"}
    token = token_of(bank)[1]["accessToken"]
    assert signed(bank, INQUIRY, asked)[1]["beneficiaryAccountName"] == "SUPARNI 3"
    assert signed(bank, INQUIRY, {**asked, "beneficiaryAccountNo": "9"})[0] == "4041611"
    bank.control(scenario="names_differ")
    slips = 0
    for row in rows:
        about = {"beneficiaryBankCode": "114", "beneficiaryAccountNo": row["account"]}
        found = signed(bank, INQUIRY, about, token=token)[1]["beneficiaryAccountName"]
        slips += found != row["name"]
    assert 2 <= slips <= 15


def test_a_kill_forgets_nothing_and_a_stop_is_clean(tmp_path: Path) -> None:
    data = render_csv(a_list())
    first = start(tmp_path, today=DAY)
    hand_in(first, data)
    first.process.kill()
    first.process.wait()
    assert first.process.stdout
    first.process.stdout.close()
    again = start(tmp_path, scenario="timeout_after_accept")
    assert again.private_key == first.private_key
    assert hand_in_quietly(again, data) == {"duplicate"}
    assert set(again.credits().values()) == {1}
    assert again.stop() == 0


def hand_in_quietly(bank: Simulator, data: bytes) -> set[str]:
    """Hand in while the bank hangs on every instruction; what its books say then."""
    with pytest.raises(TimeoutError):
        hand_in(bank, data, timeout=2)
    bank.control(scenario="normal")
    return {"duplicate"} if hand_in(bank, data)[1]["duplicate"] else set()


def test_every_scenario_can_be_chosen(bank: Simulator) -> None:
    for name in SCENARIOS:
        assert bank.control(scenario=name)["scenario"] == name
    for wrong in ("nothing", "normal+nothing"):
        with pytest.raises(OSError, match="400"):
            bank.control(scenario=wrong)


@pytest.mark.django_db
def test_a_training_office_is_connected_by_one_command(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.TRAINING_MODE, settings.STATE_DIR = True, tmp_path
    cast = make_cast()
    BankAccountFactory(number="0071000003", holder_name="SUPARNI", bank_code="114")
    with running(tmp_path / "bank") as bank:
        settings.BANK_SECRETS = env.simulated_bank(tmp_path / "bank")
        for _time in range(2):
            call_command("bank_connect", url=bank.url)
        said = capsys.readouterr().out
        rows = list(BankChannel.objects.order_by("key"))
        assert [(row.key, row.active) for row in rows] == [
            ("LATIHAN_BERKAS", True),
            ("LATIHAN_SNAP", True),
        ]
        assert {row.changed_by for row in rows} == {cast.adi}
        assert "1 rekening dikenal" in said
        answer = open_channel(rows[1]).name_of(
            NameQuestion("114", "0071000003", "20261122000001", datetime.now(UTC))
        )
        assert answer.name == "SUPARNI"
