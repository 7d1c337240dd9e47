import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Reach } from "../../model/reach.ts";
import type { SignersCall, SignersWay } from "../../model/snapshot.ts";
import { EgressFailure } from "../failure.ts";

/** How long a token may be waited for, and how long its answer may be: no token comes near. */
export const TOKEN_BOUNDS = { timeoutMs: 10_000, limitBytes: 64 * 1024 } as const;
/** How long a token is taken to hold that doesn't say so. */
const UNSAID_LIFETIME_MS = 10_000;
/** A code that may be told. */
const CODE = /^[A-Za-z0-9_.-]{1,60}$/;

/** What proves who calls. */
type ProofKind = "access token" | "AWS keys";

const HOLDS_NONE: { readonly [Kind in ProofKind]: string } = {
  "access token": "its answer holds no token",
  "AWS keys": "its answer holds no keys",
};

/** From whom a proof is asked, for sentences. */
export interface ProofAsked {
  readonly kind: ProofKind;
  readonly provider: string;
  /** The setting that the operator must look at. */
  readonly setting: string;
  readonly url: string;
}

/** A token, and for how long it holds. */
export interface AccessToken {
  readonly token: string;
  readonly expiresInMs: number;
}

/** Where and how a token is asked for. */
export interface TokenRequest {
  /** For sentences. */
  readonly provider: string;
  /** The setting that the operator must look at. */
  readonly setting: string;
  /** The operator's, never a request's. */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** Posted as a form; asked for by GET where absent. */
  readonly form?: { readonly [name: string]: string };
  readonly reach: Reach;
  readonly proxy?: string;
}

/** Asks for an access token (RFC 6749, 5.1). Throws `upstream_authentication` where none can be had. */
export async function requestToken(request: TokenRequest, send: SignersWay): Promise<AccessToken> {
  const { provider, setting, url } = request;
  const asked: ProofAsked = { kind: "access token", provider, setting, url };
  const { status, body } = await send(callOf(request)).catch((cause: unknown) => {
    throw unanswered(asked, cause);
  });
  const answer = parsed(body);
  if (status !== 200) throw noProof(asked, refusalOf(status, answer["error"]));
  const token = answer["access_token"];
  const seconds = answer["expires_in"];
  if (typeof token !== "string" || token === "" || !/^[\x21-\x7e]+$/.test(token)) throw emptyAnswer(asked);
  const isSaid = typeof seconds === "number" && seconds > 0;
  return { token, expiresInMs: isSaid ? seconds * 1000 : UNSAID_LIFETIME_MS };
}

/** That no proof can be had, and who must mend it. */
export function noProof(
  { kind, provider, setting, url }: ProofAsked,
  why: string,
  cause?: unknown,
): GatewayError {
  const { origin } = new URL(url);
  return new GatewayError("upstream_authentication", {
    message: `${provider}: no ${kind} could be had from ${origin}: ${why}.`,
    mend: `The operator must check \`${setting}\` of this provider; your own key is fine.`,
    errorClass: "auth",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The same where there is an answer, and nothing in it. */
export function emptyAnswer(asked: ProofAsked): GatewayError {
  return noProof(asked, HOLDS_NONE[asked.kind]);
}

/** The same where there is no answer. */
export function unanswered(asked: ProofAsked, cause: unknown): GatewayError {
  return noProof(asked, whyNone(asked, cause), cause);
}

function callOf({ url, headers = {}, form, reach, proxy }: TokenRequest): SignersCall {
  const type = form && { "content-type": "application/x-www-form-urlencoded" };
  return {
    method: form === undefined ? "GET" : "POST",
    url,
    headers: { accept: "application/json", ...type, ...headers },
    body: form === undefined ? "" : new URLSearchParams(form).toString(),
    reach,
    ...(proxy === undefined ? {} : { proxy }),
  };
}

function whyNone({ kind }: ProofAsked, cause: unknown): string {
  if (!(cause instanceof EgressFailure)) return "it could not be asked";
  switch (cause.fault) {
    case "unreachable":
    case "untrusted":
      return `it could not be reached (${cause.code})`;
    case "too-long":
      return HOLDS_NONE[kind];
    case "aborted":
      return "its answer took too long";
    case "interrupted":
    case "invalid":
      return "its answer broke off";
  }
}

function parsed(body: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/**
 * What is told of a refusal, as the rest of a sentence: with the endpoint's own code (OAuth's are in RFC 6749, 5.2), never
 * its prose, which may quote what was sent.
 */
export function refusalOf(status: number, code: unknown): string {
  const told = typeof code === "string" && CODE.test(code) ? ` (${code})` : "";
  return `it answered ${status}${told}`;
}
