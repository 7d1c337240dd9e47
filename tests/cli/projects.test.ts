import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runGatehouse } from "../process/gateway-process.ts";
import { textAt, textsAt, valueAt } from "../process/json.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(30_000);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function gatehouse(...words: string[]): Promise<CommandResult> {
  return runGatehouse(words, { GATEHOUSE_DATA: join(folder, "data") }, folder);
}

async function done(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await gatehouse(...words);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return stdout;
}

async function json(...words: string[]): Promise<unknown> {
  return JSON.parse(await done(...words, "--json"));
}

describe("commands that only look", () => {
  test("make no data folder", async () => {
    for (const words of [["projects", "list"], ["keys", "list"], ["admin-keys", "list"], ["audit"]])
      await done(...words);
    expect(existsSync(join(folder, "data"))).toBe(false);
  });
});

describe("gatehouse projects", () => {
  test("create takes a policy as people type it", async () => {
    const project = await json(
      ...["projects", "create", "shop", "--title", "The shop", "--markup", "1.10", "--retention", "90d"],
      ...["--models", "openai/*, demo/*", "--max-output-tokens", "4000", "--max-concurrent", "20"],
      ...["--rate", "100/minute", "--rate", "200000 input-tokens/hour"],
      ...[
        "--budget",
        "25/month",
        "--budget",
        "5/day@Europe/Berlin",
        "--budget",
        "small=0.5/24h",
        "--budget",
        "99/total",
      ],
      ...["--origins", "https://app.example.com,http://localhost:5173"],
    );
    expect(project).toMatchObject({ name: "shop", title: "The shop", markup: "1.1", retention_days: 90 });
    const budget = (name: string, amount_usd: string, window: object) => ({
      name,
      amount_usd,
      window,
      alert_percents: [50, 80, 100],
    });
    expect(valueAt(project, "policy")).toEqual({
      models: ["openai/*", "demo/*"],
      max_output_tokens: 4000,
      max_concurrent: 20,
      rate_limits: [
        { unit: "requests", limit: 100, per: "minute" },
        { unit: "input_tokens", limit: 200_000, per: "hour" },
      ],
      budgets: [
        budget("month", "25", { kind: "calendar", per: "month", time_zone: "UTC" }),
        budget("day", "5", { kind: "calendar", per: "day", time_zone: "Europe/Berlin" }),
        budget("small", "0.5", { kind: "rolling", hours: 24 }),
        budget("total", "99", { kind: "total" }),
      ],
      origins: ["https://app.example.com", "http://localhost:5173"],
    });
  });

  test("set changes what is named, and clears what is to go", async () => {
    const changed = await json(
      ...["projects", "set", "shop", "--retention", "forever", "--max-concurrent", "5"],
      ...["--clear", "rate,budgets,origins"],
    );
    expect(changed).toMatchObject({ title: "The shop", retention_days: null });
    expect(valueAt(changed, "policy")).toEqual({
      models: ["openai/*", "demo/*"],
      max_output_tokens: 4000,
      max_concurrent: 5,
    });
  });

  test("a policy may come from a file; options go over it", async () => {
    const file = join(folder, "policy.json");
    writeFileSync(file, '{"models": ["a/*"], "recording": {"max_bytes": 1000, "keep_days": 3}}');
    const project = await json("projects", "create", "from-file", "--policy", file, "--models", "b/*");
    expect(valueAt(project, "policy")).toEqual({
      models: ["b/*"],
      recording: { max_bytes: 1000, keep_days: 3 },
    });
    writeFileSync(file, '{"modells": []}');
    const { exitCode, stderr } = await gatehouse("projects", "set", "from-file", "--policy", file);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("policy.modells is not a field here")]);
    expect(stderr).toContain("Did you mean `models`?");
  });

  test("list and show say how they stand", async () => {
    expect(await done("projects", "list")).toMatch(/^name +title +state +models +budgets +markup +created\n/);
    expect(await done("projects", "show", "shop")).toMatch(/^name +shop\ntitle +The shop\n/);
  });

  test("budgets lists how all stand", async () => {
    await done("projects", "create", "thrifty", "--budget", "2.5/total");
    expect(await done("budgets", "--project", "thrifty")).toMatch(
      /^budget +of +amount \$ +spent \$ +left \$ +used +resets\ntotal +project thrifty +2\.5 +0 +2\.5 +0 % +never\n$/,
    );
    expect(await json("budgets")).toContainEqual(
      expect.objectContaining({ scope: "project", id: "thrifty", name: "total", left_usd: "2.5" }),
    );
  });

  test("block, unblock and delete", async () => {
    await json("keys", "create", "--project", "shop", "--name", "k");
    expect(await done("projects", "block", "shop")).toContain("Blocked shop");
    expect(await done("projects", "list")).toMatch(/shop +The shop +blocked/);
    expect(await done("projects", "unblock", "shop")).toContain("Unblocked shop");
    const refused = await gatehouse("projects", "delete", "shop");
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("not revoked")]);
    await done("keys", "revoke", "k");
    expect(await done("projects", "delete", "shop")).toContain("Deleted shop");
    const gone = await gatehouse("projects", "show", "shop");
    expect([gone.exitCode, gone.stderr]).toEqual([1, expect.stringMatching(/was deleted\.\n {2}mend: /)]);
  });

  test("what can't be meant is refused with a mend, by the command line or by the API's schema", async () => {
    for (const [options, said] of [
      [["--rate", "100"], "is no rate"],
      [["--budget", "5/day@Mars"], "policy.budgets[0].window.time_zone is not a time zone"],
    ] as const) {
      const { exitCode, stdout, stderr } = await gatehouse("projects", "create", "refused", ...options);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^gatehouse: .*\n {2}mend: .*\n$/);
      expect(stderr).toContain(said);
    }
  });
});

describe("gatehouse keys, further", () => {
  test("set, show and what the project narrows", async () => {
    await json("projects", "create", "narrow", "--max-output-tokens", "10");
    const words = ["keys", "create", "--project", "narrow", "--name", "wide", "--max-output-tokens", "20"];
    expect(await done(...words, "--tag", "team=search")).toContain(
      "The project is narrower (max_output_tokens): 20 is more than the project's 10, which holds.",
    );
    const shown = await json("keys", "show", "wide");
    expect(shown).toMatchObject({ tags: { team: "search" }, effective: { max_output_tokens: 10 } });
    const changed = await json(
      ...["keys", "set", "wide", "--name", "slim", "--tag", "a=b", "--tag", "c=d=e", "--expires", "30d"],
      ...["--clear", "max-output-tokens", "--description", "for tests"],
    );
    expect(changed).toMatchObject({
      name: "slim",
      tags: { a: "b", c: "d=e" },
      description: "for tests",
      policy: {},
    });
    expect(
      valueAt(await json("keys", "set", textAt(shown, "id"), "--expires", "never"), "expires_at"),
    ).toBeNull();
    expect(await done("keys", "show", "slim")).toMatch(/tags +\{"a":"b","c":"d=e"\}\n/);
  });

  test("rotate prints the new secret once, and refuses a third", async () => {
    const made = await json("keys", "create", "--project", "narrow", "--name", "turned");
    const printed = await done("keys", "rotate", "turned", "--grace", "2h");
    expect(printed).toMatch(/^gh_[\w-]{43}\n\nThis is the only time .*\nThe old one is taken until .*\n$/);
    const again = await gatehouse("keys", "rotate", "turned");
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining("a key has two at most")]);
    expect(await done("keys", "rotate", textAt(made, "id"), "--grace", "0")).toContain("refused at once");
  });

  test("block and unblock", async () => {
    const { id } = textsAt(await json("keys", "create", "--project", "narrow", "--name", "stopped"), "id");
    expect(await done("keys", "block", "stopped")).toContain(`Blocked ${id}`);
    expect(await done("keys", "list", "--project", "narrow", "--state", "blocked")).toContain("stopped");
    expect(await done("keys", "unblock", id)).toContain(`Unblocked ${id}`);
  });

  test.each([
    [["rotate", "turned", "--grace", "long"], "no length of time"],
    [["list", "--state", "odd"], "state must be one of live"],
    [["show", "nobody"], "no single live key"],
  ])("%j is refused with a mend", async (words, said) => {
    const { exitCode, stderr } = await gatehouse("keys", ...words);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(stderr).toContain("mend: ");
  });

  test("admin keys are made, listed and revoked", async () => {
    const made = await json(
      "admin-keys",
      "create",
      "--name",
      "ops",
      "--role",
      "operator",
      "--expires",
      "90d",
    );
    expect(made).toMatchObject({ name: "ops", role: "operator", state: "live" });
    expect(valueAt(made, "key")).toMatch(/^gha_/);
    const listed = await done("admin-keys", "list");
    expect(listed).toMatch(/^name +role +key +state +created +expires +id\nops +operator /);
    expect(listed).not.toContain(valueAt(made, "key"));
    expect(await done("admin-keys", "revoke", textAt(made, "id"))).toContain("Revoked");
    const odd = await gatehouse("admin-keys", "create", "--name", "x", "--role", "emperor");
    expect([odd.exitCode, odd.stderr]).toEqual([1, expect.stringContaining("role must be one of viewer")]);
  });
});
