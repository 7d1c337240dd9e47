import { describe, expect, test } from "bun:test";
import { type PolicyOptions, policyOf } from "../../src/cli/policy-options.ts";
import { momentPast, momentToCome, spanMs, tagsOf } from "../../src/cli/typed-values.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { policyDocument, policyMembers } from "../../src/policy/document/policy-schema.ts";

function refusalOf(work: () => unknown): UsageError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown;
    throw thrown;
  }
  throw new Error("not refused");
}

describe("a policy as it is typed", () => {
  test("nothing typed is no policy", () => {
    expect(policyOf({})).toBeUndefined();
  });

  test("every option is a member of a policy that the API takes", () => {
    const policy = policyOf({
      models: "openai/*, demo/*",
      providers: "openai",
      regions: "eu-*",
      operations: "chat,embedding",
      maxOutputTokens: "4000",
      maxConcurrent: "20",
      rate: ["100/minute", "200000 input-tokens/hour", "5 tokens / second", "7requests/day"],
      budget: ["25/month", "5/day@Europe/Berlin", "small=0.5/24h", "99/total", "1/week"],
      origins: "https://app.example.com",
      recording: "65536/30d",
    });
    expect(policyDocument.safeParse(policy).error).toBeUndefined();
    expect(Object.keys(policy ?? {}).sort()).toEqual(Object.keys(policyMembers).sort());
    expect(policy).toMatchObject({
      models: ["openai/*", "demo/*"],
      operations: ["chat", "embedding"],
      max_output_tokens: 4000,
      recording: { max_bytes: 65_536, keep_days: 30 },
      max_concurrent: 20,
      rate_limits: [
        { unit: "requests", limit: 100, per: "minute" },
        { unit: "input_tokens", limit: 200_000, per: "hour" },
        { unit: "tokens", limit: 5, per: "second" },
        { unit: "requests", limit: 7, per: "day" },
      ],
      budgets: [
        { name: "month", amount_usd: "25", window: { kind: "calendar", per: "month" } },
        {
          name: "day",
          amount_usd: "5",
          window: { kind: "calendar", per: "day", time_zone: "Europe/Berlin" },
        },
        { name: "small", amount_usd: "0.5", window: { kind: "rolling", hours: 24 } },
        { name: "total", amount_usd: "99", window: { kind: "total" } },
        { name: "week", amount_usd: "1", window: { kind: "calendar", per: "week" } },
      ],
    });
  });

  test("what is cleared is null, and what is typed goes over it", () => {
    expect(policyOf({ clear: "rate,budget,max-concurrent,models", models: "a" })).toEqual({
      rate_limits: null,
      budgets: null,
      max_concurrent: null,
      models: ["a"],
    });
  });

  test.each<[PolicyOptions, string]>([
    [{ rate: ["100"] }, "is no rate"],
    [{ rate: ["100/week"] }, "is no rate"],
    [{ rate: ["many/minute"] }, "is no rate"],
    [{ rate: ["1.5/minute"] }, "is no rate"],
    [{ rate: ["0/minute"] }, "not a whole number above 0"],
    [{ budget: ["25"] }, "is no budget"],
    [{ budget: ["-5/day"] }, "is no budget"],
    [{ budget: ["5/year"] }, "is no budget"],
    [{ budget: ["5/total@UTC"] }, "is no budget"],
    [{ budget: ["5/0h"] }, "not a whole number above 0"],
    [{ models: "a,,b" }, "empty pattern"],
    [{ recording: "65536" }, "does not say what is kept"],
    [{ recording: "0/30d" }, "not a whole number above 0"],
    [{ maxConcurrent: "many" }, "not a whole number above 0"],
    [{ policy: "/dev/null" }, "not valid JSON"],
  ])("%j is refused with a mend", (options, said) => {
    const error = refusalOf(() => policyOf(options));
    expect(error.message).toContain(said);
    expect(error.mend).not.toBe("");
  });
});

describe("what else is typed", () => {
  test("lengths of time", () => {
    expect(["45s", "30m", "12h", "90d", "2w"].map(spanMs)).toEqual([
      45_000, 1_800_000, 43_200_000, 7_776_000_000, 1_209_600_000,
    ]);
    for (const text of ["", "5", "5y", "-5d", "1.5h", "1234567d"]) expect(spanMs(text)).toBeUndefined();
  });

  test("moments", () => {
    expect(momentToCome("1d", 0)).toBe("1970-01-02T00:00:00.000Z");
    expect(momentToCome("2027-01-31", 0)).toBe("2027-01-31T00:00:00.000Z");
    expect(momentPast("1d", 86_400_000)).toBe("1970-01-01T00:00:00.000Z");
    expect(refusalOf(() => momentToCome("soon", 0)).message).toContain("no date and no time from now");
    expect(refusalOf(() => momentToCome("1970-01-01", 1)).message).toContain("already passed");
    expect(refusalOf(() => momentPast("once", 0)).message).toContain("no date and no time ago");
  });

  test("tags", () => {
    expect(tagsOf(["a=b", "c=d=e", "f="])).toEqual({ a: "b", c: "d=e", f: "" });
    for (const text of ["none", "=x", ""])
      expect(refusalOf(() => tagsOf([text])).mend).toContain("team=search");
  });
});
