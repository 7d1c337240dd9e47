import { describe, expect, test } from "bun:test";
import { dialects } from "../../src/dialects/index.ts";
import { AnswerSoFar } from "../../src/gateway/continuation/answer-so-far.ts";
import {
  canBeAskedInTheMiddle,
  continuedRequest,
} from "../../src/gateway/continuation/continuable-request.ts";
import { continuableTarget } from "../../src/gateway/continuation/continuable-target.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import { providers } from "../../src/providers/catalog.ts";
import { targetOf } from "../../src/routing/target.ts";
import { compiled } from "../providers/compiled.ts";

const CONVERSATION: Conversation = {
  messages: [{ role: "user", content: [{ kind: "text", text: "Count." }] }],
  tools: [],
  sampling: { maxOutputTokens: 100 },
  extensions: {},
};

const REQUEST: InferenceRequest<"chat"> = {
  operation: "chat",
  dialect: "openai-chat",
  model: "route",
  stream: true,
  maxOutputTokens: 100,
  bodyBytes: 50,
  content: () => CONVERSATION,
};

function soFar(text: string): AnswerSoFar {
  const answer = new AnswerSoFar();
  answer.note({ type: "block-start", choice: 0, index: 0, block: { kind: "text" } });
  answer.note({ type: "block-delta", choice: 0, index: 0, text });
  return answer;
}

/** Where and how a model is asked to go on with `One, two, `; undefined where it can't be. */
function asked(provider: string, model: string) {
  const known = providers.get(provider);
  const upstream = known && compiled(known);
  if (upstream === undefined) throw new Error(`${provider} is not there`);
  const found = continuableTarget(targetOf(upstream, model));
  if (found === undefined) return undefined;
  const { target, continuation } = found;
  const [endpoint] = target.endpoints.chat ?? [];
  const upstreamChat = dialects.get(endpoint?.dialect ?? "openai-chat")?.upstream?.operations.chat;
  const request = continuedRequest(REQUEST, soFar("One, two, "), continuation);
  const encoded = upstreamChat?.encodeRequest?.(request, { model, quirks: target.quirks });
  return { url: endpoint?.streamUrl ?? "", body: JSON.parse(encoded?.body ?? "{}") };
}

describe("how a model is asked to go on", () => {
  test("DeepSeek: at its beta address, by a prefix, without thinking", () => {
    const { url, body } = asked("deepseek", "deepseek-v4-flash") ?? {};
    expect(url).toBe("https://api.deepseek.com/beta/chat/completions");
    expect(body.messages.at(-1)).toMatchObject({ role: "assistant", content: "One, two, ", prefix: true });
    expect(body.thinking).toEqual({ type: "disabled" });
    expect(body.max_tokens).toBe(97);
  });

  test("Claude: by a last turn that doesn't end with white space", () => {
    const { body } = asked("anthropic", "claude-haiku-4-5") ?? {};
    const last = body.messages.at(-1);
    expect(last.role).toBe("assistant");
    expect(JSON.stringify(last.content)).toContain('"One, two,"');
  });

  test.each([
    ["mistral", "mistral-medium-latest", { prefix: true }, {}],
    ["moonshot", "kimi-k2.6", { partial: true }, { thinking: { type: "disabled" } }],
    ["vllm", "m", {}, { continue_final_message: true, add_generation_prompt: false }],
    ["llamacpp", "m", {}, { chat_template_kwargs: { enable_thinking: false } }],
    ["groq", "llama-3.3-70b-versatile", {}, {}],
  ] as const)("%s/%s", (provider, model, ofTurn, ofRequest) => {
    const { body } = asked(provider, model) ?? {};
    expect(body.messages.at(-1)).toEqual({ role: "assistant", content: "One, two, ", ...ofTurn });
    expect(body).toMatchObject(ofRequest);
  });

  test.each([
    ["openai", "gpt-4.1-mini"],
    ["anthropic", "claude-opus-4-6"],
    ["anthropic", "claude-sonnet-5-5"],
    ["moonshot", "kimi-k3"],
    ["groq", "openai/gpt-oss-120b"],
  ])("%s/%s can't", (provider, model) => {
    expect(asked(provider, model)).toBeUndefined();
  });
});

describe("what can be asked in the middle of an answer", () => {
  test("what is free", () => {
    expect(canBeAskedInTheMiddle(CONVERSATION)).toBe(true);
    expect(canBeAskedInTheMiddle({ ...CONVERSATION, reasoning: { mode: "off" } })).toBe(true);
    expect(canBeAskedInTheMiddle({ ...CONVERSATION, toolChoice: { kind: "auto" } })).toBe(true);
  });

  test.each([
    { responseFormat: { kind: "json-object" } },
    { reasoning: { effort: "low" } },
    { reasoning: { budgetTokens: 1024 } },
    { reasoning: { mode: "adaptive" } },
    { toolChoice: { kind: "required" } },
    { toolChoice: { kind: "tool", name: "f" } },
    { toolChoice: { kind: "allowed", mode: "required", names: ["f"] } },
    { messages: [{ role: "assistant", content: [{ kind: "text", text: "So" }] }] },
  ] as const)("not %j", (more) => {
    expect(canBeAskedInTheMiddle({ ...CONVERSATION, ...more })).toBe(false);
  });
});
