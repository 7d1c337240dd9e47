import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { startTokenEndpoint, type TokenEndpoint } from "../egress/token-endpoint.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import type { Scenario } from "../upstream/client.ts";
import { bodyOf, type CloudPair, headerOf, startCloud } from "./cloud-pair.ts";

/** Vertex AI: Gemini and Claude behind one address, each in its vendor's dialect, with tokens of a service account. */

const MESSAGES = [{ role: "user" as const, content: "Who stands at the gate?" }];
const PLACE = "/v1/projects/my-project/locations/europe-west4";
const ANTHROPIC = `${PLACE}/publishers/anthropic/models`;
const GOOGLE = `${PLACE}/publishers/google/models`;

let cloud: CloudPair;
let tokens: TokenEndpoint;
beforeAll(async () => {
  tokens = startTokenEndpoint();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const account = JSON.stringify({
    type: "service_account",
    client_email: "gate@my-project.iam.gserviceaccount.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    token_uri: `${tokens.url}/token`,
  });
  cloud = await startCloud(
    (url) =>
      [
        "providers:",
        "  vertex:",
        `    base_url: "${url}/v1/projects/{project}/locations/{location}"`,
        "    options: { project: my-project, location: europe-west4 }",
        '    credentials: { service_account: "${ACCOUNT}" }',
        "",
      ].join("\n"),
    { environment: { ACCOUNT: account } },
  );
});
afterAll(async () => {
  await cloud.dispose();
  await tokens.stop();
});

const text = (body: object): Scenario => ({ body: { kind: "text", text: JSON.stringify(body) } });

describe("Claude", () => {
  const answer = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-6",
    content: [{ type: "text", text: "A keeper." }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 3 },
  };

  test("translated: the model in the path and nowhere else, the version in the body", async () => {
    await cloud.answer(`${ANTHROPIC}/claude-sonnet-4-6:rawPredict`, text(answer));
    const said = await cloud.openai.chat.completions.create({
      model: "vertex/claude-sonnet-4-6",
      messages: MESSAGES,
    });
    expect(said.choices[0]?.message.content).toBe("A keeper.");
    expect(said.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 3 });
    const [call] = await cloud.calls();
    expect(bodyOf(call)).toMatchObject({
      anthropic_version: "vertex-2023-10-16",
      messages: [{ role: "user" }],
    });
    expect(bodyOf(call)).not.toHaveProperty("model");
    expect(headerOf(call, "anthropic-version")).toBeUndefined();
    expect(headerOf(call, "authorization")).toBe("Bearer token-1");
  });

  test("passed through: the client's own bytes but for those, and no query", async () => {
    const model = "claude-opus-4-1@20250805";
    await cloud.answer(`${ANTHROPIC}/${encodeURIComponent(model)}:rawPredict`, text(answer));
    const body = `{"max_tokens": 5, "model":"vertex/${model}", "messages":[{"role":"user","content":"é"}],"x":1.0}`;
    const said = await fetch(`${cloud.gateway.url}/v1/messages?beta=true`, {
      method: "POST",
      headers: {
        "x-api-key": cloud.gateway.virtualKey,
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "context-1m-2025-08-07",
      },
      body,
    });
    expect(await said.json()).toEqual(answer);
    const [call] = await cloud.calls();
    expect(call?.bodyText).toBe(
      '{"max_tokens": 5, "messages":[{"role":"user","content":"é"}],"x":1.0,"anthropic_version":"vertex-2023-10-16"}',
    );
    expect(call?.path).toBe(`${ANTHROPIC}/${encodeURIComponent(model)}:rawPredict`);
    expect(headerOf(call, "anthropic-version")).toBeUndefined();
    expect(headerOf(call, "anthropic-beta")).toBe("context-1m-2025-08-07");
  });

  test("streamed, at the path for streams", async () => {
    const path = `${ANTHROPIC}/claude-sonnet-4-6:streamRawPredict`;
    await cloud.answer(path, {
      body: { kind: "stream-recording", recording: "anthropic/anthropic-sample-text" },
    });
    const said: string[] = [];
    const stream = await cloud.openai.chat.completions.create({
      model: "vertex/claude-sonnet-4-6",
      messages: MESSAGES,
      stream: true,
    });
    for await (const chunk of stream) said.push(chunk.choices[0]?.delta.content ?? "");
    expect(said.join("")).not.toBe("");
    const [call] = await cloud.calls();
    expect(call?.path).toBe(path);
    expect(bodyOf(call)).toMatchObject({ stream: true, anthropic_version: "vertex-2023-10-16" });
  });

  test("tokens counted: there the model stays in the body", async () => {
    await cloud.answer(`${ANTHROPIC}/count-tokens:rawPredict`, text({ input_tokens: 14 }));
    const said = await cloud.post("/v1/messages/count_tokens", {
      model: "vertex/claude-sonnet-4-6",
      messages: MESSAGES,
    });
    expect(await said.json()).toMatchObject({ input_tokens: 14 });
    const [call] = await cloud.calls();
    expect(bodyOf(call)).toMatchObject({
      model: "claude-sonnet-4-6",
      anthropic_version: "vertex-2023-10-16",
    });
  });
});

describe("Gemini", () => {
  const answer = {
    candidates: [
      { content: { role: "model", parts: [{ text: "A keeper." }] }, finishReason: "STOP", index: 0 },
    ],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 3, totalTokenCount: 12 },
    modelVersion: "gemini-2.5-flash",
  };

  test("whole and streamed, at Vertex AI's own paths", async () => {
    await cloud.answer(`${GOOGLE}/gemini-2.5-flash:generateContent`, text(answer));
    const asked = { model: "vertex/gemini-2.5-flash", messages: MESSAGES };
    const said = await cloud.openai.chat.completions.create(asked);
    expect(said.choices[0]?.message.content).toBe("A keeper.");
    expect(headerOf((await cloud.calls())[0], "authorization")).toBe("Bearer token-1");
    await cloud.answer(`${GOOGLE}/gemini-2.5-flash:streamGenerateContent`, {
      body: { kind: "events", events: [JSON.stringify(answer)] },
    });
    const texts: string[] = [];
    for await (const chunk of await cloud.openai.chat.completions.create({ ...asked, stream: true }))
      texts.push(chunk.choices[0]?.delta.content ?? "");
    expect(texts.join("")).toBe("A keeper.");
    expect((await cloud.calls())[0]?.path).toBe(`${GOOGLE}/gemini-2.5-flash:streamGenerateContent?alt=sse`);
  });

  test("calls of earlier turns have no ids, metadata is told as labels", async () => {
    await cloud.answer(`${GOOGLE}/gemini-2.5-flash:generateContent`, text(answer));
    const call = {
      id: "call_1",
      type: "function" as const,
      function: { name: "look", arguments: '{"where":"gate"}' },
    };
    const tool = { type: "function" as const, function: { name: "look", parameters: { type: "object" } } };
    const { response } = await cloud.openai.chat.completions
      .create({
        model: "vertex/gemini-2.5-flash",
        messages: [
          ...MESSAGES,
          { role: "assistant", tool_calls: [call] },
          { role: "tool", tool_call_id: "call_1", content: "a keeper" },
        ],
        tools: [tool],
        metadata: { team: "search" },
      })
      .withResponse();
    expect(response.headers.get("x-gatehouse-warnings")).toBeNull();
    const body = bodyOf((await cloud.calls())[0]);
    expect(body["labels"]).toEqual({ team: "search" });
    expect(body["contents"]).toMatchObject([
      { role: "user" },
      { role: "model", parts: [{ functionCall: { name: "look", args: { where: "gate" } } }] },
      { role: "user", parts: [{ functionResponse: { name: "look" } }] },
    ]);
    expect(JSON.stringify(body)).not.toContain("call_1");
  });

  test("tokens counted for a client of Anthropic's, as a request like any other", async () => {
    await cloud.answer(`${GOOGLE}/gemini-2.5-flash:countTokens`, text({ totalTokens: 21 }));
    const said = await cloud.post("/v1/messages/count_tokens", {
      model: "vertex/gemini-2.5-flash",
      system: "Be brief.",
      messages: MESSAGES,
    });
    expect(await said.json()).toEqual({ input_tokens: 21 });
    expect(said.headers.get("x-gatehouse-estimated")).toBeNull();
    expect(bodyOf((await cloud.calls())[0])).toEqual({
      contents: [{ role: "user", parts: [{ text: MESSAGES[0]?.content }] }],
      systemInstruction: { parts: [{ text: "Be brief." }] },
    });
  });

  test("a client of Google's passed through: its own bytes, the answer's own", async () => {
    const recording = "google/google-generate-text";
    await cloud.answer(`${GOOGLE}/gemini-2.5-flash:generateContent`, {
      body: { kind: "recording", recording },
    });
    const body = '{"contents": [ {"role":"user","parts":[{"text":"é"}]} ],"labels":{"a":"b"}}';
    const said = await fetch(`${cloud.gateway.url}/v1beta/models/vertex/gemini-2.5-flash:generateContent`, {
      method: "POST",
      headers: { "x-goog-api-key": cloud.gateway.virtualKey, "content-type": "application/json" },
      body,
    });
    expect(said.status).toBe(200);
    expect(await said.text()).toBe(
      await Bun.file(join(import.meta.dir, `../samples/${recording}.json`)).text(),
    );
    const [call] = await cloud.calls();
    expect(call?.bodyText).toBe(body);
    expect(headerOf(call, "authorization")).toBe("Bearer token-1");
    expect(headerOf(call, "x-goog-api-key")).toBeUndefined();
    const id = said.headers.get("x-request-id");
    const { attempts } = await waitForLedger(cloud.gateway, (rows) =>
      rows.attempts.some(({ request_id, outcome }) => request_id === id && outcome === "ok"),
    );
    expect(attempts.find(({ request_id }) => request_id === id)).toMatchObject({
      provider: "vertex",
      usage_source: "reported",
    });
  });
});

test("one token serves all calls", () => {
  expect(tokens.calls.length).toBeLessThanOrEqual(1);
});
