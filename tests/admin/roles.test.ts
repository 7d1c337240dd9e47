import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { resources } from "../../src/assembly/administration.ts";
import { type AdminRole, roleSuffices } from "../../src/model/admin-role.ts";
import type { RouteEntry } from "../../src/server/route-table.ts";
import { waitUntil } from "../process/gateway-process.ts";
import { textAt, valueAt } from "../process/json.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { routeEntries } from "../server/route-entries.ts";
import { type Administer, administration, everyEntry } from "./administration.ts";
import { EXAMPLES, type Example } from "./examples.ts";
import { makeRecordedCall } from "./recorded-call.ts";

setDefaultTimeout(20_000);

type AdminEntry = Extract<RouteEntry, { access: "admin-key" }>;

const ENTRIES = routeEntries.filter((entry): entry is AdminEntry => entry.access === "admin-key");

/** Who knocks, and what they are refused with whatever the route; those with a role are judged by the route's. */
const VISITORS: {
  readonly [visitor: string]: { readonly refusal?: [number, string]; readonly role?: AdminRole };
} = {
  "no key": { refusal: [401, "missing_key"] },
  "a wrong key": { refusal: [401, "invalid_key"] },
  "a revoked key": { refusal: [401, "revoked_key"] },
  "an expired key": { refusal: [401, "expired_key"] },
  "a virtual key": { refusal: [403, "wrong_kind_of_key"] },
  "a viewer": { role: "viewer" },
  "an operator": { role: "operator" },
  "an owner": { role: "owner" },
};

let pair: Pair;
let owner: Administer;
const visits = new Map<string, Administer>();

beforeAll(async () => {
  // Nobody listens there: a test message that is not delivered is an answer, too.
  const secret = `whsec_${Buffer.alloc(32).toString("base64")}`;
  pair = await startPair(
    `egress: { allow: ["http://127.0.0.1:9"] }\nalerts: { webhook: { url: "http://127.0.0.1:9/", secret: "${secret}" } }\nroutes: { spare: { targets: [demo/demo] } }\n`,
  );
  const { gateway } = pair;
  owner = administration(gateway);
  const issue = async (role: AdminRole, more: object = {}) =>
    (await owner("POST", "/admin/v1/admin-keys", { name: role, role, ...more })).body;
  const revoked = await issue("owner");
  await owner("DELETE", `/admin/v1/admin-keys/${textAt(revoked, "id")}`);
  const soonMs = Date.now() + 700;
  const expired = await issue("owner", { expires_at: new Date(soonMs).toISOString() });
  const keys: { readonly [visitor: string]: string } = {
    "a wrong key": `gha_${"A".repeat(43)}`,
    "a revoked key": textAt(revoked, "key"),
    "an expired key": textAt(expired, "key"),
    "a virtual key": gateway.virtualKey,
    "a viewer": textAt(await issue("viewer"), "key"),
    "an operator": textAt(await issue("operator"), "key"),
    "an owner": textAt(await issue("owner"), "key"),
  };
  for (const [visitor, key] of Object.entries(keys)) visits.set(visitor, administration(gateway, key));
  visits.set("no key", (method, path, body) =>
    administration(gateway, "")(method, path, body, { authorization: "" }),
  );
  await makeRecordedCall(pair, owner);
  await waitUntil(() => Date.now() > soonMs);
});
afterAll(() => pair.dispose());

describe("every route of the administration, for everyone", () => {
  test("every operation has an example", () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(resources.map(({ operation }) => operation).sort());
  });

  describe.each(ENTRIES.map((entry) => [`${entry.method} ${entry.path}`, entry] as const))(
    "%s",
    (_name, entry) => {
      test.each(Object.keys(VISITORS))("%s", async (visitor) => {
        const { refusal, role = "viewer" } = VISITORS[visitor] ?? {};
        const { path, body } = await exampleOf(entry);
        const answer = await visits.get(visitor)?.(entry.method, path, body);
        const expected = refusal ?? (roleSuffices(role, entry.role) ? undefined : [403, "insufficient_role"]);
        const told = answer === undefined ? [] : [answer.status, answer.headers.get("x-gatehouse-error")];
        expect(told).toEqual(expected ?? [statusOf(entry), null]);
        if (expected === undefined) return;
        expect(valueAt(answer?.body, "error")).toMatchObject({
          code: expected[1],
          mend: expect.any(String),
          request_id: answer?.headers.get("x-request-id"),
        });
      });
    },
  );

  test("reading is for viewers, but prompts and changing for operators, admin keys and roles for owners", () => {
    for (const { method, path, role } of ENTRIES) {
      const changes = path.includes("/admin-keys") ? "owner" : "operator";
      const reads = path.includes("/bodies/") ? "operator" : "viewer";
      expect([method, path, role]).toEqual([method, path, method === "GET" ? reads : changes]);
    }
  });

  test("who was refused changed nothing", async () => {
    const entries = await everyEntry(owner, "/admin/v1/audit-log");
    const names = new Set(entries.map(({ actor }) => valueAt(actor, "name")));
    expect([...names].sort()).toEqual(["configuration file", "first start", "operator", "owner"]);
  });
});

function exampleOf(entry: AdminEntry): Promise<Example> {
  const resource = resources.find(({ method, path }) => method === entry.method && path === entry.path);
  const example = resource === undefined ? undefined : EXAMPLES[resource.operation];
  return example === undefined ? Promise.resolve({ path: entry.path }) : example(owner);
}

function statusOf(entry: AdminEntry): number {
  return resources.find(({ method, path }) => method === entry.method && path === entry.path)?.status ?? 200;
}
