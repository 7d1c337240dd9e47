import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { jwtVerify } from "jose";
import { Egress } from "../../src/egress/egress.ts";
import { AccessTokenSigner } from "../../src/egress/signing/access-tokens.ts";
import { fetchToken } from "../../src/egress/signing/google.ts";
import { readGoogleCredential } from "../../src/egress/signing/google-credential.ts";
import { signingOf } from "../../src/egress/signing/index.ts";
import { type AccessToken, TOKEN_BOUNDS } from "../../src/egress/signing/token-request.ts";
import { wholeAnswer } from "../../src/egress/whole-answer.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { SignersCall, SignersWay } from "../../src/model/snapshot.ts";
import { startTokenEndpoint, type TokenEndpoint } from "./token-endpoint.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

let endpoint: TokenEndpoint;
beforeAll(() => {
  endpoint = startTokenEndpoint();
});
afterAll(() => endpoint.stop());
const usualAnswer = (): Response => Response.json({ access_token: "t", expires_in: 3600 });
beforeEach(() => {
  endpoint.calls.length = 0;
  endpoint.answer = usualAnswer;
});

const serviceAccount = (change: object = {}): string =>
  JSON.stringify({
    type: "service_account",
    client_email: "gate@project.iam.gserviceaccount.com",
    private_key: PEM,
    private_key_id: "key-1",
    token_uri: `${endpoint.url}/token`,
    ...change,
  });
const egress = new Egress();
afterAll(() => egress.close());
const send: SignersWay = (call) => wholeAnswer(egress, call, TOKEN_BOUNDS);
const ask = (service_account: string, way = send): Promise<AccessToken> => {
  const context = { provider: "vertex", credentials: { service_account }, allowedOrigins: new Set<string>() };
  return fetchToken(context, () => Date.now(), way);
};

async function failureOf(promise: Promise<unknown>): Promise<GatewayError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof GatewayError) return thrown;
  throw new Error(`no GatewayError was thrown: ${thrown}`);
}

describe("a Google service account", () => {
  test("proves itself by a signed assertion", async () => {
    expect(await ask(serviceAccount())).toEqual({ token: "t", expiresInMs: 3_600_000 });
    const [call] = endpoint.calls;
    expect(call?.form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const { payload, protectedHeader } = await jwtVerify(call?.form.get("assertion") ?? "", publicKey, {
      issuer: "gate@project.iam.gserviceaccount.com",
      audience: `${endpoint.url}/token`,
      maxTokenAge: "1 minute",
    });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: "key-1" });
    expect(payload["scope"]).toBe("https://www.googleapis.com/auth/cloud-platform");
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  test("or a person by what gcloud left behind", async () => {
    const person = {
      client_id: "c",
      client_secret: "s",
      refresh_token: "r",
      token_uri: `${endpoint.url}/token`,
    };
    await ask(JSON.stringify({ type: "authorized_user", ...person }));
    expect(Object.fromEntries(endpoint.calls[0]?.form ?? [])).toEqual({
      grant_type: "refresh_token",
      refresh_token: "r",
      client_id: "c",
      client_secret: "s",
    });
  });

  test("that is refused, or whose answer is none, is the operator's to mend, and no secret is told", async () => {
    const answers: readonly [() => Response, string][] = [
      [
        () => Response.json({ error: "invalid_grant", error_description: "SECRET" }, { status: 400 }),
        "it answered 400 (invalid_grant)",
      ],
      [() => new Response("SECRET", { status: 500 }), "it answered 500"],
      [() => Response.json({ error: "SECRET <b>" }, { status: 403 }), "it answered 403"],
      [() => Response.json({ access_token: "" }), "its answer holds no token"],
      [() => Response.json({ access_token: "a\nb" }), "its answer holds no token"],
      [() => new Response("no JSON SECRET"), "its answer holds no token"],
      [() => new Response("x".repeat(70_000)), "its answer holds no token"],
      [() => Response.redirect("http://127.0.0.1:1/elsewhere"), "it answered 302"],
    ];
    for (const [answer, why] of answers) {
      endpoint.answer = answer;
      const failure = await failureOf(ask(serviceAccount()));
      expect(failure).toMatchObject({ code: "upstream_authentication", errorClass: "auth" });
      expect(failure.message).toBe(`vertex: no access token could be had from ${endpoint.url}: ${why}.`);
      expect(failure.mend).toContain("credentials.service_account");
      expect(`${failure.message}${failure.mend}${failure.cause}`).not.toContain("SECRET");
    }
    const unreachable = await failureOf(ask(serviceAccount({ token_uri: "http://127.0.0.1:1/token" })));
    expect(unreachable.message).toContain("it could not be reached");
    const broken = await failureOf(ask(serviceAccount({ private_key: "-----BEGIN PRIVATE KEY-----\nAAAA" })));
    expect(broken.message).toContain("its private key is none that can sign");
  });

  test("is not waited for forever, be it the answer or its end", async () => {
    const impatient: SignersWay = (call) => wholeAnswer(egress, call, { ...TOKEN_BOUNDS, timeoutMs: 30 });
    endpoint.answer = () => new Promise(() => {});
    expect((await failureOf(ask(serviceAccount(), impatient))).message).toContain("its answer took too long");
    endpoint.answer = () => new Response(new ReadableStream({ start: (body) => body.enqueue("{") }));
    expect((await failureOf(ask(serviceAccount(), impatient))).message).toContain("its answer took too long");
  });

  test("is asked for where its address may lead, and the machine's own nowhere but in Google's cloud", async () => {
    const seen: SignersCall[] = [];
    const watched: SignersWay = async (call) => {
      seen.push(call);
      return { status: 200, body: Buffer.from('{"access_token":"t"}') };
    };
    await ask(serviceAccount({ token_uri: "https://oauth2.googleapis.com/token" }), watched);
    await ask(serviceAccount(), watched);
    expect(await ask("metadata", watched)).toEqual({ token: "t", expiresInMs: 10_000 });
    expect(seen.map(({ method, reach, body }) => [method, reach, body === ""])).toEqual([
      ["POST", "public", false],
      ["POST", "own-network", false],
      ["GET", "anywhere", true],
    ]);
    expect(seen[2]).toMatchObject({
      url: "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token",
      headers: { "metadata-flavor": "Google" },
    });
    const link = await failureOf(ask(serviceAccount({ token_uri: "https://169.254.169.254/token" })));
    expect(link.message).toContain("it could not be reached (ADDRESS_NOT_ALLOWED)");
  });

  test("is judged when the configuration is read", () => {
    const faults: readonly [string, string][] = [
      ["nonsense", "must be the JSON of a service account, or `metadata`"],
      ["[]", "must be the JSON of a service account, or `metadata`"],
      ['{"type":"external_account"}', "must be of the type `service_account` or `authorized_user`"],
      ['{"type":"service_account"}', "must hold `client_email` and `private_key`"],
      [
        serviceAccount({ token_uri: "http://example.com/token" }),
        "must have an https address as its `token_uri`",
      ],
      ['{"type":"authorized_user"}', "must hold `client_id`, `client_secret` and `refresh_token`"],
    ];
    for (const [text, fault] of faults) expect(readGoogleCredential(text)).toBe(fault);
    expect(readGoogleCredential(" metadata\n")).toEqual({ kind: "metadata" });
  });
});

test("an application of Microsoft Entra", async () => {
  endpoint.answer = () => Response.json({ access_token: "entra", expires_in: 3599 });
  const signing = signingOf({ scheme: "entra", scope: "https://x.test/.default", key: { scheme: "bearer" } });
  const credentials = { tenant_id: "t-1", client_id: "c", client_secret: "s", authority: `${endpoint.url}/` };
  const signer = signing?.open({ provider: "azure", credentials, options: {}, allowedOrigins: new Set() });
  expect(await signer?.sign(REQUEST, send)).toEqual({ authorization: "Bearer entra" });
  expect(endpoint.calls[0]?.path).toBe("/t-1/oauth2/v2.0/token");
  expect(Object.fromEntries(endpoint.calls[0]?.form ?? [])).toEqual({
    grant_type: "client_credentials",
    client_id: "c",
    client_secret: "s",
    scope: "https://x.test/.default",
  });
  const faultOf = (part: string, value: string) => signing?.fields[part]?.fault?.(value);
  expect(faultOf("tenant_id", "../x")).toBeString();
  expect(faultOf("authority", "http://evil.test")).toBeString();
  expect(faultOf("authority", "https://login.microsoftonline.us")).toBeUndefined();
});

const REQUEST = { method: "POST", url: "https://x.test/", headers: {}, body: "" } as const;

describe("a token", () => {
  /** A signer whose clock and tokens the test sets. */
  function watched(lifetimeMs = 3_600_000) {
    const state = { nowMs: 0, fetched: 0, fails: false, hold: Promise.resolve() };
    const signer = new AccessTokenSigner(
      async () => {
        const ordinal = ++state.fetched;
        await state.hold;
        if (state.fails) throw new GatewayError("upstream_authentication", { message: `failure ${ordinal}` });
        return { token: `t${ordinal}`, expiresInMs: lifetimeMs };
      },
      () => state.nowMs,
    );
    return { state, token: async () => (await signer.sign(REQUEST, send))["authorization"] };
  }

  test("is fetched once for all who wait, and kept", async () => {
    const { state, token } = watched();
    const all = await Promise.all([token(), token(), token()]);
    expect(all).toEqual(["Bearer t1", "Bearer t1", "Bearer t1"]);
    state.nowMs = 3_600_000 - 300_000 - 1;
    expect(await token()).toBe("Bearer t1");
    expect(state.fetched).toBe(1);
  });

  test("is renewed before it ends, while calls go on with the old one", async () => {
    const { state, token } = watched();
    await token();
    state.nowMs = 3_600_000 - 300_000;
    expect(await Promise.all([token(), token()])).toEqual(["Bearer t1", "Bearer t1"]);
    expect(state.fetched).toBe(2);
    expect(await token()).toBe("Bearer t2");
    state.nowMs *= 3;
    expect(await token()).toBe("Bearer t3");
  });

  test("that can't be renewed serves to its end, and the failure is then told", async () => {
    const { state, token } = watched();
    await token();
    state.fails = true;
    state.nowMs = 3_600_000 - 200_000;
    expect(await token()).toBe("Bearer t1");
    state.nowMs = 3_600_000 - 10_000;
    // The one that nobody waited for may be under way still.
    expect((await failureOf(token())).message).toMatch(/^failure [23]$/);
  });

  test("that could not be had is not asked for again at every call", async () => {
    const { state, token } = watched();
    state.fails = true;
    expect((await failureOf(token())).message).toBe("failure 1");
    expect((await failureOf(token())).message).toBe("failure 1");
    expect(state.fetched).toBe(1);
    state.nowMs = 1_000;
    state.fails = false;
    expect(await token()).toBe("Bearer t2");
  });

  test("that holds for a minute is renewed in its last quarter", async () => {
    const { state, token } = watched(60_000);
    await token();
    state.nowMs = 44_000;
    await token();
    expect(state.fetched).toBe(1);
    state.nowMs = 45_000;
    expect(await token()).toBe("Bearer t1");
    expect(state.fetched).toBe(2);
  });
});
