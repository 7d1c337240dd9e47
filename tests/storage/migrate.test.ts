import { expect, test } from "bun:test";
import { Kysely, SqliteDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { KeyDirectory } from "../../src/policy/identity/key-directory.ts";
import { makeKey } from "../../src/policy/identity/secret-key.ts";
import { kyselyDatabase } from "../../src/storage/kysely-database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { MIGRATIONS } from "../../src/storage/migrations/index.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import type { Tables } from "../../src/storage/schema.ts";

test("keys of version 0.1 keep what they may, and their admin keys everything", async () => {
  const database = openDatabase(":memory:", { create: false, checkpoint: false });
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyDatabase(database) }) });
  const migrator = new Migrator({ db: store, provider: { getMigrations: async () => MIGRATIONS } });
  await migrator.migrateTo("0002-request-warnings");
  await sql`insert into projects (name, created_at_ms) values ('shop', 5)`.execute(store);
  const secrets = new Map<string, string>();
  const rules = {
    free: [null, null],
    models: ['["a/*","b"]', null],
    both: ['["a/*"]', 3],
    none: ["[]", null],
    broken: ["{", 2],
  } as const;
  let revision = 10;
  for (const [name, [models, concurrent]] of Object.entries(rules)) {
    const { secret, digest, prefix } = makeKey("virtual");
    secrets.set(name, secret);
    await sql`insert into virtual_keys
      (id, project, name, digest, prefix, allowed_models, max_concurrent, created_at_ms, revision)
      values (${`key_${name}`}, 'shop', ${name}, ${digest}, ${prefix}, ${models}, ${concurrent}, 7, ${revision++})`.execute(
      store,
    );
  }
  const admin = makeKey("admin");
  await sql`insert into admin_keys (id, name, digest, prefix, created_at_ms, revision)
    values ('adm_1', 'owner', ${admin.digest}, ${admin.prefix}, 7, 40)`.execute(store);

  await migrate(database, store);

  const directory = await KeyDirectory.open(store);
  const allowed = Object.fromEntries(
    [...secrets].map(([name, secret]) => {
      const caller = directory.caller(secret, 0);
      const atOnce = caller.policies.map(({ policy }) => policy.maxConcurrent).at(-1);
      return [name, [atOnce, ...["a/x", "b", "c"].filter(caller.mayUse)]];
    }),
  );
  expect(allowed).toEqual({
    free: [undefined, "a/x", "b", "c"],
    models: [undefined, "a/x", "b"],
    both: [3, "a/x"],
    none: [undefined],
    broken: [undefined],
  });
  expect(directory.administrator(admin.secret, 0).role).toBe("owner");
  expect(await store.selectFrom("change_counter").select("value").execute()).toEqual([{ value: 40 }]);
  expect(await store.selectFrom("projects").selectAll().execute()).toMatchObject([
    { name: "shop", created_at_ms: 5, updated_at_ms: 5, policy: "{}", markup: "1", deleted_at_ms: null },
  ]);
  await store.destroy();
});
