import { describe, expect, test } from "bun:test";
import { compileUpstream } from "../../src/assembly/compile/upstream.ts";
import { dialects } from "../../src/dialects/index.ts";
import { encodeRequest } from "../../src/dialects/openai-responses/encode-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Target, Upstream } from "../../src/model/snapshot.ts";
import { openai } from "../../src/providers/openai.ts";
import { targetOf } from "../../src/routing/target.ts";
import { chatRequest } from "../dialects/chat.ts";

/** The provider as it is compiled; only its own facts matter here. */
const upstream: Upstream = compileUpstream(
  {
    id: "openai",
    endpoints: openai.endpoints,
    baseUrl: openai.baseUrl,
    authentication: openai.authentication,
    keySource: { from: "nowhere" },
    options: {},
    because: "built-in",
    builtIn: openai,
  },
  {
    timeouts: { connect_ms: 1, first_byte_ms: 1, between_bytes_ms: 1, total_ms: 1 },
    allowedOrigins: new Set(),
  },
  dialects,
);
const target = (model: string): Target => targetOf(upstream, model);
const chatDialects = (model: string) => (target(model).endpoints.chat ?? []).map(({ dialect }) => dialect);

describe("where a model is asked", () => {
  const RESPONSES_FIRST = ["openai-responses", "openai-chat"];
  const CHAT_FIRST = ["openai-chat", "openai-responses"];
  const RESPONSES_ONLY = ["openai-responses"];
  const cases: readonly [readonly string[], readonly string[]][] = [
    [
      ["o1", "o3", "o3-mini", "o4-mini", "gpt-5", "gpt-5-mini", "gpt-5.1", "gpt-5.5", "gpt-6-sol"],
      RESPONSES_FIRST,
    ],
    [
      [
        "gpt-4o",
        "gpt-4.1-mini",
        "gpt-3.5-turbo",
        "chatgpt-4o-latest",
        "gpt-5-chat-latest",
        "ft:gpt-4o-mini:a::b",
      ],
      CHAT_FIRST,
    ],
    [
      [
        "o1-pro",
        "o3-pro-2025-06-10",
        "o3-deep-research",
        "gpt-5-codex",
        "gpt-5.3-codex",
        "gpt-5.2-pro",
        "codex-mini-latest",
        "computer-use-preview",
      ],
      RESPONSES_ONLY,
    ],
    [["gpt-4o-audio-preview", "gpt-audio", "gpt-4o-search-preview", "gpt-5-search-api"], ["openai-chat"]],
    [["gpt-3.5-turbo-instruct", "davinci-002"], ["openai-completions"]],
  ];
  for (const [models, expected] of cases) {
    for (const model of models)
      test(model, () => expect(chatDialects(model)).toEqual([...expected] as never));
  }

  test("embeddings are had of all", () => {
    expect(target("text-embedding-3-small").endpoints.embedding).toEqual([
      {
        dialect: "openai-embeddings",
        url: "https://api.openai.com/v1/embeddings",
        streamUrl: "https://api.openai.com/v1/embeddings",
      },
    ]);
  });
});

describe("what a family takes", () => {
  const asked = (model: string, rest: JsonObject) => {
    const messages = [{ role: "user", content: "x" }];
    const request = chatRequest({ model: "m", messages, ...rest });
    const { body, losses } = encodeRequest(request, { model, quirks: target(model).quirks });
    return { body: JSON.parse(body), lost: losses.map(({ feature }) => feature) };
  };
  const drawn = { temperature: 0.5, top_p: 0.5, logprobs: true };

  test("temperature and its like: where the model does not reason", () => {
    for (const model of ["gpt-4.1", "gpt-5-chat-latest", "gpt-5.1", "gpt-5.2", "gpt-5.4-mini"])
      expect([model, asked(model, drawn).lost]).toEqual([model, []]);
    for (const model of ["o3", "gpt-5", "gpt-5.5", "gpt-5.6-sol", "gpt-6-astra", "gpt-5.2-pro"]) {
      expect([model, asked(model, drawn).lost.sort()]).toEqual([
        model,
        ["log-probabilities", "temperature", "top-p"],
      ]);
    }
    expect(asked("gpt-5.1", { ...drawn, reasoning_effort: "low" }).lost).toHaveLength(3);
    expect(asked("gpt-5.6-luna", { ...drawn, reasoning_effort: "none" }).lost).toEqual([]);
    // It can't be asked not to reason.
    expect(asked("gpt-6.1-sol", { ...drawn, reasoning_effort: "none" }).lost).toHaveLength(4);
  });

  test("efforts are moved to one that is taken", () => {
    const effort = (model: string, reasoning_effort: string) =>
      asked(model, { reasoning_effort }).body.reasoning?.effort;
    expect([effort("o3", "minimal"), effort("o3", "xhigh")]).toEqual(["low", "high"]);
    expect([effort("gpt-5", "none"), effort("gpt-5", "minimal")]).toEqual(["minimal", "minimal"]);
    expect(effort("gpt-5-pro", "low")).toBe("high");
    expect([effort("gpt-5.1", "minimal"), effort("gpt-5.2", "max")]).toEqual(["none", "xhigh"]);
    expect([effort("gpt-6-sol", "max"), effort("gpt-6-astra", "none")]).toEqual(["max", "low"]);
    expect(effort("gpt-5.1-chat-latest", "high")).toBe("medium");
    expect(asked("gpt-4.1", { reasoning_effort: "low" })).toMatchObject({ lost: ["reasoning-effort"] });
  });

  test("the bound on the output, the end user, and how wordy an answer is", () => {
    expect(asked("gpt-4o", { max_tokens: 64_000 }).body.max_output_tokens).toBe(16_384);
    expect(asked("gpt-5", { max_tokens: 64_000 }).body.max_output_tokens).toBe(64_000);
    expect(asked("gpt-5", { user: "u" }).body.safety_identifier).toBe("u");
    expect(asked("o3", { verbosity: "low" }).lost).toEqual(["verbosity"]);
    expect(asked("gpt-5", { verbosity: "low" }).body.text).toEqual({ verbosity: "low" });
  });

  test("proof of reasoning is asked of those that reason", () => {
    expect(asked("gpt-5", {}).body.include).toEqual(["reasoning.encrypted_content"]);
    expect(asked("gpt-4.1", {}).body).not.toHaveProperty("include");
  });
});
