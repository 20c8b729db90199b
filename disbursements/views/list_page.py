"""What the page of one pay list shows, and which acts it offers to whom, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.documents.choices import DocumentState
from bansos.jobs.queries import is_at_work
from bansos.lib.money import number, rupiah
from bansos.lib.parts import Check, FileRow, Round, Stat, Vote, Word
from bansos.regions.queries import full_name
from disbursements.choices import FileFormat, LineState, ListKind, ListState, Severity
from disbursements.models import BankFile, BankLayout, CashCounter, Hit, LayoutFile, PayList
from disbursements.queries.comparing import difference_of, difference_words
from disbursements.queries.people import stage_words
from disbursements.queries.treasury.deadlines import deadlines_for
from disbursements.rules.moves import AT_BANK, AWAITS_RESULT, BANK, COUNTED, STEPS, step_of
from disbursements.rules.preflight import CHECKS
from disbursements.services import bank, moves, returns
from disbursements.services.approving import why_not_approve, why_not_check
from disbursements.services.corrections import why_not_correct
from disbursements.services.reissuing import LETTER_JOB
from disbursements.tables import list_word
from disbursements.views.channel_card import channel_card, name_buttons, send_buttons
from disbursements.views.parts import Button, job_card, whose

BEFORE_BANK = (ListState.DRAFT, ListState.LOCKED, ListState.AWAITING)
PREPARER, TREASURER = "staf program provinsi", "bendahara"


def list_context(pay_list: PayList, user: Any) -> dict[str, Any]:
    """Everything about one list; a fixed number of queries for any number of lines."""
    blocked, checks = preflight(pay_list)
    difference = difference_of(pay_list) if pay_list.drawn_at else None
    return {
        "pay_list": pay_list,
        "title": f"{stage_words(pay_list.stage)}, {full_name(pay_list.area_code)}",
        "word": list_word(pay_list),
        "stats": stats(pay_list),
        "steps": [str(step) for step in steps_of(pay_list)],
        "step": step_of(
            pay_list.state, checked=pay_list.checked_at is not None, kind=pay_list.kind
        ),
        "job": job_card(pay_list.job, user),
        "buttons": buttons(pay_list, user, blocked),
        "checks": checks,
        "blocked": blocked,
        "others_url": others_url(pay_list, checks),
        "pairs": pairs(pay_list),
        "difference": difference,
        "difference_words": difference_words(difference)
        if difference is not None and difference.previous
        else "",
        "rounds": rounds(pay_list),
        "files": files(pay_list, user),
        **_at_the_bank(pay_list),
        "deadlines": deadlines_for(user, timezone.localdate(), pay_list=pay_list),
        "events": timeline_of(pay_list, limit=40),
    }


def _at_the_bank(pay_list: PayList) -> dict[str, Any]:
    """What a bank and its answers left; nothing is asked before a list may go there."""
    if pay_list.state in BEFORE_BANK:
        return {"channel": None, "results": [], "follow_ups": []}
    follow_ups = pay_list.follow_ups.select_related("stage__version").order_by("pk")
    return {
        "channel": channel_card(pay_list),
        "results": pay_list.results.defer("sealed_file").order_by("-pk"),
        "follow_ups": [(row, list_word(row)) for row in follow_ups],
    }


def steps_of(pay_list: PayList) -> tuple[Any, ...]:
    """The steps of a list; cash goes to the counter where others go to the bank."""
    cash = pay_list.stage.version.is_cash
    return tuple(_("Loket") if cash and step == BANK else step for step in STEPS)


def stats(pay_list: PayList) -> list[Stat]:
    """The big three: people, rupiah, taken out; then what the bank said."""
    lines = reverse("disbursements:lines", args=[pay_list.pk])
    counts = dict(pay_list.lines.order_by().values_list("state").annotate(n=Count("pk")))
    found = [
        Stat(label=_("Penerima (KPM)"), value=pay_list.count, href=lines),
        Stat(label=_("Jumlah"), value=Decimal(pay_list.total)),
        Stat(
            label=_("Dikeluarkan"),
            value=counts.get(LineState.EXCLUDED, 0),
            href=f"{lines}?state=excluded",
        ),
    ]
    if pay_list.state in {*AWAITS_RESULT, ListState.CLOSED}:
        unknown = sum(counts.get(state, 0) for state in AT_BANK)
        settled = counts.get(LineState.SETTLED, 0)
        returned = counts.get(LineState.RETURNED, 0)
        found += [
            Stat(label=_("Tersalur"), value=settled, href=f"{lines}?state=settled"),
            Stat(label=_("Retur"), value=returned, href=f"{lines}?state=returned"),
            Stat(
                label=_("Menunggu di loket")
                if pay_list.stage.version.is_cash
                else _("Belum diketahui"),
                value=unknown,
                href=f"{lines}?state=submitted&state=unknown",
                tone="masalah" if unknown and pay_list.results.exists() else "",
            ),
        ]
        found += [
            Stat(label=str(state.label), value=counts[state], href=f"{lines}?state={state}")
            for state in (LineState.REPAID, LineState.PAID_BACK)
            if counts.get(state)
        ]
    return found


def preflight(pay_list: PayList) -> tuple[int, list[Check]]:
    """(lines held back, one row per check with the lines behind it)."""
    if pay_list.preflight_at is None:
        return 0, []
    hits = Hit.objects.filter(pay_list=pay_list, line__state__in=COUNTED)
    each = {f"at_{code}": Count("pk", filter=Q(code=code)) for code in CHECKS}
    held = Count("line", filter=Q(severity=Severity.BLOCK), distinct=True)
    counts = hits.aggregate(held=held, **each)
    blocked = counts["held"]
    lines = reverse("disbursements:lines", args=[pay_list.pk])
    found = []
    for check in CHECKS.values():
        count = counts[f"at_{check.code}"]
        found.append(
            Check(
                label=str(check.label),
                word=_check_word(check.severity, count),
                count=count or None,
                href=f"{lines}?check={check.code}" if count else "",
                hint=str(check.advice) if count else "",
            )
        )
    return blocked, [*found, *_to_proxies(pay_list, lines)]


def _to_proxies(pay_list: PayList, lines: str) -> list[Check]:
    """Payments into another's account by a letter: no fault, but whoever signs is to see them."""
    count = pay_list.proxy_accounts.filter(line__state__in=COUNTED).count()
    if not count:
        return []
    return [
        Check(
            label=_("Rekening atas nama wali atau kuasa"),
            word=Word("info", _("Ada suratnya")),
            count=count,
            href=f"{lines}?account=proxy",
            hint=_(
                "Uangnya masuk ke rekening orang lain menurut surat kuasa; lihat sebelum lanjut."
            ),
        )
    ]


def others_url(pay_list: PayList, checks: list[Check]) -> str:
    """Where the people are listed whom other help keeps from being paid; "" when nobody is."""
    label = str(CHECKS["exclusive"].label)
    if not any(check.label == label and check.count for check in checks):
        return ""
    address = reverse("programs:conflicts", args=[pay_list.stage.version_id])
    return f"{address}?area={pay_list.area_code}"


def _check_word(severity: Severity, count: int) -> Word:
    if not count:
        return Word("baik", _("Lolos"), "check")
    if severity == Severity.BLOCK:
        return Word("masalah", _("Menghalangi"))
    return Word("menunggu", _("Perlu dilihat"), "eye")


def pairs(pay_list: PayList) -> list[tuple[str, Any]]:
    """Papers and money behind the list."""
    found: list[tuple[str, Any]] = [
        (_("Nomor daftar"), pay_list.number),
        (_("Jenis"), pay_list.get_kind_display()),
    ]
    if pay_list.parent is not None:
        found.append((_("Susulan dari"), pay_list.parent.number))
    found += [
        (_("SK"), pay_list.decree.number or "-"),
        (_("DPA"), pay_list.budget.dpa_number),
        (_("Sisa alokasi wilayah"), pay_list.allocation.left),
        (_("Disusun oleh"), pay_list.made_by.full_name),
    ]
    if pay_list.sp2d_number:
        found += [
            (_("SPM"), pay_list.spm_number),
            (_("SP2D"), pay_list.sp2d_number),
            (_("Tanggal SP2D"), pay_list.sp2d_date),
        ]
    if pay_list.cancel_reason:
        found.append((_("Alasan pembatalan"), pay_list.cancel_reason))
    return found


def rounds(pay_list: PayList) -> list[Round]:
    """The approval trail: every round with its two signatures, newest first."""
    roles = {"check": _("Pemeriksa (kepala seksi)"), "approve": _("Penyetuju (Kepala Dinas)")}
    signed: dict[int, dict[str, Vote]] = {}
    for row in pay_list.approvals.select_related("by").order_by("pk"):
        word = Word("baik", _("Setuju")) if row.agreed else Word("masalah", _("Dikembalikan"))
        signed.setdefault(row.round, {})[row.step] = Vote(
            role=roles[row.step], word=word, by=row.by.full_name, at=row.at, note=row.note
        )
    open_round = pay_list.state in {ListState.AWAITING}
    if open_round:
        signed.setdefault(pay_list.round, {})
    waiting = Word("menunggu", _("Menunggu"))
    found = []
    for place in sorted(signed, reverse=True):
        votes = signed[place]
        empty = place == pay_list.round and open_round
        shown = [
            votes.get(step) or Vote(role=role, word=waiting)
            for step, role in roles.items()
            if step in votes or empty
        ]
        found.append(Round(number=place, votes=shown))
    return found


def files(pay_list: PayList, user: Any) -> list[FileRow]:
    """Bank files (for who may send them) and the records of the closing."""
    found: list[FileRow] = []
    if pay_list.state in BEFORE_BANK:
        return found
    if user.can(Permission.BANK_FILE):
        for file in pay_list.files.select_related("document").order_by("pk"):
            found.append(
                FileRow(
                    name=file.get_format_display(),
                    href=reverse("disbursements:bank_file", args=[pay_list.pk, file.format]),
                    note=_note(file),
                )
            )
        for made in pay_list.layout_files.select_related("layout").order_by("pk"):
            found.append(
                FileRow(
                    name=f"{made.layout.name} v{made.layout.version}",
                    href=reverse("disbursements:layout_take", args=[pay_list.pk, made.pk]),
                    note=_generic(made.layout) + f" {_counted(made)}",
                )
            )
    closing = getattr(pay_list, "reconciliation", None)
    if closing is not None and user.can(Permission.DOCUMENT_VIEW):
        for document in (closing.record, closing.return_record):
            if document is not None:
                href = reverse("documents:file", args=[document.pk])
                found.append(FileRow(name=document.title, href=href, note=document.number))
    return found


def _note(file: BankFile) -> str:
    if file.document.state != DocumentState.VALID:
        return _("Ditarik karena SP2D-nya dikoreksi. Dibuat ulang; jangan kirim yang lama ke bank.")
    return _counted(file)


def _counted(file: BankFile | LayoutFile) -> str:
    return f"{number(file.count)} KPM, {rupiah(file.total)}. SHA-256 {file.sha256}"


def _generic(layout: BankLayout) -> str:
    """No bank certified it; a bank that refuses a further line gets a file that does not say so."""
    if layout.label:
        return _("Format umum, tidak disertifikasi bank mana pun.")
    return _("Format umum, tidak disertifikasi bank mana pun; berkasnya sendiri tidak menyebutnya.")


def buttons(pay_list: PayList, user: Any, blocked: int) -> list[Button]:
    """The acts of this state, the primary one first; who may not use one reads why."""
    found = [*_acts(pay_list, user, blocked), *_correction(pay_list, user)]
    if moves.is_busy(pay_list):
        words = _("Daftar sedang dikerjakan di latar.")
        found = [replace(button, off=button.off or words) for button in found]
    if pay_list.state not in {ListState.DRAFT, ListState.CANCELLED}:
        found.append(_link(pay_list, _("Berkas tahap"), "papers", "file-certificate"))
    return found


def _correction(pay_list: PayList, user: Any) -> list[Button]:
    if not user.can(Permission.SP2D_RECORD) or why_not_correct(pay_list):
        return []
    return [_link(pay_list, _("Koreksi SP2D"), "sp2d_correct", "pencil")]


def _acts(pay_list: PayList, user: Any, blocked: int) -> list[Button]:
    state = ListState(pay_list.state)
    if state == ListState.DRAFT:
        return _draft(pay_list, user, blocked)
    if state == ListState.LOCKED:
        return _locked(pay_list, user)
    if state == ListState.AWAITING:
        return _awaiting(pay_list, user)
    if state == ListState.APPROVED and pay_list.kind == ListKind.MAIN:
        why = whose(Permission.SP2D_RECORD, user, TREASURER)
        found = [_link(pay_list, _("Catat SP2D"), "sp2d", "receipt", why, main=True)]
        return [*found, *_cancel(pay_list, user, Permission.PAYLIST_APPROVE)]
    if bank.is_ready(pay_list) and pay_list.sent_at is None:
        return _to_counter(pay_list, user) or _to_bank(pay_list, user)
    return _at_bank(pay_list, user)


def _url(pay_list: PayList, name: str, *args: Any) -> str:
    return reverse(f"disbursements:{name}", args=[pay_list.pk, *args])


def _link(
    pay_list: PayList, label: str, name: str, icon: str, off: str = "", *, main: bool = False
) -> Button:
    variant = "utama" if main else "biasa"
    return Button(label, _url(pay_list, name), variant=variant, icon=icon, off=off)


def _act(
    pay_list: PayList, label: str, act: str, icon: str, off: str = "", *, main: bool = False
) -> Button:
    variant = "utama" if main else "biasa"
    href = _url(pay_list, "act", act)
    return Button(label, href, post=True, variant=variant, icon=icon, off=off)


def _cancel(pay_list: PayList, user: Any, permission: Permission) -> list[Button]:
    if not user.can(permission):
        return []
    return [_link(pay_list, _("Batalkan daftar"), "cancel", "x")]


def _draft(pay_list: PayList, user: Any, blocked: int) -> list[Button]:
    role = whose(Permission.PAYLIST_PREPARE, user, PREPARER)
    drawing = "" if pay_list.drawn_at else _("Daftar masih disusun.")
    held = ngettext(
        "%(count)s penerima belum lolos pemeriksaan.",
        "%(count)s penerima belum lolos pemeriksaan.",
        blocked,
    ) % {"count": number(blocked)}
    empty = _("Daftar ini kosong.") if not pay_list.count else ""
    found = [
        _act(
            pay_list,
            _("Kunci daftar"),
            "kunci",
            "lock",
            role or drawing or empty or (held if blocked else ""),
            main=True,
        )
    ]
    if not role:
        found += [
            _link(pay_list, _("Keluarkan penerima"), "exclude", "user-off", drawing),
            _act(pay_list, _("Periksa ulang"), "periksa-ulang", "refresh", drawing),
            *name_buttons(pay_list, drawing),
        ]
    return found + _cancel(pay_list, user, Permission.PAYLIST_PREPARE)


def _locked(pay_list: PayList, user: Any) -> list[Button]:
    role = whose(Permission.PAYLIST_PREPARE, user, PREPARER)
    found = [_act(pay_list, _("Ajukan persetujuan"), "ajukan", "send", role, main=True)]
    if not role:
        found.append(_act(pay_list, _("Buka kunci"), "buka-kunci", "lock-open"))
    return found + _cancel(pay_list, user, Permission.PAYLIST_PREPARE)


def _awaiting(pay_list: PayList, user: Any) -> list[Button]:
    if pay_list.checked_at is None:
        why = why_not_check(pay_list, user)
        return [_link(pay_list, _("Periksa daftar"), "approve", "checks", why, main=True)]
    why = why_not_approve(pay_list, user)
    words = _("Setujui %(total)s untuk %(count)s KPM") % {
        "total": rupiah(pay_list.total),
        "count": number(pay_list.count),
    }
    return [_link(pay_list, words, "approve", "signature", why, main=True)]


def _to_counter(pay_list: PayList, user: Any) -> list[Button]:
    if not pay_list.stage.version.is_cash:
        return []
    role = whose(Permission.BANK_FILE, user, PREPARER)
    return [_link(pay_list, _("Buka loket"), "counter_open", "cash", role, main=True)]


def _to_bank(pay_list: PayList, user: Any) -> list[Button]:
    role = whose(Permission.BANK_FILE, user, PREPARER)
    formats = bank.usable_formats(pay_list)
    made = formats >= set(bank.ORDER)
    busy = pay_list.job is not None and pay_list.job.is_open
    make_off = role or (_("Berkas sedang dibuat.") if busy else "")
    send_off = role or ("" if made else _("Buat berkas bank lebih dulu."))
    make = Button(
        _("Buat berkas bank"),
        _url(pay_list, "bank_files"),
        post=True,
        variant="biasa" if made else "utama",
        icon="file-spreadsheet",
        off=make_off or (_("Berkas sudah dibuat.") if made else ""),
    )
    send = Button(
        _("Tandai sudah dibawa ke bank"),
        _url(pay_list, "send"),
        post=True,
        variant="utama" if made else "biasa",
        icon="send",
        off=send_off,
    )
    online = send_buttons(pay_list, role or ("" if made else _("Buat berkas bank lebih dulu.")))
    if online and made:
        send = replace(send, variant="biasa")
    if not made:
        return [make, *online, send]
    older = Button(
        _("Buat pain.001.001.03"),
        _url(pay_list, "bank_files"),
        post=True,
        icon="file-text",
        off=make_off,
        name="bentuk",
        value=str(FileFormat.PAIN001_03),
    )
    return [*online, send, *([] if FileFormat.PAIN001_03 in formats else [older])]


def _lacks_letter(pay_list: PayList) -> bool:
    letter = pay_list.files.filter(format=FileFormat.INSTRUCTION)
    return bool(letter.exclude(document__state=DocumentState.VALID).exists())


def _letter_again(pay_list: PayList) -> Button:
    at_work = is_at_work(LETTER_JOB, list=pay_list.pk)
    return Button(
        _("Buat ulang surat ke bank"),
        _url(pay_list, "bank_files"),
        post=True,
        icon="refresh",
        off=_("Surat sedang dibuat.") if at_work else "",
        name="bentuk",
        value=str(FileFormat.INSTRUCTION),
    )


def _at_bank(pay_list: PayList, user: Any) -> list[Button]:
    found = []
    counter = CashCounter.objects.filter(pay_list=pay_list).first()
    if counter is not None:
        href = reverse("disbursements:counter", args=[counter.pk])
        main = "biasa" if counter.closed_at else "utama"
        found.append(Button(_("Loket tunai"), href, variant=main, icon="cash"))
    elif pay_list.state in AWAITS_RESULT:
        why = whose(Permission.BANK_RESULT, user, TREASURER)
        more = pay_list.has_lines(*AT_BANK)
        found.append(_link(pay_list, _("Unggah hasil bank"), "upload", "upload", why, main=more))
        if user.can(Permission.BANK_FILE) and _lacks_letter(pay_list):
            found.append(_letter_again(pay_list))
    if pay_list.kind == ListKind.MAIN and pay_list.state in {*AWAITS_RESULT, ListState.CLOSED}:
        settled = pay_list.state == ListState.SETTLED
        found.append(_link(pay_list, _("Rekonsiliasi"), "reconcile", "scale", main=settled))
    if pay_list.kind == ListKind.MAIN and pay_list.state in AWAITS_RESULT:
        ready = len(returns.ready_cases(pay_list))
        role = whose(Permission.PAYLIST_PREPARE, user, PREPARER)
        none = _("Belum ada keputusan bayar susulan yang disahkan.")
        words = _("Buat daftar susulan (%(count)s KPM)") % {"count": ready}
        found.append(
            Button(
                words if ready else _("Buat daftar susulan"),
                _url(pay_list, "follow_up"),
                post=True,
                icon="plus",
                off=role or ("" if ready else none),
            )
        )
    return found
