import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJsonBody } from "../../src/dialects/json/json-body.ts";
import { jsonErrorOffset } from "../../src/dialects/json/json-error-offset.ts";
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from "../../src/dialects/json/json-structure.ts";
import { splice } from "../../src/dialects/json/splice.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What was thrown, as code and message. */
function failure(bytes: Uint8Array): { code: string; message: string; field: string | undefined } {
  try {
    parseJsonBody(bytes);
  } catch (error) {
    if (error instanceof GatewayError)
      return { code: error.code, message: error.message, field: error.field };
    throw error;
  }
  throw new Error("nothing was thrown");
}

const memberText = (body: string, name: string): string | undefined => {
  const bytes = bytesOf(body);
  const span = parseJsonBody(bytes).spanOf(name);
  return span === undefined ? undefined : textOf(bytes.subarray(span.start, span.end));
};

describe("spans", () => {
  test("stand around the value and nothing else", () => {
    expect(memberText('{"model":"a"}', "model")).toBe('"a"');
    expect(memberText(' { "x" : [1, {"model":2}] , "model" \n:\t"a\\"b" , "y":{} } ', "model")).toBe(
      '"a\\"b"',
    );
    expect(memberText(' { "x" : [1, {"model":2}] , "model":1 }', "x")).toBe('[1, {"model":2}]');
    expect(memberText('{"é":1,"model":-1.5e3}', "model")).toBe("-1.5e3");
    expect(memberText('{"é":1,"model":2}', "é")).toBe("1");
    expect(memberText('{"mod\\u0065l":"a"}', "model")).toBe('"a"');
    expect(memberText('{"x":"model"}', "model")).toBeUndefined();
    expect(memberText("{}", "model")).toBeUndefined();
  });

  test("hold for strings of every length around the native search, with every number of backslashes", () => {
    for (let length = 0; length < 80; length++) {
      for (let backslashes = 0; backslashes < 5; backslashes++) {
        const value = `${"x".repeat(length)}${"\\".repeat(backslashes)}"${"y".repeat(length)}`;
        expect(memberText(JSON.stringify({ a: value, model: "m" }), "model")).toBe('"m"');
      }
    }
  });

  test("slice to text that parses to the member, for any object in any spacing", () => {
    const body = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 5 }), { maxKeys: 8 });
    fc.assert(
      fc.property(body, fc.constantFrom(undefined, 1, "\t", " \r\n"), (value, space) => {
        const bytes = bytesOf(JSON.stringify(value, null, space));
        const parsed = parseJsonBody(bytes);
        const expected = JSON.parse(textOf(bytes));
        expect(parsed.value).toEqual(expected);
        for (const name of Object.keys(expected)) {
          const span = parsed.spanOf(name);
          if (span === undefined) throw new Error(`no span for ${name}`);
          expect(JSON.parse(textOf(bytes.subarray(span.start, span.end)))).toEqual(expected[name]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("refusals", () => {
  test("a repeated member is refused by name, however it is spelled", () => {
    expect(failure(bytesOf('{"model":"a","x":1,"model":"b"}'))).toMatchObject({
      code: "invalid_request",
      field: "model",
    });
    expect(failure(bytesOf('{"model":"a","mod\\u0065l":"b"}')).field).toBe("model");
    expect(failure(bytesOf('{"__proto__":1,"__proto__":2}')).field).toBe("__proto__");
    expect(parseJsonBody(bytesOf('{"a":{"x":1,"x":2}}')).value).toEqual({ a: { x: 2 } });
  });

  test("broken JSON is refused with its place", () => {
    expect(failure(bytesOf('{"a": 1,\n  xx}')).message).toBe(
      "The request body is not valid JSON: see line 2, column 3 (byte 11).",
    );
    expect(failure(bytesOf('{"é": tru}')).message).toContain("line 1, column 7 (byte 7)");
    expect(failure(bytesOf('{"a": [1, 2')).message).toContain("ends too early");
    expect(failure(bytesOf("")).message).toBe("The request body is empty.");
    expect(failure(bytesOf("\uFEFF{}")).message).toContain("byte order mark");
    expect(failure(bytesOf("[1]")).message).toContain("not an array");
    expect(failure(bytesOf("null")).message).toContain("not null");
    expect(failure(bytesOf('"x"')).message).toContain("not a string");
  });

  test("bytes that are not UTF-8 are refused with their place", () => {
    for (const before of [0, 1, 4089, 4090, 4091, 9000]) {
      for (const bad of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98, 0x22]]) {
        const bytes = Uint8Array.from([...bytesOf(`{"a":"${"é".repeat(before)}`), ...bad, ...bytesOf('"}')]);
        const { code, message } = failure(bytes);
        expect(code).toBe("invalid_json");
        const at = Number(/byte (\d+)/.exec(message)?.[1]);
        const begin = 6 + 2 * before;
        expect(at).toBeGreaterThanOrEqual(begin);
        expect(at).toBeLessThanOrEqual(begin + bad.length);
      }
    }
  });

  test("depth and number of values are bounded, to the very number", () => {
    const nested = (depth: number): Uint8Array =>
      bytesOf(`{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`);
    expect(parseJsonBody(nested(MAX_JSON_DEPTH)).value).toBeObject();
    expect(failure(nested(MAX_JSON_DEPTH + 1)).code).toBe("json_too_complex");
    const listOf = (count: number): Uint8Array => bytesOf(`{"a":[${"1,".repeat(count - 1)}1]}`);
    expect(parseJsonBody(listOf(MAX_JSON_VALUES - 2)).value).toBeObject();
    expect(failure(listOf(MAX_JSON_VALUES - 1)).code).toBe("json_too_complex");
    const members = (count: number): Uint8Array => bytesOf(`{"a":{${'"x":1,'.repeat(count - 1)}"x":1}}`);
    expect(parseJsonBody(members(MAX_JSON_VALUES - 2)).value).toBeObject();
    expect(failure(members(MAX_JSON_VALUES - 1)).code).toBe("json_too_complex");
  });

  test("a flood of brackets is refused at once", () => {
    const started = performance.now();
    for (const unit of ["[", "{", '{"a":', "[[],", '"', '"\\', "\\", ":", "]", "-"]) {
      expect(() => parseJsonBody(bytesOf(unit.repeat(2_000_000)))).toThrow(GatewayError);
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test("a member named __proto__ is inert", () => {
  const { value } = parseJsonBody(bytesOf('{"__proto__":{"polluted":true},"model":"m"}'));
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.hasOwn(value, "__proto__")).toBe(true);
  expect(value["polluted"]).toBeUndefined();
  expect(Object.hasOwn({}, "polluted")).toBe(false);
});

describe("any bytes", () => {
  const jsonish = fc.string({ unit: fc.constantFrom(...'{}[]":,\\0-1.eEtrufalsn \n\u0001é'), maxLength: 40 });
  const mangled = fc
    .tuple(fc.object({ maxDepth: 3 }), fc.nat(), fc.constantFrom(...'{}[]":,\\ x0'))
    .map(([value, at, put]) => {
      const text = JSON.stringify(value);
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + put + text.slice(cut + (at % 2));
    });

  test("parse as JSON.parse does, or are refused", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          jsonish,
          jsonish.map((text) => `{"a":${text}}`),
          mangled,
        ),
        (text) => {
          let expected: unknown;
          let sound = true;
          try {
            expected = JSON.parse(text);
          } catch {
            sound = false;
          }
          if (!sound) {
            expect(failure(bytesOf(text)).code).toBe("invalid_json");
            return;
          }
          try {
            expect(parseJsonBody(bytesOf(text)).value).toEqual(Object(expected));
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("never crash", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          parseJsonBody(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("the place of a fault: what stands before it can be completed, what follows can't mend it", () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 3, values: [fc.string()] }), fc.nat(), (value, cut) => {
        const text = JSON.stringify(value, null, 1);
        const prefix = text.slice(0, cut % text.length);
        expect(jsonErrorOffset(bytesOf(prefix))).toBe(bytesOf(prefix).length);
        expect(jsonErrorOffset(bytesOf(`${prefix}\u0001`))).toBe(bytesOf(prefix).length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("splice", () => {
  test("changes the model and no other byte", () => {
    const bytes = bytesOf(' {"a":"é", "model" : "x/y","z":[1, 2]}\n');
    const modelSpan = parseJsonBody(bytes).spanOf("model");
    if (modelSpan === undefined) throw new Error("no model");
    expect(textOf(Buffer.concat(splice(bytes, [{ ...modelSpan, text: JSON.stringify('gpt "4" 東') }])))).toBe(
      ' {"a":"é", "model" : "gpt \\"4\\" 東","z":[1, 2]}\n',
    );
  });

  test("gives a body that parses to the same with the other name", () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 3 }),
        fc.string({ unit: "binary" }),
        fc.string(),
        (rest, before, after) => {
          const bytes = bytesOf(JSON.stringify({ ...rest, model: before, last: 1 }));
          const modelSpan = parseJsonBody(bytes).spanOf("model");
          if (modelSpan === undefined) throw new Error("no model");
          const expected: unknown = JSON.parse(JSON.stringify({ ...rest, model: after, last: 1 }));
          expect(
            JSON.parse(textOf(Buffer.concat(splice(bytes, [{ ...modelSpan, text: JSON.stringify(after) }])))),
          ).toEqual(expected);
        },
      ),
    );
  });
});
