// Forms: no second click, autosave of drafts, files one can drop.
(function () {
  "use strict";
  var doc = document;

  // One press, one request. Buttons come back when the page is shown again.
  doc.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-no-guard")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    freshToken(form);
    // Later, so that the pressed button's own value still travels.
    window.setTimeout(function () {
      buttons(form).forEach(function (button) {
        button.setAttribute("aria-disabled", "true");
        button.classList.add("is-busy");
      });
    }, 0);
    // A file answer keeps the page: give the form back after a while.
    window.setTimeout(function () { release(form); }, 8000);
  });
  // Signing in again in another tab changes the token; the form takes the new one along.
  function freshToken(form) {
    var cookie = doc.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    var field = form.querySelector("input[name=csrfmiddlewaretoken]");
    if (cookie && field) field.value = cookie[1];
  }
  function buttons(form) {
    return Array.prototype.filter.call(form.elements, function (element) {
      return element.type === "submit";
    });
  }
  function release(form) {
    delete form.dataset.sent;
    buttons(form).forEach(function (button) {
      button.removeAttribute("aria-disabled");
      button.classList.remove("is-busy");
    });
  }
  window.addEventListener("pageshow", function () {
    doc.querySelectorAll("form[data-sent]").forEach(release);
  });

  // Autosave: every 10 seconds and on leaving a field, to the server, never to this computer.
  function autosave(form) {
    var last = snapshot(form);
    var running = false;
    var note = doc.createElement("span");
    note.className = "b-saved";
    note.setAttribute("role", "status");
    (form.querySelector(".b-actions") || form).appendChild(note);
    function save() {
      var now = snapshot(form);
      if (now === last || running || form.dataset.sent) return;
      running = true;
      freshToken(form);
      fetch(form.dataset.autosave, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        redirect: "manual",
        headers: { "X-Requested-With": "XMLHttpRequest" }
      }).then(function (answer) {
        // A redirect or a 401 is the sign-in page: the session has ended, nothing was kept.
        var ended = answer.type === "opaqueredirect" || answer.status === 401;
        doc.dispatchEvent(new CustomEvent("bansos:session", { detail: ended }));
        if (ended) return;
        if (!answer.ok) throw new Error(String(answer.status));
        last = now;
        note.textContent = (form.dataset.savedWords || "Tersimpan") + " " + clock();
        tell(false);
      }).catch(function () {
        tell(true);
      }).then(function () {
        running = false;
      });
    }
    window.setInterval(save, 10000);
    form.addEventListener("focusout", save);
    window.addEventListener("online", save);
  }
  function snapshot(form) {
    var pairs = [];
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") pairs.push(name + "=" + value);
    });
    return pairs.join("\n");
  }
  function clock() {
    var now = new Date();
    return String(now.getHours()).padStart(2, "0") + "." + String(now.getMinutes()).padStart(2, "0");
  }
  function tell(cut) {
    doc.dispatchEvent(new CustomEvent("bansos:offline", { detail: cut }));
  }
  doc.querySelectorAll("form[data-autosave]").forEach(autosave);

  // Drop zone: the plain file field stays and does the work.
  doc.querySelectorAll("[data-drop]").forEach(function (box) {
    var zone = box.querySelector(".b-drop-zone");
    var input = box.querySelector("input[type=file]");
    var name = box.querySelector("[data-drop-name]");
    if (!input) return;
    function show() {
      name.textContent = Array.prototype.map.call(input.files, function (file) {
        return file.name + " (" + size(file.size) + ")";
      }).join(", ");
    }
    input.addEventListener("change", show);
    ["dragover", "dragenter"].forEach(function (kind) {
      zone.addEventListener(kind, function (event) {
        event.preventDefault();
        zone.classList.add("is-over");
      });
    });
    ["dragleave", "drop"].forEach(function (kind) {
      zone.addEventListener(kind, function () { zone.classList.remove("is-over"); });
    });
    zone.addEventListener("drop", function (event) {
      event.preventDefault();
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        show();
      }
    });
  });
  function size(bytes) {
    var number = bytes < 1048576 ? bytes / 1024 : bytes / 1048576;
    return number.toFixed(number < 10 ? 1 : 0).replace(".", ",") + (bytes < 1048576 ? " KB" : " MB");
  }

  // Training logins: fill the two fields.
  doc.querySelectorAll("[data-login]").forEach(function (button) {
    button.addEventListener("click", function () {
      var name = doc.querySelector("input[name=login]");
      var secret = doc.querySelector("input[name=password]");
      if (!name || !secret) return;
      name.value = button.dataset.login;
      secret.value = button.dataset.password || "";
      secret.focus();
    });
  });
})();
