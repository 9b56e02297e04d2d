// The keyboard of a reviewer: k keep, r revoke, n not mine, c cannot judge, u undo, x select; j and the arrows move. One key, one answer.
// Before lists.js, in which k means "up": here it means "keep" (SCREENS.md, "Review"). Without this script every row is a plain form.
(function () {
  "use strict";

  var list = document.querySelector("[data-reviews]");
  if (!list) { return; }
  var ANSWERS = { k: "keep", r: "revoke", n: "not_mine", c: "cannot_judge" };
  var afterG = 0;
  var lastAnswered = null;
  var undoing = false;

  function items() { return Array.prototype.slice.call(list.querySelectorAll("[data-item]")); }
  function current() { return list.querySelector(".is-cursor"); }
  function isOpen(item) { return !item.querySelector("[data-decided]"); }
  function say(words) {
    var live = document.getElementById("live");
    if (live) { live.textContent = ""; window.setTimeout(function () { live.textContent = words; }, 60); }
  }

  function point(item) {
    items().forEach(function (one) { one.classList.toggle("is-cursor", one === item); });
  }

  function moveTo(item) {
    if (!item) { return; }
    point(item);
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  function neighbour(item, step) {
    var all = items();
    var place = item ? all.indexOf(item) + step : 0;
    return all[Math.min(Math.max(place, 0), all.length - 1)];
  }

  // The next one that is open: after this one, else from the top.
  function nextOpen(item) {
    var all = items();
    var place = all.indexOf(item);
    return all.slice(place + 1).concat(all.slice(0, place)).find(isOpen);
  }

  // A row that was swapped in a moment ago has no script behind its buttons yet: a quick key would load the page anew.
  function click(item, button) {
    if (window.htmx) { window.htmx.process(item); }
    button.click();
  }

  function press(item, answer) {
    var button = item.querySelector('[data-answer="' + answer + '"]');
    if (!button) { return; }
    var reason = item.querySelector('input[name="reason"]');
    var needs = answer === "cannot_judge" || (answer === "keep" && "sensitive" in item.dataset);
    if (needs && reason && !reason.value.trim()) {
      item.dataset.wants = answer;
      reason.focus();
      say(answer === "keep" ? "Sensitive: say why it is still needed, then Enter." : "Say why you cannot judge it, then Enter.");
      return;
    }
    delete item.dataset.wants;
    click(item, button);
  }

  function undo(item) {
    var target = item && item.querySelector('[data-answer="undo"]') ? item : lastAnswered;
    var button = target && target.querySelector('[data-answer="undo"]');
    if (button) { undoing = true; click(target, button); } else { say("Nothing to undo."); }
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) { return; }
    var at = event.target;
    var typing = at.tagName === "TEXTAREA" || at.tagName === "SELECT" || (at.tagName === "INPUT" && at.type !== "checkbox");
    if (typing) {
      var own = at.closest("[data-item]");
      if (!own) { return; }
      if (event.key === "Enter" && own.dataset.wants && at.name === "reason") {
        event.preventDefault();
        press(own, own.dataset.wants);
      } else if (event.key === "Escape") {
        event.preventDefault();
        delete own.dataset.wants;
        var back = own.querySelector('[data-answer="back"]');
        if (back) { click(own, back); } else { moveTo(own); }
      }
      return;
    }
    if (event.key === "g") { afterG = Date.now(); return; }
    if (Date.now() - afterG < 1200) { afterG = 0; return; }  // g then r: to the requests
    var item = current();
    var handled = true;
    if (event.key === "j" || event.key === "ArrowDown") { moveTo(neighbour(item, 1)); }
    else if (event.key === "ArrowUp") { moveTo(neighbour(item, -1)); }
    else if (event.key === "u") { undo(item); }
    else if (event.key === "x") {
      var tick = item && item.querySelector('input[name="decision"]');
      if (tick) { tick.click(); }
    }
    else if (ANSWERS[event.key]) {
      if (!item) { moveTo(items().find(isOpen)); }  // the first key only points: nobody answers what they do not see
      else if (isOpen(item)) { press(item, ANSWERS[event.key]); }
    }
    else { handled = false; }
    if (handled) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  list.addEventListener("focusin", function (event) {
    var item = event.target.closest("[data-item]");
    if (item) { point(item); }
  });

  // At the swap, not after it has settled: a quick second key must already find the next item.
  document.addEventListener("htmx:afterSwap", function (event) {
    var item = event.target.closest ? event.target.closest("[data-item]") : null;
    if (!item) { return; }
    if (undoing || isOpen(item)) {
      undoing = false;
      var field = item.querySelector("select");
      if (field) { point(item); field.focus(); } else { moveTo(item); }
      return;
    }
    lastAnswered = item;
    var next = nextOpen(item);
    if (next) { moveTo(next); } else { moveTo(item); say("Everything on this page is decided."); }
  });
})();
