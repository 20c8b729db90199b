# Every command is the launcher's; it needs python3 (3.11 or newer) and nothing else.
PYTHON ?= python3
BANSOS = $(PYTHON) -m bansos.launcher
export PORT HAPUS_DATA

.DEFAULT_GOAL := help
.PHONY: help run test stop demo seed audit bench bench-money bench-programs fault mutants bank verify-audit lock clean

help: ## perintah yang ada
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: ## memasang dan memulai semuanya di http://127.0.0.1:8000 (PORT=...), sampai Ctrl-C
	@$(BANSOS) run

test: ## semua pemeriksaan dan pengujian (ARGS="tests/lib -k terbilang")
	@$(BANSOS) test $(ARGS)

stop: ## menghentikan 'make run' dari terminal lain
	@$(BANSOS) stop

demo: ## memainkan seluruh rantai PKH Plus Madiun tahap 1; berkasnya di out/demo/
	@$(BANSOS) demo $(ARGS)

seed: ## mengisi data latihan
	@$(BANSOS) manage seed --if-empty $(ARGS)

bank: ## bank simulasi untuk latihan dan uji (ARGS="--scenario troubled+late_returns")
	@$(BANSOS) bank $(ARGS)

verify-audit: ## memeriksa rantai jejak audit
	@$(BANSOS) manage verify_audit $(ARGS)

audit: ## memeriksa semua buku: pagu, daftar, berkas bank, hasil, jejak (hanya membaca)
	@$(BANSOS) manage audit_books $(ARGS)

bench: ## mengukur kecepatan dan membandingkan dengan batasnya
	@$(BANSOS) bench $(ARGS)

bench-money: ## satu daftar sejuta baris dari susun sampai rekonsiliasi (ARGS=100000: baris)
	@$(BANSOS) bench money $(ARGS)

bench-programs: ## kriteria PKH Plus atas sejuta orang, lawan satu kali membaca tabelnya (ARGS=100000: orang)
	@$(BANSOS) bench programs $(ARGS)

fault: ## gangguan acak saat membayar, lalu buku diperiksa (FAULTS=300 SEED=1)
	@$(BANSOS) fault --faults $(or $(FAULTS),300) --seed $(or $(SEED),1)

mutants: ## cacat yang disengaja, masing-masing harus ditemukan pengujian (ARGS="nama")
	@$(BANSOS) mutants $(ARGS)

lock: ## menulis ulang berkas kunci (UPGRADE=1: versi terbaru)
	@$(BANSOS) lock $(if $(UPGRADE),upgrade)

clean: ## menghapus yang dipasang (HAPUS_DATA=ya: juga semua data)
	@$(BANSOS) clean
