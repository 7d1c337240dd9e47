import { describe, expect, test } from "bun:test";
import { nanoDollars } from "../../src/model/money.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import type { AttemptFacts, CallFacts } from "../../src/telemetry/call-facts.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";

const MAX_MODELS = 500;

function metrics(): Metrics {
  return new Metrics({
    openStreams: () => 3,
    inFlight: () => 4,
    upstreamInFlight: () => [["one", 2]],
    journalLag: () => ({ bytes: 5, oldestMs: 1500 }),
    ledgerHealth: () => ({
      storeFailure: "locked",
      journalFailure: undefined,
      rejectedLines: 2,
      droppedRecords: 0,
      droppedBodies: 0,
    }),
    configuration: () => ({ revision: 3, problems: [{ line: 7, path: "routes.fast" }] }),
    eventLoopDelayMs: () => 7,
  });
}

function attempt(more: Partial<AttemptFacts> = {}): AttemptFacts {
  return {
    outcome: "ok",
    usage: { ...NO_USAGE, inputTokens: 10, cachedInputTokens: 4, outputTokens: 2 },
    cost: nanoDollars(1_500_000_000),
    firstTokenMs: 20,
    totalMs: 40,
    ...more,
  };
}

async function lines(of: Metrics, name: string): Promise<string[]> {
  const { text } = await of.page();
  return text.split("\n").filter((line) => line.startsWith(name));
}

describe("the page of metrics", () => {
  test("counts attempts, tokens, cost and times", async () => {
    const counted = metrics();
    counted.attemptEnded("one", "m", attempt());
    counted.attemptEnded("one", "m", attempt({ outcome: "failed", errorClass: "server", usage: NO_USAGE }));
    const { text, contentType } = await counted.page();
    expect(contentType).toContain("text/plain");
    for (const line of [
      'gatehouse_attempts_total{provider="one",model="m",outcome="ok"} 1',
      'gatehouse_attempts_total{provider="one",model="m",outcome="failed"} 1',
      'gatehouse_upstream_errors_total{provider="one",class="server"} 1',
      'gatehouse_tokens_total{provider="one",model="m",kind="input"} 10',
      'gatehouse_tokens_total{provider="one",model="m",kind="cached"} 4',
      'gatehouse_tokens_total{provider="one",model="m",kind="output"} 2',
      'gatehouse_cost_usd_total{provider="one",model="m"} 3',
      'gatehouse_attempt_seconds_count{provider="one",model="m"} 2',
      'gatehouse_first_token_seconds_count{provider="one",model="m"} 2',
      "gatehouse_store_down 1",
      "gatehouse_journal_down 0",
      "gatehouse_journal_rejected_lines 2",
      "gatehouse_open_streams 3",
      "gatehouse_in_flight 4",
      'gatehouse_upstream_in_flight{provider="one"} 2',
      "gatehouse_journal_lag_bytes 5",
      "gatehouse_journal_lag_seconds 1.5",
      "gatehouse_event_loop_delay_seconds 0.007",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  test("counts calls by dialect and outcome, and errors by code", async () => {
    const counted = metrics();
    const request = { dialect: "generate" };
    const closing = { outcome: "failed", errorCode: "invalid_json" };
    const call = { request, closing } as CallFacts;
    counted.callEnded(call);
    counted.errorGiven("missing_key");
    expect(await lines(counted, "gatehouse_requests_total{")).toEqual([
      'gatehouse_requests_total{dialect="generate",outcome="failed"} 1',
    ]);
    expect((await lines(counted, "gatehouse_errors_total{")).sort()).toEqual([
      'gatehouse_errors_total{code="invalid_json"} 1',
      'gatehouse_errors_total{code="missing_key"} 1',
    ]);
  });

  test("clients choose models' names, so beyond 500 they count together", async () => {
    const counted = metrics();
    for (let i = 0; i < 3000; i++) counted.attemptEnded("one", `invented-${i}`, attempt());
    counted.attemptEnded("one", "invented-0", attempt());
    const counts = await lines(counted, "gatehouse_attempts_total{");
    expect(counts).toHaveLength(MAX_MODELS + 1);
    expect(counts).toContain('gatehouse_attempts_total{provider="one",model="other",outcome="ok"} 2500');
    expect(counts).toContain('gatehouse_attempts_total{provider="one",model="invented-0",outcome="ok"} 2');
    expect((await counted.page()).text.length).toBeLessThan(3_000_000);
  });

  test("a name can't break out of its label", async () => {
    const counted = metrics();
    counted.attemptEnded("one", 'x"} 1\ngatehouse_cost_usd_total{provider="evil"} 99\n#', attempt());
    expect(await lines(counted, 'gatehouse_cost_usd_total{provider="evil"')).toEqual([]);
    expect(await lines(counted, "gatehouse_attempts_total{")).toHaveLength(1);
  });
});
