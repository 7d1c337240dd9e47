import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { masterKeyFiles, replaceMasterKey } from "../../src/assembly/master-key.ts";
import { MasterKeys } from "../../src/assembly/master-keys.ts";
import { type Administer, administration } from "../admin/administration.ts";
import { waitForBodies } from "../admin/recorded-call.ts";
import { startLoad } from "../config/live-gateway.ts";
import { removeTemporaryFolders, temporaryFolder } from "../ledger/temporary-folder.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { objectsAt, textsAt } from "../process/json.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** The master key changes while calls go on, and takes nothing away until it is told to. */

setDefaultTimeout(60_000);

let upstream: ReplayServer;
let gateway: GatewayProcess;
let administer: Administer;

beforeAll(async () => {
  upstream = await startReplayServer();
  const provider = `{ dialect: openai-chat, base_url: "${upstream.url}/v1" }`;
  gateway = await startGateway({ configuration: `providers:\n  entered: ${provider}\n` });
  administer = administration(gateway);
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
  removeTemporaryFolders();
});

const body = JSON.stringify({ model: "entered/x", messages: [{ role: "user", content: "hello" }] });

async function call(key: string, url = gateway.url, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body,
  });
  await answer.text();
  return { status: answer.status, headers: answer.headers };
}

/** The ids of the keys under which something in the store is sealed. */
function sealedBy(): Set<string> {
  const store = new Database(join(gateway.dataFolder, "data/gatehouse.db"), { readonly: true });
  try {
    const rows = store
      .query<{ sealed: string }, []>(
        "select sealed_secret as sealed from provider_secrets union all select sealed_text from configuration_revisions",
      )
      .all();
    return new Set(rows.map(({ sealed }) => sealed.split(".")[1] ?? ""));
  } finally {
    store.close();
  }
}

describe("under load", () => {
  test("no call fails; what the old key made is taken until it is forgotten", async () => {
    const [current, previous] = masterKeyFiles(join(gateway.dataFolder, "data"));
    expect(
      (await administer("POST", "/admin/v1/providers/entered/secret", { secret: "sk-entered" })).status,
    ).toBe(201);
    await administer("POST", "/admin/v1/projects", {
      name: "diary",
      policy: { recording: { max_bytes: 2000, keep_days: 7 } },
    });
    const { key } = textsAt(
      (await administer("POST", "/admin/v1/keys", { project: "diary", name: "d" })).body,
      "key",
    );
    const recorded = (await call(key)).headers.get("x-request-id") ?? "";
    const minted = await fetch(`${gateway.url}/v1/tokens`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({ end_user: "ada" }),
    });
    const { token } = (await minted.json()) as { token: string };
    const once = { "idempotency-key": "k1" };
    expect((await call(gateway.virtualKey, gateway.url, once)).headers.has("idempotent-replayed")).toBe(
      false,
    );
    await waitForBodies(administer, recorded, 2);
    const [before] = sealedBy();

    const load = startLoad(gateway, "entered/x", 4);
    const rotated = await gateway.command("master-key", "rotate");
    expect(rotated.stderr + rotated.stdout).toContain("The master key is another now");
    expect(rotated.stdout).toContain(`Back up ${current}: nothing `);
    await waitUntil(() => gateway.log().includes('"msg":"master key changed"'), 20_000, "the change");
    const made = load.made();
    await waitUntil(() => load.made() > made + 8, 20_000, "calls after the change");
    expect(await load.stop()).toEqual([]);

    const after = [...sealedBy()];
    expect([after.length, after[0] === before]).toEqual([1, false]);
    expect(rotated.stdout).toContain(`(${after[0]})`);
    expect([
      (statSync(current).mode & 0o777).toString(8),
      (statSync(previous).mode & 0o777).toString(8),
    ]).toEqual(["600", "600"]);
    expect((await call(token)).status).toBe(200);
    expect((await call(gateway.virtualKey, gateway.url, once)).headers.get("idempotent-replayed")).toBe(
      "true",
    );
    const path = `/admin/v1/requests/${recorded}/bodies/request`;
    expect((await administer("GET", path)).status).toBe(200);
    const anew = (await call(key)).headers.get("x-request-id") ?? "";
    await waitForBodies(administer, anew, 2);

    const twice = await gateway.command("master-key", "rotate");
    expect([twice.exitCode, twice.stderr.includes("master-key forget")]).toEqual([1, true]);
    expect((await gateway.command("master-key", "forget")).exitCode).toBe(0);
    expect(existsSync(previous)).toBe(false);
    await waitUntil(async () => (await call(token)).status === 401, 20_000, "the token's end");
    expect((await call(gateway.virtualKey)).status).toBe(200);
    expect((await administer("GET", path)).status).not.toBe(200);
    expect((await administer("GET", `/admin/v1/requests/${anew}/bodies/request`)).status).toBe(200);
    const { body: audit } = await administer("GET", "/admin/v1/audit-log?resource=master_key");
    expect(objectsAt(audit, "data").map(({ action }) => action)).toEqual(["delete", "rotate"]);

    expect(await gateway.end()).toBe(0);
    const environment = { GATEHOUSE_CONFIG: join(gateway.dataFolder, "gatehouse.yaml") };
    const again = await startGateway({ dataFolder: gateway.dataFolder, environment });
    expect(again.printed).not.toContain("can't be opened");
    expect((await call(gateway.virtualKey, again.url)).status).toBe(200);
    expect(JSON.stringify((await upstream.calls()).at(-1)?.headers)).toContain("sk-entered");
    await again.end("SIGKILL");
  });
});

describe("the keys of a data folder", () => {
  const folderWithKey = (): string => {
    const folder = join(temporaryFolder(), "data");
    mkdirSync(folder, { recursive: true });
    return folder;
  };

  test("are the new one and the one before, and a key that was put there by hand keeps the old one too", () => {
    const folder = folderWithKey();
    const keys = new MasterKeys(folder, {});
    const first = keys.current.id;
    const tokens = keys.derive("browser tokens");
    expect([keys.refresh(), keys.derive("browser tokens") === tokens]).toEqual([false, true]);
    replaceMasterKey(folder);
    expect(keys.refresh()).toBe(true);
    expect(keys.all.map(({ id }) => id)).toEqual([keys.current.id, first]);
    expect(keys.derive("browser tokens")[1]).toEqual(tokens[0]);
    const second = keys.current.id;
    rmSync(masterKeyFiles(folder)[1]);
    keys.refresh();
    expect(keys.all.map(({ id }) => id)).toEqual([second]);
    writeFileSync(masterKeyFiles(folder)[0], Buffer.alloc(32, 7).toString("base64"));
    keys.refresh();
    expect(keys.all.map(({ id }) => id)).toEqual([keys.current.id, second]);
  });

  test("are both kept where two changes begin at once: one of them is refused", () => {
    const folder = folderWithKey();
    const keys = new MasterKeys(folder, {});
    const first = keys.current.id;
    replaceMasterKey(folder);
    // The other has looked before this one began.
    expect(() => replaceMasterKey(folder)).toThrow("the last change of keys isn't finished");
    keys.refresh();
    expect(keys.all.map(({ id }) => id)).toEqual([keys.current.id, first]);
    expect(readdirSync(folder).sort()).toEqual(["master.key", "master.key.previous"]);
  });

  test("of changes in many processes at once are that of one, and the first", async () => {
    const folder = folderWithKey();
    const keys = new MasterKeys(folder, {});
    const first = keys.current.id;
    const module = JSON.stringify(join(import.meta.dir, "../../src/assembly/master-key.ts"));
    const script = `
      const { replaceMasterKey } = await import(${module});
      try {
        replaceMasterKey(${JSON.stringify(folder)});
        console.log("changed");
      } catch ({ name }) {
        console.log(name);
      }`;
    const told = await Promise.all(
      Array.from({ length: 4 }, () =>
        new Response(Bun.spawn([process.execPath, "-e", script], { stderr: "inherit" }).stdout).text(),
      ),
    );
    expect(told.sort()).toEqual([...Array(3).fill("MasterKeyUnusable\n"), "changed\n"]);
    keys.refresh();
    expect(keys.all.map(({ id }) => id)).toEqual([keys.current.id, first]);
  });

  test("have not begun to change where the new one can't be written", async () => {
    const folder = folderWithKey();
    const keys = new MasterKeys(folder, {});
    const first = keys.current.id;
    const module = JSON.stringify(join(import.meta.dir, "../../src/assembly/master-key.ts"));
    const script = `(await import(${module})).replaceMasterKey(${JSON.stringify(folder)})`;
    // No file may have a byte, as on a disk that is full.
    const full = `trap "" XFSZ; ulimit -f 0; exec "$0" -e "$1"`;
    const changing = Bun.spawn(["sh", "-c", full, process.execPath, script], { stderr: "ignore" });
    expect(await changing.exited).not.toBe(0);
    expect(readdirSync(folder)).not.toContain("master.key.previous");
    keys.refresh();
    expect(keys.all.map(({ id }) => id)).toEqual([first]);
    replaceMasterKey(folder);
    keys.refresh();
    expect(keys.all.map(({ id }) => id)).toEqual([keys.current.id, first]);
  });

  test("stay as they were where the file is taken away or broken", () => {
    const folder = folderWithKey();
    const keys = new MasterKeys(folder, {});
    const [file] = masterKeyFiles(folder);
    const text = readFileSync(file, "utf8");
    const { all } = keys;
    rmSync(file);
    expect(() => keys.refresh()).toThrow("taken away");
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, "half");
    expect(() => keys.refresh()).toThrow("does not hold a key");
    writeFileSync(file, text);
    expect([keys.refresh(), keys.all === all]).toEqual([false, true]);
  });

  test("of the environment can't be changed by a command", async () => {
    const variable = { GATEHOUSE_MASTER_KEY: Buffer.alloc(32, 3).toString("base64") };
    const started = await startGateway({ environment: variable });
    try {
      const { exitCode, stderr } = await started.command("master-key", "rotate");
      expect([exitCode, stderr.includes("GATEHOUSE_PREVIOUS_MASTER_KEY")]).toEqual([1, true]);
    } finally {
      await started.dispose();
    }
  });
});
