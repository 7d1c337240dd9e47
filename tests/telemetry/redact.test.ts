import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { makeKey } from "../../src/policy/identity/secret-key.ts";
import { redactSecrets } from "../../src/telemetry/redact.ts";

const VENDOR_KEYS = [
  "sk-proj-abcDEF1234567890_abc",
  "sk-ant-api03-abcDEF1234567890",
  "sk_live_abcDEF1234567890",
  "gsk_abcDEF1234567890abcDEF",
  "xai-abcDEF1234567890",
  "AIzaSyA1234567890abcdefghijk",
  "AKIAIOSFODNN7EXAMPLE",
  "hf_abcDEF1234567890",
  "r8_abcDEF1234567890",
  "nvapi-abcDEF1234567890",
  "pplx-abcDEF1234567890",
  "csk-abcDEF1234567890",
  "fw_abcDEF1234567890",
];

describe("redaction by shape", () => {
  test("our own keys go, wherever they stand", () => {
    for (const kind of ["virtual", "admin"] as const) {
      for (let round = 0; round < 200; round++) {
        const { secret } = makeKey(kind);
        for (const around of AROUND) expect(redactSecrets(around(secret))).not.toContain(secret.slice(-20));
      }
    }
  });

  test("the usual vendors' keys and bearer tokens go", () => {
    for (const key of VENDOR_KEYS) {
      for (const around of AROUND.filter((put) => !put.toString().includes("x_"))) {
        expect(redactSecrets(around(key))).not.toContain(key.slice(-12));
      }
    }
    for (const token of [
      "Bearer abc.def-ghi=123",
      "bearer abcdefghijk",
      "Bearer%20abcdefghijk",
      "Bearer   abc/def+ghi=",
    ]) {
      expect(redactSecrets(`authorization: ${token}`)).toBe("authorization: [redacted]");
    }
  });

  test("ordinary text stays", () => {
    const texts = [
      "risk-assessment-of-the-whole-thing",
      "task-force-something-long-enough",
      "req_01a20a4c-2d92-7774-bb8b-bee9f6c3b2a1",
      "key_01a20a4c-2d92-7774-bb8b-bee9f6c3b2a1",
      "openai/gpt-4.1-mini, groq/llama-3.3-70b-versatile",
      "the bearer of bad news",
      "gh_short",
    ];
    for (const plain of texts) expect(redactSecrets(plain)).toBe(plain);
  });

  test("any text around a key loses the key and keeps the rest", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const { secret } = makeKey("virtual");
        const redacted = redactSecrets(JSON.stringify({ before, secret, after }));
        expect(redacted).not.toContain(secret.slice(3));
      }),
    );
  });

  test("a long text takes linear time", () => {
    for (const part of ["sk-", "Bearer ", "gh_", "sk-a", "%20", "\\n", "Bearer%20", "gha_gh_"]) {
      const began = performance.now();
      redactSecrets(part.repeat(200_000));
      expect([part, performance.now() - began < 1500]).toEqual([part, true]);
    }
  });
});

const AROUND: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => `"${key}"`,
  (key) => `Incorrect API key provided: ${key}.`,
  (key) => `?api_key=${key}&x=1`,
  (key) => JSON.stringify({ message: `line\n${key}\nline` }),
  (key) => JSON.stringify({ message: `tab\t${key}` }),
  (key) => JSON.stringify({ message: `\u0001${key}` }),
  (key) => JSON.stringify({ message: JSON.stringify({ key: `\n${key}` }) }),
  (key) => `/v1/models/Bearer%20${key}`,
  (key) => `/v1/models/%22${key}%22`,
  (key) => `(${key})`,
  (key) => `${key},${key}`,
  (key) => `x_${key}`,
];

describe("the request log", () => {
  test("redacts by path and by shape, whatever a mistake logs", async () => {
    const secret = "plain-word-secret";
    const { secret: key } = makeKey("virtual");
    const lines = await logged([
      { authorization: secret, other: "kept" },
      { "x-api-key": secret },
      { key: secret, credential: secret, secret },
      { headers: { authorization: secret, anything: secret } },
      { upstream: { credential: secret, key: secret, headers: { a: secret }, name: "kept" } },
      { err: { message: `failed with ${key}`, stack: `Error\n${key}\n  at x` } },
      { [`name ${key}`]: 1 },
    ]);
    expect(lines).toHaveLength(7);
    const all = lines.join("\n");
    expect(all).not.toContain(secret);
    expect(all).not.toContain(key);
    expect(all.match(/kept/g)).toHaveLength(2);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ msg: "line" });
  });
});

/** What the log prints for these, in a process of its own, since it writes to standard output. */
async function logged(objects: readonly object[]): Promise<string[]> {
  const source = join(import.meta.dir, "../../src/telemetry/log.ts");
  const script = `
    const { openLog } = await import(${JSON.stringify(source)});
    const { log, flush } = openLog("info");
    for (const object of ${JSON.stringify(objects)}) log.info(object, "line");
    flush();
  `;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  return (await text(child.stdout)).trim().split("\n");
}
