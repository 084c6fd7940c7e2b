const REFRESH_MS = 3000;

const STATUS = {
  planned: ["◌", "Planned"],
  in_transit: ["→", "In transit"],
  customs: ["◐", "Customs"],
  delivered: ["●", "Delivered"],
};

const $ = (id) => document.getElementById(id);

/** An element whose children are text or elements: what people typed never becomes markup. */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

async function call(path, options) {
  const response = await fetch(path, { cache: "no-store", ...options });
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  const detail = body?.detail;
  const message = Array.isArray(detail) ? detail.map((d) => `${d.loc.at(-1)}: ${d.msg}`).join(". ") : detail;
  throw new Error(message ?? `The server answered ${response.status}`);
}

function row(shipment) {
  const [shape, word] = STATUS[shipment.status] ?? ["?", shipment.status];
  const created = new Date(shipment.created_at);
  return element("tr", {},
    element("th", { scope: "row" }, element("code", {}, shipment.reference)),
    element("td", {}, shipment.origin, element("span", { class: "to", "aria-label": "to" }, " → "), shipment.destination),
    element("td", {}, element("span", { class: `status ${shipment.status}` },
      element("span", { "aria-hidden": "true" }, shape), word)),
    element("td", { class: "number" }, element("time", { datetime: shipment.created_at, title: created.toLocaleString() },
      created.toLocaleDateString(undefined, { dateStyle: "medium" }))),
  );
}

/** Touches the page only when its words change, so that nothing jumps and nothing is announced twice. */
function say(id, words) {
  if ($(id).textContent !== words) $(id).textContent = words;
}

let shown = "";

async function refresh() {
  try {
    const [shipments, version] = await Promise.all([call("/api/shipments"), call("/api/version")]);
    say("release", version.release);
    say("summary", `${shipments.length} ${shipments.length === 1 ? "shipment" : "shipments"}`);
    $("summary").classList.remove("problem");
    $("empty").hidden = shipments.length > 0;
    const now = JSON.stringify(shipments);
    if (now !== shown) $("shipments").replaceChildren(...shipments.map(row));
    shown = now;
  } catch (error) {
    say("summary", `Not up to date: ${error.message}`);
    $("summary").classList.add("problem");
  }
}

$("new").addEventListener("click", () => $("dialog").showModal());
$("cancel").addEventListener("click", () => $("dialog").close());
$("dialog").addEventListener("close", () => {
  $("form").reset();
  $("problem").textContent = "";
});

$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const shipment = Object.fromEntries(new FormData(event.target));
  try {
    await call("/api/shipments", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(shipment),
    });
    $("dialog").close();
    await refresh();
  } catch (error) {
    $("problem").textContent = error.message;
  }
});

document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.hidden || refresh(), REFRESH_MS);
refresh();
