// Arrow keys move between the marks of the access map; Home and End to the ends of a row. Without it, Tab does.
(function () {
  "use strict";
  var table = document.querySelector("[data-map]");
  if (!table) { return; }
  var wanted = null; // the column that up and down keep to, across rows that have nothing in it

  function columnOf(cell) {
    var at = 0;
    for (var before = cell.previousElementSibling; before; before = before.previousElementSibling) { at += before.colSpan; }
    return at;
  }

  // The link of that row which is nearest to the column, or none.
  function nearest(row, column) {
    var best = null, distance = Infinity;
    row.querySelectorAll("a[href]").forEach(function (link) {
      var away = Math.abs(columnOf(link.closest("td, th")) - column);
      if (away < distance) { best = link; distance = away; }
    });
    return best;
  }

  table.addEventListener("mousedown", function () { wanted = null; });
  table.addEventListener("keydown", function (event) {
    var cell = event.target.closest("td, th");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) { return; }
    var row = cell.parentElement, links = Array.prototype.slice.call(row.querySelectorAll("a[href]"));
    var place = links.indexOf(event.target), to = null;
    var vertical = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (event.key === "ArrowRight") { to = links[place + 1]; }
    else if (event.key === "ArrowLeft") { to = links[place - 1]; }
    else if (event.key === "Home") { to = links[0]; }
    else if (event.key === "End") { to = links[links.length - 1]; }
    else if (vertical) {
      var down = event.key === "ArrowDown";
      var next = down ? row.nextElementSibling : row.previousElementSibling;
      if (!next && down && row.parentElement.tagName === "THEAD") { next = table.tBodies[0].rows[0]; }
      if (wanted === null) { wanted = columnOf(cell); }
      if (next) { to = nearest(next, wanted); }
    } else { return; }
    event.preventDefault();
    if (!vertical) { wanted = null; }
    if (to) {
      to.focus({ preventScroll: true });
      to.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  });
})();
