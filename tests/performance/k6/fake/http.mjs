export const asked = [];
const TIERS = ["l1", "index", "l2"];

// The seventh request is refused, all others are answered well, from one tier after the other.
function answer(method, url, body, parameters) {
  asked.push({ method, url, body, parameters });
  const told = { hits: [], suggestions: [], id: "x", status: "ok", semantic: true };
  return {
    status: asked.length === 7 ? 503 : 200,
    body: JSON.stringify(told),
    headers: { "X-Cache": TIERS[asked.length % 3] },
    timings: { duration: 20 },
  };
}

export default {
  request: answer,
  batch: (all) => all.map((one) => answer(...one)),
};
