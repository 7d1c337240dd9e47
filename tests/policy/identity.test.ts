import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Kysely } from "kysely";
import { credentialOf } from "../../src/policy/identity/credential.ts";
import { KeyDirectory } from "../../src/policy/identity/key-directory.ts";
import { createAdminKey, createVirtualKey, revokeVirtualKey } from "../../src/policy/identity/key-store.ts";
import { digestOf, kindOf, makeKey } from "../../src/policy/identity/secret-key.ts";
import { openSqliteInMemory } from "../../src/storage/open-sqlite.ts";
import type { Tables } from "../../src/storage/schema.ts";

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
    directory = await KeyDirectory.open(store, () => {});
  });
  afterEach(async () => {
    directory.close();
    await store.destroy();
  });

  test("knows callers and administrators apart", async () => {
    const virtual = await createVirtualKey(store, {
      project: "p",
      name: "n",
      allowedModels: ["a/*"],
      maxConcurrent: 3,
    });
    const admin = await createAdminKey(store, "owner");
    expect(codeOf(() => directory.caller(virtual.secret, 0))).toBe("invalid_key");
    await directory.refresh();
    const caller = directory.caller(virtual.secret, 0);
    expect(caller).toMatchObject({
      project: "p",
      keyId: virtual.id,
      keyName: "n",
      maxConcurrent: 3,
      allowedModels: ["a/*"],
    });
    expect([caller.mayUse("a/x"), caller.mayUse("b/x")]).toEqual([true, false]);
    expect(directory.administrator(admin.secret, 0)).toEqual({ keyId: admin.id, keyName: "owner" } as never);
    expect(codeOf(() => directory.caller(admin.secret, 0))).toBe("wrong_kind_of_key");
    expect(codeOf(() => directory.administrator(virtual.secret, 0))).toBe("wrong_kind_of_key");
    for (const wrong of ["", "x", `${virtual.secret} `, virtual.secret.slice(1), digestOf(virtual.secret)]) {
      expect(codeOf(() => directory.caller(wrong, 0))).toBe("invalid_key");
    }
  });

  test("refuses at the moment of expiry, and what was revoked as revoked", async () => {
    const { id, secret } = await createVirtualKey(store, { project: "p", name: "n", expiresAtMs: 1000 });
    await directory.refresh();
    expect(directory.caller(secret, 999).keyId as string).toBe(id);
    expect(codeOf(() => directory.caller(secret, 1000))).toBe("expired_key");
    expect(await revokeVirtualKey(store, id)).toBe(id);
    await directory.refresh();
    expect(codeOf(() => directory.caller(secret, 0))).toBe("revoked_key");
    expect(codeOf(() => directory.caller(secret, 2000))).toBe("revoked_key");
  });

  test("refuses an admin key that was revoked in the store", async () => {
    const { id, secret } = await createAdminKey(store, "owner");
    await directory.refresh();
    expect(codeOf(() => directory.administrator(secret, 0))).toBe("none");
    await store
      .updateTable("admin_keys")
      .set({ revoked_at_ms: 1, revision: 1000 })
      .where("id", "=", id)
      .execute();
    await directory.refresh();
    expect(codeOf(() => directory.administrator(secret, 0))).toBe("revoked_key");
  });

  test("a rule of models that can't be read opens no door", async () => {
    const { id, secret } = await createVirtualKey(store, { project: "p", name: "n" });
    for (const [revision, stored] of ['"*"', "{}", "[]", "[1,null]", "null"].entries()) {
      await store
        .updateTable("virtual_keys")
        .set({ allowed_models: stored, revision: 1000 + revision })
        .where("id", "=", id)
        .execute();
      await directory.refresh();
      expect([stored, directory.caller(secret, 0).mayUse("a/x")]).toEqual([stored, false]);
    }
  });

  test("stores digests and never a secret", async () => {
    const virtual = await createVirtualKey(store, { project: "p", name: "n" });
    const admin = await createAdminKey(store, "owner");
    const rows = [
      await store.selectFrom("virtual_keys").selectAll().execute(),
      await store.selectFrom("admin_keys").selectAll().execute(),
    ];
    const stored = JSON.stringify(rows);
    expect(stored).toContain(digestOf(virtual.secret));
    expect(stored).toContain(digestOf(admin.secret));
    for (const { secret } of [virtual, admin]) expect(stored).not.toContain(secret.slice(12));
  });

  test("many keys made at once take revisions that none of them hides behind", async () => {
    const keys = await Promise.all(
      Array.from({ length: 50 }, (_, i) => createVirtualKey(store, { project: `p${i % 3}`, name: `n${i}` })),
    );
    await directory.refresh();
    for (const { id, secret } of keys) expect(directory.caller(secret, 0).keyId as string).toBe(id);
    for (const { id } of keys) expect(await revokeVirtualKey(store, id)).toBe(id);
    await directory.refresh();
    for (const { secret } of keys) expect(codeOf(() => directory.caller(secret, 0))).toBe("revoked_key");
  });
});
