// Runs load.js in Node, with k6's modules replaced: node play.mjs PLAN COUNT
import { readFileSync } from "node:fs";
import { checks } from "k6";
import exec from "k6/execution";
import { asked } from "k6/http";
import { added } from "k6/metrics";

const [plan, count] = process.argv.slice(2);
globalThis.__ENV = { PLAN: plan, URL: "http://target", TOKEN: "", SECRET: "" };
globalThis.open = (path) => readFileSync(path, "utf8");
const script = await import("./load.mjs");
for (let number = 0; number < Number(count); number++) {
  exec.scenario = { name: Object.keys(script.options.scenarios)[0], iterationInTest: number };
  script[Object.values(script.options.scenarios)[0].exec]();
}
const failures = added.failures.map((each) => each.value);
console.log(JSON.stringify({ options: script.options, asked, latency: added.latency, failures, checks }));
