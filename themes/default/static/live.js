// What happens while the page is open: <ol data-live="/url"> takes HTML from Server-Sent Events.
// An event's data is HTML; an element whose id is there already replaces it, others are added at the end (data-live-at="start": at the start).

for (const place of document.querySelectorAll("[data-live]")) {
  const list = place.matches("table") ? place.tBodies[0] ?? place.appendChild(document.createElement("tbody")) : place;
  const status = Object.assign(document.createElement("p"), { className: "hidden" });
  status.setAttribute("role", "status");
  document.body.append(status);
  const source = new EventSource(place.dataset.live);
  source.addEventListener("message", (event) => {
    const template = document.createElement("template");
    template.innerHTML = event.data;
    let fresh = 0;
    const low = innerHeight + scrollY > document.body.scrollHeight - 80;
    for (const element of [...template.content.children]) {
      const old = element.id && document.getElementById(element.id);
      if (old) { old.replaceWith(element); continue; }
      if (place.dataset.liveAt === "start") list.prepend(element); else list.append(element);
      fresh += 1;
    }
    if (!fresh) return;
    status.textContent = `${fresh} new`;
    for (const empty of place.parentElement.querySelectorAll(":scope > .empty")) empty.remove();
    if (low && place.dataset.liveAt !== "start" && place.hasAttribute("data-live-follow")) scrollTo(0, document.body.scrollHeight);
  });
  addEventListener("pagehide", () => source.close());
}
