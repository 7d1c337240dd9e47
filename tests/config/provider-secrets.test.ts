import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { textAt, valueAt } from "../process/json.ts";
import { type CallRecord, type ReplayServer, startReplayServer } from "../upstream/client.ts";
import { call, type LiveGateway, liveGateway, startLoad } from "./live-gateway.ts";

/** Providers' secrets that are entered: encrypted, bound to their origin, changed under load. */

setDefaultTimeout(60_000);

let one: ReplayServer;
let two: ReplayServer;

beforeAll(async () => {
  [one, two] = await Promise.all([startReplayServer(), startReplayServer()]);
});
beforeEach(() => Promise.all([one.clearCalls(), two.clearCalls()]));
afterAll(() => Promise.all([one.stop(), two.stop()]));

/** Without a key of its own, and with both servers allowed, so that changes over the network may name them. */
function configuration(url: string, more = ""): string {
  return [
    `egress: { allow: ["${one.url}", "${two.url}"] }`,
    "providers:",
    `  mine: { dialect: openai-chat, base_url: ${url}/v1 }`,
    more,
  ].join("\n");
}

async function live(more = "", environment: Record<string, string> = {}): Promise<LiveGateway> {
  return liveGateway(await startGateway({ configuration: configuration(one.url, more), environment }));
}

function authorizations(calls: readonly CallRecord[]): (string | undefined)[] {
  return calls.map(({ headers }) => headers.find(([name]) => name.toLowerCase() === "authorization")?.[1]);
}

describe("a provider's secret", () => {
  test("is changed twenty times under load, and no call fails or carries another", async () => {
    const { gateway, administer } = await live();
    try {
      const enter = (secret: string) => administer("POST", "/admin/v1/providers/mine/secret", { secret });
      expect((await enter("sk-0")).status).toBe(201);
      const load = startLoad(gateway, "mine/x", 6);
      for (let change = 1; change <= 20; change++) {
        const secret = `sk-${change}`;
        if (change % 10 === 0) {
          const file = join(gateway.dataFolder, "secret.txt");
          writeFileSync(file, `${secret}\n`);
          const { stdout } = await gateway.command("providers", "secret", "set", "mine", "--file", file);
          expect(stdout).toBe(`Stored the secret of mine, for ${one.url} alone.\n`);
          await waitUntil(async () => authorizations(await one.calls()).includes(`Bearer ${secret}`));
        } else {
          const { status, body } = await enter(secret);
          expect([status, valueAt(body, "origin")]).toEqual([201, one.url]);
          // The very next call has it.
          await one.clearCalls();
          await waitUntil(async () => (await one.callCount()) > 6);
          expect(authorizations(await one.calls()).at(-1)).toBe(`Bearer ${secret}`);
        }
      }
      expect(await load.stop()).toEqual([]);
      const sent = new Set(authorizations(await one.calls()));
      expect(sent.has("Bearer sk-20")).toBe(true);
      expect([...sent].every((value) => /^Bearer sk-\d+$/.test(value ?? ""))).toBe(true);
    } finally {
      await gateway.dispose();
    }
  });

  test("goes to the origin that it was entered for, and has to be entered again for another", async () => {
    const changed = await live();
    const { gateway, administer } = changed;
    const mine = "/admin/v1/providers/mine";
    try {
      await administer("POST", `${mine}/secret`, { secret: "sk-of-one" });
      const moved = { settings: { base_url: `${two.url}/v1` } };
      const refused = await administer("PATCH", mine, moved);
      expect([
        refused.status,
        valueAt(refused.body, "error", "code"),
        valueAt(refused.body, "error", "field"),
      ]).toEqual([422, "invalid_configuration", "providers.mine.base_url"]);
      expect(valueAt(refused.body, "error", "message")).toContain(`entered for, ${one.url}`);
      // By the file neither.
      changed.write(configuration(two.url));
      await waitUntil(() => gateway.log().includes("configuration not taken in"), 10_000);
      expect((await call(gateway, "mine/x")).status).toBe(200);
      expect(authorizations(await one.calls())).toEqual(["Bearer sk-of-one"]);
      const entered = await administer("PATCH", mine, { ...moved, secret: "sk-of-two" });
      expect([entered.status, valueAt(entered.body, "id")]).toEqual([200, "mine"]);
      expect((await call(gateway, "mine/x")).status).toBe(200);
      expect(authorizations(await two.calls())).toEqual(["Bearer sk-of-two"]);
      const back = await administer("PATCH", mine, { settings: { base_url: `${one.url}/v1` } });
      expect(back.status).toBe(200);
      expect((await call(gateway, "mine/x")).status).toBe(200);
      expect(authorizations(await one.calls())).toEqual(["Bearer sk-of-one", "Bearer sk-of-one"]);
      expect(JSON.stringify(await two.calls())).not.toContain("sk-of-one");
    } finally {
      await gateway.dispose();
    }
  });

  test("is listed without being shown, is forgotten, and goes behind a key that is written", async () => {
    const changed = await live();
    const { gateway, administer } = changed;
    try {
      await administer("POST", "/admin/v1/providers/mine/secret", { secret: "sk-hidden" });
      const listed = await administer("GET", "/admin/v1/provider-secrets");
      expect(valueAt(listed.body, "data")).toMatchObject([{ provider: "mine", origin: one.url }]);
      const printed = await gateway.command("providers", "secret", "list", "--json");
      const audit = await administer("GET", "/admin/v1/audit-log?resource=provider_secret");
      expect(valueAt(audit.body, "data")).toMatchObject([
        { action: "create", resource_id: `mine ${one.url}` },
      ]);
      expect(JSON.stringify([listed.body, audit.body]) + printed.stdout).not.toContain("sk-hidden");
      expect((await administer("DELETE", "/admin/v1/providers/mine/secret")).status).toBe(200);
      await call(gateway, "mine/x");
      expect(authorizations(await one.calls())).toEqual([undefined]);
      const written = configuration(one.url).replace("/v1 }", "/v1, key: sk-written }");
      await changed.writeAndWait(written);
      const refused = await administer("POST", "/admin/v1/providers/mine/secret", { secret: "sk-other" });
      expect([refused.status, valueAt(refused.body, "error", "code")]).toEqual([409, "conflict"]);
      expect((await administer("POST", "/admin/v1/providers/nobody/secret", { secret: "x" })).status).toBe(
        404,
      );
      expect(
        (await administer("POST", "/admin/v1/providers/mine/secret", { secret: "two words" })).status,
      ).toBe(400);
    } finally {
      await gateway.dispose();
    }
  });

  test("makes a built-in provider one that is served, and can't be forgotten while a route needs it", async () => {
    const { gateway, administer } = await live();
    try {
      const before = await administer("GET", "/admin/v1/providers/groq");
      expect(before.status).toBe(404);
      const entered = await administer("POST", "/admin/v1/providers/groq/secret", { secret: "gsk-1" });
      expect(valueAt(entered.body, "origin")).toBe("https://api.groq.com");
      expect(valueAt((await administer("GET", "/admin/v1/providers/groq")).body, "provider")).toBe("groq");
      const { body } = await administer("GET", "/admin/v1/config");
      const text = `${textAt(body, "text")}\nroutes: { fast: { targets: [groq/llama-3.3-70b-versatile] } }\n`;
      expect((await administer("POST", "/admin/v1/config/apply", { text })).status).toBe(200);
      const refused = await administer("DELETE", "/admin/v1/providers/groq/secret");
      expect([refused.status, valueAt(refused.body, "error", "code")]).toEqual([
        422,
        "invalid_configuration",
      ]);
    } finally {
      await gateway.dispose();
    }
  });

  test("opens with the master key that sealed it, after that was changed too, and with no other", async () => {
    const key = (name: string) => Buffer.from(name.padEnd(32, "-")).toString("base64");
    const { gateway, administer } = await live("", { GATEHOUSE_MASTER_KEY: key("first") });
    const { dataFolder, virtualKey } = gateway;
    const file = { GATEHOUSE_CONFIG: join(dataFolder, "gatehouse.yaml") };
    const startWith = async (environment: Record<string, string>) => {
      await one.clearCalls();
      const again = await startGateway({ dataFolder, environment: { ...file, ...environment } });
      await call({ ...again, virtualKey }, "mine/x");
      await again.end();
      return { printed: again.printed, sent: authorizations(await one.calls()).at(-1) };
    };
    try {
      await administer("POST", "/admin/v1/providers/mine/secret", { secret: "sk-sealed" });
      await gateway.end();
      const both = { GATEHOUSE_MASTER_KEY: key("second"), GATEHOUSE_PREVIOUS_MASTER_KEY: key("first") };
      const known = [{ GATEHOUSE_MASTER_KEY: key("first") }, both, { GATEHOUSE_MASTER_KEY: key("second") }];
      for (const environment of known) {
        const { printed, sent } = await startWith(environment);
        expect(sent).toBe("Bearer sk-sealed");
        expect(printed).not.toContain("can't be opened");
      }
      const { printed, sent } = await startWith({ GATEHOUSE_MASTER_KEY: key("other") });
      expect(sent).toBeUndefined();
      expect(printed).toContain("can't be opened. It was encrypted with another master key");
    } finally {
      await gateway.dispose();
    }
  });
});

describe("a change over the network", () => {
  test("adds, changes and takes out a provider", async () => {
    const { gateway, administer } = await live();
    try {
      const settings = { dialect: "openai-chat", base_url: `${two.url}/v1`, models: ["x"] };
      const added = await administer("POST", "/admin/v1/providers", {
        id: "new",
        settings,
        secret: "sk-new",
      });
      expect([added.status, added.body]).toEqual([201, { id: "new", revision: 2 }]);
      expect(added.headers.get("etag")).toBe('"2"');
      expect((await call(gateway, "new/x")).status).toBe(200);
      expect(authorizations(await two.calls())).toEqual(["Bearer sk-new"]);
      const twice = await administer("POST", "/admin/v1/providers", { id: "new", settings });
      expect([twice.status, valueAt(twice.body, "error", "code")]).toEqual([409, "already_exists"]);
      const stale = await administer(
        "PATCH",
        "/admin/v1/providers/new",
        { settings: {} },
        { "if-match": '"1"' },
      );
      expect(stale.status).toBe(412);
      const changed = { settings: { timeouts: { total_ms: 5000 }, models: null } };
      expect(valueAt((await administer("PATCH", "/admin/v1/providers/new", changed)).body, "revision")).toBe(
        3,
      );
      expect(valueAt((await administer("GET", "/admin/v1/providers/new")).body, "timeouts_ms", "total")).toBe(
        5000,
      );
      expect(valueAt((await administer("DELETE", "/admin/v1/providers/new")).body, "revision")).toBe(4);
      expect((await call(gateway, "new/x")).status).toBe(404);
      const { body } = await administer("GET", "/admin/v1/config");
      expect(valueAt(body, "text")).toContain(`base_url: ${one.url}/v1`);
      expect(valueAt(body, "text")).not.toContain("new:");
    } finally {
      await gateway.dispose();
    }
  });

  test("brings in nothing of this machine and leads into no network of its own", async () => {
    const literal =
      "  written: { dialect: openai-chat, base_url: https://llm.example.com/v1, key: sk-literal-key }";
    const { gateway, administer } = await live(literal, {
      SOME_SECRET: "zq7x-of-the-environment",
      AZURE_CLIENT_SECRET: "zq7x-of-azure",
    });
    const remote = { dialect: "openai-chat", base_url: "https://other.example.com/v1" };
    const attempts: [settings: object, field: string][] = [
      [{ ...remote, headers: { "x-team": "${SOME_SECRET}" } }, "providers.new.headers.x-team"],
      [{ ...remote, headers: { "x-team": "file:/etc/passwd" } }, "providers.new.headers.x-team"],
      [{ ...remote, base_url: "https://${SOME_SECRET}.example.com/v1" }, "providers.new.base_url"],
      [{ ...remote, proxy: "http://proxy.example.com:3128" }, "providers.new.proxy"],
      [{ ...remote, base_url: "http://127.0.0.1:6379/v1" }, "providers.new.base_url"],
      [{ ...remote, base_url: "http://redis:6379/v1" }, "providers.new.base_url"],
      [{ ...remote, base_url: "http://10.0.0.1/v1" }, "providers.new.base_url"],
      [{ ...remote, base_url: "http://169.254.169.254/v1" }, "providers.new.base_url"],
      [{ ...remote, base_url: "http://0x7f000001:80/v1" }, "providers.new.base_url"],
    ];
    try {
      for (const [settings, field] of attempts) {
        const { status, body } = await administer("POST", "/admin/v1/providers", { id: "new", settings });
        expect([field, status, valueAt(body, "error", "field")]).toEqual([field, 422, field]);
        expect(JSON.stringify(body)).not.toContain("zq7x");
      }
      // What is left out of a credential is the environment's, and must not be sent to whoever the rest names.
      const builtIn: [id: string, settings: object, field: string][] = [
        [
          "azure",
          {
            options: { resource: "r" },
            credentials: { tenant_id: "t", client_id: "c", authority: "https://evil.example.com" },
          },
          "providers.azure.credentials.client_secret",
        ],
        [
          "azure",
          {
            options: { resource: "r" },
            credentials: {
              tenant_id: "t",
              client_id: "c",
              client_secret: "s",
              authority: "https://10.0.0.1",
            },
          },
          "providers.azure.credentials.authority",
        ],
        [
          "vertex",
          { options: { project: "p" }, credentials: { service_account: "metadata" } },
          "providers.vertex.credentials.service_account",
        ],
        [
          "bedrock",
          { options: { region: "eu-west-1" }, credentials: { role: "instance" } },
          "providers.bedrock.credentials.role",
        ],
        [
          "bedrock",
          { options: { region: "eu-west-1" }, credentials: { container_url: "https://evil.example.com/" } },
          "providers.bedrock.credentials.container_url",
        ],
      ];
      for (const [id, settings, field] of builtIn) {
        const { status, body } = await administer("POST", "/admin/v1/providers", { id, settings });
        expect([field, status, valueAt(body, "error", "field")]).toEqual([field, 422, field]);
      }
      const keyed = await administer("POST", "/admin/v1/providers", {
        id: "new",
        settings: { ...remote, key: "k" },
      });
      expect([keyed.status, valueAt(keyed.body, "error", "field")]).toEqual([400, "settings.key"]);
      const moved = { settings: { base_url: "https://evil.example.com/v1" } };
      const stolen = await administer("PATCH", "/admin/v1/providers/written", moved);
      expect([stolen.status, valueAt(stolen.body, "error", "field")]).toEqual([422, "providers.written.key"]);
      const { body } = await administer("GET", "/admin/v1/config");
      expect(valueAt(body, "text")).not.toContain("sk-literal");
      const text = textAt(body, "text")
        .replace(/key: \*+/, "key: sk-again")
        .replace("allow: [", 'allow: ["http://10.0.0.1", ');
      const widened = await administer("POST", "/admin/v1/config/apply", { text });
      expect([widened.status, valueAt(widened.body, "error", "field")]).toEqual([422, "egress.allow[0]"]);
      const checked = await administer("POST", "/admin/v1/config/check", { text });
      expect([valueAt(checked.body, "valid"), valueAt(checked.body, "problems", 0, "line")]).toEqual([
        false,
        1,
      ]);
      expect(valueAt((await administer("GET", "/admin/v1/config")).body, "revision")).toBe(1);
    } finally {
      await gateway.dispose();
    }
  });
});
