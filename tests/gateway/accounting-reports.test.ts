import { beforeAll, describe, expect, test } from "bun:test";
import { chat, gateway, refusal, runAccounted, USAGE, upstream } from "./accounts.ts";
import { metric } from "./numbered-calls.ts";

/** What calls add up to: the metrics and the usage reports. */

runAccounted();

describe("reports", () => {
  beforeAll(async () => {
    await upstream.scenarios({ cached: { body: USAGE }, broken: refusal(503, "unavailable") });
    for (const model of ["replay/priced", "replay/priced", "replay/unpriced", "replay/broken"]) {
      await chat({ model });
    }
    await chat({ model: "replay/cached", stream: true });
    await chat({ model: "gone/priced" });
  });

  test("/metrics counts calls, tokens, cost and errors", async () => {
    const expected = {
      'gatehouse_requests_total{dialect="openai-chat",outcome="ok"}': 4,
      'gatehouse_requests_total{dialect="openai-chat",outcome="failed"}': 2,
      'gatehouse_attempts_total{provider="replay",model="priced",outcome="ok"}': 2,
      'gatehouse_attempts_total{provider="replay",model="broken",outcome="failed"}': 1,
      'gatehouse_tokens_total{provider="replay",model="priced",kind="input"}': 28,
      'gatehouse_tokens_total{provider="replay",model="priced",kind="output"}': 30,
      'gatehouse_tokens_total{provider="replay",model="cached",kind="cached"}': 1024,
      'gatehouse_cost_usd_total{provider="replay",model="priced"}': 0.000088,
      'gatehouse_cost_usd_total{provider="replay",model="cached"}': 0.0003742,
      'gatehouse_upstream_errors_total{provider="replay",class="overloaded"}': 1,
      'gatehouse_upstream_errors_total{provider="gone",class="network"}': 2,
      'gatehouse_errors_total{code="upstream_overloaded"}': 1,
      'gatehouse_errors_total{code="upstream_unreachable"}': 1,
      'gatehouse_upstream_in_flight{provider="replay"}': 0,
      gatehouse_in_flight: 0,
      gatehouse_open_streams: 0,
    };
    for (const [series, value] of Object.entries(expected)) {
      expect({ series, value: await metric(gateway, series) }).toEqual({ series, value });
    }
  });

  test("`gatehouse usage --json` has exactly what the rows have", async () => {
    const { stdout } = await gateway.command("usage", "--json", "--by", "provider,model");
    const { data, total } = JSON.parse(stdout);
    const short = data.map((line: Record<string, unknown>) => [
      line["provider"],
      line["model"],
      line["calls"],
      line["errors"],
      line["input_tokens"],
      line["cached_input_tokens"],
      line["output_tokens"],
      line["cost_usd"],
      line["unpriced"],
    ]);
    expect(short.toSorted()).toEqual([
      ["gone", "priced", 2, 2, 0, 0, 0, "0", 0],
      ["replay", "broken", 1, 1, 0, 0, 0, expect.any(String), 1],
      ["replay", "cached", 1, 0, 1036, 1024, 7, "0.0003742", 0],
      ["replay", "priced", 2, 0, 28, 0, 30, "0.000088", 0],
      ["replay", "unpriced", 1, 0, 14, 0, 15, "0", 1],
    ]);
    expect(total).toMatchObject({ calls: 7, errors: 3, input_tokens: 1078, cost_usd: "0.0004622" });
    expect(total.total_ms.p50).toBeLessThanOrEqual(total.total_ms.p95);
    expect(total.first_token_ms.p50).toBeLessThanOrEqual(total.total_ms.p95);
  });

  test("the administration's page says the same", async () => {
    const headers = { authorization: `Bearer ${gateway.adminKey}` };
    const answer = await fetch(`${gateway.url}/admin/v1/usage?by=provider`, { headers });
    expect(await answer.json()).toMatchObject({
      data: [
        { provider: "replay", calls: 5, cost_usd: "0.0004622" },
        { provider: "gone", calls: 2, cost_usd: "0" },
      ],
      total: { calls: 7, errors: 3, cost_usd: "0.0004622" },
    });
  });

  test("the table has a line for each group, dearest first, and a total", async () => {
    const { stdout } = await gateway.command("usage", "--by", "model,project");
    const lines = stdout.trimEnd().split("\n");
    const cells = lines.map((line) => line.trim().split(/ {2,}/));
    expect(cells[0]?.slice(0, 7)).toEqual(["model", "project", "calls", "errors", "in", "cached", "out"]);
    expect(cells[1]?.slice(0, 9)).toEqual([
      "cached",
      "default",
      "1",
      "0",
      "1036",
      "1024",
      "7",
      "0.000374",
      "0",
    ]);
    expect(cells.at(-1)?.slice(0, 7)).toEqual(["total", "7", "3", "1078", "1024", "52", "0.000462"]);
  });

  test("the csv has exact costs and only lines of data", async () => {
    const { stdout } = await gateway.command("usage", "--csv", "--by", "model", "--provider", "replay");
    const lines = stdout.split("\r\n");
    const names = lines[0]?.split(",") ?? [];
    const cached = Object.fromEntries(lines[1]?.split(",").map((cell, index) => [names[index], cell]) ?? []);
    expect(cached).toMatchObject({
      model: "cached",
      calls: "1",
      errors: "0",
      input_tokens: "1036",
      cached_input_tokens: "1024",
      output_tokens: "7",
      cost_usd: "0.0003742",
      unpriced: "0",
      total_ms_p95: expect.stringMatching(/^\d+$/),
    });
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe("");
  });
});
