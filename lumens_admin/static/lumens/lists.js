// j and k move along a list, Enter opens, x selects, n turns the page. A list says so itself: <tbody data-list> or <ul data-list>.
// Rows may name their own keys: <button data-key="r"> is pressed when that key is pressed while the row has the cursor.
(function () {
  "use strict";

  // On a phone the rows of a table are cards, and each value says which column it is of.
  var heads = document.querySelectorAll("#result_list > thead th");
  document.querySelectorAll("#result_list > tbody > tr").forEach(function (row) {
    var named = false;
    Array.prototype.forEach.call(row.children, function (cell, place) {
      var head = heads[place] && heads[place].querySelector(".text");
      if (!head || !(cell.textContent.trim() || cell.querySelector("img"))) { return; }
      if (named) { cell.dataset.label = head.textContent.trim(); }
      named = true;
    });
  });

  function rows() {
    return Array.prototype.filter.call(
      document.querySelectorAll("[data-list] > tr, [data-list] > li, #result_list > tbody > tr"),
      function (row) { return row.offsetParent !== null; }
    );
  }
  function current(all) { return all.findIndex(function (row) { return row.classList.contains("is-cursor"); }); }

  function moveTo(all, place) {
    all.forEach(function (row) { row.classList.remove("is-cursor"); });
    var row = all[place];
    if (!row) { return; }
    row.classList.add("is-cursor");
    var link = row.querySelector("a[href], button, input:not([type=hidden])");
    if (link) { link.focus({ preventScroll: true }); }
    row.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", function (event) {
    var at = event.target;
    var box = at.type === "checkbox" || at.type === "radio";
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if ((/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && !box) || document.querySelector("dialog[open]")) { return; }
    var all = rows();
    var place = current(all);
    if (event.key === "j" || event.key === "k") {
      if (!all.length) { return; }
      event.preventDefault();
      moveTo(all, event.key === "j" ? Math.min(place + 1, all.length - 1) : Math.max(place - 1, 0));
    } else if (event.key === "n") {
      var next = document.querySelector("[data-next-page]");
      if (next) { event.preventDefault(); next.click(); }
    } else if (place >= 0) {
      var button = all[place].querySelector('[data-key="' + window.CSS.escape(event.key) + '"]');
      var tick = all[place].querySelector('input[type="checkbox"]');
      if (button) { event.preventDefault(); button.click(); }
      else if (event.key === "x" && tick) { event.preventDefault(); tick.click(); }
      else if (event.key === "Enter" && at.tagName !== "A" && at.tagName !== "BUTTON") {
        var link = all[place].querySelector("a[href]");
        if (link) { event.preventDefault(); link.click(); }
      }
    }
  });

  // "Select all" and the count of what is selected: <input type=checkbox data-select-all="form-id">, <span data-selected="form-id">.
  // form.elements, not its descendants: boxes in rows with forms of their own say form="form-id" and stand outside it.
  function boxes(form) {
    return Array.prototype.filter.call(form.elements, function (box) { return box.type === "checkbox" && box.name; });
  }
  function count(form) {
    var ticked = boxes(form).filter(function (box) { return box.checked; }).length;
    document.querySelectorAll('[data-selected="' + form.id + '"]').forEach(function (place) { place.textContent = ticked + " selected"; });
    document.querySelectorAll('[data-needs-selection="' + form.id + '"]').forEach(function (button) { button.disabled = ticked === 0; });
  }
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-select-all]")) {
      var form = document.getElementById(event.target.dataset.selectAll);
      boxes(form).forEach(function (box) { box.checked = event.target.checked; });
      count(form);
    } else if (event.target.form && event.target.form.id && event.target.type === "checkbox") {
      count(event.target.form);
    }
  });
  function countAll() {
    document.querySelectorAll("[data-select-all]").forEach(function (box) { count(document.getElementById(box.dataset.selectAll)); });
  }
  document.addEventListener("htmx:afterSwap", countAll);  // a row that was swapped took its tick along
  countAll();
})();
