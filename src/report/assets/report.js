"use strict";
const table = document.getElementById("found"), rows = Array.from(table.tBodies);
const search = document.getElementById("search"), verdict = document.getElementById("verdict"), count = document.getElementById("count");
function filter() {
  const words = search.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = (!words || row.dataset.name.toLowerCase().includes(words)) && (!verdict.value || row.dataset.verdict === verdict.value || row.dataset.severity === verdict.value);
    row.hidden = !fits;
    if (fits) shown += 1;
  }
  count.textContent = shown + " of " + rows.length + " " + table.dataset.noun + " shown";
}
function sort(header, index) {
  const down = header.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = row => { const cell = row.rows[0].cells[index]; return cell.dataset.sort ?? cell.textContent.trim(); };
  rows.sort((a, b) => {
    const x = key(a), y = key(b), p = parseFloat(x), q = parseFloat(y);
    const order = x === "" || y === "" ? (x === "") - (y === "") : !isNaN(p) && !isNaN(q) ? p - q : x.localeCompare(y);
    return x === "" || y === "" ? order : down ? -order : order;
  });
  table.append(...rows);
}
Array.from(table.tHead.rows[0].cells).forEach((header, index) => {
  const button = header.querySelector("button");
  if (button) button.addEventListener("click", () => sort(header, index));
});
search.addEventListener("input", filter);
verdict.addEventListener("change", filter);
document.querySelector(".tools").hidden = false;
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.open = true; }));
filter();
