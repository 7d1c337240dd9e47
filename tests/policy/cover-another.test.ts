import { expect, test } from "bun:test";
import { nanoDollars } from "../../src/model/money.ts";
import { Admission } from "../../src/policy/admission.ts";
import type { BudgetHold } from "../../src/policy/budgets/budget-hold.ts";

/** A budget with so much left beyond what is set aside at first. */
function admissionWith(first: number, left: number) {
  let rest = left;
  let settled = 0;
  const hold = {
    amount: nanoDollars(first),
    extend(by: number) {
      if (by > rest) return false;
      rest -= by;
      return true;
    },
    settle(cost: number) {
      settled = cost;
    },
  } as unknown as BudgetHold;
  const nothing = { release() {}, settle() {}, charge() {}, noteFreed() {} } as never;
  const admission = new Admission({} as never, nothing, nothing, nothing);
  admission.holdMoney(hold);
  const charge = (cost: number) =>
    admission.charge({
      attemptId: "a",
      startedAtMs: 0,
      cost: nanoDollars(cost),
      inputTokens: 0,
      outputTokens: 0,
    });
  return { admission, charge, rest: () => rest, settled: () => settled };
}

test("an attempt after one that cost something needs that much set aside anew", () => {
  const { admission, charge, rest, settled } = admissionWith(100, 50);
  expect(admission.coverAnother(false, 0)).toBe(true);
  expect(rest()).toBe(50);
  charge(30);
  expect(admission.coverAnother(false, 0)).toBe(true);
  expect(rest()).toBe(20);
  charge(30);
  expect(admission.coverAnother(false, 0)).toBe(false);
  admission.end();
  expect(settled()).toBe(60);
});

test("an attempt beside one that is under way needs as much again", () => {
  expect(admissionWith(100, 99).admission.coverAnother(true, 0)).toBe(false);
  const { admission, charge, rest } = admissionWith(100, 100);
  expect(admission.coverAnother(true, 0)).toBe(true);
  charge(100);
  charge(100);
  expect(rest()).toBe(0);
  expect(admission.coverAnother(false, 0)).toBe(false);
});
