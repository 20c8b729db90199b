// Shortcuts: / search, ? help, j k row, x pick, Ctrl+S save. Single letters can be turned off.
(function () {
  "use strict";
  var doc = document;
  var STORE = "bansos-pintasan";
  function on() {
    try { return window.localStorage.getItem(STORE) !== "mati"; } catch (error) { return true; }
  }
  function showState() {
    doc.querySelectorAll("[data-keys-switch]").forEach(function (button) {
      var state = button.querySelector("[data-keys-state]");
      button.setAttribute("aria-pressed", String(on()));
      if (state) state.textContent = on() ? state.dataset.on : state.dataset.off;
    });
  }
  doc.addEventListener("click", function (event) {
    if (!event.target.closest("[data-keys-switch]")) return;
    try { window.localStorage.setItem(STORE, on() ? "mati" : "menyala"); } catch (error) { return; }
    showState();
  });
  showState();

  function typing(target) {
    return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  }
  function rows() {
    return Array.prototype.slice.call(doc.querySelectorAll("[data-list] tbody tr"));
  }
  function move(step) {
    var all = rows();
    if (!all.length) return;
    var here = all.findIndex(function (row) { return row.classList.contains("is-here"); });
    var next = Math.max(0, Math.min(all.length - 1, here + step));
    if (here >= 0) all[here].classList.remove("is-here");
    all[next].classList.add("is-here");
    var link = all[next].querySelector("a, input");
    if (link) link.focus();
    all[next].scrollIntoView({ block: "nearest" });
  }
  var KEYS = {
    "/": function () { return focus("[data-list-search]") || focus("[data-search]"); },
    "?": function () { return press("a[data-help]"); },
    j: function () { move(1); return true; },
    k: function () { move(-1); return true; },
    x: function () { return press("tr.is-here input[name=pilih]"); },
    f: function () { return press("[data-list] [data-panel] > summary"); }
  };
  function focus(selector) {
    var found = doc.querySelector(selector);
    if (found) found.focus();
    return Boolean(found);
  }
  function press(selector) {
    var found = doc.querySelector(selector);
    if (found) found.click();
    return Boolean(found);
  }
  doc.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      var draft = doc.querySelector("form[data-autosave]");
      if (draft) {
        event.preventDefault();
        draft.dispatchEvent(new Event("focusout"));
      }
      return;
    }
    if (!on() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    var act = KEYS[event.key];
    if (act && act()) event.preventDefault();
  });
})();
