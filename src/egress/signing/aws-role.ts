import { readFile } from "node:fs/promises";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Reach } from "../../model/reach.ts";
import type { SignersCall, SignersWay } from "../../model/snapshot.ts";
import { addressKind } from "../guard/address-kind.ts";
import { writtenReach } from "../guard/guard.ts";
import type { FetchedProof } from "./renewed-proof.ts";
import type { SigningContext } from "./signing-scheme.ts";
import { emptyAnswer, noProof, type ProofAsked, refusalOf, unanswered } from "./token-request.ts";

/** What AWS's signature is made with. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What of a signing context a role's keys are asked for with. */
export type RoleContext = Pick<
  SigningContext,
  "provider" | "credentials" | "options" | "allowedOrigins" | "proxy"
>;

/** The machine's own in AWS's cloud: link-local, and the same in all of it. */
const INSTANCE = "http://169.254.169.254/latest";
/** Where a task of ECS asks, by the path that its environment names. */
const CONTAINER = "http://169.254.170.2";
/** Credentials of containers come from here or from this machine, else over https alone. */
const CONTAINER_HOSTS: readonly string[] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
const TOKEN_SECONDS = "21600";
const SETTING = "credentials";

/** Why an address can't be where a container's credentials come from; undefined where it can. */
export function containerUrlFault(written: string): string | undefined {
  const url = URL.parse(written);
  if (url === null || url.username !== "" || url.password !== "") return "must be an address";
  if (url.protocol === "https:" || CONTAINER_HOSTS.includes(url.hostname)) return undefined;
  const isHere =
    url.hostname === "localhost" || addressKind(url.hostname.replace(/^\[|\]$/g, "")) === "loopback";
  return isHere ? undefined : "must be an https address, of this machine, or of AWS's containers";
}

/**
 * Temporary keys of a role: that which a web identity may assume, that of a container, or that of the machine, in the order
 * of AWS's SDKs (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html). Throws
 * `upstream_authentication`.
 */
export function fetchRoleKeys(
  context: RoleContext,
  nowMs: () => number,
  send: SignersWay,
): Promise<FetchedProof<AwsKeys>> {
  const { role_arn: roleArn, container_url: url, container_path: path } = context.credentials;
  if (roleArn !== undefined) return webIdentityKeys(context, roleArn, nowMs, send);
  if (url !== undefined || path !== undefined)
    return containerKeys(context, url ?? `${CONTAINER}${path}`, nowMs, send);
  return instanceKeys(context, nowMs, send);
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html, version 2. */
async function instanceKeys(
  { provider }: RoleContext,
  nowMs: () => number,
  send: SignersWay,
): Promise<FetchedProof<AwsKeys>> {
  const ask = (method: "GET" | "PUT", path: string, headers: SignersCall["headers"]) =>
    answerOf(provider, { method, url: `${INSTANCE}${path}`, headers, body: "", reach: "anywhere" }, send);
  const token = await ask("PUT", "/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_SECONDS });
  const proven = { "x-aws-ec2-metadata-token": token.trim() };
  const roles = "/meta-data/iam/security-credentials/";
  const [role = ""] = (await ask("GET", roles, proven)).trim().split("\n");
  const told = await ask("GET", `${roles}${encodeURIComponent(role.trim())}`, proven);
  return keysFrom(parsed(told), askedOf(provider, INSTANCE), nowMs());
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
async function containerKeys(
  { provider, credentials, allowedOrigins }: RoleContext,
  url: string,
  nowMs: () => number,
  send: SignersWay,
): Promise<FetchedProof<AwsKeys>> {
  // The file is written anew while it is in use.
  const { container_token_file: file, container_token: given } = credentials;
  const token = file === undefined ? given : await tokenIn(file, askedOf(provider, url));
  const reach: Reach = CONTAINER_HOSTS.includes(new URL(url).hostname)
    ? "anywhere"
    : writtenReach(url, allowedOrigins);
  const headers = token === undefined ? {} : { authorization: token };
  const told = await answerOf(provider, { method: "GET", url, headers, body: "", reach }, send);
  return keysFrom(parsed(told), askedOf(provider, url), nowMs());
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
async function webIdentityKeys(
  { provider, credentials, options, allowedOrigins, proxy }: RoleContext,
  roleArn: string,
  nowMs: () => number,
  send: SignersWay,
): Promise<FetchedProof<AwsKeys>> {
  const url = `https://sts.${options["region"]}.${options["suffix"] ?? "amazonaws.com"}/`;
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: credentials["role_session_name"] ?? "gatehouse",
    WebIdentityToken: await tokenIn(credentials["web_identity_token_file"] ?? "", askedOf(provider, url)),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const call = {
    method: "POST",
    url,
    headers,
    body: form.toString(),
    reach: writtenReach(url, allowedOrigins),
    ...(proxy !== undefined && { proxy }),
  } as const;
  const told = await answerOf(provider, call, send);
  const keys = {
    AccessKeyId: textWithin(told, "AccessKeyId"),
    SecretAccessKey: textWithin(told, "SecretAccessKey"),
    Token: textWithin(told, "SessionToken"),
    Expiration: textWithin(told, "Expiration"),
  };
  return keysFrom(keys, askedOf(provider, url), nowMs());
}

/** The text of an element of XML that has no attributes and occurs once. */
function textWithin(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  const end = xml.indexOf(`</${name}>`, start);
  return start === -1 || end === -1 ? undefined : xml.slice(start + name.length + 2, end).trim();
}

function askedOf(provider: string, url: string): ProofAsked {
  return { kind: "AWS keys", provider, setting: SETTING, url };
}

async function tokenIn(path: string, asked: ProofAsked): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw noProof(asked, "the file with the token for it can't be read", cause);
  }
}

async function answerOf(provider: string, call: SignersCall, send: SignersWay): Promise<string> {
  const asked = askedOf(provider, call.url);
  const { status, body } = await send(call).catch((cause: unknown) => {
    throw unanswered(asked, cause);
  });
  const told = new TextDecoder().decode(body);
  // STS's errors have it (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html).
  if (status !== 200) throw noProof(asked, refusalOf(status, textWithin(told, "Code")));
  return told;
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** How long keys are taken to hold that don't say so. */
const UNSAID_LIFETIME_MS = 60_000;
const KEY = /^[\x21-\x7e]{1,4096}$/;

function keysFrom(
  { AccessKeyId, SecretAccessKey, Token, Expiration }: { readonly [name: string]: unknown },
  asked: ProofAsked,
  nowMs: number,
): FetchedProof<AwsKeys> {
  if (!isKey(AccessKeyId) || !isKey(SecretAccessKey) || (Token !== undefined && !isKey(Token)))
    throw emptyAnswer(asked);
  const endMs = typeof Expiration === "string" ? Date.parse(Expiration) : Number.NaN;
  return {
    proof: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token },
    expiresInMs: endMs > nowMs ? endMs - nowMs : UNSAID_LIFETIME_MS,
  };
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && KEY.test(value);
}
