import { expect, test } from "bun:test";
import { PassingAnswer } from "../../src/gateway/continuation/passing-answer.ts";
import type { StreamDecoder } from "../../src/model/dialect.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";

const BLOCK = { choice: 0, index: 0 } as const;
const TEXT: readonly StreamEvent[] = [
  { type: "block-start", block: { kind: "text" }, ...BLOCK },
  { type: "block-delta", text: "a gate", ...BLOCK },
];
const FINISH: StreamEvent = { type: "finish", choice: 0, reason: "stop", rawReason: "stop" };
const SEEN = new TextEncoder().encode("data: {}\n\n");

/** Reads along in a stream of these events, one at a time; says how many of them were decoded. */
function readAlong(events: readonly StreamEvent[]): {
  readonly decoded: number;
  readonly passing: PassingAnswer;
} {
  let decoded = 0;
  const decoder: StreamDecoder = {
    ended: false,
    step() {
      const event = events[decoded++];
      return event === undefined ? [] : [event];
    },
    end: () => [],
  };
  const passing = new PassingAnswer(decoder, () => ({ encode: () => "", close: () => "" }));
  for (const _ of events) passing.see(SEEN, 0, SEEN.byteLength);
  return { decoded, passing };
}

test("a stream is decoded while another target could go on with it", () => {
  const { decoded, passing } = readAlong([...TEXT, ...TEXT.slice(1)]);
  expect([decoded, passing.isContinuable, passing.handOver().soFar.text]).toEqual([3, true, "a gatea gate"]);
});

test.each([
  ["its finish", FINISH],
  [
    "a tool call",
    { type: "block-start", block: { kind: "tool-call", id: "c", name: "look" }, ...BLOCK, index: 1 },
  ],
  ["what it thought", { type: "block-start", block: { kind: "reasoning" }, ...BLOCK, index: 1 }],
] satisfies [string, StreamEvent][])("and no more from %s on", (_what, event) => {
  const { decoded, passing } = readAlong([...TEXT, event, ...TEXT, ...TEXT]);
  expect([decoded, passing.isContinuable]).toEqual([3, false]);
});
