// Tables and threads under the fingers: whole rows that open, j and k, x, Enter, the bar of selected rows.

const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const things = () => [...document.querySelectorAll("table[data-rows] > tbody > tr, article.message, [data-thing]")].filter((thing) => thing.offsetParent);
const target = (row) => row.dataset.href ?? row.querySelector(".title a, a[data-main]")?.href;
let at = null;

function stand(thing) {
  at?.classList.remove("at-hand");
  at = thing;
  at.classList.add("at-hand");
  at.tabIndex = -1;
  at.focus({ preventScroll: true });
  at.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(document.activeElement) || document.querySelector("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") {
    const all = things();
    if (!all.length) return;
    const now = all.indexOf(at);
    const next = now < 0 ? 0 : Math.min(all.length - 1, Math.max(0, now + (event.key === "j" ? 1 : -1)));
    stand(all[next]);
  } else if (event.key === "x" && at) {
    const box = at.querySelector(".select input");
    if (!box) return;
    box.click();
  } else if (event.key === "y" && at) {
    at.querySelector("a[data-copy-link]")?.click();
  } else if (event.key === "Enter" && at && document.activeElement === at && target(at)) {
    location.href = target(at);
  } else return;
  event.preventDefault();
});

// A click anywhere in a row opens it; with the middle button or Ctrl in a new tab
function open(event) {
  const row = event.target.closest?.("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary") || String(getSelection())) return;
  if (event.type === "auxclick" ? event.button === 1 : event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else if (event.type === "click" && event.button === 0) location.href = row.dataset.href;
}
document.addEventListener("click", open);
document.addEventListener("auxclick", open);

// How many rows are selected; Shift selects a run; the head selects all
let last = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest?.("td.select input");
  if (!box) return;
  const boxes = [...box.closest("table").querySelectorAll("td.select input")];
  if (event.shiftKey && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
  }
  last = box;
});
document.addEventListener("change", (event) => {
  const all = event.target.closest?.("[data-select-all]");
  const form = event.target.closest?.("form");
  if (!form) return;
  if (all) for (const box of form.querySelectorAll("td.select input")) box.checked = all.checked;
  const count = form.querySelectorAll("td.select :checked").length;
  for (const said of form.querySelectorAll("[data-selected]")) said.textContent = `${count} selected`;
});
