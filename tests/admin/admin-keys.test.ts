import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { textAt, valueAt } from "../process/json.ts";
import { type Administer, administration } from "./administration.ts";

setDefaultTimeout(20_000);

let gateway: GatewayProcess;
let administer: Administer;

beforeAll(async () => {
  gateway = await startGateway();
  administer = administration(gateway);
});
afterAll(() => gateway.dispose());

const path = "/admin/v1/admin-keys";

test("an admin key shows its secret once, and tells its role", async () => {
  const made = await administer("POST", path, { name: "watcher", role: "viewer" });
  expect(made.status).toBe(201);
  expect(valueAt(made.body, "key")).toMatch(/^gha_[\w-]{43}$/);
  expect(JSON.stringify((await administer("GET", path)).body)).not.toContain(
    textAt(made.body, "key").slice(0, 14),
  );
  const session = await administration(gateway, textAt(made.body, "key"))("GET", "/admin/v1/session");
  expect(session.body).toEqual({ key_id: valueAt(made.body, "id"), name: "watcher", role: "viewer" });
});

test("the last owner can't be revoked, neither by the API nor by the command line", async () => {
  const { body } = await administer("GET", "/admin/v1/session");
  const refused = await administer("DELETE", `${path}/${textAt(body, "key_id")}`);
  expect([refused.status, valueAt(refused.body, "error", "code")]).toEqual([409, "conflict"]);
  const byCommand = await gateway.command("admin-keys", "revoke", textAt(body, "key_id"));
  expect([byCommand.exitCode, byCommand.stderr]).toEqual([1, expect.stringContaining("last owner")]);
  await administer("POST", path, { name: "brief", role: "operator" });
  expect((await administer("DELETE", `${path}/${textAt(body, "key_id")}`)).status).toBe(409);
});

test("of two owners who revoke each other at once, one stays", async () => {
  const [one, two] = await Promise.all(
    ["one", "two"].map(async (name) => (await administer("POST", path, { name, role: "owner" })).body),
  );
  const first = valueAt((await administer("GET", "/admin/v1/session")).body, "key_id");
  expect((await administration(gateway, textAt(one, "key"))("DELETE", `${path}/${first}`)).status).toBe(200);
  const answers = await Promise.all([
    administration(gateway, textAt(one, "key"))("DELETE", `${path}/${textAt(two, "id")}`),
    administration(gateway, textAt(two, "key"))("DELETE", `${path}/${textAt(one, "id")}`),
  ]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const alive = await Promise.all(
    [one, two].map(
      async (made) => (await administration(gateway, textAt(made, "key"))("GET", "/admin/v1/session")).status,
    ),
  );
  expect(alive.sort()).toEqual([200, 401]);
});

test("revoking is told the same however often it is asked for", async () => {
  const made = await gateway.command("admin-keys", "create", "--name", "n", "--role", "owner", "--json");
  const own = administration(gateway, JSON.parse(made.stdout).key);
  let answer = await own("POST", path, { name: "brief", role: "viewer" });
  for (let tries = 0; answer.status === 401 && tries < 100; tries++) {
    await Bun.sleep(10);
    answer = await own("POST", path, { name: "brief", role: "viewer" });
  }
  const [first, second] = [
    await own("DELETE", `${path}/${textAt(answer.body, "id")}`),
    await own("DELETE", `${path}/${textAt(answer.body, "id")}`),
  ];
  expect(first.body).toMatchObject({ id: valueAt(answer.body, "id"), revoked: true });
  expect(second.body).toEqual(first.body);
});
