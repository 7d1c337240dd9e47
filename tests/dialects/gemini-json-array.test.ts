import { expect, test } from "bun:test";
import fc from "fast-check";
import { openJsonArrayFraming } from "../../src/dialects/gemini/json-array-framing.ts";
import { bytesOf } from "./chat.ts";

const framed = (...pieces: readonly string[]) => {
  const framing = openJsonArrayFraming(new URLSearchParams());
  if (framing === undefined) throw new Error("no framing");
  const text = pieces.map((piece) => Buffer.from(framing.frame(bytesOf(piece))).toString()).join("");
  return { text, whole: text + Buffer.from(framing.close()).toString() };
};

test("is asked for by leaving out alt=sse", () => {
  expect(openJsonArrayFraming(new URLSearchParams("alt=sse"))).toBeUndefined();
  expect(openJsonArrayFraming(new URLSearchParams("alt=json"))?.contentType).toStartWith("application/json");
});

test("keeps the payloads' bytes, one an element, comments as white space", () => {
  const { whole } = framed(
    ": keep-alive\n\n",
    'data: {"a": 1.0}\r\n\r\ndata:{"b":"\\u00fc"}\r\n\r\n',
    ": x\n\n",
    'data: {"c":\ndata: 3}\n\n',
    "data: {}",
  );
  expect(whole).toBe('\n[{"a": 1.0}\n,\r\n{"b":"\\u00fc"}\n\n,\r\n{"c":\n3}\n,\r\n{}\n]');
  expect(JSON.parse(whole)).toEqual([{ a: 1 }, { b: "ü" }, { c: 3 }, {}]);
});

test("is never whole before it is closed", () => {
  const { text } = framed('data: {"a":1}\n\n', 'data: {"error":{}}\n\n');
  expect(() => JSON.parse(text)).toThrow();
  expect(JSON.parse(framed().whole)).toEqual([]);
});

test("of any payloads is those payloads", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom("\n", "\r\n", "\r"), (values, end) => {
      const pieces = values.map((one) => `data: ${JSON.stringify(one)}${end}${end}`);
      expect(framed(...pieces).whole.replaceAll(/\s/g, "")).toBe(
        JSON.stringify(values).replaceAll(/\s/g, ""),
      );
    }),
  );
});
