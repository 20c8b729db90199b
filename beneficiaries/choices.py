"""Closed lists of the register of people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    MALE = "L", _("Laki-laki")
    FEMALE = "P", _("Perempuan")


class AccountState(models.TextChoices):
    UNVERIFIED = "unverified", _("Belum dicek bank")
    ACTIVE = "active", _("Aktif")
    MISMATCH = "mismatch", _("Nama tidak cocok")
    CLOSED = "closed", _("Ditutup")


class SnapshotKind(models.TextChoices):
    DTSEN = "dtsen", _("DTSEN (desil keluarga)")
    PKH = "pkh", _("Keluarga PKH reguler")
    SEMBAKO = "sembako", _("Keluarga Sembako (BPNT)")
    DISABILITY = "disability", _("E-Disabilitas")
    DEATH = "death", _("Daftar kematian")
    ASN = "asn", _("Daftar pengecualian: ASN")
    FORCES = "forces", _("Daftar pengecualian: TNI/Polri")
    COMPANION = "companion", _("Daftar pengecualian: pendamping")
    EXCLUSION = "exclusion", _("Daftar pengecualian lain atau gabungan")


# Lists of families: a row is found by the KK number when it has one.
FAMILY_LISTS = (SnapshotKind.DTSEN, SnapshotKind.PKH, SnapshotKind.SEMBAKO)


class KeyKind(models.TextChoices):
    NIK = "nik", _("NIK")
    KK = "kk", _("Nomor KK")


class ImportState(models.TextChoices):
    """A refused list has no state: it is deleted and only the trail remembers it."""

    UPLOADED = "uploaded", _("Diunggah")
    CHECKING = "checking", _("Diperiksa")
    CHECKED = "checked", _("Siap dimasukkan")
    ACCEPTING = "accepting", _("Dimasukkan")
    ACCEPTED = "accepted", _("Masuk")


class RowVerdict(models.TextChoices):
    WAITING = "waiting", _("Menunggu")
    NEW = "new", _("Baru")
    CHANGED = "changed", _("Berubah")
    SAME = "same", _("Sama")
    PROBLEM = "problem", _("Bermasalah")


class RevealPurpose(models.TextChoices):
    """Why somebody opens a masked number; kept in the trail."""

    VERIFY = "verify", _("Verifikasi lapangan")
    CORRECT = "correct", _("Memperbaiki data")
    REQUEST = "request", _("Permintaan penerima atau keluarganya")
    BANK = "bank", _("Urusan rekening dengan bank")
    AUDIT = "audit", _("Pemeriksaan")


class PayeeType(models.TextChoices):
    """Who can be paid and is no person; the values are those of the programmes' payee kinds."""

    GROUP = "group", _("Kelompok")
    INSTITUTION = "institution", _("Lembaga")
    GOVERNMENT = "government", _("Pemerintah")


class GroupState(models.TextChoices):
    FORMING = "forming", _("Disusun")
    CHECKED = "checked", _("Anggota diperiksa")
    ACTIVE = "active", _("Aktif")
    DISSOLVED = "dissolved", _("Dibubarkan")


class GroupRole(models.TextChoices):
    CHAIR = "chair", _("Ketua")
    SECRETARY = "secretary", _("Sekretaris")
    TREASURER = "treasurer", _("Bendahara kelompok")
    MEMBER = "member", _("Anggota")


class LeaveReason(models.TextChoices):
    """Why a member leaves a group: facts cannot be refused, wishes can."""

    DIED = "died", _("Meninggal")
    MOVED = "moved", _("Pindah desa")
    RESIGNED = "resigned", _("Mengundurkan diri")
    REPLACED = "replaced", _("Diganti")
    DISSOLVED = "dissolved", _("Kelompok dibubarkan")


class InstitutionKind(models.TextChoices):
    LKSA = "lksa", _("LKSA (anak)")
    LKS_LU = "lks_lu", _("LKS-LU (lanjut usia)")
    UPT = "upt", _("UPT")
    PANTI = "panti", _("Panti sosial")
    INSURER = "insurer", _("Penyelenggara jaminan sosial")


class Grade(models.TextChoices):
    """Accreditation of an LKS (Permensos 17/2012)."""

    A = "A", _("A (5 tahun)")
    B = "B", _("B (3 tahun)")
    C = "C", _("C (2 tahun)")
    REVOKED = "X", _("Dicabut")


class PillarKind(models.TextChoices):
    """Social pillars: the companions of programmes and the 12 PSKS of Permensos 8/2012."""

    TKSK = "tksk", _("TKSK")
    PSM = "psm", _("PSM")
    TAGANA = "tagana", _("Tagana")
    PKH_PLUS = "pkh_plus", _("Pendamping PKH Plus")
    DISABILITY = "disability", _("Pendamping disabilitas")
    SOCIAL_WORKER = "social_worker", _("Pekerja sosial profesional")
    INSTRUCTOR = "instructor", _("Penyuluh sosial")
    WOMAN_LEADER = "woman_leader", _("WPKS")
    PIONEER_FAMILY = "pioneer_family", _("Keluarga pionir")
    LKS = "lks", _("LKS")
    YOUTH = "youth", _("Karang taruna")
    LK3 = "lk3", _("LK3")
    WKSBM = "wksbm", _("WKSBM")
    BUSINESS = "business", _("Dunia usaha")


class DisabilityKind(models.TextChoices):
    """The kinds of UU 8/2016 article 4."""

    PHYSICAL = "physical", _("Fisik")
    INTELLECTUAL = "intellectual", _("Intelektual")
    MENTAL = "mental", _("Mental")
    SENSORY = "sensory", _("Sensorik")
    MULTIPLE = "multiple", _("Ganda atau multi")


class Difficulty(models.IntegerChoices):
    """How hard an activity is, in the words of the Washington Group."""

    NONE = 1, _("Tidak ada kesulitan")
    SOME = 2, _("Sedikit kesulitan")
    MUCH = 3, _("Banyak kesulitan")
    UNABLE = 4, _("Tidak mampu sama sekali")


class Ppks(models.TextChoices):
    """The 26 kinds of PPKS (Permensos 8/2012); one person may be of several."""

    NEGLECTED_TODDLER = "01", _("Anak balita terlantar")
    NEGLECTED_CHILD = "02", _("Anak terlantar")
    CHILD_IN_LAW = "03", _("Anak yang berhadapan dengan hukum")
    STREET_CHILD = "04", _("Anak jalanan")
    DISABLED_CHILD = "05", _("Anak dengan kedisabilitasan")
    ABUSED_CHILD = "06", _("Anak korban tindak kekerasan atau perlakuan salah")
    PROTECTED_CHILD = "07", _("Anak yang memerlukan perlindungan khusus")
    NEGLECTED_ELDER = "08", _("Lanjut usia terlantar")
    DISABLED = "09", _("Penyandang disabilitas")
    SEX_WORKER = "10", _("Tuna susila")
    HOMELESS = "11", _("Gelandangan")
    BEGGAR = "12", _("Pengemis")
    SCAVENGER = "13", _("Pemulung")
    MINORITY = "14", _("Kelompok minoritas")
    FORMER_PRISONER = "15", _("Bekas warga binaan lembaga pemasyarakatan")
    HIV = "16", _("Orang dengan HIV/AIDS")
    DRUG_VICTIM = "17", _("Korban penyalahgunaan NAPZA")
    TRAFFICKING = "18", _("Korban perdagangan orang")
    VIOLENCE = "19", _("Korban tindak kekerasan atau perlakuan salah")
    MIGRANT_WORKER = "20", _("Pekerja migran bermasalah sosial")
    NATURAL_DISASTER = "21", _("Korban bencana alam")
    SOCIAL_DISASTER = "22", _("Korban bencana sosial")
    VULNERABLE_WOMAN = "23", _("Perempuan rawan sosial ekonomi")
    POOR = "24", _("Fakir miskin")
    TROUBLED_FAMILY = "25", _("Keluarga bermasalah sosial psikologis")
    INDIGENOUS = "26", _("Komunitas adat terpencil")


class Relation(models.IntegerChoices):
    """Relation to the head of the family, as Dukcapil (SIAK) numbers it."""

    HEAD = 1, _("Kepala keluarga")
    HUSBAND = 2, _("Suami")
    WIFE = 3, _("Istri")
    CHILD = 4, _("Anak")
    CHILD_IN_LAW = 5, _("Menantu")
    GRANDCHILD = 6, _("Cucu")
    PARENT = 7, _("Orang tua")
    PARENT_IN_LAW = 8, _("Mertua")
    KIN = 9, _("Famili lain")
    HELPER = 10, _("Pembantu")
    OTHER = 11, _("Lainnya")


class BpsRelation(models.IntegerChoices):
    """Relation to the head of the family, as BPS (DTSEN) numbers it."""

    HEAD = 1, _("Kepala keluarga")
    SPOUSE = 2, _("Suami atau istri")
    CHILD = 3, _("Anak")
    CHILD_IN_LAW = 4, _("Menantu")
    GRANDCHILD = 5, _("Cucu")
    PARENT = 6, _("Orang tua atau mertua")
    KIN = 7, _("Famili lain")
    HELPER = 8, _("Pembantu")
    OTHER = 9, _("Lainnya")


class RelationCodes(models.TextChoices):
    """Whose numbers a list writes for the relation to the head of the family."""

    DUKCAPIL = "dukcapil", _("Dukcapil, 1 sampai 11: 3 istri, 4 anak")
    BPS = "bps", _("BPS, 1 sampai 9: 2 pasangan, 3 anak")


class GuardianRelation(models.TextChoices):
    PARENT = "parent", _("Orang tua")
    CHILD = "child", _("Anak")
    SPOUSE = "spouse", _("Suami atau istri")
    SIBLING = "sibling", _("Saudara")
    KIN = "kin", _("Keluarga lain")
    COURT = "court", _("Wali menurut penetapan pengadilan")
    INSTITUTION = "institution", _("Pengurus lembaga")


class FamilyChange(models.TextChoices):
    """Why somebody came into a family or left it."""

    LISTED = "listed", _("Tercatat di KK")
    BORN = "born", _("Lahir")
    MARRIED = "married", _("Menikah")
    DIVORCED = "divorced", _("Bercerai")
    SPLIT = "split", _("Pecah KK")
    MOVED = "moved", _("Pindah KK")
    CORRECTED = "corrected", _("Pembetulan data")
    DIED = "died", _("Meninggal")
