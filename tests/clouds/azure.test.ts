import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startTokenEndpoint, type TokenEndpoint } from "../egress/token-endpoint.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import type { Scenario } from "../upstream/client.ts";
import { bodyOf, type CloudPair, headerOf, startCloud } from "./cloud-pair.ts";

/** Azure OpenAI: its two addresses, its key and its tokens, and what it does otherwise than OpenAI. */

const MESSAGES = [{ role: "user" as const, content: "Who stands at the gate?" }];
const V1 = "/openai/v1/chat/completions";
const DATED = "/openai/deployments/gate%20keeper/chat/completions";

let cloud: CloudPair;
let tokens: TokenEndpoint;
beforeAll(async () => {
  tokens = startTokenEndpoint();
  cloud = await startCloud((url) =>
    [
      "providers:",
      `  azure: { base_url: "${url}/openai/v1", key: azure-key-1 }`,
      "  azure-deployments:",
      `    base_url: "${url}/openai"`,
      "    options: { api_version: 2024-10-21 }",
      `    credentials: { tenant_id: t-1, client_id: c-1, client_secret: entra-secret, authority: "${tokens.url}" }`,
      "prices:",
      "  azure/keeper: { input: 1, output: 2 }",
      "",
    ].join("\n"),
  );
});
afterAll(async () => {
  await cloud.dispose();
  await tokens.stop();
});

/** What Azure puts before and into OpenAI's own chunks. */
const FILTERED = { hate: { filtered: false, severity: "safe" } };
const CHUNKS = [
  {
    choices: [],
    created: 0,
    id: "",
    model: "",
    object: "",
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: FILTERED }],
  },
  ...[{ role: "assistant", content: "" }, { content: "A keeper." }, {}].map((delta, index) => ({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: "gpt-4.1-mini-2025-04-14",
    choices: [
      {
        index: 0,
        delta,
        finish_reason: index === 2 ? "stop" : null,
        logprobs: null,
        content_filter_results: FILTERED,
      },
    ],
    usage: null,
  })),
  {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: "gpt-4.1-mini-2025-04-14",
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  },
].map((chunk) => JSON.stringify(chunk));
const stream: Scenario = { body: { kind: "events", events: CHUNKS, framing: "data", terminal: true } };

test("the v1 API: the deployment in the body, the key in its own header, Azure's first chunk passed on", async () => {
  await cloud.answer(V1, stream);
  const chunks: unknown[] = [];
  const asked = {
    model: "azure/keeper",
    messages: MESSAGES,
    stream: true,
    stream_options: { include_usage: true },
  } as const;
  for await (const chunk of await cloud.openai.chat.completions.create(asked)) chunks.push(chunk);
  expect(chunks).toEqual(CHUNKS.map((chunk) => JSON.parse(chunk)));
  const [call] = await cloud.calls();
  expect(headerOf(call, "api-key")).toBe("azure-key-1");
  expect(headerOf(call, "authorization")).toBeUndefined();
  expect(bodyOf(call)["model"]).toBe("keeper");
  const { attempts } = await waitForEndedAttempts(cloud.gateway, 1);
  expect(attempts.at(-1)).toMatchObject({
    outcome: "ok",
    usage_source: "reported",
    input_tokens: 9,
    output_tokens: 3,
    cost_nanodollars: 9_000 + 6_000,
  });
});

test("and translated: a simple call is answered from the same stream", async () => {
  await cloud.answer(V1, stream);
  const answer = await cloud.post("/generate", { model: "azure/keeper", prompt: "Who?", stream: true });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("A keeper.");
});

test("the dated API: the deployment in the path, the version in the query, a token of Microsoft Entra", async () => {
  await cloud.answer(DATED, { body: { kind: "recording", recording: "openai/openai-chat-text" } });
  for (let turn = 0; turn < 2; turn++) {
    const answer = await cloud.openai.chat.completions.create({
      model: "azure-deployments/gate keeper",
      messages: MESSAGES,
    });
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  }
  const calls = await cloud.calls(2);
  for (const call of calls) {
    expect(call.path).toBe(`${DATED}?api-version=2024-10-21`);
    expect(headerOf(call, "authorization")).toBe("Bearer token-1");
    expect(headerOf(call, "api-key")).toBeUndefined();
  }
  expect(tokens.calls).toHaveLength(1);
  expect(tokens.calls[0]?.form.get("scope")).toBe("https://cognitiveservices.azure.com/.default");
  expect(cloud.gateway.log()).not.toContain("entra-secret");
});

describe("the content filter", () => {
  const refused = {
    error: {
      message:
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      type: null,
      param: "prompt",
      code: "content_filter",
      status: 400,
      innererror: {
        code: "ResponsibleAIPolicyViolation",
        content_filter_result: { hate: { filtered: true } },
      },
    },
  };

  test("of a prompt is a refusal of the request, in Azure's own words, and charged nothing", async () => {
    await cloud.answer(V1, { status: 400, body: { kind: "text", text: JSON.stringify(refused) } });
    const answer = await cloud.post("/v1/chat/completions", { model: "azure/keeper", messages: MESSAGES });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual(refused);
    const { attempts } = await waitForEndedAttempts(cloud.gateway, 5);
    expect(attempts.at(-1)).toMatchObject({
      outcome: "failed",
      error_class: "content_filter",
      input_tokens: 0,
    });
  });

  test("of an answer is its finish reason", async () => {
    const cut = CHUNKS.map((chunk) =>
      chunk.replace('"finish_reason":"stop"', '"finish_reason":"content_filter"'),
    );
    await cloud.answer(V1, { body: { kind: "events", events: cut, framing: "data", terminal: true } });
    const reasons: string[] = [];
    const asked = { model: "azure/keeper", messages: MESSAGES, stream: true } as const;
    for await (const { choices } of await cloud.openai.chat.completions.create(asked))
      reasons.push(...choices.flatMap((choice) => choice.finish_reason ?? []));
    expect(reasons).toEqual(["content_filter"]);
  });
});

test("a token that can't be had costs nothing, is told to the operator, and holds no secret", async () => {
  const lone = await startCloud((url) =>
    [
      "providers:",
      "  azure-deployments:",
      `    base_url: "${url}/openai"`,
      "    options: { api_version: 2024-10-21 }",
      `    credentials: { tenant_id: t-2, client_id: c-1, client_secret: entra-secret, authority: "${tokens.url}" }`,
      "",
    ].join("\n"),
  );
  tokens.answer = () => Response.json({ error: "invalid_client" }, { status: 401 });
  try {
    const answer = await lone.post("/v1/chat/completions", {
      model: "azure-deployments/x",
      messages: MESSAGES,
    });
    expect(answer.status).toBe(502);
    const body = JSON.stringify(await answer.json());
    expect(body).toContain("invalid_client");
    expect(body + lone.gateway.log()).not.toContain("entra-secret");
    const { attempts } = await waitForEndedAttempts(lone.gateway, 1);
    expect(attempts[0]).toMatchObject({
      outcome: "failed",
      error_code: "upstream_authentication",
      input_tokens: 0,
      output_tokens: 0,
      upstream_status: null,
    });
    expect(await lone.upstream.callCount()).toBe(0);
  } finally {
    await lone.dispose();
  }
});
