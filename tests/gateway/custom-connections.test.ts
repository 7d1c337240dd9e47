import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";

const ANSWER = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

const folder = mkdtempSync(join(tmpdir(), "gatehouse-tls-"));
const certificate = join(folder, "certificate.pem");
const key = join(folder, "key.pem");

interface Started {
  readonly secure: Bun.Server<undefined>;
  readonly proxy: Bun.Server<undefined>;
  readonly proxied: string[];
  readonly gateway: GatewayProcess;
}

let started: Started;

beforeAll(async () => {
  const made = Bun.spawnSync(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"].concat(
      ["-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
      ["-addext", "subjectAltName=DNS:localhost"],
    ),
  );
  if (!made.success) throw new Error(`openssl failed: ${made.stderr}`);
  const tls = { cert: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
  const secure = Bun.serve({ port: 0, hostname: "127.0.0.1", tls, fetch: () => Response.json(ANSWER) });
  const proxied: string[] = [];
  const proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      proxied.push(`${request.method} ${request.headers.get("host")} ${new URL(request.url).pathname}`);
      return Response.json(ANSWER);
    },
  });
  const gateway = await startGateway({
    configuration: [
      "providers:",
      `  trusted: { dialect: openai-chat, base_url: "https://localhost:${secure.port}/v1", ca: "file:${certificate}" }`,
      `  untrusted: { dialect: openai-chat, base_url: "https://localhost:${secure.port}/v1" }`,
      `  misnamed: { dialect: openai-chat, base_url: "https://127.0.0.1:${secure.port}/v1", ca: "file:${certificate}" }`,
      `  proxied: { dialect: openai-chat, base_url: "http://provider.invalid/v1", proxy: "http://127.0.0.1:${proxy.port}" }`,
      "",
    ].join("\n"),
  });
  started = { secure, proxy, proxied, gateway };
}, 30_000);

afterAll(async () => {
  await started.gateway.dispose();
  await started.secure.stop(true);
  await started.proxy.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

async function ask(model: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${started.gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${started.gateway.virtualKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] }),
  });
  return { status: answer.status, text: await answer.text() };
}

describe("a provider of one's own", () => {
  test("behind a certificate authority of one's own answers", async () => {
    expect(await ask("trusted/m")).toEqual({ status: 200, text: JSON.stringify(ANSWER) });
  });

  test("whose certificate nobody vouches for is refused, with how to mend it", async () => {
    const { status, text } = await ask("untrusted/m");
    expect(status).toBe(502);
    expect(text).toContain("can't be trusted");
    expect(text).toContain("providers.untrusted.ca");
  });

  test("whose certificate is for another name is refused", async () => {
    const { status, text } = await ask("misnamed/m");
    expect(status).toBe(502);
    expect(text).toContain("can't be trusted");
  });

  test("behind a proxy is reached through it", async () => {
    expect((await ask("proxied/m")).status).toBe(200);
    expect(started.proxied).toEqual(["POST provider.invalid /v1/chat/completions"]);
  });
});
