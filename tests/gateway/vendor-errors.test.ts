import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Pair, startPair } from "../process/pair.ts";
import type { Scenario } from "../upstream/scenario.ts";

setDefaultTimeout(20_000);

let pair: Pair;

beforeAll(async () => {
  pair = await startPair("", {});
});
afterAll(() => pair.dispose());

function refusal(status: number, body: object, headers: Record<string, string> = {}): Scenario {
  return { status, headers, body: { kind: "text", text: JSON.stringify(body) } };
}

async function ask(scenario: Scenario): Promise<Response> {
  await pair.upstream.scenario("m", scenario);
  return pair.post("/generate", { prompt: "Hello!", model: "replay/m" });
}

test("a rate limit tells the client when the limit that is used up begins anew", async () => {
  const headers = {
    "x-ratelimit-remaining-requests": "12",
    "x-ratelimit-reset-requests": "8m",
    "x-ratelimit-remaining-tokens": "0",
    "x-ratelimit-reset-tokens": "7.2s",
  };
  const response = await ask(refusal(429, { error: { message: "Rate limit reached" } }, headers));
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe("8");
  expect(response.headers.get("x-gatehouse-error")).toBe("upstream_rate_limit");
});

test("a list of findings reaches the client as a sentence", async () => {
  const body = { detail: [{ loc: ["body", "seed"], msg: "Extra inputs are not permitted" }] };
  const response = await ask(refusal(422, body));
  expect(response.status).toBe(422);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(error.message).toContain("replay: body.seed: Extra inputs are not permitted");
});

test("an account without money is the operator's to mend, whatever the status", async () => {
  for (const status of [402, 403, 429]) {
    const response = await ask(refusal(status, { error: { message: "Insufficient balance" } }));
    expect(response.headers.get("x-gatehouse-error")).toBe("upstream_quota");
  }
});
