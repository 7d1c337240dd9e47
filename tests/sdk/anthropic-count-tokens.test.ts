import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type AnthropicPair, rejection, startAnthropicPair } from "./anthropic-pair.ts";

/** How many tokens a request would take: from the provider where it counts, else an estimate that says so. */

setDefaultTimeout(20_000);

const MESSAGES = [{ role: "user" as const, content: "Who stands at the gate, and with whose leave?" }];
const COUNT = JSON.stringify({ input_tokens: 2095 });

let pair: AnthropicPair;

beforeAll(async () => {
  pair = await startAnthropicPair(
    ["routes:", "  both: { targets: [anthropic/busy, chat/gate-1] }", ""].join("\n"),
  );
});
beforeEach(async () => {
  await pair.upstream.clearScenarios();
  await pair.upstream.clearCalls();
});
afterAll(() => pair.dispose());

const count = (model: string, rest: Partial<Anthropic.MessageCountTokensParams> = {}) =>
  pair.anthropic.messages.countTokens({ model, messages: MESSAGES, ...rest }).withResponse();

describe("a provider that counts", () => {
  test("is asked, with the client's own words, and nothing is charged", async () => {
    await pair.upstream.scenario("counted", { body: { kind: "text", text: COUNT } });
    const { data, response } = await count("anthropic/counted", { system: "Be brief." });
    expect(data).toEqual({ input_tokens: 2095 });
    expect(response.headers.get("x-gatehouse-estimated")).toBeNull();
    expect(response.headers.get("x-gatehouse-cost-usd")).toBe("0");
    const call = await pair.lastCall();
    expect(call.path).toBe("/v1/messages/count_tokens");
    expect(JSON.parse(call.bodyText)).toEqual({ model: "counted", messages: MESSAGES, system: "Be brief." });

    const id = response.headers.get("x-request-id");
    const { attempts, requests } = await waitForLedger(pair.gateway, (rows) =>
      rows.attempts.some((row) => row.request_id === id && row.outcome !== null),
    );
    expect(attempts.filter((row) => row.request_id === id)).toMatchObject([
      { outcome: "ok", upstream_status: 200, input_tokens: 0, output_tokens: 0, cost_nanodollars: 0 },
    ]);
    expect(requests.find((row) => row.id === id)).toMatchObject({ operation: "count-tokens", attempts: 1 });
  });

  test("is asked with the client's betas", async () => {
    await pair.upstream.scenario("counted", { body: { kind: "text", text: COUNT } });
    const counted = await pair.anthropic.beta.messages.countTokens({
      model: "anthropic/counted",
      messages: MESSAGES,
      betas: ["context-1m-2025-08-07"],
    });
    expect(counted).toMatchObject({ input_tokens: 2095 });
    const beta = (await pair.lastCall()).headers.find(([name]) => name.toLowerCase() === "anthropic-beta");
    expect(beta?.[1]).toContain("context-1m-2025-08-07");
  });

  test("and refuses is believed", async () => {
    await pair.upstream.scenario("nobody", {
      status: 404,
      body: { kind: "recording", recording: "anthropic/anthropic-error-404" },
    });
    expect(await rejection(count("anthropic/nobody"))).toBeInstanceOf(Anthropic.NotFoundError);
    const bad = await rejection(
      pair.anthropic.messages.countTokens({ model: "anthropic/counted", messages: [] }),
    );
    expect(bad).toBeInstanceOf(Anthropic.BadRequestError);
  });

  test("and answers something else is an error", async () => {
    await pair.upstream.scenario("counted", { body: { kind: "text", text: "{}" } });
    expect(await rejection(count("anthropic/counted"))).toMatchObject({
      errorCode: "upstream_invalid_answer",
    });
  });
});

describe("an estimate", () => {
  test("where the provider's dialect has no counting: nobody is called, and the answer says so", async () => {
    const { data, response } = await count("chat/gate-1");
    expect(data.input_tokens).toBeGreaterThan(8);
    expect(data.input_tokens).toBeLessThan(30);
    expect(response.headers.get("x-gatehouse-estimated")).toBe("true");
    expect(response.headers.get("x-gatehouse-target")).toBe("chat/gate-1");
    expect(response.headers.get("x-gatehouse-attempts")).toBe("0");
    expect(await pair.upstream.callCount()).toBe(0);
    const id = response.headers.get("x-request-id");
    const { attempts, requests } = await waitForLedger(pair.gateway, (rows) =>
      rows.requests.some((row) => row.id === id),
    );
    expect(requests.find((row) => row.id === id)).toMatchObject({ outcome: "ok", status: 200, attempts: 0 });
    expect(attempts.filter((row) => row.request_id === id)).toEqual([]);
  });

  test("where the server is only alike and has no such path", async () => {
    for (const [status, text] of [
      [404, "404 page not found"],
      [405, '{"detail":"Method Not Allowed"}'],
    ] as const) {
      await pair.upstream.scenario("gate-2", {
        status,
        body: { kind: "text", text, contentType: "text/plain" },
      });
      const { response } = await count("alike/gate-2");
      expect(response.headers.get("x-gatehouse-estimated")).toBe("true");
      expect(response.headers.get("x-gatehouse-attempts")).toBe("1");
    }
  });

  test("where the route's first target is busy and the next one can't count", async () => {
    await pair.upstream.scenario("busy", {
      status: 529,
      body: { kind: "recording", recording: "anthropic/anthropic-error-529" },
    });
    const { response } = await count("both");
    expect(response.headers.get("x-gatehouse-target")).toBe("chat/gate-1");
    expect(response.headers.get("x-gatehouse-estimated")).toBe("true");
  });

  test("grows with images, documents and tools", async () => {
    const tokens = async (rest: Partial<Anthropic.MessageCountTokensParams>) =>
      (await count("chat/gate-1", rest)).data.input_tokens;
    const plain = await tokens({});
    const tool: Anthropic.Tool = {
      name: "look",
      description: "Looks at a gate",
      input_schema: { type: "object" },
    };
    const block = (content: Anthropic.ContentBlockParam) => ({
      messages: [{ role: "user" as const, content: [content] }],
    });
    expect(await tokens({ tools: [tool] })).toBeGreaterThan(plain + 10);
    expect(
      await tokens(block({ type: "image", source: { type: "url", url: "https://x.test/a.png" } })),
    ).toBeGreaterThan(1_000);
    const pdf = Buffer.alloc(200_000).toString("base64");
    expect(
      await tokens(
        block({ type: "document", source: { type: "base64", media_type: "application/pdf", data: pdf } }),
      ),
    ).toBeGreaterThan(5_000);
  });
});
