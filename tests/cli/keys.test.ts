import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommandResult,
  type GatewayProcess,
  runGatehouse,
  startGateway,
  waitUntil,
} from "../process/gateway-process.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(20_000);

interface NewKey {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly name: string;
}

let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

describe("gatehouse keys", () => {
  test("create prints the key once, and says what it is", async () => {
    const { exitCode, stdout, stderr } = await keys("create", "--project", "main-backend", "--name", "plain");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^gh_[\w-]{43}\n\nThis is the only time .* Id: key_[0-9a-f-]{36}, project: main-backend\.\nThe project is new, .*\n$/,
    );
    expect((await keys("list")).stdout).not.toContain(stdout.slice(0, 46));
  });

  test("create --json prints one object", async () => {
    const key = await create("--project", "main-backend", "--name", "as json");
    expect(key).toMatchObject({ project: "main-backend", name: "as json" });
    await waitUntil(async () => (await modelsOf(key.key)) === 200, 1000);
  });

  test("create --models bounds what the key may use", async () => {
    const { key } = await create("--project", "p", "--models", "openai/*, demo/other*");
    await waitUntil(async () => (await modelsOf(key)) === 200, 1000);
    expect(await chat(key, "demo/demo")).toBe(403);
    expect(await chat(key, "demo/otherwise")).not.toBe(403);
  });

  test("create --max-concurrent and --expires are stored", async () => {
    const { id } = await create("--project", "p", "--max-concurrent", "7", "--expires", "90d");
    const row = (await listed()).find((one) => one["id"] === id);
    expect(row).toMatchObject({ policy: { max_concurrent: 7 } });
    const expiresMs = Date.parse(String(row?.["expires_at"]));
    expect(Math.abs(expiresMs - Date.now() - 90 * 86_400_000)).toBeLessThan(60_000);
  });

  test.concurrent.each(["12h", "2099-01-31T12:00:00Z"])("--expires %s", async (when) => {
    expect((await create("--project", "p", "--expires", when)).id).toStartWith("key_");
  });

  test("list shows state and limits, never a key or a digest", async () => {
    const secret = await create("--project", "p", "--name", "to be revoked", "--models", "demo/*");
    expect((await keys("revoke", secret.id)).exitCode).toBe(0);
    const { stdout } = await keys("list");
    const line = stdout.split("\n").find((text) => text.includes(secret.id)) ?? "";
    expect(line).toContain("revoked");
    expect(line).toContain("demo/*");
    expect(line).toContain(`${secret.key.slice(0, 9)}...`);
    expect(stdout).not.toContain(secret.key.slice(0, 12));
    expect(stdout.split("\n")[0]).toMatch(/^project +name +key +state +models +created +expires +id$/);
    const json = (await keys("list", "--json")).stdout;
    expect(json).not.toContain("digest");
    expect(json).not.toContain(secret.key.slice(0, 12));
  });

  test("list says what to do where there are none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gatehouse-cli-"));
    try {
      const { stdout, exitCode } = await runGatehouse(
        ["keys", "list"],
        { GATEHOUSE_DATA: join(folder, "data") },
        folder,
      );
      expect([exitCode, stdout]).toEqual([
        0,
        "No keys yet. `./gatehouse keys create --project NAME` makes one.\n",
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.concurrent.each([
    [["--project", "p", "--expires", "soon"], "no date and no time from now"],
    [["--project", "p", "--expires", "2001-01-01"], "has already passed"],
    [["--project", "p", "--max-concurrent", "0"], "not a whole number above 0"],
    [["--project", "p", "--max-concurrent", "1.5"], "not a whole number above 0"],
    [["--project", "p", "--models", ","], "empty pattern"],
    [["--project", ""], "--project is empty"],
    [["--project", "p", "--name", " "], "--name is empty"],
  ])("create %p is refused with a mend", async (options, said) => {
    const { exitCode, stdout, stderr } = await keys("create", ...options);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^gatehouse: .*\n {2}mend: .*\n$/);
    expect(stderr).toContain(said);
  });

  test("revoke of nothing is refused with a mend", async () => {
    const { exitCode, stdout, stderr } = await keys("revoke", "nothing");
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('no single live key is called "nothing"');
    expect(stderr).toContain("  mend: ");
  });
});

function keys(...words: string[]): Promise<CommandResult> {
  return gateway.command("keys", ...words);
}

async function create(...options: string[]): Promise<NewKey> {
  const { exitCode, stdout, stderr } = await keys("create", "--json", ...options);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

async function listed(): Promise<Record<string, unknown>[]> {
  return JSON.parse((await keys("list", "--json")).stdout);
}

async function modelsOf(key: string): Promise<number> {
  return (await fetch(`${gateway.url}/v1/models`, { headers: { "x-api-key": key } })).status;
}

async function chat(key: string, model: string): Promise<number> {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] });
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "x-api-key": key },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}
