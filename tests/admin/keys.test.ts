import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { objectAt, objectsAt, textAt, textsAt, valueAt } from "../process/json.ts";
import { type Administer, administration, everyEntry } from "./administration.ts";

setDefaultTimeout(20_000);

let gateway: GatewayProcess;
let administer: Administer;

beforeAll(async () => {
  gateway = await startGateway();
  administer = administration(gateway);
});
afterAll(() => gateway.dispose());

const keys = "/admin/v1/keys";
const make = async (order: object = {}) =>
  objectAt((await administer("POST", keys, { project: "p", name: "n", ...order })).body);

async function statusOf(key: string): Promise<number> {
  return (await fetch(`${gateway.url}/v1/models`, { headers: { "x-api-key": key } })).status;
}

describe("virtual keys", () => {
  test("show their secret once, and make the project that there is not yet", async () => {
    const first = await make({ project: "fresh" });
    const second = await make({ project: "fresh" });
    expect([valueAt(first, "project_created"), valueAt(second, "project_created")]).toEqual([true, false]);
    expect(valueAt(first, "key")).toMatch(/^gh_[\w-]{43}$/);
    expect(first).toMatchObject({
      state: "live",
      prefix: textAt(first, "key").slice(0, 9),
      revoked_at: null,
      previous: null,
    });
    expect(valueAt(first, "created_by")).toMatch(/^admin-key:adm_/);
    const read = await administer("GET", `${keys}/${textAt(first, "id")}`);
    expect(JSON.stringify([read.body, (await administer("GET", keys)).body])).not.toContain(
      textAt(first, "key").slice(0, 12),
    );
    const { key: _, project_created, ...shown } = first;
    expect(read.body).toEqual(shown);
  });

  test("are changed: name, description, tags, expiry", async () => {
    const { id } = textsAt(
      await make({
        description: "old",
        tags: { a: "1" },
        expires_at: "2099-01-01T00:00:00+01:00",
      }),
      "id",
    );
    const changed = await administer("PATCH", `${keys}/${id}`, {
      name: "other",
      description: null,
      tags: { b: "2" },
      expires_at: null,
    });
    expect(changed.body).toMatchObject({
      name: "other",
      description: null,
      tags: { b: "2" },
      expires_at: null,
    });
    const past = await administer("PATCH", `${keys}/${id}`, { expires_at: "2001-01-01T00:00:00Z" });
    expect([past.status, valueAt(past.body, "error", "field")]).toEqual([400, "expires_at"]);
  });

  test("a revoked one is changed no more", async () => {
    const { id } = textsAt(await make(), "id");
    await administer("DELETE", `${keys}/${id}`);
    for (const [method, rest] of [
      ["PATCH", ""],
      ["POST", "/rotate"],
      ["POST", "/block"],
      ["POST", "/unblock"],
    ] as const) {
      const answer = await administer(
        method,
        `${keys}/${id}${rest}`,
        method === "PATCH" ? { name: "x" } : undefined,
      );
      expect([rest, answer.status, textAt(answer.body, "error", "code")]).toEqual([rest, 409, "conflict"]);
    }
  });

  test("blocking twice is blocking once", async () => {
    const { id, key } = textsAt(await make(), "id", "key");
    const first = (await administer("POST", `${keys}/${id}/block`)).body;
    expect((await administer("POST", `${keys}/${id}/block`)).body).toEqual(first);
    expect([valueAt(first, "state"), await statusOf(key)]).toEqual(["blocked", 403]);
    expect(valueAt((await administer("POST", `${keys}/${id}/unblock`)).body, "state")).toBe("live");
    expect((await administer("POST", `${keys}/${id}/unblock`)).status).toBe(200);
    expect(await statusOf(key)).toBe(200);
  });

  test("rotated, both secrets are taken for a day unless another grace is said; a third secret is not made", async () => {
    const { id, key } = textsAt(await make(), "id", "key");
    const rotated = (await administer("POST", `${keys}/${id}/rotate`)).body;
    expect(valueAt(rotated, "id")).toBe(id);
    expect(valueAt(rotated, "previous", "prefix")).toBe(key.slice(0, 9));
    const graceMs =
      Date.parse(textAt(rotated, "previous", "valid_until")) - Date.parse(textAt(rotated, "rotated_at"));
    expect(graceMs).toBe(86_400_000);
    expect([await statusOf(key), await statusOf(textAt(rotated, "key"))]).toEqual([200, 200]);
    const third = await administer("POST", `${keys}/${id}/rotate`, { grace_seconds: 5 });
    expect([
      third.status,
      valueAt(third.body, "error", "code"),
      valueAt(third.body, "error", "field"),
    ]).toEqual([409, "conflict", "grace_seconds"]);
    const last = (await administer("POST", `${keys}/${id}/rotate`, { grace_seconds: 0 })).body;
    expect([
      await statusOf(key),
      await statusOf(textAt(rotated, "key")),
      await statusOf(textAt(last, "key")),
    ]).toEqual([401, 401, 200]);
  });

  test.each([
    [{ tags: { "": "x" } }, "tags."],
    [{ tags: { "a b": "x" } }, "tags.a b"],
    [{ tags: { a: "" } }, "tags.a"],
    [{ tags: { a: 1 } }, "tags.a"],
    [{ tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`t${i}`, "x"])) }, "tags"],
    ['{"project":"p","name":"n","tags":{"__proto__":"x"}}', "__proto__"],
    [{ expires_at: "2099-01-01" }, "expires_at"],
    [{ expires_at: "2099-01-01T00:00:00" }, "expires_at"],
    [{ models: ["*"] }, "models"],
  ])("%j is refused", async (order, field) => {
    const body = typeof order === "string" ? order : { project: "p", name: "n", ...order };
    const answer = await administer("POST", keys, body);
    expect([answer.status, valueAt(answer.body, "error", "field")]).toEqual([400, field]);
  });
});

describe("lists", () => {
  test("filter by project, name, state and tag", async () => {
    const project = "filtered";
    const live = await make({ project, name: "a", tags: { team: "x:y", "a.b-c": "z" } });
    const blocked = await make({ project, name: "b" });
    const revoked = await make({ project, name: "c" });
    await administer("POST", `${keys}/${textAt(blocked, "id")}/block`);
    await administer("DELETE", `${keys}/${textAt(revoked, "id")}`);
    const ids = async (query: string) =>
      objectsAt((await administer("GET", `${keys}?project=${project}&${query}`)).body, "data").map(
        ({ id }) => id,
      );
    expect(await ids("")).toEqual([valueAt(revoked, "id"), valueAt(blocked, "id"), valueAt(live, "id")]);
    expect(await ids("state=live")).toEqual([valueAt(live, "id")]);
    expect(await ids("state=blocked")).toEqual([valueAt(blocked, "id")]);
    expect(await ids("state=revoked")).toEqual([valueAt(revoked, "id")]);
    expect(await ids("name=b")).toEqual([valueAt(blocked, "id")]);
    expect(await ids("tag=team:x:y")).toEqual([valueAt(live, "id")]);
    expect(await ids("tag=a.b-c:z")).toEqual([valueAt(live, "id")]);
    expect(await ids("tag=team:x")).toEqual([]);
  });

  test("pages hold what was there when they began, whatever comes meanwhile", async () => {
    const project = "paged";
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.push(textAt(await make({ project }), "id"));
    const seen: string[] = [];
    let cursor = "";
    for (;;) {
      const { body } = await administer("GET", `${keys}?project=${project}&limit=2${cursor}`);
      seen.push(...objectsAt(body, "data").map((one) => textAt(one, "id")));
      if (valueAt(body, "next_cursor") === null) break;
      cursor = `&cursor=${textAt(body, "next_cursor")}`;
      await make({ project });
    }
    expect(seen).toEqual(made.toReversed());
  });

  test("every list is whole over pages of one", async () => {
    for (const path of ["/admin/v1/projects", keys, "/admin/v1/models", "/admin/v1/admin-keys"]) {
      const [whole, parts] = [await everyEntry(administer, path), await everyEntry(administer, path, 1)];
      expect([path, parts]).toEqual([path, whole]);
    }
  });

  test("a page's size has bounds, and a cursor is of its own list", async () => {
    for (const query of [
      "limit=0",
      "limit=201",
      "limit=-1",
      "limit=1.5",
      "limit=",
      "limit=ten",
      "limit=1&limit=2",
    ]) {
      const { status, body } = await administer("GET", `${keys}?${query}`);
      expect([query, status, valueAt(body, "error", "field")]).toEqual([query, 400, "limit"]);
    }
    const { next_cursor } = textsAt((await administer("GET", `${keys}?limit=1`)).body, "next_cursor");
    for (const cursor of [next_cursor, "nonsense", "WyJrZXlzIl0", "e30", "%00"]) {
      const { status, body } = await administer("GET", `/admin/v1/projects?cursor=${cursor}`);
      expect([cursor, status, valueAt(body, "error", "field")]).toEqual([cursor, 400, "cursor"]);
    }
  });
});
