import { expect, test } from "bun:test";
import { atMost, shutDown } from "../../src/assembly/shutdown.ts";
import type { Interruptible } from "../../src/gateway/parts.ts";

/** The order of an end, and what is left of its second when nobody keeps to it. */

function watched(pendingRequests: number) {
  const told: string[] = [];
  const limits: number[] = [];
  const calls = new Set<Interruptible>();
  const shadowCalls = new Set<Interruptible>();
  const parts = {
    calls,
    shadowCalls,
    server: {
      pendingRequests,
      stop: async (closeAll?: boolean) => void told.push(closeAll === true ? "cut" : "no new ones"),
    },
    close: async (limitMs: number) => {
      told.push("close");
      limits.push(limitMs);
    },
  };
  return { told, limits, calls, shadowCalls, parts };
}

test("calls that end are waited for and not given up", async () => {
  const { told, limits, calls, parts } = watched(0);
  const call = { interrupt: () => void told.push("given up") };
  calls.add(call);
  setTimeout(() => {
    told.push("ended");
    calls.delete(call);
  }, 60);
  await shutDown(parts, { unreadyMs: 0, drainMs: 60_000 });
  expect(told).toEqual(["no new ones", "ended", "cut", "close"]);
  // What is left of the deadline is left for the rows.
  expect(limits[0]).toBeGreaterThan(30_000);
});

test("calls that don't are given up once, and even if nobody listens to that, less than a second is left", async () => {
  const { told, limits, calls, parts } = watched(1);
  calls.add({ interrupt: () => void told.push("given up") });
  await shutDown(parts, { unreadyMs: 1, drainMs: 50 });
  expect(told).toEqual(["no new ones", "given up", "cut", "close"]);
  expect(limits[0]).toBeLessThan(1_000);
  expect(limits[0]).toBeGreaterThanOrEqual(0);
});

test("copies are given up at once, and again at the end, which waits until their rows are settled", async () => {
  const { told, calls, shadowCalls, parts } = watched(0);
  const call = { interrupt: () => void told.push("call given up") };
  const copy = (name: string) => {
    const interrupted = {
      interrupt: () => {
        told.push(`${name} given up`);
        setTimeout(() => {
          told.push(`${name} settled`);
          shadowCalls.delete(interrupted);
        }, 1);
      },
    };
    shadowCalls.add(interrupted);
  };
  calls.add(call);
  copy("first");
  setTimeout(() => {
    copy("second");
    calls.delete(call);
  }, 60);
  await shutDown(parts, { unreadyMs: 0, drainMs: 60_000 });
  expect(told).toEqual([
    "no new ones",
    "first given up",
    "first settled",
    "second given up",
    "second settled",
    "cut",
    "close",
  ]);
});

test("what is waited for has a limit, or none", async () => {
  await atMost(new Promise(() => {}), 1);
  let isDone = false;
  await atMost(
    Bun.sleep(5).then(() => {
      isDone = true;
    }),
    Number.POSITIVE_INFINITY,
  );
  expect(isDone).toBe(true);
});
