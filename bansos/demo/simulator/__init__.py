"""The bank simulator: a small bank of its own, for the demo, the tests and the fault runs.

No bank's real interface is known to us: the file interface is made up, the SNAP calls follow
what is published. "Umum, tidak disertifikasi bank mana pun." It knows nothing of our database and
keeps its own sqlite file: every answer follows a commit with fsync; the same seed gives the same
fates. Start it with `make bank`, `manage.py bank_simulator` or `python -m bansos.demo.simulator`;
`process.running()` starts one on a free port and stops it again.

Scenarios are named in scenarios.py and joined by "+", for example "troubled+timeout_after_accept".

Files (header `Authorization: Bearer <key>`; the key stands in the simulator's folder)
  POST /berkas                  body: the bytes. X-Reference (<= 16), X-Content-SHA256,
                                X-Format: csv | xlsx | pain001 | pain001_03.
                                202 {"reference", "sha256",
                                "state", "lines", "total", "duplicate"}; the same reference and
                                hash again: 200 with duplicate true (without deduplication: 202,
                                and it pays again); other hash: 409; unreadable or wrong totals:
                                422 {"state": "rejected", "reason"}; 503 when the bank is down.
  GET  /berkas/REF              200 {"state": "accepted" | "rejected", "sha256", "lines", "total",
                                "settled", "returned", "parts": [...]}; 404 never received.
  GET  /berkas/REF/hasil        ?format=xlsx | csv | pain002 | camt054, &part=1. 404 not yet there.
  GET  /rekening-koran          ?format=camt053 | mt940, &day=YYYY-MM-DD: statement of the source
                                account, with fees and foreign lines where the scenario has them.

SNAP (all POST, JSON)
  /snap/v1.0/access-token/b2b          service 73, X-SIGNATURE: RSA-SHA256 over clientId|timestamp
  /snap/v1.0/account-inquiry-external  service 16
  /snap/v1.0/transfer-intrabank        service 17
  /snap/v1.0/transfer-interbank        service 18
  /snap/v1.0/transfer/status           service 36
  X-SIGNATURE of 16, 17, 18, 36: HMAC-SHA512(secret,
  "POST:path:token:lowerhex(SHA256(minified body)):timestamp"). responseCode is HTTP status (3),
  service (2), case (2): 4011700 wrong signature, 4011701 wrong token, 4091700 X-EXTERNAL-ID used
  today, 4091701 partnerReferenceNo used (only with deduplication), 4041711 no such account,
  4043601 transfer not known.

Control (no key; it is a training bank)
  GET  /kendali                 {"scenario", "seed", "today", "files", "payments", "credits"}
  POST /kendali                 any of {"scenario", "seed", "days": +n, "today": "YYYY-MM-DD"}
  GET  /kendali/pembayaran      [{"reference", "file", "amount", "credits", "state", "reason"}]:
                                credits above 1 means the bank paid the same line twice
  POST /kendali/rekening        [{"bank_code", "account", "name"}]: accounts opened at the bank
  POST /kendali/kosongkan       forgets everything except keys and accounts
"""
