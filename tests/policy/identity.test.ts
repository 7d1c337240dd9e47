import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Kysely } from "kysely";
import { insertAdminKey, revokeAdminKey } from "../../src/policy/identity/admin-key-store.ts";
import { credentialOf } from "../../src/policy/identity/credential.ts";
import { KeyDirectory } from "../../src/policy/identity/key-directory.ts";
import { insertVirtualKey, rotateVirtualKey, updateVirtualKey } from "../../src/policy/identity/key-store.ts";
import {
  findProject,
  insertProject,
  PLAIN_PROJECT,
  updateProject,
} from "../../src/policy/identity/project-store.ts";
import { digestOf, kindOf, makeKey } from "../../src/policy/identity/secret-key.ts";
import { change } from "../../src/storage/change.ts";
import { ChangeWatch } from "../../src/storage/change-watch.ts";
import { openSqliteInMemory } from "../../src/storage/open-sqlite.ts";
import type { Tables } from "../../src/storage/schema.ts";
import { waitUntil } from "../process/gateway-process.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
  return "none";
}

describe("the credential of a request", () => {
  test.each([
    [{ authorization: "Bearer gh_x" }, "gh_x"],
    [{ authorization: "bearer   gh_x  " }, "gh_x"],
    [{ "x-api-key": "gh_x" }, "gh_x"],
    [{ "x-goog-api-key": "gh_x" }, "gh_x"],
    [{ "x-api-key": "gh_a", "x-goog-api-key": "gh_b" }, "gh_a"],
    [{ authorization: "Bearer gh_a", "x-api-key": "gh_b" }, "gh_a"],
    [{ authorization: "Bearer a, Bearer b" }, "a, Bearer b"],
    [{ authorization: `Bearer ${"x".repeat(256)}` }, "x".repeat(256)],
  ])("%p is %p", (headers, credential) => {
    expect(credentialOf(new Headers(headers))).toBe(credential);
  });

  test.each([
    [{}, "missing_key"],
    [{ authorization: "" }, "missing_key"],
    [{ authorization: "Bearer" }, "missing_key"],
    [{ authorization: "Bearer " }, "missing_key"],
    [{ authorization: "Basic Z2g=" }, "missing_key"],
    [{ authorization: "gh_x" }, "missing_key"],
    [{ authorization: "Basic Z2g=", "x-api-key": "gh_b" }, "missing_key"],
    [{ "x-api-key": "" }, "missing_key"],
    [{ "x-goog-api-key": "" }, "missing_key"],
    [{ cookie: "key=gh_x" }, "missing_key"],
    [{ authorization: `Bearer ${"x".repeat(257)}` }, "invalid_key"],
    [{ "x-api-key": "x".repeat(1_000_000) }, "invalid_key"],
  ])("%# is refused", (headers, code) => {
    expect(codeOf(() => credentialOf(new Headers(headers as Record<string, string>)))).toBe(code);
  });
});

test("a key in the address is not taken, and is told where it belongs", () => {
  const refusal = (address: string): string => {
    try {
      return credentialOf(new Headers(), () => address);
    } catch (thrown) {
      return (thrown as { mend: string }).mend;
    }
  };
  for (const address of ["http://g/v1beta/models?key=gh_x", "http://g/x?alt=sse&key=gh_x"])
    expect(refusal(address)).toContain("x-goog-api-key");
  expect(refusal("http://g/v1beta/models?keys=1&monkey=2")).toContain("Authorization");
  expect(credentialOf(new Headers({ "x-api-key": "gh_x" }), () => "http://g/?key=gh_y")).toBe("gh_x");
});

describe("a new key", () => {
  test("has 256 random bits, is known by its digest, and shows six characters of itself", () => {
    const seen = new Set<string>();
    for (const [kind, start] of [
      ["virtual", "gh_"],
      ["admin", "gha_"],
    ] as const) {
      for (let i = 0; i < 500; i++) {
        const { secret, digest, prefix } = makeKey(kind);
        expect(secret.slice(start.length)).toMatch(/^[\w-]{43}$/);
        expect(Buffer.from(secret.slice(start.length), "base64url")).toHaveLength(32);
        expect(digest).toBe(digestOf(secret));
        expect(digest).toMatch(/^[0-9a-f]{64}$/);
        expect(prefix).toBe(secret.slice(0, start.length + 6));
        expect(kindOf(secret)).toBe(kind);
        seen.add(secret);
      }
    }
    expect(seen.size).toBe(1000);
  });

  test("of no kind of ours is of no kind", () => {
    for (const text of ["", "sk-x", "GH_x", "gha", "ghx_"]) expect(kindOf(text)).toBeUndefined();
  });
});

describe("the directory of keys", () => {
  let store: Kysely<Tables>;
  let directory: KeyDirectory;

  beforeEach(async () => {
    store = await openSqliteInMemory();
    directory = await KeyDirectory.open(store);
  });
  afterEach(() => store.destroy());

  const issueKey = (terms: Partial<Parameters<typeof insertVirtualKey>[1]> = {}) =>
    change(store, async (made) => {
      const { project = "p" } = terms;
      if ((await findProject(made.transaction, project)) === undefined)
        await insertProject(made, project, PLAIN_PROJECT);
      return insertVirtualKey(made, { ...PLAIN_KEY, ...terms });
    });
  const issueAdminKey = (terms: Partial<Parameters<typeof insertAdminKey>[1]> = {}) =>
    change(store, (made) =>
      insertAdminKey(made, { name: "owner", role: "owner", expiresAtMs: null, createdBy: "test", ...terms }),
    );
  const alterKey = (id: string, terms: Parameters<typeof updateVirtualKey>[2]) =>
    change(store, (made) => updateVirtualKey(made, id, terms));
  const alterProject = (name: string, terms: Parameters<typeof updateProject>[2]) =>
    change(store, (made) => updateProject(made, name, terms));
  const revoke = (id: string) => alterKey(id, { revoked_at_ms: 1 });

  test("knows callers and administrators apart", async () => {
    const virtual = await issueKey({ policy: '{"models":["a/*"],"max_concurrent":3}', tags: '{"team":"x"}' });
    const admin = await issueAdminKey();
    expect(codeOf(() => directory.caller(virtual.secret, 0))).toBe("invalid_key");
    await directory.refresh();
    const caller = directory.caller(virtual.secret, 0);
    expect(caller).toMatchObject({ project: "p", keyName: "n", tags: { team: "x" } });
    expect(caller.keyId as string).toBe(virtual.row.id);
    expect(caller.policies).toEqual([
      { scope: "project", id: "p", policy: {} },
      { scope: "key", id: virtual.row.id, policy: { models: ["a/*"], maxConcurrent: 3 } },
    ]);
    expect([caller.mayUse("a/x"), caller.mayUse("b/x")]).toEqual([true, false]);
    expect(directory.administrator(admin.secret, 0)).toEqual({
      keyId: admin.row.id,
      keyName: "owner",
      role: "owner",
    } as never);
    expect(codeOf(() => directory.caller(admin.secret, 0))).toBe("wrong_kind_of_key");
    expect(codeOf(() => directory.administrator(virtual.secret, 0))).toBe("wrong_kind_of_key");
    for (const wrong of ["", "x", `${virtual.secret} `, virtual.secret.slice(1), digestOf(virtual.secret)]) {
      expect(codeOf(() => directory.caller(wrong, 0))).toBe("invalid_key");
    }
  });

  test("refuses at the moment of expiry, and what was revoked as revoked", async () => {
    const { row, secret } = await issueKey({ expires_at_ms: 1000 });
    await directory.refresh();
    expect(directory.caller(secret, 999).keyId as string).toBe(row.id);
    expect(codeOf(() => directory.caller(secret, 1000))).toBe("expired_key");
    await revoke(row.id);
    await directory.refresh();
    expect(codeOf(() => directory.caller(secret, 0))).toBe("revoked_key");
    expect(codeOf(() => directory.caller(secret, 2000))).toBe("revoked_key");
  });

  test("refuses an admin key that was revoked or has expired, and takes an unknown role for the least", async () => {
    const { row, secret } = await issueAdminKey();
    const brief = await issueAdminKey({ expiresAtMs: 1000, role: "operator" });
    const odd = await issueAdminKey({ role: "emperor" as never });
    await directory.refresh();
    expect(directory.administrator(brief.secret, 999).role).toBe("operator");
    expect(codeOf(() => directory.administrator(brief.secret, 1000))).toBe("expired_key");
    expect(directory.administrator(odd.secret, 0).role).toBe("viewer");
    expect(codeOf(() => directory.administrator(secret, 0))).toBe("none");
    await change(store, (made) => revokeAdminKey(made, row.id));
    await directory.refresh();
    expect(codeOf(() => directory.administrator(secret, 0))).toBe("revoked_key");
  });

  test("a policy that can't be read opens no door, a key's no more than a project's", async () => {
    const { row, secret } = await issueKey();
    for (const stored of [
      "nothing",
      '"*"',
      "[]",
      '{"models":"*"}',
      '{"models":[]}',
      '{"modells":["*"]}',
      "null",
    ]) {
      await alterKey(row.id, { policy: stored });
      await directory.refresh();
      expect([stored, directory.caller(secret, 0).mayUse("a/x")]).toEqual([stored, false]);
      await alterKey(row.id, { policy: "{}" });
      await alterProject("p", { policy: stored });
      await directory.refresh();
      expect([stored, directory.caller(secret, 0).mayUse("a/x")]).toEqual([stored, false]);
      await alterProject("p", { policy: "{}" });
    }
    await directory.refresh();
    expect(directory.caller(secret, 0).mayUse("a/x")).toBe(true);
  });

  test("project and key hold together, each by a route's alias or by its targets' names", async () => {
    const { secret } = await issueKey({ policy: '{"models":["openai/*","groq/*"]}' });
    await alterProject("p", { policy: '{"models":["fast","openai/*-mini"]}' });
    await directory.refresh();
    const { mayUse, mayReach } = directory.caller(secret, 0);
    expect(["openai/x-mini", "openai/x", "groq/x", "fast"].map(mayUse)).toEqual([true, false, false, false]);
    expect([
      mayReach("fast", "groq/x"),
      mayReach("fast", "other/x"),
      mayReach("slow", "openai/x-mini"),
      mayReach("slow", "groq/x"),
    ]).toEqual([true, false, true, false]);
  });

  test("a change of a project reaches all its keys and no other's, and compiles its policy once", async () => {
    const [one, two] = [await issueKey(), await issueKey()];
    const other = await issueKey({ project: "other" });
    await directory.refresh();
    const before = directory.caller(other.secret, 0);
    await alterProject("p", { policy: '{"max_output_tokens":5}', markup: "1.5" });
    await directory.refresh();
    const [first, second] = [directory.caller(one.secret, 0), directory.caller(two.secret, 0)];
    expect(first.policies[0]?.policy).toEqual({ maxOutputTokens: 5 });
    expect(first.markup).toBe("1.5");
    expect(first.policies[0]).toBe(second.policies[0] as never);
    expect(directory.caller(other.secret, 0)).toBe(before);
    expect(before.markup).toBeUndefined();
    await alterProject("p", { blocked_at_ms: 1 });
    await directory.refresh();
    for (const { secret } of [one, two])
      expect(codeOf(() => directory.caller(secret, 0))).toBe("blocked_project");
    expect(directory.caller(other.secret, 0).keyId as string).toBe(other.row.id);
    await alterProject("p", { blocked_at_ms: null });
    await directory.refresh();
    expect(codeOf(() => directory.caller(one.secret, 0))).toBe("none");
  });

  test("a blocked key is refused until it is unblocked; revoking goes before", async () => {
    const { row, secret } = await issueKey();
    await alterKey(row.id, { blocked_at_ms: 1 });
    await directory.refresh();
    expect(codeOf(() => directory.caller(secret, 0))).toBe("blocked_key");
    await alterKey(row.id, { blocked_at_ms: null });
    await directory.refresh();
    expect(codeOf(() => directory.caller(secret, 0))).toBe("none");
    await alterKey(row.id, { blocked_at_ms: 1, revoked_at_ms: 1 });
    await directory.refresh();
    expect(codeOf(() => directory.caller(secret, 0))).toBe("revoked_key");
  });

  test("a rotated key has two secrets until its grace is over, and one identity", async () => {
    const { row, secret: old } = await issueKey();
    const rotated = await change(store, (made) => rotateVirtualKey({ ...made, atMs: 1000 }, row, 500));
    await directory.refresh();
    expect(directory.caller(old, 1499)).toBe(directory.caller(rotated.secret, 1499));
    expect(codeOf(() => directory.caller(old, 1500))).toBe("expired_key");
    expect(codeOf(() => directory.caller(rotated.secret, 1500))).toBe("none");
    const again = await change(store, (made) => rotateVirtualKey({ ...made, atMs: 1200 }, rotated.row, 0));
    await directory.refresh();
    expect(codeOf(() => directory.caller(old, 1200))).toBe("invalid_key");
    expect(codeOf(() => directory.caller(rotated.secret, 1200))).toBe("expired_key");
    expect(codeOf(() => directory.caller(again.secret, 1200))).toBe("none");
    await revoke(row.id);
    await directory.refresh();
    for (const secret of [rotated.secret, again.secret])
      expect(codeOf(() => directory.caller(secret, 0))).toBe("revoked_key");
  });

  test("a key's own expiry bounds the grace of its old secret", async () => {
    const { row, secret } = await issueKey({ expires_at_ms: 1200 });
    await change(store, (made) => rotateVirtualKey({ ...made, atMs: 1000 }, row, 5000));
    await directory.refresh();
    expect(codeOf(() => directory.caller(secret, 1199))).toBe("none");
    expect(codeOf(() => directory.caller(secret, 1200))).toBe("expired_key");
  });

  test("stores digests and never a secret", async () => {
    const virtual = await issueKey();
    const rotated = await change(store, (made) => rotateVirtualKey(made, virtual.row, 1000));
    const admin = await issueAdminKey();
    const rows = [
      await store.selectFrom("virtual_keys").selectAll().execute(),
      await store.selectFrom("admin_keys").selectAll().execute(),
    ];
    const stored = JSON.stringify(rows);
    for (const { secret } of [virtual, rotated, admin]) {
      expect(stored).toContain(digestOf(secret));
      expect(stored).not.toContain(secret.slice(12));
    }
  });

  test("many keys made at once take revisions that none of them hides behind", async () => {
    const keys = await Promise.all(
      Array.from({ length: 50 }, (_, i) => issueKey({ project: `p${i % 3}`, name: `n${i}` })),
    );
    await directory.refresh();
    for (const { row, secret } of keys) expect(directory.caller(secret, 0).keyId as string).toBe(row.id);
    await Promise.all(keys.map(({ row }) => revoke(row.id)));
    await directory.refresh();
    for (const { secret } of keys) expect(codeOf(() => directory.caller(secret, 0))).toBe("revoked_key");
  });

  test("a watch takes in at once what is asked for, and by itself what another process does", async () => {
    let failures = 0;
    const watch = new ChangeWatch(store, [directory], () => failures++);
    const first = await issueKey();
    await watch.refresh();
    expect(codeOf(() => directory.caller(first.secret, 0))).toBe("none");
    watch.start();
    const second = await issueKey();
    await waitUntil(() => codeOf(() => directory.caller(second.secret, 0)) === "none", 1000);
    watch.stop();
    expect(failures).toBe(0);
  });
});

const PLAIN_KEY = {
  project: "p",
  name: "n",
  description: null,
  policy: "{}",
  tags: "{}",
  expires_at_ms: null,
  createdBy: "test",
};
