// One of the official TypeScript clients: reads {sdk, mode, url | command, args, env, steps} and prints what each step
// was answered. Anything the client complains of on the way is an answer too.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const given = JSON.parse(readFileSync(0, "utf8"));
const from = createRequire(given.modules + "/");
const load = (name) => import(pathToFileURL(from.resolve(name)).href);
const me = { name: "test", version: "1" };
const complaints = [];

async function connected() {
  const stdio = { command: given.command, args: given.args, env: given.env, stderr: "inherit" };
  if (given.sdk === "sdk") {
    const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
    const http = await load("@modelcontextprotocol/sdk/client/streamableHttp.js");
    const pipe = await load("@modelcontextprotocol/sdk/client/stdio.js");
    return [new Client(me), given.url ? new http.StreamableHTTPClientTransport(new URL(given.url)) : new pipe.StdioClientTransport(stdio)];
  }
  const { Client, StreamableHTTPClientTransport } = await load("@modelcontextprotocol/client");
  const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");
  const mode = ["legacy", "auto"].includes(given.mode) ? given.mode : { pin: given.mode };
  const client = new Client(me, { versionNegotiation: { mode } });
  return [client, given.url ? new StreamableHTTPClientTransport(new URL(given.url)) : new StdioClientTransport(stdio)];
}

const [client, transport] = await connected();
client.onerror = (error) => complaints.push(String(error));
await client.connect(transport);
const calls = {
  list_tools: async () => (await client.listTools()).tools,
  list_resources: async () => (await client.listResources()).resources,
  list_templates: async () => (await client.listResourceTemplates()).resourceTemplates,
  list_prompts: async () => (await client.listPrompts()).prompts,
  call_tool: async (name, args) => {
    const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
    return { failed: isError ?? false, content, structured: structuredContent ?? null };
  },
  read_resource: async (uri) => (await client.readResource({ uri })).contents,
  get_prompt: async (name, args) => (await client.getPrompt({ name, arguments: args })).messages,
  complete: async (ref, name, value) => (await client.complete({ ref, argument: { name, value } })).completion.values,
};
const answers = [];
for (const [call, ...args] of given.steps) {
  try {
    answers.push(await calls[call](...args));
  } catch (error) {
    answers.push({ error: error.code });
  }
}
await client.close();
console.log(JSON.stringify({ answers, complaints }));
