import { expect, test } from "bun:test";
import { AnswerSoFar } from "../../src/gateway/continuation/answer-so-far.ts";
import { RepeatedBeginning } from "../../src/gateway/continuation/repeated-beginning.ts";
import { SplicedDecoder } from "../../src/gateway/continuation/spliced-decoder.ts";
import type { StreamDecoder } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";

/** A decoder that gives what it is told to. */
function saying(...events: readonly StreamEvent[]): StreamDecoder {
  return { ended: false, step: () => events, end: () => [] };
}

const of = (index: number) => ({ choice: 0, index });
const text = (index: number, said: string): readonly StreamEvent[] => [
  { type: "block-start", block: { kind: "text" }, ...of(index) },
  { type: "block-delta", text: said, ...of(index) },
];
const FINISH: StreamEvent = { type: "finish", choice: 0, reason: "stop", rawReason: "stop" };

function begun(...events: readonly StreamEvent[]): AnswerSoFar {
  const soFar = new AnswerSoFar();
  for (const event of events) soFar.note(event);
  return soFar;
}

function spliced(first: readonly StreamEvent[], rest: readonly StreamEvent[]): readonly StreamEvent[] {
  const soFar = begun(...first);
  return new SplicedDecoder(saying(...rest), soFar, new RepeatedBeginning(undefined, "")).step("", undefined);
}

test("the text goes on in the block that was open, and thoughts before it are left out", () => {
  const first: readonly StreamEvent[] = [{ type: "start", id: "a", model: "m" }, ...text(0, "One ")];
  const rest = spliced(first, [
    { type: "start", id: "b", model: "n" },
    { type: "block-start", block: { kind: "reasoning" }, ...of(0) },
    { type: "block-delta", text: "hm", ...of(0) },
    { type: "block-end", ...of(0) },
    ...text(1, "two"),
    { type: "block-end", ...of(1) },
    FINISH,
  ]);
  expect(rest).toEqual([
    { type: "block-delta", text: "two", ...of(0) },
    { type: "block-end", ...of(0) },
    FINISH,
  ]);
  expect(fold([...first, ...rest])).toMatchObject({
    id: "a",
    model: "m",
    choices: [{ blocks: [{ kind: "text", text: "One two" }], finishReason: "stop" }],
  });
});

test("what comes behind the text has the numbers behind it", () => {
  const call: StreamEvent = {
    type: "block-start",
    block: { kind: "tool-call", id: "c", name: "look" },
    ...of(1),
  };
  const rest = spliced(text(0, "I look. "), [
    ...text(0, "Now."),
    call,
    { type: "block-end", ...of(1) },
    FINISH,
  ]);
  expect(rest.map(({ type, ...more }) => [type, "index" in more ? more.index : undefined])).toEqual([
    ["block-delta", 0],
    ["block-end", 0],
    ["block-start", 1],
    ["block-end", 1],
    ["finish", undefined],
  ]);
});

test("a block that was ended stays so", () => {
  const rest = spliced([...text(0, "One."), { type: "block-end", ...of(0) }], [...text(0, " Two."), FINISH]);
  expect(rest.map(({ type, ...more }) => [type, "index" in more ? more.index : undefined])).toEqual([
    ["block-start", 1],
    ["block-delta", 1],
    ["finish", undefined],
  ]);
});

test("a continuation that says nothing ends what was open", () => {
  expect(spliced(text(0, "All."), [FINISH])).toEqual([{ type: "block-end", ...of(0) }, FINISH]);
});

test.each([
  ["a tool call", { type: "block-start", block: { kind: "tool-call", id: "c", name: "f" }, ...of(1) }],
  ["reasoning", { type: "block-start", block: { kind: "reasoning" }, ...of(1) }],
  ["another text", { type: "block-start", block: { kind: "text" }, ...of(1) }],
  ["another answer", { type: "block-start", block: { kind: "text" }, choice: 1, index: 0 }],
  ["a finish", FINISH],
  ["something unreadable", { type: "error", error: new GatewayError("upstream_invalid_answer") }],
] as const)("with %s it is no answer to go on with", (_what, event) => {
  expect(begun(...text(0, "Some")).isContinuable).toBe(true);
  expect(begun(...text(0, "Some"), event).isContinuable).toBe(false);
});

test("nor is white space, or nothing", () => {
  expect(begun().isContinuable).toBe(false);
  expect(begun(...text(0, " \n")).isContinuable).toBe(false);
});
