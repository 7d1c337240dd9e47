import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Breaker } from "../../src/routing/health/breaker.ts";
import { readRateLimits } from "../../src/routing/health/rate-limit-headers.ts";
import { untilResetMs } from "../../src/routing/health/reset-time.ts";
import { type Behaviour, countOf, failureOf, SETTINGS, Simulation, simulatedRoute } from "./simulation.ts";

const well: Behaviour = { totalMs: 10 };
const down: Behaviour = { totalMs: 5, failure: failureOf("server") };

describe("the breaker", () => {
  const events = fc.array(
    fc.record({
      kind: fc.constantFrom("succeed", "fail", "release", "begin" as const),
      afterMs: fc.integer({ min: 0, max: 3000 }),
    }),
    { maxLength: 200 },
  );

  test("whatever happens: open only after failures, one probe at a time, and never for longer than it may", () => {
    fc.assert(
      fc.property(events, (script) => {
        const breaker = new Breaker(
          () => SETTINGS.health,
          () => 0.5,
        );
        const underWay: boolean[] = [];
        let nowMs = 1_000_000;
        let hasFailed = false;
        for (const { kind, afterMs } of script) {
          nowMs += afterMs;
          if (kind === "begin") {
            if (breaker.admits(nowMs)) underWay.push(breaker.begin());
          } else {
            const isProbe = underWay.shift();
            if (isProbe === undefined) continue;
            if (kind === "succeed") breaker.succeeded(isProbe, false, nowMs);
            if (kind === "release") breaker.released(isProbe);
            if (kind === "fail") breaker.failed(isProbe, nowMs);
            hasFailed ||= kind === "fail";
          }
          expect(underWay.filter((isProbe) => isProbe).length).toBeLessThanOrEqual(1);
          if (!hasFailed) expect(breaker.state(nowMs)).toBe("closed");
          if (breaker.state(nowMs) === "open")
            expect(breaker.openUntilMs - nowMs).toBeLessThanOrEqual(SETTINGS.health.maxOpenMs * 1.25);
          // However it came here: once its time is over and no probe is out, it lets one find out.
          const isProbing = underWay.includes(true);
          const later = nowMs + SETTINGS.health.maxOpenMs * 2;
          if (!isProbing) expect(breaker.admits(later)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("closed, open, half-open, closed again", () => {
    const breaker = new Breaker(
      () => SETTINGS.health,
      () => 0.5,
    );
    let nowMs = 5_000_000;
    for (let failure = 0; failure < 5; failure++) breaker.failed(breaker.begin(), nowMs);
    expect(breaker.state(nowMs)).toBe("open");
    nowMs = breaker.openUntilMs;
    expect(breaker.state(nowMs)).toBe("half-open");
    const probe = breaker.begin();
    expect([probe, breaker.admits(nowMs)]).toEqual([true, false]);
    breaker.failed(probe, nowMs);
    expect(breaker.openUntilMs - nowMs).toBe(2000);
    nowMs = breaker.openUntilMs;
    breaker.succeeded(breaker.begin(), false, nowMs);
    expect(breaker.state(nowMs)).toBe("closed");
  });

  test("a share of failures opens it without any row of them", () => {
    const breaker = new Breaker(
      () => SETTINGS.health,
      () => 0.5,
    );
    let calls = 0;
    while (breaker.admits(1000) && calls < 1000) {
      if (calls++ % 2 === 0) breaker.failed(breaker.begin(), 1000);
      else breaker.succeeded(breaker.begin(), false, 1000);
    }
    expect(breaker.state(1000)).toBe("open");
    expect(calls).toBe(21);
  });
});

describe("targets that fail", () => {
  const route = simulatedRoute(
    ["a/m", "b/m", "c/m"].map((name) => ({ name })),
    [{ strategy: "round-robin" }],
  );

  test("one of three: no client sees it, under 1 % of calls reach it 1 s later, and it is back soon after it heals", () => {
    const simulation = new Simulation(9);
    const failsFromMs = simulation.nowMs + 10_000;
    const healsAtMs = failsFromMs + 60_000;
    const behave = (name: string, nowMs: number) =>
      name === "b/m" && nowMs >= failsFromMs && nowMs < healsAtMs ? down : well;
    const results = simulation.run(route, { calls: 20_000, everyMs: 5 }, behave);
    expect(results.filter(({ served }) => served === undefined)).toEqual([]);
    const during = results.filter(
      ({ startedAtMs }) => startedAtMs > failsFromMs + 1000 && startedAtMs < healsAtMs,
    );
    const reached = during.filter(({ tried }) => tried.includes("b/m"));
    expect(reached.length / during.length).toBeLessThan(0.01);
    const back = results.find(({ startedAtMs, served }) => startedAtMs >= healsAtMs && served === "b/m");
    // The first call that reaches it after that finds it well, and it is in again.
    const probe = results.find(({ startedAtMs, tried }) => startedAtMs >= healsAtMs && tried.includes("b/m"));
    expect(probe).toBe(back);
    expect((back?.startedAtMs ?? Number.POSITIVE_INFINITY) - healsAtMs).toBeLessThan(30_000 * 1.25);
    const later = results.filter(({ startedAtMs }) => startedAtMs > (back?.startedAtMs ?? 0) + 1000);
    const share = later.filter(({ served }) => served === "b/m").length / later.length;
    expect(Math.abs(share - 1 / 3)).toBeLessThan(0.02);
  });

  test("all of them: each call still tries one, and the first that heals is found", () => {
    const simulation = new Simulation(3);
    const healsAtMs = simulation.nowMs + 60_000;
    const behave = (name: string, nowMs: number) => (name === "c/m" && nowMs >= healsAtMs ? well : down);
    const results = simulation.run(route, { calls: 5000, everyMs: 20 }, behave);
    expect(results.every(({ tried }) => tried.length >= 1)).toBe(true);
    const healed = results.filter(({ startedAtMs }) => startedAtMs > healsAtMs + 38_000);
    expect(healed.every(({ served }) => served === "c/m")).toBe(true);
  });

  test("one that is slow is out where the health says what slow is", () => {
    const health = { ...SETTINGS.health, slowMs: 1000 };
    const simulation = new Simulation(5, { health });
    const behave = (name: string) => (name === "a/m" ? { firstTokenMs: 3000, totalMs: 3500 } : well);
    const results = simulation.run(route, { calls: 3000, everyMs: 20 }, behave);
    const late = countOf(
      results
        .filter(({ startedAtMs }) => startedAtMs > (results[0]?.startedAtMs ?? 0) + 20_000)
        .map(({ served }) => served),
    );
    expect((late.get("a/m") ?? 0) / 2000).toBeLessThan(0.02);
  });
});

describe("rate-limit headers", () => {
  test("three credentials at 80 % of their total: under 0.1 % are refused by the provider", () => {
    const limit = 500;
    const windowMs = 60_000;
    const used = new Map<string, { startMs: number; count: number }>();
    const simulation = new Simulation(8);
    let refused = 0;
    const behave = (name: string, nowMs: number): Behaviour => {
      const startMs = nowMs - (nowMs % windowMs);
      const now = used.get(name);
      const own = now === undefined || now.startMs !== startMs ? { startMs, count: 0 } : now;
      used.set(name, own);
      own.count++;
      const resetMs = startMs + windowMs - nowMs;
      const headers = {
        "x-ratelimit-limit-requests": String(limit),
        "x-ratelimit-remaining-requests": String(Math.max(0, limit - own.count)),
        "x-ratelimit-reset-requests": `${resetMs}ms`,
      };
      if (own.count <= limit) return { totalMs: 200 + 600 * simulation.random(), headers };
      refused++;
      return { totalMs: 20, failure: failureOf("rate_limit", resetMs), headers };
    };
    const route = simulatedRoute([{ name: "a/m", keys: ["1", "2", "3"] }]);
    const calls = limit * 3 * 0.8 * 10;
    const results = simulation.run(route, { calls, everyMs: windowMs / (limit * 3 * 0.8) }, behave);
    expect(results.every(({ served }) => served !== undefined)).toBe(true);
    expect(refused / calls).toBeLessThan(0.001);
  });

  test.each([
    [
      {
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-reset-requests": "6m0s",
      },
      360_000,
    ],
    [
      {
        "anthropic-ratelimit-requests-remaining": "5",
        "anthropic-ratelimit-requests-limit": "10",
        "anthropic-ratelimit-requests-reset": "1970-01-01T00:01:00Z",
      },
      50_000,
    ],
    [{ "ratelimit-remaining": "5", "ratelimit-limit": "10", "ratelimit-reset": "7" }, 7000],
  ])("%j", (headers: Readonly<Record<string, string>>, resetMs) => {
    expect(readRateLimits({ header: (name) => headers[name] }, 10_000)).toEqual([
      { unit: "requests", remaining: 5, limit: 10, resetMs },
    ]);
  });

  test("what is no number or no time says nothing, and never throws", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        readRateLimits({ header: () => value }, 1000);
        const resetMs = untilResetMs(value, 1000);
        expect(resetMs === undefined || !Number.isNaN(resetMs)).toBe(true);
      }),
    );
  });
});
