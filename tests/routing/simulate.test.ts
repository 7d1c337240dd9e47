import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandResult, type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type ActingProvider, startActingProvider } from "./acting-provider.ts";
import { seeded } from "./seeded.ts";

/*
 * `gatehouse simulate` on what a real gateway has recorded. tests/routing/replay.test.ts has the same over 100,000
 * requests by an injected clock.
 */

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(60_000);

const CALLS = 900;
const ROUTES = ["ordered", "split", "turns", "least", "fast", "cheap", "warm", "stuck", "divided", "tried"];

let provider: ActingProvider;
let gateway: GatewayProcess;

const written = (routes: string, prices = "") => `
providers:
  one: { dialect: openai-chat, base_url: "${provider.url}", key: key-1 }
  two: { dialect: openai-chat, base_url: "${provider.url}", key: key-2 }
  three: { dialect: openai-chat, base_url: "${provider.url}", keys: [{ key: a, name: a }, { key: b, name: b }] }
routes:
${routes}
prices:
  one/*: { input: 1, output: 2 }
  two/*: { input: 3, output: 4 }
  three/*: { input: 2, output: 3 }
${prices}`;

const targets = (model: string) => `targets: [one/${model}, two/${model}, three/${model}]`;

const USUAL = `
  ordered: { targets: [one/down, two/o], shadow: { target: three/copy, percent: 100 } }
  split: { strategy: weighted, ${targets("s")} }
  turns: { strategy: round-robin, ${targets("t")} }
  least: { strategy: least-in-flight, ${targets("l")} }
  fast: { strategy: lowest-latency, ${targets("f")} }
  cheap: { strategy: cheapest, ${targets("c")} }
  warm: { strategy: cache-affinity, ${targets("w")} }
  stuck: { strategy: sticky, by: "header:x-user", ${targets("k")} }
  divided: { experiment: { name: e, by: "header:x-user", arms: { a: { targets: [one/a] }, b: { targets: [two/b] } } } }
  tried: { targets: [one/x], canary: { target: two/x, percent: 30, by: "header:x-user" } }`;

beforeAll(async () => {
  const random = seeded(11);
  provider = startActingProvider(({ model, key }) => {
    if (model === "down" || model === "copy") return { status: 500 };
    if (model === "s" && random() < 0.1) return { status: 503 };
    return { delayMs: Math.floor((key === "key-1" ? 4 : 8) + 12 * random()) };
  });
  gateway = await startGateway({ configuration: written(USUAL) });
  let begun = 0;
  const client = async () => {
    for (let call = begun++; call < CALLS; call = begun++) await ask(call);
  };
  await Promise.all(Array.from({ length: 8 }, client));
  await ask(0, "one/direct");
  expect((await ask(0, "no-such-model")).status).toBe(404);
  await waitForLedger(
    gateway,
    ({ requests }) => requests.filter(({ outcome }) => outcome !== null).length >= CALLS + 2,
    30_000,
  );
});

afterAll(async () => {
  await gateway.dispose();
  await provider.stop();
});

async function ask(call: number, model = ROUTES[call % ROUTES.length]): Promise<Response> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${gateway.virtualKey}`,
      "x-user": `user ${call % 17}`,
    },
    body: JSON.stringify({
      model,
      stream: call % 3 === 0,
      messages: [{ role: "user", content: `Talk ${call % 23}` }],
    }),
  });
  await response.arrayBuffer();
  return response;
}

interface Report {
  readonly requests: number;
  readonly newly_refused: number;
  readonly cost_usd: { readonly before: string; readonly after: string };
  readonly decisions: { readonly same: number; readonly by_health: number; readonly different: number };
  readonly targets: readonly {
    readonly route: string | null;
    readonly target: string;
    readonly before: { readonly calls: number };
    readonly after: { readonly calls: number; readonly failed: number; readonly cost_usd: string };
  }[];
  readonly refusals: readonly { readonly model: string; readonly code: string; readonly after: number }[];
  readonly unknown: Readonly<Record<string, number>>;
}

async function simulated(...words: string[]): Promise<Report> {
  const { stdout, stderr } = await gateway.command("simulate", "--json", ...words);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Report;
}

function trying(routes: string, prices?: string): string {
  const file = join(gateway.dataFolder, "new.yaml");
  writeFileSync(file, written(routes, prices));
  return file;
}

describe("gatehouse simulate", () => {
  test("the unchanged configuration: the decisions were the same, and so were calls and costs", async () => {
    const { requests, decisions, cost_usd, targets: traffic, newly_refused } = await simulated();
    expect(requests).toBe(CALLS + 2);
    expect(newly_refused).toBe(0);
    // Copies of calls are none of them.
    expect(provider.calls.some(({ model }) => model === "copy")).toBe(true);
    expect(traffic.filter(({ target }) => target === "three/copy")).toEqual([]);
    // In a process whose calls overlap as they like: a few may hang on less than a thousandth of a millisecond.
    expect(decisions.different).toBeLessThanOrEqual(CALLS * 0.01);
    const sum = (read: (each: Report["targets"][number]) => number): number =>
      traffic.reduce((total, each) => total + read(each), 0);
    const calls = [sum(({ before }) => before.calls), sum(({ after }) => after.calls)];
    expect(Math.abs((calls[0] ?? 0) - (calls[1] ?? 0))).toBeLessThanOrEqual(CALLS * 0.02);
    expect(Number(cost_usd.after) / Number(cost_usd.before)).toBeCloseTo(1, 1);
  });

  test("another configuration: what would have gone where, and at what cost", async () => {
    const file = trying(USUAL.replace("[one/down, two/o]", "[two/o]"), "  two/o: { input: 0, output: 0 }");
    const { targets: traffic, newly_refused } = await simulated("--config", file);
    const ordered = traffic.filter(({ route }) => route === "ordered");
    expect(ordered.find(({ target }) => target === "one/down")?.after.calls).toBe(0);
    expect(ordered.find(({ target }) => target === "two/o")).toMatchObject({
      after: { calls: CALLS / ROUTES.length, cost_usd: "0" },
    });
    expect(newly_refused).toBe(0);
  });

  test("how copies at a shadow went tells how calls to it would have gone", async () => {
    const file = trying(USUAL.replace("[one/down, two/o]", "[three/copy, two/o]"));
    const { targets: traffic } = await simulated("--config", file);
    const shadow = traffic.find(({ route, target }) => route === "ordered" && target === "three/copy");
    // Of a target that nobody called it would be taken that all go well.
    expect(shadow?.after.failed).toBeGreaterThan(0);
  });

  test("what would be refused is told, with the reason, and is the exit code", async () => {
    const file = trying(USUAL.replace(/\n {2}split: .*/, ""));
    const result = await gateway.command("simulate", "--config", file);
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toMatch(/split +0 +90 +unknown_model/);
    expect(result.stdout).toMatch(/no-such-model +1 +1 +unknown_model/);
    expect(result.stdout).toContain("90 that were let through would be refused");
  });

  test("what was not kept of a call is told", async () => {
    const file = trying(
      USUAL.replace("turns: { strategy: round-robin", 'turns: { strategy: sticky, by: "header:x-other"'),
    );
    const { unknown } = await simulated("--config", file);
    expect(unknown["header"]).toBeGreaterThanOrEqual(CALLS / ROUTES.length);
  });

  test("a project's requests alone, and times", async () => {
    expect((await simulated("--project", "default")).requests).toBe(CALLS + 2);
    expectNothing(await gateway.command("simulate", "--project", "other"));
    expectNothing(await gateway.command("simulate", "--from", "2020-01-01", "--to", "2020-01-02"));
  });

  test("a configuration that can't be used is told with its line", async () => {
    const file = trying("  broken: { targets: [nobody/m] }");
    const { exitCode, stderr } = await gateway.command("simulate", "--config", file);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("new.yaml:");
    expect(stderr).toContain("nothing was simulated");
  });
});

function expectNothing({ exitCode, stderr }: CommandResult): void {
  expect(exitCode).toBe(1);
  expect(stderr).toContain("has no request");
  expect(stderr).toContain("mend: ");
}
