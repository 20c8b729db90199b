#!/bin/bash
# Backups of the database and the stored files, and the drill that proves they can be restored.
#   backup.sh daily    a backup now and every 24 hours
#   backup.sh once     one backup
#   backup.sh drill    restores the newest backup into a scratch database and counts its rows
set -euo pipefail
umask 077
export PGDATABASE=${PGDATABASE:-bansos}
if [ -n "${PGPASSWORD_FILE:-}" ]; then PGPASSWORD=$(cat "$PGPASSWORD_FILE"); export PGPASSWORD; fi
BACKUPS=${BACKUPS:-/backups}
FILES=${FILES:-/state/files}

count_rows() {
  psql -XAtq -v ON_ERROR_STOP=1 -d "$1" -c "SELECT format('SELECT %L, count(*) FROM %I.%I;', c.relname, n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = 'public'
    ORDER BY 1" | psql -XAtq -v ON_ERROR_STOP=1 -d "$1"
}

once() {
  local target
  target="$BACKUPS/$(date -u +%Y%m%dT%H%M%SZ)"
  mkdir -p "$target.part"
  pg_dump --format=custom --file="$target.part/database.dump"
  if [ -d "$FILES" ]; then tar -C "$FILES" -cf "$target.part/files.tar" .; fi
  (cd "$target.part" && sha256sum -- * > SHA256SUMS)
  mv "$target.part" "$target"
  find "$BACKUPS" -mindepth 1 -maxdepth 1 -type d -mtime "+${KEEP_DAYS:-30}" -exec rm -rf {} +
  echo "cadangan: $target"
}

drill() {
  local newest rows scratch=${SCRATCH:-bansos_drill} began=$SECONDS
  newest=$(find "$BACKUPS" -mindepth 1 -maxdepth 1 -type d -name '*Z' | sort | tail -n 1)
  [ -n "$newest" ] || { echo "tidak ada cadangan di $BACKUPS" >&2; exit 1; }
  (cd "$newest" && sha256sum --check --quiet SHA256SUMS)
  dropdb --if-exists "$scratch"
  createdb "$scratch"
  pg_restore --exit-on-error --no-owner --dbname="$scratch" "$newest/database.dump"
  rows=$(count_rows "$scratch")
  dropdb "$scratch"
  echo "cadangan $newest terbaca dalam $((SECONDS - began)) dtk:"
  awk -F '|' '{tables++; rows += $2} END {printf "  %d tabel, %d baris\n", tables, rows}' <<< "$rows"
}

case "${1:-}" in
  once) once ;;
  drill) drill ;;
  daily) while true; do once || echo "cadangan gagal" >&2; sleep 86400 & wait $!; done ;;
  *) sed -n '2,6p' "$0" >&2; exit 2 ;;
esac
