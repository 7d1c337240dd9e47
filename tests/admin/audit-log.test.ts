import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { textAt, textsAt, valueAt } from "../process/json.ts";
import { type Administer, administration, everyEntry } from "./administration.ts";

setDefaultTimeout(20_000);

let gateway: GatewayProcess;
let administer: Administer;
const secrets: string[] = [];

beforeAll(async () => {
  gateway = await startGateway({ environment: { USER: "ada" } });
  administer = administration(gateway);
  secrets.push(gateway.adminKey, gateway.virtualKey);
});
afterAll(() => gateway.dispose());

const audit = "/admin/v1/audit-log";

describe("the audit log", () => {
  test("begins with what the first start made", async () => {
    const entries = await everyEntry(administer, audit);
    expect(entries.map(({ actor, action, resource }) => [valueAt(actor, "kind"), action, resource])).toEqual([
      ["gateway", "create", "admin_key"],
      ["gateway", "create", "key"],
      ["gateway", "create", "project"],
      ["gateway", "create", "configuration"],
    ]);
  });

  test("tells who changed what, when, from what to what", async () => {
    const beganMs = Date.now();
    const made = await administer("POST", "/admin/v1/keys", { project: "audited", name: "n" });
    const { id, key } = textsAt(made.body, "id", "key");
    secrets.push(key);
    await administer("PATCH", `/admin/v1/keys/${id}`, { policy: { max_concurrent: 3 } });
    const rotated = await administer("POST", `/admin/v1/keys/${id}/rotate`);
    secrets.push(textAt(rotated.body, "key"));
    await administer("POST", `/admin/v1/keys/${id}/block`);
    await administer("POST", `/admin/v1/keys/${id}/unblock`);
    await administer("DELETE", `/admin/v1/keys/${id}`);
    const entries = await everyEntry(administer, `${audit}?resource=key&resource_id=${id}`);
    expect(entries.map(({ action }) => action)).toEqual([
      "revoke",
      "unblock",
      "block",
      "rotate",
      "update",
      "create",
    ]);
    const session = (await administer("GET", "/admin/v1/session")).body;
    for (const { actor, at, id: auditId } of entries) {
      expect(actor).toEqual({ kind: "admin-key", id: valueAt(session, "key_id"), name: "owner" });
      expect(auditId).toMatch(/^aud_/);
      expect(Date.parse(textAt(at))).toBeGreaterThanOrEqual(beganMs);
    }
    const [create, update] = [entries.at(-1), entries.at(-2)];
    expect(create).toMatchObject({ before: null, request_id: made.headers.get("x-request-id") });
    expect([valueAt(update, "before", "policy"), valueAt(update, "after", "policy")]).toEqual([
      {},
      { max_concurrent: 3 },
    ]);
    expect(valueAt(update, "before")).toEqual(valueAt(create, "after"));
  });

  test("tells of the command line by its user", async () => {
    const made = await gateway.command("projects", "create", "by-command", "--title", "T");
    expect([made.exitCode, made.stderr]).toEqual([0, ""]);
    await gateway.command("projects", "set", "by-command", "--budget", "5/day");
    const entries = await everyEntry(administer, `${audit}?actor_id=ada`);
    expect(entries.map(({ actor, action, request_id }) => [actor, action, request_id])).toEqual([
      [{ kind: "command-line", id: "ada", name: "ada" }, "update", null],
      [{ kind: "command-line", id: "ada", name: "ada" }, "create", null],
    ]);
    const { stdout } = await gateway.command("audit", "--actor", "ada", "--since", "1h");
    expect(stdout).toMatch(/^when +who +did +what +changed\n/);
    expect(stdout).toMatch(/ada \(command-line\) +update +project by-command +policy\n/);
    const json = JSON.parse((await gateway.command("audit", "--actor", "ada", "--json")).stdout);
    expect(json).toEqual(entries);
  });

  test("filters by action, time and page", async () => {
    const all = await everyEntry(administer, audit, 3);
    expect(all).toEqual(await everyEntry(administer, audit));
    const blocks = await everyEntry(administer, `${audit}?action=block`);
    expect(blocks).toEqual(all.filter(({ action }) => action === "block"));
    const middle = valueAt(all[Math.floor(all.length / 2)], "at");
    const since = await everyEntry(administer, `${audit}?since=${middle}`);
    const until = await everyEntry(administer, `${audit}?until=${middle}`);
    expect([...since, ...until]).toEqual(all);
    const unknown = await administer("GET", `${audit}?action=eat`);
    expect([unknown.status, valueAt(unknown.body, "error", "field")]).toEqual([400, "action"]);
  });

  test("a change that was refused is not in it", async () => {
    const before = (await everyEntry(administer, audit)).length;
    await administer("POST", "/admin/v1/projects", { name: "audited" });
    await administer("DELETE", "/admin/v1/projects/default");
    await administer("PATCH", "/admin/v1/projects/audited", { title: "x", revision: 0 });
    expect((await everyEntry(administer, audit)).length).toBe(before);
  });

  test("holds no secret and no digest", async () => {
    const text = JSON.stringify(await everyEntry(administer, audit));
    for (const secret of secrets) {
      expect(text).not.toContain(secret.slice(12));
      expect(text).not.toContain(new Bun.CryptoHasher("sha256").update(secret).digest("hex"));
    }
  });
});
