import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { nameMatcher } from "../../src/model/name-pattern.ts";
import type { Policy, ScopedPolicy } from "../../src/model/policy.ts";
import { effectivePolicy, effectivePolicySchema } from "../../src/policy/document/effective-policy.ts";
import { policyDocument } from "../../src/policy/document/policy-schema.ts";
import { readPolicy } from "../../src/policy/document/read-policy.ts";
import { anyPolicy } from "./any-policy.ts";

function under(project: object, key: object) {
  return effectivePolicy(
    scoped(readPolicy(policyDocument.parse(project)), readPolicy(policyDocument.parse(key))),
  );
}

function scoped(project: Policy, key: Policy): ScopedPolicy[] {
  return [
    { scope: "project", id: "p", policy: project },
    { scope: "key", id: "key_1", policy: key },
  ];
}

describe("what a key's policy comes to under its project's", () => {
  test("no policy grants everything and narrows nothing", () => {
    expect(under({}, {})).toEqual({ max_concurrent: [], rate_limits: [], budgets: [], narrowed: [] });
  });

  test("patterns: the narrower list where one covers the other, both where neither does", () => {
    expect(under({ models: ["openai/*"] }, { models: ["openai/gpt-4*"] }).models).toEqual([
      ["openai/gpt-4*"],
    ]);
    expect(under({ models: ["openai/gpt-4*"] }, { models: ["*"] }).models).toEqual([["openai/gpt-4*"]]);
    expect(under({ models: ["a", "b"] }, { models: ["b", "a"] }).models).toEqual([["a", "b"]]);
    expect(under({ models: ["openai/*"] }, { models: ["*-mini"] }).models).toEqual([
      ["openai/*"],
      ["*-mini"],
    ]);
    expect(under({}, { models: ["x"] }).models).toEqual([["x"]]);
  });

  test("a wider key is told what is narrowed, and to what", () => {
    const month = { kind: "calendar", per: "month", time_zone: "UTC" };
    const effective = under(
      {
        models: ["openai/*"],
        max_output_tokens: 100,
        max_concurrent: 5,
        rate_limits: [{ unit: "requests", limit: 10, per: "minute" }],
        budgets: [{ name: "all", amount_usd: 10, window: month }],
        origins: ["https://a.example"],
        recording: { max_bytes: 10, keep_days: 5 },
      },
      {
        models: ["openai/x", "groq/*"],
        max_output_tokens: 200,
        max_concurrent: 50,
        rate_limits: [
          { unit: "requests", limit: 20, per: "minute" },
          { unit: "requests", limit: 20, per: "hour" },
        ],
        budgets: [{ name: "own", amount_usd: "10.5", window: month }],
        origins: ["https://a.example", "https://b.example"],
        recording: { max_bytes: 1, keep_days: 9 },
      },
    );
    expect(effective.narrowed.map(({ member, scope, sentence }) => [member, scope, sentence])).toEqual([
      ["models", "key", "groq/*: only what also fits the project's openai/*."],
      ["max_output_tokens", "key", "200 is more than the project's 100, which holds."],
      ["max_concurrent", "key", "50 is more than the project's 5, which holds."],
      ["rate_limits", "key", "20 requests per minute is more than the project's 10."],
      ["budgets", "key", "own: $10.5 is more than the project's $10 for the same time."],
      ["origins", "key", "https://b.example is not among the project's."],
      ["recording", "key", "keep_days: 9 is more than the project's 5, which holds."],
    ]);
    expect(effective).toMatchObject({
      max_output_tokens: 100,
      max_concurrent: [
        { scope: "project", limit: 5 },
        { scope: "key", limit: 50 },
      ],
      origins: ["https://a.example"],
      recording: { max_bytes: 1, keep_days: 5 },
    });
    expect(effective.budgets.map(({ scope, amount_usd }) => [scope, amount_usd])).toEqual([
      ["project", "10"],
      ["key", "10.5"],
    ]);
  });

  test("of any two policies, the lists allow exactly the names that both allow", () => {
    const name = fc.stringMatching(/^[a-z/.-]{0,12}$/);
    fc.assert(
      fc.property(anyPolicy, anyPolicy, fc.array(name, { maxLength: 20 }), (project, key, names) => {
        const effective = effectivePolicy(scoped(project, key));
        expect(effectivePolicySchema.safeParse(effective).success).toBe(true);
        for (const member of ["models", "providers", "regions", "operations"] as const) {
          const allowed = (lists: readonly (readonly string[])[]) =>
            names.filter((one) => lists.every((list) => nameMatcher(list)(one)));
          const both = [project[member], key[member]].filter((list) => list !== undefined);
          expect(allowed(effective[member] ?? [])).toEqual(allowed(both));
        }
      }),
    );
  });
});
