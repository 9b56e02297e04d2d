// Small manners of every page: keys, theme switch, announcements. Everything works without it, only less quickly.
(function () {
  "use strict";

  var THEMES = ["auto", "light", "dark"];
  var root = document.documentElement;

  function chosenTheme() { return root.dataset.theme || "auto"; }

  function nameTheme() {
    document.querySelectorAll("[data-theme-name]").forEach(function (place) {
      place.textContent = { auto: "as the system", light: "light", dark: "dark" }[chosenTheme()];
    });
  }

  function switchTheme() {
    var next = THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length];
    if (next === "auto") { delete root.dataset.theme; } else { root.dataset.theme = next; }
    try {
      if (next === "auto") { window.localStorage.removeItem("lumens-theme"); } else { window.localStorage.setItem("lumens-theme", next); }
    } catch (error) { /* a browser that keeps nothing forgets the choice at the next page */ }
    nameTheme();
    say("Theme: " + { auto: "as the system", light: "light", dark: "dark" }[next]);
  }

  function say(words) {
    var live = document.getElementById("live");
    if (live) { live.textContent = ""; window.setTimeout(function () { live.textContent = words; }, 30); }
  }

  function isTyping(event) {
    var at = event.target;
    return event.ctrlKey || event.metaKey || event.altKey || at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
  }

  // The dialog of keys lists those of the page as it stands: rows come and go.
  function show(dialog) {
    dialog.querySelectorAll("[data-where]").forEach(function (part) { part.hidden = !document.querySelector(part.dataset.where); });
    dialog.showModal();
  }

  var afterG = 0;
  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || isTyping(event) || document.querySelector("dialog[open]")) { return; }
    if (event.key === "/") {
      var find = document.getElementById("find");
      if (find) { event.preventDefault(); find.focus(); find.select(); }
    } else if (event.key === "?") {
      var keys = document.getElementById("keys");
      if (keys && keys.showModal) { event.preventDefault(); show(keys); }
    } else if (event.key === "g") {
      afterG = Date.now();
    } else if (Date.now() - afterG < 1200) {
      var item = document.querySelector('[data-go="' + window.CSS.escape(event.key) + '"]');
      afterG = 0;
      if (item) { event.preventDefault(); event.stopImmediatePropagation(); item.click(); }
    }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-switch-theme]")) { switchTheme(); }
    var opener = event.target.closest("[data-open-dialog]");
    if (opener) { show(document.getElementById(opener.dataset.openDialog)); }
    if (event.target.closest("[data-print]")) { window.print(); }
    var folds = event.target.closest("[data-close-details]");
    if (folds) {
      var opened = folds.closest("details");
      opened.open = false;
      opened.querySelector("summary").focus();
    }
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
    var copy = event.target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).innerText.trim()).then(function () { say("Copied"); });
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) { menu.open = false; menu.querySelector("summary").focus(); });
  });

  // A fold that asks something has the cursor in its first field. (This event does not bubble.)
  document.addEventListener("toggle", function (event) {
    var asks = event.target;
    if (asks.open && asks.matches("details[data-asks]")) { asks.querySelector("input:not([type=hidden]), textarea, select").focus(); }
  }, true);

  // On a phone the tab or the filter one is on may lie beyond the edge of its row.
  document.querySelectorAll(".tabs [aria-current], .chips [aria-current]").forEach(function (chosen) {
    var row = chosen.closest(".tabs--more > ul, .chips") || chosen.closest(".tabs");
    if (row && row.scrollWidth > row.clientWidth) {
      row.scrollLeft += chosen.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - chosen.offsetWidth) / 2;
    }
  });

  // A form that came back: the cursor goes to the first field that is wrong, else to what says why; a question, to its answer.
  var wrong = document.querySelector('main [aria-invalid="true"], #content [aria-invalid="true"]') || document.querySelector(".form__wrong, [data-focus]");
  if (wrong) {
    for (var around = wrong.closest("details"); around; around = around.parentElement.closest("details")) { around.open = true; }
    wrong.focus();
  }

  // The token travels in a header, because its cookie is not readable by scripts.
  document.addEventListener("htmx:configRequest", function (event) {
    var token = document.querySelector('meta[name="csrf-token"]');
    if (token) { event.detail.headers["X-CSRFToken"] = token.content; }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    var words = event.detail.target.querySelector("[data-announce]");
    if (words) { say(words.dataset.announce || words.textContent); }
  });

  // A part that is swapped away while the focus is in it hands the focus on: to the same link or button in what took its place,
  // else to its first, else to the part itself. Nobody at the keyboard is thrown back to the top of the page.
  var left = null;
  function stops(place) { return Array.prototype.slice.call(place.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")); }
  document.addEventListener("htmx:beforeSwap", function (event) {
    var part = event.detail.target, at = document.activeElement;
    left = at !== document.body && part.contains(at) ? { part: part, href: at.getAttribute("href"), words: at.textContent } : null;
  });
  document.addEventListener("htmx:load", function (event) {
    var was = left;
    if (!was) { return; }
    left = null;
    window.setTimeout(function () {
      if (document.activeElement !== document.body) { return; }
      var part = was.part.isConnected ? was.part : event.detail.elt, there = stops(part);
      var same = there.find(function (one) { return one.getAttribute("href") === was.href && one.textContent === was.words; });
      var next = same || there[0] || part;
      if (next === part) { part.tabIndex = -1; }
      next.focus({ preventScroll: true });
    }, 0);
  });
  // What was revealed goes after its time also where nobody answers any more: no network, a session that ended, a server that stopped.
  document.addEventListener("htmx:load", function (event) {
    var shown = event.detail.elt;
    if (!shown.dataset || !shown.dataset.hideAfter) { return; }
    window.setTimeout(function () {
      shown.querySelectorAll("[data-revealed]").forEach(function (values) { values.remove(); });
    }, Number(shown.dataset.hideAfter) * 1000);
  });
  document.addEventListener("htmx:responseError", function (event) {
    say(event.detail.xhr.status === 403 ? "You have no access to this." : "This did not work. Load the page again.");
  });

  nameTheme();
})();
