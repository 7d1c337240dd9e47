import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor } from "../process/pair.ts";
import { MESSAGES } from "../sdk/clients.ts";
import { rawCall } from "../sdk/raw-call.ts";
import type { CallRecord, Scenario } from "../upstream/client.ts";
import { expectTimely, gateway, LIMIT_MS, post, prepare, runBounded, upstream } from "./bounded-waiting.ts";
import { type FullQueue, fullQueue } from "./full-queue.ts";

/** Promise 9, bounded waiting for providers: connect, first byte, between bytes and total each have a limit. */

/** A provider for each limit, which is its name. */
async function limitedProviders(): Promise<string> {
  full = await fullQueue();
  const provider = (id: string, url: string, timeouts: string) =>
    `  ${id}: { dialect: openai-chat, base_url: "${url}/v1", key: sk-${id}, timeouts: { ${timeouts} } }\n`;
  return [
    provider("connect", `http://127.0.0.1:${full?.port ?? 9}`, `connect_ms: ${LIMIT_MS}`),
    provider("first", upstream.url, `first_byte_ms: ${LIMIT_MS}`),
    provider("between", upstream.url, `between_bytes_ms: ${LIMIT_MS}`),
    provider("total", upstream.url, `total_ms: ${LIMIT_MS}`),
  ].join("");
}

let full: FullQueue | undefined;

runBounded(limitedProviders);

afterAll(() => full?.end());

const BEGUN = { body: { kind: "stream-recording", recording: "openai/openai-chat-text" } } as const;
const WHOLE = { body: { kind: "recording", recording: "openai/openai-chat-text" } } as const;
const FIRST = `sent no answer within ${LIMIT_MS} ms`;
const BETWEEN = `fell silent in the middle of its answer for more than ${LIMIT_MS} ms`;
const TOTAL = `did not complete its answer within ${LIMIT_MS} ms`;

interface Limited {
  readonly what: string;
  readonly provider: "first" | "between" | "total";
  readonly scenario: Scenario;
  readonly sentence: string;
  readonly mend: string;
}

const WHOLE_CALLS: readonly Limited[] = [
  {
    what: "no headers",
    provider: "first",
    scenario: { fault: { kind: "hang-before-headers" } },
    sentence: FIRST,
    mend: "timeouts.first_byte_ms",
  },
  {
    what: "headers and nothing more",
    provider: "between",
    scenario: { ...WHOLE, fault: { kind: "hang-after-headers" } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "half a body",
    provider: "between",
    scenario: { ...WHOLE, fault: { kind: "hang-at-byte", bytes: 200 } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "a body byte by byte",
    provider: "total",
    scenario: { ...WHOLE, split: "every-byte", paceMs: 20 },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
  {
    what: "no headers, all in all",
    provider: "total",
    scenario: { fault: { kind: "hang-before-headers" } },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
];

const STREAMS: readonly Limited[] = [
  {
    what: "no headers",
    provider: "first",
    scenario: { fault: { kind: "hang-before-headers" } },
    sentence: FIRST,
    mend: "timeouts.first_byte_ms",
  },
  {
    what: "no event",
    provider: "between",
    scenario: { ...BEGUN, fault: { kind: "hang-after-headers" } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "five events",
    provider: "between",
    scenario: { ...BEGUN, fault: { kind: "hang-mid-stream", afterEvents: 5 } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "half an event",
    provider: "between",
    scenario: { ...BEGUN, fault: { kind: "hang-at-byte", bytes: 1000 } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "events too slowly",
    provider: "total",
    scenario: { ...BEGUN, paceMs: 60 },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
  {
    what: "an event byte by byte",
    provider: "total",
    scenario: { ...BEGUN, split: "every-byte", paceMs: 20 },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
];

describe("a whole answer of which the provider sends", () => {
  for (const limited of WHOLE_CALLS) {
    test.concurrent(limited.what, async () => {
      for (const { model, response, text, tookMs } of await calls(limited, false)) {
        expect(response.status).toBe(504);
        expectTimely(tookMs);
        expectTimeout(JSON.parse(text).error, limited, response);
        await expectGivenUp(model, response, 504);
      }
    });
  }
});

describe("a stream of which the provider sends", () => {
  for (const limited of STREAMS) {
    test.concurrent(limited.what, async () => {
      for (const { model, response, text, tookMs } of await calls(limited, true)) {
        // Comments have kept the client waiting, so the status was told long ago.
        expect(response.status).toBe(200);
        expectTimely(tookMs);
        const events = text.split("\n\n").slice(0, -1);
        const data = events.at(-1)?.split("data: ").at(-1) ?? "";
        expectTimeout(JSON.parse(data).error, limited, response);
        expect(text).not.toContain("[DONE]");
        expect(text).not.toContain("event: done");
        await expectGivenUp(model, response, 200);
      }
    });
  }

  test.concurrent("nothing for a client that reads nothing: the limit holds all the same", async () => {
    const model = await prepare({ body: { kind: "generated", events: 200_000, bytesPerEvent: 1000 } });
    const client = await rawCall(gateway, "/v1/chat/completions", {
      model: `total/${model}`,
      messages: MESSAGES,
      stream: true,
    });
    try {
      await client.until(({ packets }) => packets.length > 0);
      client.pause();
      const [seen] = await aborted(model);
      expectTimely((seen?.abortedAtMs ?? 0) - (seen?.receivedAtMs ?? 0));
      await waitForLedger(gateway, ({ attempts, requests }) => {
        const attempt = attempts.find((row) => row.model === model);
        const request = requests.find(({ requested_model }) => requested_model === `total/${model}`);
        return attempt?.outcome === "failed" && request?.outcome === "failed";
      });
    } finally {
      client.leave();
    }
  });
});

describe("a stream whose client would have to wait", () => {
  let silent: GatewayProcess;
  beforeAll(async () => {
    silent = await startGateway({
      configuration: `${configurationFor(upstream.url)}stream: { keep_alive_ms: 0 }
timeouts: { first_byte_ms: ${LIMIT_MS}, between_bytes_ms: ${LIMIT_MS} }
`,
    });
  });
  afterAll(() => silent.dispose());

  for (const kind of ["hang-before-headers", "hang-after-headers"] as const) {
    test.concurrent(`without comments, a limit is told by 504 (${kind})`, async () => {
      const model = await prepare({ ...BEGUN, fault: { kind } });
      const response = await post("/v1/chat/completions", `replay/${model}`, true, silent);
      expect(response.status).toBe(504);
      expect(await response.json()).toHaveProperty("error.code", "upstream_timeout");
    });
  }
});

test.concurrent("a provider that can't be connected to", async () => {
  if (full === undefined)
    return console.log("skipped: no queue of connections could be filled on this system");
  for (const path of ["/v1/chat/completions", "/generate"]) {
    const startedAtMs = performance.now();
    const response = await post(path, "connect/m", false);
    const { error } = (await response.json()) as { error: { message: string; mend: string } };
    expect(response.status).toBe(504);
    expectTimely(performance.now() - startedAtMs);
    expect(error.message).toContain(`could not be connected to within ${LIMIT_MS} ms`);
    expect(error.mend).toContain("timeouts.connect_ms");
  }
});

/** Waits until all calls for the model have been aborted; gives them. */
async function aborted(model: string): Promise<readonly CallRecord[]> {
  const ofModel = (calls: readonly CallRecord[]) => calls.filter(({ scenario }) => scenario === model);
  const calls = await upstream.waitForCalls((all) => {
    const own = ofModel(all);
    return own.length > 0 && own.every(({ outcome }) => outcome === "client-closed");
  });
  return ofModel(calls);
}

/** The same call in both contracts at once. */
async function calls({ provider, scenario }: Limited, stream: boolean) {
  const model = await prepare(scenario);
  const call = async (path: string) => {
    const startedAtMs = performance.now();
    const response = await post(path, `${provider}/${model}`, stream);
    const text = await response.text();
    return { model, response, text, tookMs: performance.now() - startedAtMs };
  };
  return Promise.all([call("/v1/chat/completions"), call("/generate")]);
}

function expectTimeout(
  error: Record<string, unknown>,
  { provider, sentence, mend }: Limited,
  response: Response,
): void {
  expect(error["code"]).toBe("upstream_timeout");
  expect(error["message"]).toContain(`${provider} ${sentence}.`);
  expect(error["mend"]).toContain(mend);
  expect(error["request_id"]).toBe(response.headers.get("x-request-id"));
}

/** The upstream call is aborted, and the ledger says why. */
async function expectGivenUp(model: string, response: Response, status: number): Promise<void> {
  await aborted(model);
  const id = response.headers.get("x-request-id");
  const rows = await waitForLedger(
    gateway,
    ({ attempts, requests }) =>
      attempts.some((row) => row.request_id === id && row.outcome !== null) &&
      requests.some((row) => row.id === id && row.outcome !== null),
  );
  expect(rows.attempts.filter((row) => row.request_id === id)).toMatchObject([
    { outcome: "failed", error_class: "timeout", error_code: "upstream_timeout", usage_source: "estimated" },
  ]);
  expect(rows.requests.find((row) => row.id === id)).toMatchObject({ outcome: "failed", status });
}
