// What happens while the page is open, by Server-Sent Events. A place is marked data-live="/url"; its children have ids.
//   event "look":  the page is fetched again; what its place has and ours has not is taken over, where it stands there.
//   any other:     the data is HTML, added at the end (data-live-follow scrolls along for a reader who is there).
// Nothing that is read or typed moves: what would move it waits behind a button. Only pages that are seen hold a stream.

const PAUSE = 2500;
const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const status = Object.assign(document.createElement("p"), { className: "hidden" });
status.setAttribute("role", "status");
if (document.querySelector("[data-live]")) document.body.append(status);

for (const [index, place] of document.querySelectorAll("[data-live]").entries()) begin(place, index);

function begin(place, index) {
  const list = place.matches("table") ? place.tBodies[0] ?? place.appendChild(document.createElement("tbody")) : place;
  const [one, many] = (place.dataset.liveWords ?? "entry|entries").split("|");
  const waiting = []; // [element, the id it stands behind], in order
  let source, last = "", looked = 0, due, more;

  // The stream, while the page is seen
  function open() {
    if (source || document.hidden) return;
    const url = new URL(place.dataset.live, location.href);
    if (last) url.searchParams.set("after", last);
    source = new EventSource(url);
    source.addEventListener("message", (event) => { seen(event); take(event.data); });
    source.addEventListener("look", (event) => { seen(event); soon(); });
    source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) { close(); setTimeout(open, 60000); } });
  }
  function close() { source?.close(); source = undefined; }
  function seen(event) { if (event.lastEventId) last = event.lastEventId; }
  let hidden;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(close, 5000); else open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();

  // Lines that come as they are
  function take(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = [];
    for (const element of [...template.content.children]) {
      const old = element.id && document.getElementById(element.id);
      if (old) old.replaceWith(element); else fresh.push(element);
    }
    if (!fresh.length) return;
    const low = innerHeight + scrollY > document.body.scrollHeight - 80;
    list.append(...fresh);
    tell(fresh);
    if (low && place.hasAttribute("data-live-follow")) scrollTo(0, document.body.scrollHeight);
  }

  // The page as it is now: not more often than every few seconds, and not all readers at once
  function soon() {
    if (due) return;
    due = setTimeout(look, Math.max(looked + PAUSE - Date.now(), 0) + Math.random() * 500);
  }
  async function look() {
    looked = Date.now();
    due = undefined;
    const answer = await fetch(location.pathname + location.search, { headers: { accept: "text/html" }, cache: "no-store" }).catch(() => null);
    if (!answer) return;
    if (!answer.ok || answer.redirected) { close(); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelectorAll("[data-live]")[index];
    if (!now) return;
    for (const part of page.querySelectorAll("[data-live-also][id]")) {
      const old = document.getElementById(part.id);
      if (old && old.textContent !== part.textContent && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(part));
    }
    gather(now);
  }
  function gather(now) {
    const fresh = [];
    let behind = "";
    for (const element of [...now.children]) {
      if (!element.id) continue;
      const known = document.getElementById(element.id) || waiting.some(([held]) => held.id === element.id);
      if (!known) fresh.push(document.adoptNode(element));
      if (!known) waiting.push([element, behind]);
      behind = element.id;
    }
    if (!fresh.length) return;
    if (waiting.every(([, id]) => still(id))) insert(); else offer();
    tell(fresh);
  }

  // Whether something can stand behind this element and nothing that is read or typed moves
  function still(id) {
    const before = id ? document.getElementById(id) : null;
    if (id && !before) return waiting.some(([held]) => held.id === id);
    const edge = before ? before.getBoundingClientRect().bottom : list.getBoundingClientRect().top;
    if (edge >= innerHeight || edge < 0) return true;
    const at = document.activeElement;
    const below = typing(at) && at.compareDocumentPosition(list) & Node.DOCUMENT_POSITION_PRECEDING;
    const begun = [...document.querySelectorAll("textarea[data-draft]")].some((area) => area.value !== area.defaultValue);
    const end = before ? before === list.lastElementChild : !list.querySelector(":scope > [id]");
    return end && !below && !begun;
  }

  // Puts in what waits; the reader's place stays where it is on the screen
  function insert() {
    const mark = anchor(), top = mark?.getBoundingClientRect().top;
    document.documentElement.style.overflowAnchor = "none";
    for (const empty of place.parentElement.querySelectorAll(":scope > .empty, :scope > [data-live-empty]")) empty.remove();
    for (const empty of list.querySelectorAll(":scope > .empty, :scope > [data-live-empty]")) empty.remove();
    const fresh = waiting.splice(0);
    for (const [element, id] of fresh) {
      const before = id && document.getElementById(id);
      if (before?.parentElement === list) before.after(element); else list.prepend(element);
    }
    if (mark) scrollBy({ top: mark.getBoundingClientRect().top - top, behavior: "instant" });
    requestAnimationFrame(() => { document.documentElement.style.overflowAnchor = ""; });
    return fresh.map(([element]) => element);
  }
  function anchor() {
    const at = document.activeElement;
    const box = at?.getBoundingClientRect();
    if (typing(at) && box.bottom > 0 && box.top < innerHeight) return at;
    return [...list.children].find((child) => child.getBoundingClientRect().bottom > 0);
  }

  function offer() {
    if (!more) {
      more = Object.assign(document.createElement("button"), { type: "button", className: "button live-more" });
      more.addEventListener("click", () => {
        more.remove();
        more = undefined;
        const [first] = insert();
        first.tabIndex = -1;
        first.focus({ preventScroll: true });
        first.scrollIntoView({ block: "nearest" });
      });
      place.after(more);
    }
    more.textContent = `Show ${words(waiting.map(([element]) => element))}`;
  }
  function words(fresh) {
    const said = fresh.filter((element) => !element.matches(".change")).length;
    if (!said) return `${fresh.length} new ${fresh.length === 1 ? "change" : "changes"}`;
    return `${said} new ${said === 1 ? one : many}`;
  }
  function tell(fresh) { status.textContent = words(fresh); }
}
