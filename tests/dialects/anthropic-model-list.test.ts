import { expect, test } from "bun:test";
import { anthropicMessages } from "../../src/dialects/anthropic-messages/index.ts";

const names = anthropicMessages.upstream?.modelList?.names;

test("a provider's models are read from a page of its list", () => {
  const page = { data: [{ type: "model", id: "claude-sonnet-5" }, { id: 7 }, null], has_more: false };
  expect(names?.(page)).toEqual(["claude-sonnet-5"]);
  expect(names?.({ data: [] })).toEqual([]);
  expect(names?.({ type: "error" })).toBeUndefined();
  expect(names?.(undefined)).toBeUndefined();
});
