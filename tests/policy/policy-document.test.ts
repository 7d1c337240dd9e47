import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { judge } from "../../src/admin/judge.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { formatDollars, parseDollars } from "../../src/model/money.ts";
import { patchPolicy, policyPatch } from "../../src/policy/document/policy-patch.ts";
import { policyDocument } from "../../src/policy/document/policy-schema.ts";
import { readPolicy, storedPolicy } from "../../src/policy/document/read-policy.ts";
import { writePolicy } from "../../src/policy/document/write-policy.ts";
import { anyPolicy } from "./any-policy.ts";

function refusalOf(document: unknown): GatewayError {
  try {
    judge(policyDocument, document);
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
  throw new Error(`not refused: ${JSON.stringify(document)}`);
}

describe("a policy's document", () => {
  test("says what the policy says: written, stored and read it is the same", () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const text = JSON.stringify(writePolicy(policy));
        const document = policyDocument.parse(JSON.parse(text));
        expect(readPolicy(document)).toEqual(policy);
        expect(JSON.stringify(writePolicy(readPolicy(document)))).toBe(text);
        expect(storedPolicy(text)).toEqual(policy);
      }),
    );
  });

  test("takes amounts as texts and as numbers, to the nano-dollar", () => {
    for (const [written, nano] of [
      [25, 25_000_000_000],
      ["25", 25_000_000_000],
      [0.15, 150_000_000],
      ["0.000000001", 1],
      [1e-9, 1],
      [0, 0],
      ["9000000", 9_000_000_000_000_000],
    ] as const) {
      const document = { budgets: [{ name: "m", amount_usd: written, window: { kind: "total" } }] };
      expect(readPolicy(policyDocument.parse(document)).budgets?.[0]?.amount as number).toBe(nano);
    }
  });

  test("fills in what is usual", () => {
    const window = { kind: "calendar", per: "month" };
    const document = policyDocument.parse({ budgets: [{ name: "m", amount_usd: 1, window }] });
    expect(document.budgets?.[0]).toEqual({
      name: "m",
      amount_usd: 1,
      window: { kind: "calendar", per: "month", time_zone: "UTC" },
      alert_percents: [50, 80, 100],
    });
  });

  const budget = (changes: object) => ({
    budgets: [{ name: "m", amount_usd: 1, window: { kind: "total" }, ...changes }],
  });
  const calendar = (zone: unknown) => budget({ window: { kind: "calendar", per: "day", time_zone: zone } });

  test.each([
    [{ models: [] }, "models", "must not be empty"],
    [{ models: [""] }, "models[0]", "must not be empty"],
    [{ models: ["a", " b"] }, "models[1]", "must not begin or end with a space"],
    [{ models: "openai/*" }, "models", "must be a list"],
    [{ modells: ["*"] }, "modells", "is not a field here"],
    [{ max_output_tokens: 0 }, "max_output_tokens", "must be a whole number from 1 to"],
    [{ max_output_tokens: 1.5 }, "max_output_tokens", "must be a whole number"],
    [{ max_concurrent: "5" }, "max_concurrent", "must be a whole number"],
    [
      { rate_limits: [{ unit: "calls", limit: 1, per: "day" }] },
      "rate_limits[0].unit",
      "must be one of requests",
    ],
    [{ rate_limits: [{ unit: "requests", limit: 0, per: "day" }] }, "rate_limits[0].limit", "from 1 to"],
    [{ rate_limits: [{ unit: "requests", limit: 1, per: "week" }] }, "rate_limits[0].per", "must be one of"],
    [{ rate_limits: Array(2).fill({ unit: "tokens", limit: 1, per: "day" }) }, "rate_limits", "twice"],
    [budget({ amount_usd: "-1" }), "budgets[0].amount_usd", "must be a plain decimal"],
    [budget({ amount_usd: "1e3" }), "budgets[0].amount_usd", "must be a plain decimal"],
    [budget({ amount_usd: "0.0000000001" }), "budgets[0].amount_usd", "must be a plain decimal"],
    [budget({ amount_usd: 0.00000000015 }), "budgets[0].amount_usd", "at most nine decimals"],
    [budget({ amount_usd: "9000001" }), "budgets[0].amount_usd", "at most 9000000"],
    [budget({ amount_usd: null }), "budgets[0].amount_usd", "must be"],
    [budget({ name: "" }), "budgets[0].name", "must be a name"],
    [budget({ window: { kind: "calender" } }), "budgets[0].window.kind", "must be one of calendar"],
    [budget({ window: {} }), "budgets[0].window.kind", "must be one of calendar"],
    [budget({ window: { kind: "rolling", hours: 0 } }), "budgets[0].window.hours", "from 1 to 8784"],
    [budget({ window: { kind: "total", hours: 1 } }), "budgets[0].window.hours", "is not a field here"],
    [budget({ alert_percents: [101] }), "budgets[0].alert_percents[0]", "from 1 to 100"],
    [{ budgets: [...budget({}).budgets, ...budget({}).budgets] }, "budgets", "two budgets of the same name"],
    [calendar("Mars/Olympus"), "budgets[0].window.time_zone", "not a time zone"],
    [calendar("+02:00"), "budgets[0].window.time_zone", "not a time zone"],
    [calendar(""), "budgets[0].window.time_zone", "must not be empty"],
    [{ origins: ["https://app.example.com/"] }, "origins[0]", "exact web origin"],
    [{ origins: ["*"] }, "origins[0]", "exact web origin"],
    [{ origins: ["https://*.example.com"] }, "origins[0]", "exact web origin"],
    [{ recording: { max_bytes: 1 } }, "recording.keep_days", "is missing"],
    [{ recording: true }, "recording", "must be a mapping"],
    [[], "", "must be a mapping"],
  ])("%j is refused, with the field and a mend", (document, field, said) => {
    const error = refusalOf(document);
    expect([error.code, error.field]).toEqual(["invalid_request", field]);
    expect(error.message).toContain(said);
    expect(error.mend).not.toBe("");
    expect(error.mend).not.toContain("Correct it.");
  });

  test("tells several faults at once, each with its field", () => {
    const { message } = refusalOf({ models: [""], max_concurrent: 0, budget: [] });
    for (const field of ["models[0]", "max_concurrent", "budget "]) expect(message).toContain(field);
  });
});

describe("a change of a policy", () => {
  test("replaces what is written, takes away what is null, leaves the rest", () => {
    const before = policyDocument.parse({ models: ["a/*"], max_concurrent: 5, max_output_tokens: 7 });
    const patch = policyPatch.parse({ models: ["b/*"], max_concurrent: null });
    expect(patchPolicy(before, patch)).toEqual({ models: ["b/*"], max_output_tokens: 7 });
    expect(patchPolicy(before, {})).toEqual(before);
  });

  test("knows every member of a policy", () => {
    expect(Object.keys(policyPatch.shape)).toEqual(Object.keys(policyDocument.shape));
  });
});

describe("dollars", () => {
  test("formatted and parsed are the same amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (nano) => {
        expect(parseDollars(formatDollars(BigInt(nano))) as number).toBe(nano);
      }),
    );
  });

  test.each(["", " 1", "1.", ".5", "1,5", "1e3", "-1", "+1", "NaN", "1_000", "0.0000000001", "99999999"])(
    "%p is none",
    (text) => {
      expect(() => parseDollars(text)).toThrow(RangeError);
    },
  );

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0.00000000015, 1e21])("%p is none", (amount) => {
    expect(() => parseDollars(amount)).toThrow(RangeError);
  });
});
