import fc from "fast-check";
import { nanoDollars } from "../../src/model/money.ts";
import type { Budget, BudgetWindow, Policy } from "../../src/model/policy.ts";

const MAX_NANO = 9_000_000 * 1_000_000_000;

const pattern = fc.stringMatching(/^[a-z*/.-]{1,20}$/);
const patterns = fc.array(pattern, { minLength: 1, maxLength: 5 });
const count = fc.integer({ min: 1, max: 1_000_000 });

const window: fc.Arbitrary<BudgetWindow> = fc.oneof(
  fc.record({
    kind: fc.constant("calendar" as const),
    per: fc.constantFrom("day" as const, "week" as const, "month" as const),
    timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"),
  }),
  fc
    .integer({ min: 1, max: 8784 })
    .map((hours) => ({ kind: "rolling" as const, lengthMs: hours * 3_600_000 })),
  fc.constant({ kind: "total" as const }),
);

const budget: fc.Arbitrary<Budget> = fc.record({
  name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,20}$/),
  amount: fc.integer({ min: 0, max: MAX_NANO }).map(nanoDollars),
  window,
  alertPercents: fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 5 }),
});

const rateLimit = fc.record({
  unit: fc.constantFrom(
    "requests" as const,
    "tokens" as const,
    "input-tokens" as const,
    "output-tokens" as const,
  ),
  limit: count,
  per: fc.constantFrom("second" as const, "minute" as const, "hour" as const, "day" as const),
});

/** Any policy that can be written. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.record(
  {
    models: patterns,
    providers: patterns,
    regions: patterns,
    operations: patterns,
    maxOutputTokens: count,
    maxConcurrent: count,
    rateLimits: fc.uniqueArray(rateLimit, {
      maxLength: 5,
      selector: ({ unit, per }) => `${unit}/${per}`,
    }),
    budgets: fc.uniqueArray(budget, { maxLength: 5, selector: ({ name }) => name }),
    origins: fc.array(fc.constantFrom("https://app.example.com", "http://localhost:5173"), {
      minLength: 1,
      maxLength: 2,
    }),
    recording: fc.record({ maxBytes: count, keepDays: fc.integer({ min: 1, max: 3650 }) }),
  },
  { requiredKeys: [] },
);
