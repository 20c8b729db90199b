// Echoes under a field: the date in words, the amount in words, the digits of a NIK in groups.
// The server reads the field by its own rules; the echo only lets the writer see what was typed.
(function () {
  "use strict";
  var english = document.documentElement.lang.indexOf("en") === 0;
  var DAYS = english
    ? ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    : ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"];
  var MONTHS = english
    ? ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
    : ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"];
  var UNITS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"];
  var SCALES = [[1e12, "triliun"], [1e9, "miliar"], [1e6, "juta"], [1e3, "ribu"]];
  var SHORT = { rb: 1e3, ribu: 1e3, jt: 1e6, juta: 1e6, m: 1e9, mlr: 1e9, miliar: 1e9, t: 1e12, triliun: 1e12 };

  // Dates: day, month, year; never the month first.
  function readDate(text) {
    var clean = text.trim().toLowerCase();
    var parts = clean.match(/^(\d{4})-(\d{1,2})-(\d{1,2})$/);
    if (parts) return real(+parts[3], +parts[2], +parts[1]);
    parts = clean.match(/^(\d{2})(\d{2})(\d{4})$/) || clean.match(/^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/);
    if (parts) return real(+parts[1], +parts[2], +parts[3]);
    parts = clean.match(/^(\d{1,2})\s+([a-z]{3,})\s+(\d{4})$/);
    if (!parts) return null;
    var month = MONTHS.findIndex(function (name) { return name.toLowerCase().indexOf(parts[2]) === 0; });
    return month < 0 ? null : real(+parts[1], month + 1, +parts[3]);
  }
  function real(day, month, year) {
    var found = new Date(year, month - 1, day);
    var same = found.getDate() === day && found.getMonth() === month - 1 && year >= 1900 && year <= 2100;
    return same ? found : null;
  }
  function dateWords(text, withAge) {
    var date = readDate(text);
    if (!date) return "";
    var words = DAYS[date.getDay()] + ", " + date.getDate() + " " + MONTHS[date.getMonth()] + " " + date.getFullYear();
    if (!withAge) return words;
    var now = new Date();
    var early = now.getMonth() < date.getMonth() || (now.getMonth() === date.getMonth() && now.getDate() < date.getDate());
    var age = now.getFullYear() - date.getFullYear() - (early ? 1 : 0);
    return age < 0 ? words : words + " (" + age + (english ? " years)" : " tahun)");
  }

  // Amounts: a dot groups thousands, a comma starts the sen; "1,5 jt" is read too.
  function readAmount(text) {
    var clean = text.trim().toLowerCase().replace(/^rp\.?\s*/, "");
    var parts = clean.match(/^(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?\s*([a-z]+)?$/);
    if (!parts) return null;
    var factor = parts[3] ? SHORT[parts[3]] : 1;
    if (!factor || (factor === 1 && parts[2] && parts[2].length > 2)) return null;
    var whole = parts[1].replace(/\./g, "");
    var fraction = parts[2] || "";
    // In whole sen, so that no sen is lost on the way.
    var sen = Math.round(Number(whole + "." + (fraction || "0")) * factor * 100);
    return Number.isSafeInteger(sen) ? sen : null;
  }
  function belowThousand(value) {
    if (value < 12) return UNITS[value];
    if (value < 20) return UNITS[value - 10] + " belas";
    if (value < 100) return UNITS[Math.floor(value / 10)] + " puluh" + (value % 10 ? " " + UNITS[value % 10] : "");
    var head = value < 200 ? "seratus" : UNITS[Math.floor(value / 100)] + " ratus";
    return value % 100 ? head + " " + belowThousand(value % 100) : head;
  }
  function spell(value) {
    if (value < 1000) return belowThousand(value);
    var words = [];
    SCALES.forEach(function (scale) {
      var count = Math.floor(value / scale[0]);
      value %= scale[0];
      if (count) words.push(count === 1 && scale[0] === 1000 ? "seribu" : belowThousand(count) + " " + scale[1]);
    });
    if (value) words.push(belowThousand(value));
    return words.join(" ");
  }
  function amountWords(text) {
    var sen = readAmount(text);
    if (sen === null) return "";
    var whole = Math.floor(sen / 100);
    var rest = sen % 100;
    var figure = "Rp" + String(whole).replace(/\B(?=(\d{3})+$)/g, ".") + (rest ? "," + String(rest).padStart(2, "0") : "");
    return figure + " (" + spell(whole) + " rupiah" + (rest ? " " + belowThousand(rest) + " sen" : "") + ")";
  }

  // NIK: 6-6-4, and how many digits are there.
  function nikWords(text) {
    var digits = text.replace(/\D/g, "");
    if (!digits) return "";
    var groups = [digits.slice(0, 6), digits.slice(6, 12), digits.slice(12, 16)].filter(Boolean).join(" ");
    return groups + (digits.length === 16 ? "" : " (" + digits.length + (english ? " of 16 digits)" : " dari 16 angka)"));
  }

  var KINDS = {
    tanggal: function (input) { return dateWords(input.value, input.dataset.age === "1"); },
    rupiah: function (input) { return amountWords(input.value); },
    nik: function (input) { return nikWords(input.value); }
  };
  function echo(input) {
    var box = document.getElementById(input.id + "_gema");
    var words = KINDS[input.dataset.echo];
    if (box && words) box.textContent = words(input);
  }
  document.addEventListener("input", function (event) {
    if (event.target.dataset && event.target.dataset.echo) echo(event.target);
  });
  document.querySelectorAll("[data-echo]").forEach(function (input) { if (input.value) echo(input); });
})();
