// Notices that are about this computer: the session ends soon, the browser is old.
(function () {
  "use strict";
  var doc = document;
  var WEEK = 7 * 24 * 3600 * 1000;

  // Five minutes before an idle session ends one may stay; any request starts the clock again.
  var soon = doc.querySelector("[data-session-soon]");
  var seconds = soon ? Number(soon.dataset.sessionSoon) : 0;
  var timer = 0;
  function wind() {
    window.clearTimeout(timer);
    if (soon) soon.hidden = true;
    if (seconds > 300) timer = window.setTimeout(function () { soon.hidden = false; }, (seconds - 300) * 1000);
  }
  if (soon) {
    wind();
    doc.addEventListener("htmx:afterRequest", wind);
    doc.addEventListener("bansos:session", function (event) { if (!event.detail) wind(); });
    soon.querySelector("a").addEventListener("click", function (event) {
      event.preventDefault();
      fetch(event.currentTarget.href, { credentials: "same-origin", redirect: "manual" }).then(function (answer) {
        if (answer.ok) wind();
      });
    });
  }

  // Once a week, never in the way: browsers that get no security updates any more.
  function old() {
    var found = navigator.userAgent.match(/(Chrome|Firefox)\/(\d+)/);
    return found && Number(found[2]) <= (found[1] === "Chrome" ? 109 : 115);
  }
  function seen() {
    try {
      var at = Number(window.localStorage.getItem("bansos-peramban-lama"));
      window.localStorage.setItem("bansos-peramban-lama", String(Date.now()));
      return Date.now() - at < WEEK;
    } catch (error) {
      return true;
    }
  }
  var notice = doc.querySelector("[data-old-browser]");
  if (notice && old() && !seen()) notice.hidden = false;
})();
