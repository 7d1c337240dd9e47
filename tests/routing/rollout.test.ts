import { expect, test } from "bun:test";
import { Rollout } from "../../src/routing/rollout/rollout.ts";
import { seeded } from "./seeded.ts";
import { failureOf } from "./simulation.ts";

const RUNS = 100;
/** Half of them go to the canary. */
const CALLS_PER_SECOND = 40;
const SETTINGS = { falseAlarm: 0.01, tolerance: 0.1 };

interface Service {
  readonly failing: number;
  /** Half of the answers take longer. */
  readonly medianMs: number;
}

/** After how many seconds the canary is given up, if it is within the time. */
function givenUpAfter(control: Service, canary: Service, seconds: number, seed: number): number | undefined {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rollout = new Rollout("new/m", SETTINGS);
  for (let call = 0; call < seconds * CALLS_PER_SECOND; call++) {
    const isCanary = random() < 0.5;
    const { failing, medianMs } = isCanary ? canary : control;
    const first = {
      target: isCanary ? "new/m" : "old/m",
      failure: random() < failing ? failureOf("server") : undefined,
      tookMs: medianMs * Math.exp(0.4 * normal()),
      stream: false,
    };
    if (rollout.note(isCanary, first)) return call / CALLS_PER_SECOND;
  }
  return undefined;
}

function runs(control: Service, canary: Service, seconds: number): (number | undefined)[] {
  return Array.from({ length: RUNS }, (_, run) => givenUpAfter(control, canary, seconds, 1000 + run));
}

const usual: Service = { failing: 0.002, medianMs: 400 };

test.each([
  ["2 % more failures", { ...usual, failing: usual.failing + 0.02 }],
  ["30 % slower", { ...usual, medianMs: usual.medianMs * 1.3 }],
])(
  "a canary with %s that has 20 calls/s is given up within 60 s in at least nine of ten runs",
  (_, canary) => {
    const found = runs(usual, canary, 60).filter((after) => after !== undefined);
    expect(found.length).toBeGreaterThanOrEqual(RUNS * 0.9);
  },
);

test("one that fails always is given up in seconds", () => {
  const found = runs(usual, { ...usual, failing: 1 }, 10);
  expect(found.every((after) => after !== undefined && after < 5)).toBe(true);
});

test.each([
  ["for ten minutes", 0.002, 600],
  ["that fails as often as the other", 0.1, 300],
])("one that is no worse %s: at most 1 false alarm in 100 runs", (_, failing, seconds) => {
  const same = { ...usual, failing };
  const alarms = runs(same, same, seconds).filter((after) => after !== undefined);
  expect(alarms.length).toBeLessThanOrEqual(1);
});

test("one that turns bad after an hour is found all the same", () => {
  const random = seeded(5);
  const rollout = new Rollout("new/m", SETTINGS);
  const note = (isCanary: boolean, failing: number) =>
    rollout.note(isCanary, {
      target: isCanary ? "new/m" : "old/m",
      failure: random() < failing ? failureOf("server") : undefined,
      tookMs: 100 + random(),
      stream: true,
    });
  for (let call = 0; call < 3600 * CALLS_PER_SECOND; call++) note(call % 2 === 0, 0.001);
  expect(rollout.givenUpBecause).toBeUndefined();
  let calls = 0;
  while (rollout.givenUpBecause === undefined && calls < 100_000)
    note(calls++ % 2 === 0, calls % 2 === 1 ? 0.2 : 0.001);
  expect(calls / CALLS_PER_SECOND).toBeLessThan(30);
});

test("what says nothing about the canary counts for nothing", () => {
  const rollout = new Rollout("new/m", SETTINGS);
  const first = { target: "new/m", failure: failureOf("caller"), tookMs: 5, stream: false };
  const stranger = { ...first, target: "old/m", failure: failureOf("server") };
  for (let call = 0; call < 1000; call++) {
    rollout.note(false, { ...first, target: "old/m", failure: undefined });
    rollout.note(true, first);
    rollout.note(true, stranger);
  }
  expect(rollout.givenUpBecause).toBeUndefined();
});
