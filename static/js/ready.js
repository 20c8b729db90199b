// The only file that knows htmx event names. Menus, drawer, lists, announcements, connection.
(function () {
  "use strict";
  var doc = document;
  function say(text) {
    var box = doc.getElementById("siaran");
    if (box) box.textContent = text;
  }

  // Pop-over menus (<details data-pop>): one at a time, closed by Esc or a click elsewhere.
  doc.addEventListener("click", function (event) {
    doc.querySelectorAll("details[data-pop][open]").forEach(function (pop) {
      if (!pop.contains(event.target)) pop.open = false;
    });
  });
  doc.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    doc.querySelectorAll("details[data-pop][open]").forEach(function (pop) {
      pop.open = false;
      pop.querySelector("summary").focus();
    });
    closeDrawer();
    if (location.hash === "#menu") location.hash = "#isi";
  });

  // Jobs drawer
  var opener = null;
  function closeDrawer() {
    var drawer = doc.getElementById("laci");
    if (!drawer || drawer.hidden) return;
    drawer.hidden = true;
    doc.getElementById("laci-isi").textContent = "";
    if (opener) opener.focus();
  }
  doc.addEventListener("click", function (event) {
    if (event.target.closest("[data-drawer-close]")) closeDrawer();
  });
  doc.addEventListener("htmx:afterSwap", function (event) {
    var target = event.detail.target;
    if (target && target.id === "laci-isi") {
      opener = doc.querySelector("[data-drawer-open]");
      var drawer = doc.getElementById("laci");
      drawer.hidden = false;
      drawer.focus();
    }
  });
  doc.addEventListener("htmx:load", function (event) {
    prepare(event.detail.elt);
    if (event.detail.elt.dataset && event.detail.elt.dataset.announce) say(event.detail.elt.dataset.announce);
  });

  // A failed request says so and gives the whole page a second chance.
  doc.addEventListener("htmx:sendError", function () {
    offline(true);
  });
  doc.addEventListener("htmx:timeout", function () {
    offline(true);
  });
  doc.addEventListener("htmx:responseError", function (event) {
    var source = event.detail.elt;
    if (source && source.tagName === "A" && source.href) location.assign(source.href);
  });
  doc.addEventListener("htmx:configRequest", function (event) {
    var token = doc.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });

  // The bar of a cut line
  function offline(on) {
    var bar = doc.querySelector("[data-offline]");
    if (bar) bar.hidden = !on;
  }
  window.addEventListener("offline", function () { offline(true); });
  window.addEventListener("online", function () { offline(false); });
  doc.addEventListener("bansos:session", function (event) {
    var bar = doc.querySelector("[data-session]");
    if (bar) bar.hidden = !event.detail;
  });
  doc.addEventListener("bansos:offline", function (event) { offline(event.detail); });

  // Picked rows
  function countPicked(frame) {
    var form = frame.querySelector("[data-bulk]");
    if (!form) return;
    var all = form.querySelector("[name=semua]").checked;
    var boxes = frame.querySelectorAll("tbody input[name=pilih]");
    var picked = 0;
    boxes.forEach(function (box) {
      if (all) box.checked = true;
      box.closest("tr").classList.toggle("is-picked", box.checked);
      if (box.checked) picked += 1;
    });
    var words = form.querySelector("[data-bulk-count]");
    form.classList.toggle("is-on", all || picked > 0);
    words.textContent = !all && picked ? picked + " " + words.dataset.words : "";
    form.querySelectorAll("button[formaction]").forEach(function (button) {
      button.disabled = !all && !picked;
    });
  }
  doc.addEventListener("change", function (event) {
    var frame = event.target.closest("[data-list]");
    if (!frame) return;
    if (event.target.name === "pilih" && !event.target.checked) {
      frame.querySelector("[name=semua]").checked = false;
    }
    if (event.target.name === "semua" && !event.target.checked) {
      frame.querySelectorAll("input[name=pilih]").forEach(function (box) { box.checked = false; });
    }
    if (event.target.name === "pilih" || event.target.name === "semua") countPicked(frame);
  });

  // An unmasked number goes back behind its mask after 60 seconds.
  function hideUnmasked(root) {
    root.querySelectorAll("[data-unmasked]").forEach(function (box) {
      if (box.dataset.timed) return;
      box.dataset.timed = "1";
      window.setTimeout(function () {
        box.querySelectorAll("[data-open-value]").forEach(function (value) {
          value.textContent = box.dataset.unmasked;
        });
        say(box.dataset.hiddenWords || "");
      }, 60000);
    });
  }

  function prepare(root) {
    var scope = root && root.querySelectorAll ? root : doc;
    if (scope.matches && scope.matches("[data-list]")) countPicked(scope);
    scope.querySelectorAll("[data-list]").forEach(countPicked);
    hideUnmasked(scope);
    var focus = scope.querySelector("[data-focus-now]");
    if (focus && !focus.closest("[data-no-focus]")) focus.focus();
  }
  window.addEventListener("pageshow", function () { prepare(doc); });
})();
