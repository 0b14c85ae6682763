// The shell: keys, theme, permalinks, relative times. Every page works without it.

const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

const KEYS = [
  ["/", "search"], ["?", "this sheet"], ["g h", "front page"], ["j  k", "next and previous row or message"], ["x", "select the row"],
  ["Enter", "open the row"], ["y", "copy the link of the message or line"], ["r", "answer"], ["Ctrl Enter", "send the form"], ["Esc", "leave the field, close the menu"],
];

// Keys
let waitingFor = "";
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const here = document.activeElement;
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); } else if (typing(here)) here.blur();
    return;
  }
  if (typing(here) || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = waitingFor + event.key;
  waitingFor = "";
  if (key === "/") { const find = document.getElementById("find"); find?.focus(); find?.select(); }
  else if (key === "?") sheet();
  else if (key === "g") { waitingFor = "g "; setTimeout(() => { waitingFor = ""; }, 1200); return; }
  else if (key === "g h") location.href = "/";
  else if (key === "r") { const reply = document.querySelector("[data-reply], .reply textarea, #reply textarea"); if (!reply) return; reply.focus(); }
  else return;
  event.preventDefault();
});

function sheet() {
  let dialog = document.getElementById("keys");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "keys";
    dialog.setAttribute("aria-labelledby", "keys-title");
    const head = Object.assign(document.createElement("h2"), { id: "keys-title", textContent: "Keys" });
    const list = Object.assign(document.createElement("dl"), { className: "keys" });
    for (const [keys, does] of KEYS) {
      const term = document.createElement("dt");
      for (const key of keys.split(/\s+/)) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
      list.append(term, Object.assign(document.createElement("dd"), { textContent: does }));
    }
    const close = Object.assign(document.createElement("button"), { className: "button", textContent: "Close" });
    close.addEventListener("click", () => dialog.close());
    dialog.append(head, list, close);
    document.body.append(dialog);
  }
  dialog.showModal();
}
for (const button of document.querySelectorAll("[data-shortcuts]")) {
  button.hidden = false;
  button.addEventListener("click", sheet);
}

// Theme: as the system, light, dark
const WORDS = { "": "as the system", light: "light", dark: "dark" };
for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const said = button.querySelector("span");
  const now = () => document.documentElement.dataset.theme ?? "";
  const show = () => { said.textContent = WORDS[now()]; };
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const next = { "": "light", light: "dark", dark: "" }[now()];
    if (next) document.documentElement.dataset.theme = next; else delete document.documentElement.dataset.theme;
    try { if (next) localStorage.setItem("guildhall:theme", next); else localStorage.removeItem("guildhall:theme"); } catch { /* not kept */ }
    show();
  });
}

// A row of links that is too long shows the one that is open
for (const here of document.querySelectorAll(".modules [aria-current], .tabs [aria-current]")) {
  const row = here.parentElement;
  row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - here.offsetWidth) / 2;
}

// Menus close when the reader looks elsewhere
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// Permalinks and code are copied by a click; the address changes too
function toast(text) {
  document.querySelector(".toast")?.remove();
  const note = Object.assign(document.createElement("div"), { className: "toast", textContent: text });
  note.setAttribute("role", "status");
  document.body.append(note);
  setTimeout(() => note.remove(), 1800);
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-copy-link]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !navigator.clipboard) return;
  navigator.clipboard.writeText(link.href).then(() => toast("The link is copied."), () => {});
});

// Relative times follow the clock
function ago(at, now = Date.now()) {
  const n = Math.floor((now - at) / 60000);
  if (n < 1) return "now";
  if (n < 60) return `${n} min`;
  if (n < 1440) return `${Math.floor(n / 60)} h`;
  const plural = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (n < 86400) return plural(Math.floor(n / 1440), "day");
  if (n < 1051200) return plural(Math.floor(n / 43800), "month");
  return plural(Math.floor(n / 525600), "year");
}
function tick(root = document) {
  for (const time of root.querySelectorAll("time[data-ago]")) {
    const word = ago(Date.parse(time.dateTime));
    time.textContent = time.dataset.ago && word !== "now" ? `${word} ${time.dataset.ago}` : word;
  }
}
setInterval(tick, 60000);

// The summary of a refused form takes the focus
document.querySelector("[data-focus]")?.focus();
