// Plays the requests of a scenario. All that differs between scenarios is in the plan, a file that
// `make load TOOL=k6` or `make load-export` makes from scenarios/*.yaml. Works with k6 1.x and 2.x.
//   k6 run --env PLAN=k6-plan.json --env URL=http://127.0.0.1:8080 load.js
import { check } from "k6";
import { SharedArray } from "k6/data";
import exec from "k6/execution";
import http from "k6/http";
import { Counter, Rate, Trend } from "k6/metrics";

const plan = JSON.parse(open(__ENV.PLAN));
const folder = __ENV.PLAN.replace(/[^/]*$/, "");
const requests = new SharedArray("requests", () =>
  open(folder + plan.requests).trim().split("\n").map((line) => JSON.parse(line)),
);

const latency = new Trend("latency", true);
const failures = new Counter("failures");
const hits = new Rate("hits");
const SEARCHES = ["search", "filtered"];
const CACHED = ["l1", "l2", "stale"];
const FIELD = {
  search: "hits", filtered: "hits", suggest: "suggestions", document: "id", feedback: "status", health: "status",
  bulk: "hits", alert: "",
};

export const options = {
  scenarios: Object.fromEntries(
    Object.entries(plan.phases).map(([name, phase]) => [name, { ...phase.executor, exec: "one" }]),
  ),
  thresholds: plan.thresholds,
  summaryTrendStats: ["count", "med", "p(90)", "p(95)", "p(99)", "max"],
};

export function one() {
  const phase = plan.phases[exec.scenario.name];
  const request = requests[phase.first + (exec.scenario.iterationInTest % phase.count)];
  const began = Date.now();
  const answers = request.paths.length ? bulk(request) : [ask(request)];
  const took = request.paths.length ? Date.now() - began : answers[0].timings.duration;
  const errors = answers.map((answer) => errorOf(request.op, answer)).filter((error) => error);
  const tags = { op: request.op, ...kind(request, answers[0]), error: errors[0] || "" };
  check(answers, { "answered as it should be": () => errors.length === 0 }, tags);
  latency.add(took, errors.length ? { ...tags, group: "failed" } : tags);
  failures.add(errors.length ? 1 : 0);
  if (SEARCHES.includes(request.op) && !errors.length) hits.add(CACHED.includes(tags.tier));
}

function parameters(request) {
  const headers = {};
  if (__ENV.TOKEN) headers.Authorization = `Bearer ${__ENV.TOKEN}`;
  if (request.body) headers["Content-Type"] = "application/json";
  if (request.secret) headers.Authorization = `Bearer ${__ENV.SECRET}`;
  return { headers, redirects: 0, timeout: "10s", tags: { op: request.op, name: request.op } };
}

function ask(request) {
  return http.request(request.method, __ENV.URL + request.path, request.body || null, parameters(request));
}

function bulk(request) {
  return http.batch(request.paths.map((path) => ["GET", __ENV.URL + path, null, parameters(request)]));
}

function body(answer) {
  try {
    return JSON.parse(answer.body);
  } catch (_) {
    return null;
  }
}

function errorOf(op, answer) {
  if (answer.status === 0) return answer.error_code === 1050 ? "timeout" : "connection";
  if (answer.status >= 400) return `status ${answer.status}`;
  const told = body(answer);
  return FIELD[op] && !(told && FIELD[op] in told) ? "body" : "";
}

function kind(request, answer) {
  if (!SEARCHES.includes(request.op)) return { group: request.op, tier: "", semantic: "" };
  const tier = answer.headers["X-Cache"] || "";
  const told = body(answer);
  const semantic = told && told.semantic === true;
  const group = CACHED.includes(tier) ? "cached" : semantic ? "semantic" : "standard";
  return { group, tier, semantic: semantic ? "yes" : "no" };
}
