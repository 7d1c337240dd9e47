import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(20_000);

const WITHIN_MS = 1000;

let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.dispose());

interface NewKey {
  readonly id: string;
  readonly key: string;
}

describe("14: revocation within 1 s", () => {
  test("a key that the command line makes works within 1 s, and one that it revokes is refused within 1 s", async () => {
    const { id, key } = await createByCommand("--name", "by command line");
    await becomes(key, 200);
    expect((await gateway.command("keys", "revoke", id)).exitCode).toBe(0);
    await becomes(key, 401);
    expect(await errorOf(key)).toMatchObject({
      code: "invalid_api_key",
      message: expect.stringContaining("revoked"),
    });
  });

  test("a key is revoked by its name where one live key has it, and never by an ambiguous one", async () => {
    const first = await createByCommand("--name", "twin");
    const second = await createByCommand("--name", "twin");
    const ambiguous = await gateway.command("keys", "revoke", "twin");
    expect(ambiguous.exitCode).toBe(1);
    expect(ambiguous.stderr).toContain("mend:");
    expect((await gateway.command("keys", "revoke", first.id)).exitCode).toBe(0);
    expect((await gateway.command("keys", "revoke", "twin")).exitCode).toBe(0);
    await becomes(first.key, 401);
    await becomes(second.key, 401);
  });

  test("a key that was given another's id as its name does not shield it", async () => {
    const wanted = await createByCommand("--name", "wanted");
    const shield = await createByCommand("--name", wanted.id);
    expect((await gateway.command("keys", "revoke", wanted.id)).exitCode).toBe(0);
    await becomes(wanted.key, 401);
    await becomes(shield.key, 200);
  });

  test("the admin API makes and revokes keys at once: the very next call is judged by it", async () => {
    for (let round = 0; round < 20; round++) {
      const { id, key } = await createByApi({ name: `round ${round}` });
      expect(await statusOf(key)).toBe(200);
      expect((await administer("DELETE", `/admin/v1/keys/${id}`)).status).toBe(200);
      expect(await statusOf(key)).toBe(401);
    }
  });

  test("a revocation is told the same however often it is asked for, and never of a key that never was", async () => {
    const { id } = await createByApi({ name: "once" });
    const first = await administer("DELETE", `/admin/v1/keys/${id}`);
    const second = await administer("DELETE", `/admin/v1/keys/${id}`);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await second.json()).toEqual(await first.json());
    const never = await administer("DELETE", "/admin/v1/keys/key_nothing");
    expect(never.status).toBe(404);
    expect((await never.json()) as object).toMatchObject({ error: { code: "not_found" } });
  });

  test("blocking a key or its project takes effect at once, from the command line within 1 s, and ends the same way", async () => {
    const { id, key } = await createByApi({ name: "blocked", project: "blocked" });
    expect((await administer("POST", `/admin/v1/keys/${id}/block`)).status).toBe(200);
    expect(await statusOf(key)).toBe(403);
    expect((await administer("POST", `/admin/v1/keys/${id}/unblock`)).status).toBe(200);
    expect(await statusOf(key)).toBe(200);
    expect((await administer("PATCH", "/admin/v1/projects/blocked", { blocked: true })).status).toBe(200);
    expect(await statusOf(key)).toBe(403);
    expect((await gateway.command("projects", "unblock", "blocked")).exitCode).toBe(0);
    await becomes(key, 200);
    expect((await gateway.command("keys", "block", id)).exitCode).toBe(0);
    await becomes(key, 403);
    expect(await errorOf(key)).toMatchObject({ code: "blocked_key" });
  });

  test("a rotated key's old secret goes at once where it was given no grace, else when that is over", async () => {
    const { id, key: first } = await createByApi({ name: "rotated" });
    const rotate = async (body: object) =>
      ((await (await administer("POST", `/admin/v1/keys/${id}/rotate`, body)).json()) as NewKey).key;
    const second = await rotate({ grace_seconds: 1 });
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
    await waitUntil(async () => (await statusOf(first)) === 401, 2500);
    expect(await errorOf(first)).toMatchObject({ message: expect.stringContaining("rotated") });
    const third = await rotate({ grace_seconds: 0 });
    expect([await statusOf(second), await statusOf(third)]).toEqual([401, 200]);
  });

  test("an admin key's revocation takes effect at once, from the command line within 1 s", async () => {
    const create = async () => {
      const answer = await administer("POST", "/admin/v1/admin-keys", { name: "brief", role: "viewer" });
      return (await answer.json()) as NewKey;
    };
    const statusOfAdmin = async (key: string) =>
      (await fetch(`${gateway.url}/admin/v1/session`, { headers: bearer(key) })).status;
    const one = await create();
    expect(await statusOfAdmin(one.key)).toBe(200);
    expect((await administer("DELETE", `/admin/v1/admin-keys/${one.id}`)).status).toBe(200);
    expect(await statusOfAdmin(one.key)).toBe(401);
    const two = await create();
    expect(await statusOfAdmin(two.key)).toBe(200);
    expect((await gateway.command("admin-keys", "revoke", two.id)).exitCode).toBe(0);
    await waitUntil(async () => (await statusOfAdmin(two.key)) === 401, WITHIN_MS);
  });

  test("a key expires at its moment, without a poll between", async () => {
    const expiresAtMs = Date.now() + 600;
    const { key } = await createByApi({ name: "brief", expires_at: new Date(expiresAtMs).toISOString() });
    let lastAllowedAtMs = 0;
    let firstRefusedAtMs = 0;
    await waitUntil(async () => {
      const askedAtMs = Date.now();
      const status = await statusOf(key);
      if (status === 200) lastAllowedAtMs = askedAtMs;
      else firstRefusedAtMs = Date.now();
      return status === 401;
    });
    expect(lastAllowedAtMs).toBeGreaterThan(0);
    expect(lastAllowedAtMs).toBeLessThan(expiresAtMs);
    expect(firstRefusedAtMs).toBeGreaterThanOrEqual(expiresAtMs);
    expect(await errorOf(key)).toMatchObject({ message: expect.stringContaining("expired") });
  });

  test("a revocation reaches a gateway that is busy", async () => {
    const { id, key } = await createByCommand("--name", "busy");
    await becomes(key, 200);
    let busy = true;
    const load = Array.from({ length: 8 }, async () => {
      while (busy) await statusOf(gateway.virtualKey);
    });
    expect((await gateway.command("keys", "revoke", id)).exitCode).toBe(0);
    await becomes(key, 401);
    busy = false;
    await Promise.all(load);
  });

  test("a revocation holds after a restart", async () => {
    const { id, key } = await createByApi({ name: "before restart" });
    expect((await administer("DELETE", `/admin/v1/keys/${id}`)).status).toBe(200);
    await gateway.end("SIGKILL");
    const again = await startGateway({ dataFolder: gateway.dataFolder });
    try {
      expect((await fetch(`${again.url}/v1/models`, { headers: bearer(key) })).status).toBe(401);
      expect((await fetch(`${again.url}/v1/models`, { headers: bearer(gateway.virtualKey) })).status).toBe(
        200,
      );
    } finally {
      await again.end("SIGKILL");
    }
  });
});

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

async function statusOf(key: string): Promise<number> {
  const answer = await fetch(`${gateway.url}/v1/models`, { headers: bearer(key) });
  await answer.arrayBuffer();
  return answer.status;
}

async function errorOf(key: string): Promise<unknown> {
  const answer = await fetch(`${gateway.url}/v1/models`, { headers: bearer(key) });
  return ((await answer.json()) as { error: unknown }).error;
}

/** Asks again and again until the promised second is over. */
function becomes(key: string, status: number): Promise<void> {
  return waitUntil(async () => (await statusOf(key)) === status, WITHIN_MS, `status ${status}`);
}

async function createByCommand(...options: string[]): Promise<NewKey> {
  const { stdout, exitCode, stderr } = await gateway.command(
    "keys",
    "create",
    "--project",
    "p",
    "--json",
    ...options,
  );
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

function administer(method: string, path: string, body?: object): Promise<Response> {
  return fetch(gateway.url + path, {
    method,
    headers: bearer(gateway.adminKey),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function createByApi(order: object): Promise<NewKey> {
  const answer = await administer("POST", "/admin/v1/keys", { project: "p", ...order });
  expect(answer.status).toBe(201);
  return (await answer.json()) as NewKey;
}
