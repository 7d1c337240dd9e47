import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EgressFailure } from "../../src/egress/failure.ts";
import { AwsSigner } from "../../src/egress/signing/aws.ts";
import { containerUrlFault } from "../../src/egress/signing/aws-role.ts";
import type { SignersAnswer, SignersCall, SignersWay } from "../../src/model/snapshot.ts";

/** Temporary keys of AWS's roles: where they are asked for, with what, and what becomes of them. */

const folder = mkdtempSync(join(tmpdir(), "gatehouse-aws-"));
afterAll(() => rmSync(folder, { recursive: true }));

const START = Date.parse("2026-11-25T10:00:00Z");
const REQUEST = {
  method: "POST",
  url: "https://bedrock-runtime.eu-west-1.amazonaws.com/x",
  headers: {},
  body: "",
} as const;
const KEYS = { AccessKeyId: "ASIA1", SecretAccessKey: "secret/1", Token: "session+1==" };

function opened(
  credentials: { readonly [name: string]: string },
  options: { readonly [name: string]: string } = {},
  proxy?: string,
) {
  const clock = { nowMs: START };
  const signer = new AwsSigner(
    {
      provider: "bedrock",
      authentication: { scheme: "aws", service: "bedrock", key: { scheme: "bearer" } },
      credentials,
      options: { region: "eu-west-1", ...options },
      allowedOrigins: new Set(),
      ...(proxy === undefined ? {} : { proxy }),
    },
    () => new Date(clock.nowMs),
  );
  return { clock, signer };
}

/** Answers each call by what is given for its address, and remembers it. */
function answering(answers: { readonly [url: string]: string | number | SignersAnswer }): {
  seen: SignersCall[];
  send: SignersWay;
} {
  const seen: SignersCall[] = [];
  const send = async (call: SignersCall): Promise<SignersAnswer> => {
    seen.push(call);
    const answer = answers[`${call.method} ${call.url}`] ?? 404;
    if (typeof answer === "object") return answer;
    return typeof answer === "number"
      ? { status: answer, body: Buffer.from("SECRET") }
      : { status: 200, body: Buffer.from(answer) };
  };
  return { seen, send };
}

const keysUntil = (end: number) => JSON.stringify({ ...KEYS, Expiration: new Date(end).toISOString() });

describe("the machine's own role", () => {
  const METADATA = "http://169.254.169.254/latest";
  const ROLES = `${METADATA}/meta-data/iam/security-credentials/`;
  const answers = (end: number) => ({
    [`PUT ${METADATA}/api/token`]: "session-of-the-metadata\n",
    [`GET ${ROLES}`]: "gate-role\n",
    [`GET ${ROLES}gate-role`]: keysUntil(end),
  });

  test("is asked for by version 2 of the metadata service, once for all, and renewed before it ends", async () => {
    const { clock, signer } = opened({ role: "instance" });
    const { seen, send } = answering(answers(START + 3_600_000));
    const [one, other] = await Promise.all([signer.sign(REQUEST, send), signer.sign(REQUEST, send)]);
    expect(one["authorization"]).toContain("Credential=ASIA1/20261125/eu-west-1/bedrock/aws4_request");
    expect(one["x-amz-security-token"]).toBe(KEYS.Token);
    expect(other).toEqual(one);
    expect(seen.map(({ headers }) => headers)).toEqual([
      { "x-aws-ec2-metadata-token-ttl-seconds": "21600" },
      { "x-aws-ec2-metadata-token": "session-of-the-metadata" },
      { "x-aws-ec2-metadata-token": "session-of-the-metadata" },
    ]);
    expect(new Set(seen.map(({ reach }) => reach))).toEqual(new Set(["anywhere"]));
    clock.nowMs += 3_600_000 - 300_000 - 1;
    await signer.sign(REQUEST, send);
    expect(seen.length).toBe(3);
    clock.nowMs += 1;
    await signer.sign(REQUEST, send);
    expect(seen.length).toBeGreaterThan(3);
  });

  test("that can't be had is the operator's to mend, and nothing that was answered is told", async () => {
    const url = `GET ${ROLES}gate-role`;
    const cases: readonly [object, string][] = [
      [{ [`PUT ${METADATA}/api/token`]: 403 }, "it answered 403"],
      [{ [url]: 500 }, "it answered 500"],
      [{ [url]: '{"Code":"SECRET"}' }, "its answer holds no keys"],
      [{ [url]: JSON.stringify({ ...KEYS, Token: "SECRET\n" }) }, "its answer holds no keys"],
      [{ [url]: "SECRET" }, "its answer holds no keys"],
    ];
    for (const [change, why] of cases) {
      const { send } = answering({ ...answers(START + 3_600_000), ...change });
      const failure = await opened({ role: "instance" })
        .signer.sign(REQUEST, send)
        .catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ code: "upstream_authentication", errorClass: "auth" });
      expect(String(failure)).toContain(
        `bedrock: no AWS keys could be had from http://169.254.169.254: ${why}.`,
      );
      expect(String(failure)).not.toContain("SECRET");
    }
  });
});

describe("a container's role", () => {
  test("of an ECS task is asked for below AWS's address", async () => {
    const { seen, send } = answering({
      "GET http://169.254.170.2/v2/credentials/1": keysUntil(START + 60_000),
    });
    const { signer } = opened({ container_path: "/v2/credentials/1" });
    expect((await signer.sign(REQUEST, send))["x-amz-security-token"]).toBe(KEYS.Token);
    expect(seen.map(({ reach, headers }) => [reach, headers])).toEqual([["anywhere", {}]]);
  });

  test("of a pod is asked for with the token that its file holds at that time", async () => {
    const file = join(folder, "token");
    const url = "http://169.254.170.23/v1/credentials";
    const { seen, send } = answering({ [`GET ${url}`]: keysUntil(START + 60_000) });
    const { clock, signer } = opened({
      container_url: url,
      container_token_file: file,
      container_token: "unused",
    });
    writeFileSync(file, "first\n");
    await signer.sign(REQUEST, send);
    writeFileSync(file, "second");
    clock.nowMs += 60_000;
    await signer.sign(REQUEST, send);
    expect(seen.map(({ headers }) => headers["authorization"])).toEqual(["first", "second"]);
    rmSync(file);
    clock.nowMs += 120_000;
    const failure = await signer.sign(REQUEST, send).catch((thrown: unknown) => String(thrown));
    expect(failure).toContain(
      "no AWS keys could be had from http://169.254.170.23: the file with the token for it can't be read",
    );
  });

  test("comes from AWS's addresses, from this machine, or over https", () => {
    for (const url of [
      "http://169.254.170.23/v1/credentials",
      "http://[fd00:ec2::23]/v1/credentials",
      "http://127.0.0.1:9/x",
      "http://localhost/x",
      "http://[::1]/x",
      "https://credentials.example.com/",
    ])
      expect([url, containerUrlFault(url)]).toEqual([url, undefined]);
    for (const url of [
      "http://169.254.169.254/x",
      "http://10.0.0.1/",
      "http://example.com",
      "nothing",
      "http://u@127.0.0.1/",
    ])
      expect([url, typeof containerUrlFault(url)]).toEqual([url, "string"]);
  });
});

describe("a role that a web identity assumes", () => {
  const file = join(folder, "identity");
  const credentials = { role_arn: "arn:aws:iam::123456789012:role/gate", web_identity_token_file: file };
  const STS = "POST https://sts.eu-west-1.amazonaws.com/";
  const answer = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
    <AssumeRoleWithWebIdentityResult><Credentials><SessionToken>session</SessionToken>
    <SecretAccessKey>secret</SecretAccessKey><Expiration>2026-11-25T11:00:00Z</Expiration>
    <AccessKeyId>ASIA2</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  beforeAll(() => writeFileSync(file, "a.web.identity\n"));

  test("is asked for at the region's STS", async () => {
    const { seen, send } = answering({ [STS]: answer });
    const signed = await opened(credentials).signer.sign(REQUEST, send);
    expect(signed["authorization"]).toContain("Credential=ASIA2/");
    expect(signed["x-amz-security-token"]).toBe("session");
    expect(seen[0]?.reach).toBe("public");
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: credentials.role_arn,
      RoleSessionName: "gatehouse",
      WebIdentityToken: "a.web.identity",
    });
    const china = answering({ "POST https://sts.cn-north-1.amazonaws.com.cn/": answer });
    await opened(credentials, { region: "cn-north-1", suffix: "amazonaws.com.cn" }).signer.sign(
      REQUEST,
      china.send,
    );
    expect(china.seen.length).toBe(1);
  });

  test("is asked for through the provider's proxy, which the machine's own addresses are not", async () => {
    const proxy = "http://proxy.test:3128";
    const sts = answering({ [STS]: answer });
    await opened(credentials, {}, proxy).signer.sign(REQUEST, sts.send);
    const container = answering({ "GET http://169.254.170.2/v2": keysUntil(START + 60_000) });
    await opened({ container_path: "/v2" }, {}, proxy).signer.sign(REQUEST, container.send);
    const machine = answering({});
    await opened({ role: "instance" }, {}, proxy)
      .signer.sign(REQUEST, machine.send)
      .catch(() => "refused");
    const proxies = [sts, container, machine].map(({ seen }) => seen.map((call) => call.proxy));
    expect(proxies).toEqual([[proxy], [undefined], [undefined]]);
  });

  test("that is refused is told with STS's code, and nothing else of its answer", async () => {
    const refusal = (code: string) => ({
      status: 400,
      body: Buffer.from(`<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code>
        <Message>SECRET</Message></Error><RequestId>1</RequestId></ErrorResponse>`),
    });
    for (const [code, why] of [
      ["ExpiredTokenException", "it answered 400 (ExpiredTokenException)"],
      ["SECRET <b>", "it answered 400"],
    ] as const) {
      const { send } = answering({ [STS]: refusal(code) });
      const failure = await opened(credentials)
        .signer.sign(REQUEST, send)
        .catch((thrown: unknown) => String(thrown));
      expect(failure).toContain(
        `bedrock: no AWS keys could be had from https://sts.eu-west-1.amazonaws.com: ${why}.`,
      );
      expect(failure).not.toContain("SECRET");
    }
  });

  test("whose answer has no end holds no keys", async () => {
    const send = () => Promise.reject(new EgressFailure("too-long", "TOO_LONG", "it goes on"));
    const failure = await opened(credentials)
      .signer.sign(REQUEST, send)
      .catch((thrown: unknown) => String(thrown));
    expect(failure).toContain("its answer holds no keys");
  });
});
