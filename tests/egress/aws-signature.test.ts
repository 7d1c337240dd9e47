import { describe, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import { AwsSigner } from "../../src/egress/signing/aws.ts";
import { signingOf } from "../../src/egress/signing/index.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const AT = new Date("2015-08-30T12:36:00Z");
const SESSION_TOKEN =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
const UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Whoever has keys asks nobody. */
const NOBODY = (): never => {
  throw new Error("somebody was asked");
};

function signer(credentials: { readonly [name: string]: string } = {}, service = "service"): AwsSigner {
  return new AwsSigner(
    {
      provider: "bedrock",
      authentication: { scheme: "aws", service, key: { scheme: "bearer" } },
      credentials: { access_key_id: "AKIDEXAMPLE", secret_access_key: SECRET, ...credentials },
      options: { region: "us-east-1" },
      allowedOrigins: new Set(),
    },
    () => AT,
  );
}

/** AWS's published test vectors ("Signature Version 4 test suite"), those without headers that are not signed here. */
const VECTORS: readonly (readonly [
  name: string,
  method: "GET" | "POST",
  path: string,
  credentials: { readonly [name: string]: string },
  signature: string,
])[] = [
  ["get-vanilla", "GET", "/", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  ["post-vanilla", "POST", "/", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  [
    "get-vanilla-query-order-key-case",
    "GET",
    "/?Param2=value2&Param1=value1",
    {},
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  [
    "get-vanilla-query-unreserved",
    "GET",
    `/?${UNRESERVED}=${UNRESERVED}`,
    {},
    "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
  ],
  [
    "post-sts-header-before",
    "POST",
    "/",
    { session_token: SESSION_TOKEN },
    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  ],
];

describe("AWS's test vectors", () => {
  for (const [name, method, path, credentials, signature] of VECTORS) {
    test(name, async () => {
      const url = `https://example.amazonaws.com${path}`;
      const headers = { "content-type": "application/json", "user-agent": "x", accept: "y" };
      const signed = await signer(credentials).sign({ method, url, headers, body: "" }, NOBODY);
      const names =
        name === "post-sts-header-before" ? "host;x-amz-date;x-amz-security-token" : "host;x-amz-date";
      expect(signed).toEqual({
        authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
        "x-amz-date": "20150830T123600Z",
        ...(name === "post-sts-header-before" && { "x-amz-security-token": SESSION_TOKEN }),
      });
    });
  }
});

test("a model's name in the path is escaped once more in what is signed, and bytes are signed as they are", async () => {
  const body = new TextEncoder().encode('{"messages":[]} é');
  const url =
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse";
  const signed = await signer({}, "bedrock").sign({ method: "POST", url, headers: {}, body }, NOBODY);
  // Written out by hand from the description of the canonical request.
  const canonical = [
    "POST",
    "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%253A0/converse",
    "",
    "host:bedrock-runtime.us-east-1.amazonaws.com",
    "x-amz-date:20150830T123600Z",
    "",
    "host;x-amz-date",
    createHash("sha256").update(body).digest("hex"),
  ].join("\n");
  const scope = "20150830/us-east-1/bedrock/aws4_request";
  const toSign = [
    "AWS4-HMAC-SHA256",
    "20150830T123600Z",
    scope,
    createHash("sha256").update(canonical).digest("hex"),
  ];
  const hmac = (key: string | Buffer, text: string): Buffer =>
    createHmac("sha256", key).update(text).digest();
  const key = ["20150830", "us-east-1", "bedrock", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${SECRET}`,
  );
  expect(signed["authorization"]).toEndWith(`Signature=${hmac(key, toSign.join("\n")).toString("hex")}`);
  const said = { method: "POST", url, headers: {}, body: '{"messages":[]} é' } as const;
  const text = await signer({}, "bedrock").sign(said, NOBODY);
  expect(text).toEqual(signed);
});

test("a request that can't be signed is an error that tells no secret", async () => {
  const broken = signer({ session_token: "no header\ncan carry this SECRET" });
  const request = { method: "POST", url: "https://x.test/", headers: {}, body: "" } as const;
  const failure = await broken.sign(request, NOBODY).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(failure).toMatchObject({ code: "upstream_authentication", errorClass: "auth" });
  expect(String(failure)).not.toContain("SECRET");
});

test("who needs what", () => {
  const scheme = { scheme: "aws", service: "bedrock", key: { scheme: "bearer" } } as const;
  expect(signingOf(scheme)?.options).toEqual(["region"]);
  expect(signingOf({ scheme: "bearer" })).toBeUndefined();
  expect(signingOf({ scheme: "none" })).toBeUndefined();
});
