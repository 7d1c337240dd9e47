import fc from "fast-check";
import { unfold } from "../../src/dialects/translation/unfold.ts";
import type { Block, InferenceResponse } from "../../src/model/inference-response.ts";
import type { FinishReason, StreamEvent } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
const count = fc.integer({ min: 0, max: 1000 });

const block: fc.Arbitrary<Block> = fc.oneof(
  text.map((value): Block => ({ kind: "text", text: value })),
  fc.tuple(text, fc.webUrl()).map(
    ([value, url]): Block => ({
      kind: "text",
      text: value,
      citations: [{ source: { kind: "url", url, title: "t" }, start: 0, end: 1 }],
    }),
  ),
  text.map(
    (value): Block => ({
      kind: "text",
      text: value,
      tokenProbabilities: [{ token: value, logProbability: -1, bytes: [1], alternatives: [] }],
    }),
  ),
  text.map((value): Block => ({ kind: "refusal", text: value })),
  fc.tuple(text, base64).map(
    ([value, proof]): Block => ({
      kind: "reasoning",
      text: value,
      signature: { vendor: "anthropic", value: proof },
    }),
  ),
  text.map((value): Block => ({ kind: "reasoning", text: value })),
  fc.tuple(name, text, fc.boolean()).map(
    ([called, value, freeForm]): Block => ({
      kind: "tool-call",
      id: "",
      name: called,
      text: freeForm ? value : JSON.stringify({ x: value }),
      ...(freeForm && { freeForm }),
    }),
  ),
  base64.map(
    (data): Block => ({ kind: "image", source: { from: "base64", mediaType: "image/png", data }, text: "" }),
  ),
);

/** Any answer that a provider may give, of one choice; its calls have ids of their own. */
export const anyAnswer: fc.Arbitrary<InferenceResponse> = fc
  .record({
    blocks: fc.array(block, { minLength: 1, maxLength: 6 }),
    reason: fc.constantFrom<FinishReason>("stop", "length", "content-filter"),
    inputTokens: count,
    outputTokens: count,
  })
  .map(({ blocks, reason, inputTokens, outputTokens }) => {
    const named = blocks.map((one, index) =>
      one.kind === "tool-call" ? { ...one, id: `call_${index}` } : one,
    );
    const hasCalls = named.some(({ kind }) => kind === "tool-call");
    return {
      id: "a1",
      model: "m",
      createdAtS: 1,
      choices: [{ blocks: named, finishReason: hasCalls ? "tool-calls" : reason, rawFinishReason: "x" }],
      usage: { ...NO_USAGE, inputTokens, outputTokens, source: "reported" },
    };
  });

/** The answer as its stream brings it, each block's text cut in two, the blocks that can be open beside one another. */
export function streamed(response: InferenceResponse): readonly StreamEvent[] {
  const { id, model, createdAtS, usage, choices } = response;
  const start = {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    ...(createdAtS !== undefined && { createdAtS }),
  };
  const [choice = { blocks: [] }] = choices;
  const events = unfold(choice).flatMap((event): readonly StreamEvent[] => {
    if (event.type !== "block-delta") return [event];
    const half = Math.ceil(event.text.length / 2);
    const halves = [event.text.slice(0, half), event.text.slice(half)].filter((part) => part !== "");
    return halves.map((part) => ({ ...event, text: part }));
  });
  return [{ type: "start", ...start }, ...events, ...(usage ? [{ type: "usage", usage } as const] : [])];
}
