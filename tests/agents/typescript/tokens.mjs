// Counts the tokens of each text of a JSON list by two tokenisers in use, and prints the larger count of each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { modules, texts } = JSON.parse(readFileSync(0, "utf8"));
const from = createRequire(modules + "/");
const { getEncoding } = await import(pathToFileURL(from.resolve("js-tiktoken")).href);
const encodings = ["o200k_base", "cl100k_base"].map((name) => getEncoding(name));
const count = (text) => Math.max(...encodings.map((each) => each.encode(text, [], []).length));
console.log(JSON.stringify(texts.map(count)));
