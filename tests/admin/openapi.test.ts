import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { resources } from "../../src/assembly/administration.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { objectAt, valueAt } from "../process/json.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { type Administer, administration } from "./administration.ts";
import { EXAMPLES } from "./examples.ts";
import { makeRecordedCall } from "./recorded-call.ts";

setDefaultTimeout(20_000);

let pair: Pair;
let administer: Administer;
let document: JsonObject;
let ajv: Ajv2020;

beforeAll(async () => {
  const secret = `whsec_${Buffer.alloc(32).toString("base64")}`;
  pair = await startPair(
    `egress: { allow: ["http://127.0.0.1:9"] }\nalerts: { webhook: { url: "http://127.0.0.1:9/", secret: "${secret}" } }\nroutes: { spare: { targets: [demo/demo] } }\n`,
  );
  administer = administration(pair.gateway);
  document = objectAt((await administer("GET", "/admin/openapi.json")).body);
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, "openapi");
  await makeRecordedCall(pair, administer);
});
afterAll(() => pair.dispose());

/** What a schema of the document says against a value. */
function faults(pointer: readonly string[], value: unknown): unknown[] {
  const escaped = pointer.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1")));
  const validate = ajv.compile({ $ref: `openapi#/${escaped.join("/")}` });
  return validate(value) ? [] : (validate.errors ?? []);
}

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect([result.valid, result.errors]).toEqual([true, undefined]);
    expect(valueAt(document, "openapi")).toMatch(/^3\.1\./);
  });

  test("has every operation once, and nothing else", () => {
    const listed = Object.entries(objectAt(document, "paths")).flatMap(([path, methods]) =>
      Object.keys(objectAt(methods)).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      ),
    );
    expect(listed.sort()).toEqual(resources.map(({ method, path }) => `${method} ${path}`).sort());
    const names = resources.map(({ operation }) => operation);
    expect(new Set(names).size).toBe(names.length);
  });

  test("every reference leads somewhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, name = ""] of references)
      expect(valueAt(document, "components", "schemas")).toHaveProperty(name);
  });

  test("needs a key, and says which", () => {
    expect(valueAt(document, "security")).toEqual([{ adminKey: [] }, { adminKeyHeader: [] }]);
    expect(Object.keys(objectAt(document, "components", "securitySchemes"))).toEqual([
      "adminKey",
      "adminKeyHeader",
    ]);
  });
});

describe.each(resources.map((resource) => [resource.operation, resource] as const))(
  "%s",
  (operation, resource) => {
    const path = resource.path.replaceAll(/:(\w+)/g, "{$1}");
    const method = resource.method.toLowerCase();
    const responses = ["paths", path, method, "responses"];
    const schema = ["content", "application/json", "schema"];

    test("is answered as its schema says", async () => {
      const example = await EXAMPLES[operation]?.(administer);
      const answer = await administer(resource.method, example?.path ?? "", example?.body);
      expect([answer.status, valueAt(answer.body, "error")]).toEqual([resource.status, undefined]);
      expect(faults([...responses, String(answer.status), ...schema], answer.body)).toEqual([]);
      if (example?.body !== undefined)
        expect(faults(["paths", path, method, "requestBody", ...schema], example.body)).toEqual([]);
    });

    test("refuses what is not described, in the envelope that is", async () => {
      const example = await EXAMPLES[operation]?.(administer);
      const join = example?.path.includes("?") ? "&" : "?";
      const queried = await administer(resource.method, `${example?.path}${join}colour=red`, example?.body);
      expect([
        queried.status,
        valueAt(queried.body, "error", "code"),
        valueAt(queried.body, "error", "field"),
      ]).toEqual([400, "invalid_request", "colour"]);
      const refusals = [queried];
      if (resource.body !== undefined) {
        const body = { ...(example?.body as object), colour: "red" };
        const answer = await administer(resource.method, example?.path ?? "", body);
        expect([answer.status, valueAt(answer.body, "error", "field")]).toEqual([400, "colour"]);
        const broken = await administer(resource.method, example?.path ?? "", '{"name": ');
        expect([broken.status, valueAt(broken.body, "error", "code")]).toEqual([400, "invalid_json"]);
        const list = await administer(resource.method, example?.path ?? "", []);
        expect([list.status, valueAt(list.body, "error", "field")]).toEqual([400, ""]);
        refusals.push(answer, broken, list);
        expect(faults(["paths", path, method, "requestBody", ...schema], body)).not.toEqual([]);
      }
      for (const { status, body } of refusals)
        expect(faults([...responses, String(status), ...schema], body)).toEqual([]);
    });

    test("of something that isn't there, says so", async () => {
      if (!resource.path.includes(":")) return;
      const example = await EXAMPLES[operation]?.(administer);
      const place = resource.path.split("/").findIndex((segment) => segment.startsWith(":"));
      const missing = example?.path.split("/").with(place, "nothing").join("/") ?? "";
      const answer = await administer(resource.method, missing, example?.body);
      expect([answer.status, valueAt(answer.body, "error", "code")]).toEqual([404, "not_found"]);
      expect(faults([...responses, "404", ...schema], answer.body)).toEqual([]);
    });
  },
);

describe("the page of the API", () => {
  test("is open, whole in itself, and holds nothing but its frame", async () => {
    const answer = await fetch(`${pair.gateway.url}/admin/docs`);
    const html = await answer.text();
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(html).not.toMatch(/https?:\/\/|src=|@import|url\(/);
    for (const { path } of resources) expect(html).not.toContain(path);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).not.toContain("unsafe");
    for (const directive of [
      "default-src 'none'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      expect(policy).toContain(directive);
    for (const [tag, name] of [
      ["script", "script-src"],
      ["style", "style-src"],
    ]) {
      const [, text = ""] = new RegExp(`<${tag}>([^]*)</${tag}>`).exec(html) ?? [];
      const digest = new Bun.CryptoHasher("sha256").update(text).digest("base64");
      expect(policy).toContain(`${name} 'sha256-${digest}'`);
    }
  });
});
