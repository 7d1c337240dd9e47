import { describe, expect, test } from "bun:test";
import { type GatewayProcess, waitUntil } from "../process/gateway-process.ts";
import { type LedgerRows, waitForLedger as waitFor } from "../process/ledger-rows.ts";
import {
  ask,
  CALL,
  CHAT_FINISH,
  CHAT_TEXT,
  dataOf,
  gateway,
  provider,
  runBreaking,
  textOfChat,
} from "./broken-streams.ts";

/** Streams that break off after they have begun: where nobody can go on, the client is told so; where another target
 * does, its rows, charges and losses. */

runBreaking();

const waitForLedger = (of: GatewayProcess, condition: (rows: LedgerRows) => boolean): Promise<LedgerRows> =>
  waitFor(of, condition, 20_000);

describe("what can't be gone on with ends honestly", () => {
  const middle = Math.floor(CHAT_FINISH / 2);

  test.each([
    ["off", "the route doesn't allow it", middle],
    ["nobody", "no target can", middle],
    ["calls", "a tool call has begun", CALL.indexOf('finish_reason":"tool_calls') - 300],
  ])("%s: %s", async (route, _why, at) => {
    const response = await ask("chat", { route, text: CHAT_TEXT, at });
    const said = await response.text();
    expect(said).toContain('"upstream_interrupted"');
    expect(said).not.toContain("[DONE]");
    expect(said).not.toContain('"finish_reason":"stop"');
    const id = response.headers.get("x-request-id");
    const { attempts } = await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome !== null),
    );
    expect(attempts.filter((row) => row.request_id === id).length).toBe(1);
  });

  test("a budget can't pay for the rest", async () => {
    // All of it is set aside for the first attempt, which the second would need besides what that has cost.
    for (const [budget, isContinued] of [
      ["0.005/total", false],
      ["1/total", true],
    ] as const) {
      const { stdout } = await gateway.command(
        "keys",
        "create",
        "--project",
        `p${budget[0]}`,
        "--budget",
        budget,
      );
      const key = /gh_[\w-]+/.exec(stdout)?.[0] ?? "";
      const paid = { route: "paid", text: CHAT_TEXT, at: middle, key };
      let response = await ask("chat", paid);
      // The gateway looks for new keys now and then.
      await waitUntil(async () => {
        if (response.status === 401) response = await ask("chat", paid);
        return response.status !== 401;
      }, 20_000);
      const said = await response.text();
      expect([budget, said.includes("[DONE]")]).toEqual([budget, isContinued]);
      expect([budget, said.includes('"upstream_interrupted"')]).toEqual([budget, !isContinued]);
    }
  });

  test("a form of the answer holds from its beginning, so it is asked of nobody in the middle", async () => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({
        model: "chat-to-chat",
        stream: true,
        response_format: { type: "json_object" },
        messages: [{ role: "user", content: JSON.stringify({ at: middle, text: CHAT_TEXT }) }],
      }),
    });
    expect(await response.text()).toContain('"upstream_interrupted"');
  });
});

describe("a continued answer", () => {
  const middle = Math.floor(CHAT_FINISH / 2);

  test("has a row for each attempt with its own charge, and the client is told the usage of the whole", async () => {
    const before = provider.calls.length;
    const response = await ask("chat", { route: "chat-to-chat", text: CHAT_TEXT, at: middle });
    const said = await response.text();
    const id = response.headers.get("x-request-id");
    const { attempts, requests } = await waitForLedger(gateway, ({ requests: rows }) =>
      rows.some((row) => row.id === id && row.outcome !== null),
    );
    const [first, second] = attempts.filter((row) => row.request_id === id);
    expect(first).toMatchObject({ outcome: "failed", usage_source: "estimated", purpose: null, ordinal: 1 });
    expect(first?.output_tokens).toBeGreaterThan(0);
    expect(first?.cost_nanodollars).toBe(
      (first?.input_tokens ?? 0) * 1000 + (first?.output_tokens ?? 0) * 2000,
    );
    expect(second).toMatchObject({
      outcome: "ok",
      usage_source: "reported",
      purpose: "continuation",
      provider: "prefix",
      input_tokens: 100,
      output_tokens: 40,
      cost_nanodollars: 100 * 10_000 + 40 * 20_000,
    });
    const request = requests.find((row) => row.id === id);
    expect(request).toMatchObject({ outcome: "ok", attempts: 2, provider: "prefix" });
    expect(request?.warnings).toMatch(/stream continued: chat\/m broke off after [1-9]\d* characters/);
    const { tried } = JSON.parse(request?.routing ?? "{}") as { tried: { target: string; reason: string }[] };
    expect(tried.map(({ target, reason }) => [target, reason])).toEqual([
      ["chat/m", "first"],
      ["prefix/m", "continuation"],
    ]);
    const usage = dataOf(said)
      .filter((data) => data !== "[DONE]")
      .map((data) => JSON.parse(data).usage)
      .findLast((each) => each !== null && each !== undefined);
    const delivered = usage.completion_tokens - 40;
    expect(delivered).toBeGreaterThan(0);
    expect(usage.prompt_tokens).toBe(100 - delivered);
    const continuing = provider.calls.slice(before).find(({ path }) => path.startsWith("/chat/"));
    expect(continuing?.messages.at(-1)).toMatchObject({ role: "assistant", prefix: true });
    expect(continuing?.body["max_tokens"]).toBe(500 - delivered);
    await waitUntil(() => gateway.log().includes("stream continued by another target"), 20_000, "the log");
  });

  test("is gone on with once more where that breaks off too", async () => {
    const response = await ask("chat", { route: "twice", text: CHAT_TEXT, at: middle });
    const said = await response.text();
    expect(textOfChat(said)).toBe(CHAT_TEXT);
    expect(said.match(/\[DONE\]/g)?.length).toBe(1);
    const id = response.headers.get("x-request-id");
    const { attempts } = await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome !== null),
    );
    expect(
      attempts
        .filter((row) => row.request_id === id)
        .map(({ provider: name, outcome, purpose }) => [name, outcome, purpose]),
    ).toEqual([
      ["chat", "failed", null],
      ["again", "failed", "continuation"],
      ["prefix", "ok", "continuation"],
    ]);
    const again = provider.calls.findLast(({ path }) => path.startsWith("/breaking-again/"));
    expect(again?.body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });

  test("lacks what those that went on with it left out, and nothing that others would have", async () => {
    const warnings = async (route: string) => {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
        body: JSON.stringify({
          model: route,
          stream: true,
          seed: 7,
          messages: [{ role: "user", content: JSON.stringify({ at: middle, text: CHAT_TEXT }) }],
        }),
      });
      expect(await response.text()).toContain("[DONE]");
      const id = response.headers.get("x-request-id");
      const { requests } = await waitForLedger(gateway, ({ requests: rows }) =>
        rows.some((row) => row.id === id && row.outcome !== null),
      );
      return requests.find((row) => row.id === id)?.warnings ?? "";
    };
    const lossy = await warnings("lossy");
    expect(lossy).toContain("prefix/m went on");
    expect(lossy).not.toContain("seed");
    expect(await warnings("lost")).toContain("seed (anthropic)");
  });

  test("costs its client what its attempts cost together, each of them once", async () => {
    const response = await fetch(`${gateway.url}/generate`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({
        model: "twice",
        stream: true,
        prompt: JSON.stringify({ at: middle, text: CHAT_TEXT }),
      }),
    });
    const said = await response.text();
    const id = response.headers.get("x-request-id");
    const { attempts } = await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome !== null),
    );
    const costs = attempts
      .filter((row) => row.request_id === id)
      .map(({ cost_nanodollars: cost }) => cost ?? Number.NaN);
    expect(costs.length).toBe(3);
    const told = Number(/"cost_usd":([\d.e-]+)/.exec(said)?.[1]);
    expect(told).toBeCloseTo(costs.reduce((sum, cost) => sum + cost, 0) / 1e9, 9);
  });
});
