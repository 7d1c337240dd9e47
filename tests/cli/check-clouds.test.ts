import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTokenEndpoint, type TokenEndpoint } from "../egress/token-endpoint.ts";
import { runGatehouse } from "../process/gateway-process.ts";
import { type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";

/** `gatehouse check` of the providers whose requests are signed, or whose dialect no client speaks. */

setDefaultTimeout(60_000);

let upstream: ReplayServer;
let tokens: TokenEndpoint;
let folder: string;
beforeAll(async () => {
  upstream = await startReplayServer();
  tokens = startTokenEndpoint();
  folder = mkdtempSync(join(tmpdir(), "gatehouse-check-clouds-"));
});
afterAll(async () => {
  await upstream.stop();
  await tokens.stop();
  rmSync(folder, { recursive: true, force: true });
});

const whole = (recording: string): Scenario => ({ body: { kind: "recording", recording } });
const streamed = (recording: string, framing?: "amazon-event-stream"): Scenario => ({
  body: { kind: "stream-recording", recording, ...(framing && { framing }) },
});

async function check(provider: string, model: string, configuration: readonly string[]) {
  await upstream.clearCalls();
  writeFileSync(
    join(folder, "gatehouse.yaml"),
    [
      "providers:",
      `  ${provider}:`,
      ...configuration.map((line) => `    ${line}`),
      `prices: { "${provider}/${model}": { input: 0.1, output: 0.2 } }`,
      "",
    ].join("\n"),
  );
  const words = ["check", provider, "--model", model, "--json", "--yes"];
  const { stdout, stderr } = await runGatehouse(words, {}, folder);
  const { results }: { results: readonly { name: string; status: string; said: string }[] } =
    JSON.parse(stdout);
  return { found: Object.fromEntries(results.map((one) => [one.name, one])), printed: stdout + stderr };
}

const ANSWERED = { answer: { status: "pass" }, stream: { status: "pass" } };

describe("a provider is checked in its own dialect", () => {
  test("Bedrock, each call signed", async () => {
    const model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
    const path = `/model/${encodeURIComponent(model)}`;
    await upstream.scenarios({
      [`${path}/converse`]: whole("amazon-bedrock/bedrock-chat-text"),
      [`${path}/converse-stream`]: streamed("amazon-bedrock/bedrock-chat-text", "amazon-event-stream"),
    });
    const { found, printed } = await check("bedrock", model, [
      `base_url: ${upstream.url}`,
      "options: { region: eu-west-1 }",
      "credentials: { access_key_id: AKIDEXAMPLE, secret_access_key: HIDDEN-aws }",
    ]);
    expect(found).toMatchObject({ ...ANSWERED, "model list": { status: "not-offered" } });
    expect(printed).not.toContain("HIDDEN");
    const calls = await upstream.calls();
    expect(calls.length).toBeGreaterThan(3);
    for (const { headers } of calls)
      expect(headers.find(([name]) => name.toLowerCase() === "authorization")?.[1]).toStartWith(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/",
      );
  });

  test("Vertex AI, which lists no models", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(
      join(folder, "account.json"),
      JSON.stringify({
        type: "service_account",
        client_email: "gate@my-project.iam.gserviceaccount.com",
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        token_uri: `${tokens.url}/token`,
      }),
      { mode: 0o600 },
    );
    const path = "/v1/projects/my-project/locations/global/publishers/google/models/gemini-2.5-flash";
    await upstream.scenarios({
      [`${path}:generateContent`]: whole("google/google-generate-text"),
      [`${path}:streamGenerateContent`]: streamed("google/google-generate-text"),
    });
    const { found } = await check("vertex", "gemini-2.5-flash", [
      `base_url: "${upstream.url}/v1/projects/{project}/locations/{location}"`,
      "options: { project: my-project }",
      "credentials: { service_account: file:account.json }",
    ]);
    expect(found).toMatchObject({ ...ANSWERED, "model list": { status: "not-offered" } });
  });

  test("Azure OpenAI, whose older API wants its version everywhere", async () => {
    const path = "/openai/deployments/my-gpt";
    await upstream.scenarios({
      [`${path}/chat/completions`]: {
        body: { kind: "as-asked", recording: "openai/openai-chat-text" },
      },
      "/openai/models": { body: { kind: "text", text: '{"object":"list","data":[{"id":"my-gpt"}]}' } },
    });
    const { found } = await check("azure-deployments", "my-gpt", [
      `base_url: ${upstream.url}/openai`,
      "options: { resource: my-resource, api_version: 2024-10-21 }",
      "key: HIDDEN-azure",
    ]);
    expect(found).toMatchObject({ ...ANSWERED, "model list": { status: "pass" } });
    for (const { path: asked } of await upstream.calls()) expect(asked).toEndWith("?api-version=2024-10-21");
  });

  test("Cohere", async () => {
    await upstream.scenarios({
      "command-a-03-2025": [
        whole("cohere/cohere-chat-text"),
        { status: 401, body: { kind: "text", text: '{"message":"invalid api token"}' } },
        whole("cohere/cohere-chat-text"),
        streamed("cohere/cohere-chat-text"),
        whole("cohere/cohere-chat-text"),
      ],
    });
    const { found } = await check("cohere", "command-a-03-2025", [
      `base_url: ${upstream.url}/v2`,
      "key: HIDDEN-cohere",
    ]);
    expect(found).toMatchObject({ authentication: { status: "pass" }, ...ANSWERED });
  });
});
