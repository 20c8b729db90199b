// Runs before the first paint: "ikuti perangkat" takes the theme of the device.
(function () {
  "use strict";
  var root = document.documentElement;
  if (root.getAttribute("data-theme") !== "ikuti" || !window.matchMedia) return;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  }
  apply();
  dark.addEventListener("change", apply);
})();
