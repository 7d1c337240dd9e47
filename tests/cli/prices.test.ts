import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type CommandResult, type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(30_000);

let upstream: ReplayServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = await startReplayServer();
  const provider = (name: string, more = "") =>
    `  ${name}: { base_url: "${upstream.url}/v1", key: ${UPSTREAM_KEY}${more} }`;
  gateway = await startGateway({
    configuration: [
      "providers:",
      provider("replay", ", dialect: openai-chat"),
      provider("openai"),
      "routes:",
      "  spare: { strategy: priority, targets: [replay/broken, replay/own] }",
      "prices:",
      "  replay/own:",
      "    { input: 0.333333333, output: 2, per_request: 0.001, service_tiers: { flex: { factor: 0.5 } },",
      "      tiers: [{ above: 200000, input: 4 }] }",
      "  replay/family-*: { input: 3, output: 4, cached_input: 1 }",
      "  openai/gpt-4o: { input: 2, output: 9 }",
      "",
    ].join("\n"),
  });
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const prices = (...words: string[]): Promise<CommandResult> => gateway.command("prices", ...words);

describe("gatehouse prices", () => {
  test("lists the operator's own, what is free, and the price data where nothing replaces it", async () => {
    const { stdout, stderr, exitCode } = await prices();
    expect([exitCode, stderr]).toEqual([0, ""]);
    const cells = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(cells[0]).toEqual(["provider", "model", "input $", "cached $", "output $", "context", "source"]);
    expect(cells.slice(1, 5)).toEqual([
      ["replay", "own", "0.333333333, above 200000: 4", "0.333333333, above 200000: 4", "2", "override"],
      ["replay", "family-*", "3", "1", "4", "override"],
      ["openai", "gpt-4o", "2", "2", "9", "128000", "override"],
      ["demo", "*", "0", "0", "0", "free"],
    ]);
    expect(cells.filter(([provider, model]) => provider === "openai" && model === "gpt-4o")).toHaveLength(1);
    const llama = cells.find(
      ([provider, model]) => provider === "groq" && model === "llama-3.3-70b-versatile",
    );
    expect(llama).toEqual(["groq", "llama-3.3-70b-versatile", "0.59", "0.59", "0.79", "price data"]);
  });

  test("looks for a model, of one provider where that is asked for", async () => {
    const { stdout } = await prices("gpt-4o*mini", "--provider", "openai", "--json");
    const found: { provider: string; model: string }[] = JSON.parse(stdout);
    expect(found.length).toBeGreaterThan(2);
    for (const { provider, model } of found) {
      expect(provider).toBe("openai");
      expect(model).toMatch(/gpt-4o.*mini/);
    }
    expect((await prices("no-such-model")).stdout).toBe("No price is known for that.\n");
  });

  test("--json has every rate, by size of request, and what is left out", async () => {
    const [own] = JSON.parse((await prices("replay/own", "--json")).stdout);
    expect(own).toMatchObject({ provider: "replay", model: "own", source: "override", incomplete: [] });
    expect(own.bands).toMatchObject([
      { above: 0, rates: { input: "0.333333333", reasoning: "2", request: "0.001" } },
      { above: 200_000, rates: { input: "4", output: "2" } },
    ]);
    const [live] = JSON.parse((await prices("gpt-4o-mini-realtime", "--json")).stdout);
    expect(live.bands[0].rates).toMatchObject({
      inputAudio: "10",
      cachedInputAudio: "0.3",
      outputAudio: "20",
    });
  });

  /** Lists a model's prices with a configuration file that is wrong, beside a data folder. */
  async function withWrongFile(
    folder: string,
  ): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const file = join(gateway.dataFolder, "wrong.yaml");
    await Bun.write(file, "prices: 5\n");
    const child = Bun.spawn([join(import.meta.dir, "../../gatehouse"), "prices", "llama-3.3-70b-versatile"], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", GATEHOUSE_CONFIG: file },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { stdout, stderr };
  }

  test("a configuration that is wrong leaves its prices out, and says so", async () => {
    const { stdout, stderr } = await withWrongFile(mkdtempSync(join(gateway.dataFolder, "empty-")));
    expect(stdout).toContain("price data");
    expect(stderr).toContain("prices: ");
    expect(stderr).toContain("the prices of the configuration are left out");
  });

  test("a file that is wrong beside a revision in force gives the revision's prices, and says so", async () => {
    const { stdout, stderr } = await withWrongFile(gateway.dataFolder);
    expect(stdout).toContain("price data");
    expect(stderr).toContain("prices: ");
    expect(stderr).toContain("revision 1 stays in force");
  });
});

describe("gatehouse prices explain", () => {
  async function call(model: string): Promise<string> {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello." }] }),
    });
    await response.text();
    expect(response.status).toBe(200);
    return response.headers.get("x-request-id") ?? "";
  }

  test("shows the sum line by line, attempt by attempt, for people and for programs", async () => {
    const answer = {
      service_tier: "flex",
      choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 14, completion_tokens: 15, num_search_queries: 2 },
    };
    await upstream.scenarios({
      broken: { status: 500, body: { kind: "text", text: "{}", contentType: "application/json" } },
      own: { body: { kind: "text", text: JSON.stringify(answer), contentType: "application/json" } },
    });
    const id = await call("spare");
    await waitForEndedAttempts(gateway, 2);
    const { stdout, exitCode } = await prices("explain", id);
    expect(exitCode).toBe(0);
    const text = stdout
      .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, "<moment>")
      .replace(/of genai-prices-\S+ sheet \S{16}/, "of <version>, sheet <sheet>");
    // 14 x 333.333333 + 15 x 2,000 = 34,666.666662, half of it 17,333.333331, with the fee 1,017,333.333331.
    expect(text).toBe(
      [
        `${id}  project default, asked for spare, <moment>`,
        "",
        "attempt 1  replay/broken  failed, usage estimated, <moment>",
        "  note: the model, or something that was used, has no price",
        "",
        "attempt 2  replay/own  ok, usage reported, <moment>",
        "  prices: override of <version>, sheet <sheet>, service tier flex",
        "              count  $ per million    $",
        "  input          14    0.333333333   0.000004666666662",
        "  output         15              2   0.00003",
        "  request         1     0.001 each   0.001",
        "  web search      2       no price",
        "  tier flex           tokens x 0.5  -0.000017333333331",
        "  rounding                          -0.000000000333331",
        "  cost                               0.001017333",
        "  note: web search: 2, without a price, hence not in the sum",
        "",
        "total  cost $0.001017333, 1 without a price",
        "",
      ].join("\n"),
    );
    const json = JSON.parse((await prices("explain", id, "--json")).stdout);
    expect(json).toMatchObject({
      requestId: id,
      costUsd: "0.001017333",
      billedUsd: "0.001017333",
      unpriced: 1,
    });
    expect(json.attempts[1]).toMatchObject({
      provider: "replay",
      model: "own",
      serviceTier: "flex",
      source: "override",
      above: 0,
      costUsd: "0.001017333",
      tierDiscount: { factor: "0.5", amountUsd: "-0.000017333333331" },
      roundingUsd: "-0.000000000333331",
    });
  });

  test("a request that the ledger does not have is told", async () => {
    expect(await prices("explain", "req_nothing")).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: "gatehouse: the ledger has no request req_nothing.\n",
    });
  });
});
