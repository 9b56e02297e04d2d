// Runs before the page is painted, so that a chosen theme never flashes. The choice stays in this browser.
(function () {
  "use strict";
  var chosen = null;
  try { chosen = window.localStorage.getItem("lumens-theme"); } catch (error) { chosen = null; }
  if (chosen === "light" || chosen === "dark") { document.documentElement.dataset.theme = chosen; }
})();
