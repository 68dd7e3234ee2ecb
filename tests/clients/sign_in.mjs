// Signs a sample person in with the official TypeScript client, calls tools, prints one line of JSON.
//
//   node sign_in.mjs <MCP URL> <e-mail> <legacy | auto | version> [memory.json]
//
// The memory file keeps registration and tokens: a run that finds one is still signed in. Ends with 1 and the error on
// stderr when anything fails.

import { readFile, writeFile } from "node:fs/promises";

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";

import { walk } from "./walker.mjs";

// Nothing listens there: the walker stops when it is sent to it.
const REDIRECT = "http://127.0.0.1:53682/callback";
const TIMEOUT = { timeout: 30_000 };

/** The client's side of OAuth, with a person who does as asked in place of a browser. */
class Person {
  signIns = 0;
  callback = undefined;

  constructor(email, memory) {
    this.email = email;
    this.memory = memory;
  }

  get redirectUrl() {
    return REDIRECT;
  }

  get clientMetadata() {
    return { client_name: "TypeScript client", redirect_uris: [REDIRECT], token_endpoint_auth_method: "none" };
  }

  state() {
    this.memory.state = crypto.randomUUID();
    return this.memory.state;
  }

  clientInformation() {
    return this.memory.client;
  }

  saveClientInformation(client) {
    this.memory.client = client;
  }

  tokens() {
    return this.memory.tokens;
  }

  saveTokens(tokens) {
    this.memory.tokens = tokens;
  }

  saveCodeVerifier(verifier) {
    this.memory.verifier = verifier;
  }

  codeVerifier() {
    return this.memory.verifier;
  }

  saveDiscoveryState(found) {
    this.memory.discovery = found;
  }

  discoveryState() {
    return this.memory.discovery;
  }

  async redirectToAuthorization(address) {
    this.signIns += 1;
    this.callback = await walk(address, this.email, REDIRECT);
    if (this.callback.get("state") !== this.memory.state) throw new Error("the state that came back is another one");
  }
}

async function connect(url, mode, person) {
  const versionNegotiation = { mode: ["legacy", "auto"].includes(mode) ? mode : { pin: mode } };
  for (const attempt of ["first", "signed in"]) {
    const client = new Client({ name: "sign-in", version: "1.0.0" }, { versionNegotiation });
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: person });
    try {
      await client.connect(transport, TIMEOUT);
      return client;
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || attempt !== "first" || !person.callback) throw error;
      await transport.finishAuth(person.callback);
      await transport.close();
    }
  }
}

async function main([url, email, mode, memoryFile]) {
  const kept = memoryFile ? await readFile(memoryFile, "utf8").catch(() => "{}") : "{}";
  const person = new Person(email, JSON.parse(kept));
  const client = await connect(url, mode, person);
  try {
    const { tools } = await client.listTools({}, TIMEOUT);
    const names = tools.map((tool) => tool.name);
    const calls = {};
    for (const name of ["accounts_list", "gmail_search"].filter((name) => names.includes(name))) {
      const result = await client.callTool({ name, arguments: {} }, TIMEOUT);
      calls[name] = { isError: result.isError ?? false, structured: result.structuredContent, text: result.content[0].text };
    }
    const era = client.getProtocolEra();
    const version = client.getNegotiatedProtocolVersion();
    console.log(JSON.stringify({ era, version, tools: names, calls, signIns: person.signIns }));
  } finally {
    await client.close();
  }
  if (memoryFile) await writeFile(memoryFile, JSON.stringify(person.memory));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
