// Writing: drafts of texts kept in this browser until they are sent, Ctrl+Enter, no form sent twice.

const DAYS = 30 * 86400e3;
const key = (area) => `guildhall:draft:${location.pathname}:${area.form?.getAttribute("action") ?? ""}:${area.name}`;
const cameBack = ["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type);

function read(area) {
  try { return JSON.parse(localStorage.getItem(key(area)) ?? "null"); } catch { return null; }
}
function keep(area, sent) {
  try {
    if (area.value.trim() && area.value !== area.dataset.given) localStorage.setItem(key(area), JSON.stringify({ at: Date.now(), text: area.value, sent }));
    else forget(area);
  } catch { /* full or off: nothing is kept */ }
}
function forget(area) {
  try { localStorage.removeItem(key(area)); } catch { /* storage is off */ }
}

for (const area of document.querySelectorAll("textarea[data-draft]")) {
  const given = area.value;
  area.dataset.given = given;
  const kept = read(area);
  // A sent draft has arrived when the answer to it is a page; it did not when the reader had to come back.
  if (kept && (Date.now() - kept.at > DAYS || (kept.sent && !cameBack))) forget(area);
  else if (kept && kept.text !== given && !given) {
    area.value = kept.text;
    said(area, "Your draft is back.", () => { area.value = given; forget(area); });
  }
  let timer;
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400, area, false);
  });
  area.form?.addEventListener("submit", () => { clearTimeout(timer); keep(area, true); });
}

function said(area, text, undo) {
  const note = Object.assign(document.createElement("p"), { className: "help", textContent: `${text} ` });
  note.setAttribute("role", "status");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "Discard it" });
  button.addEventListener("click", () => { undo(); note.remove(); area.focus(); });
  note.append(button);
  area.after(note);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button.primary") ?? undefined);
});

// A second click does not send twice; the button wakes when the page is shown again
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 4000);
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
