import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject } from "../../model/json.ts";

/** How long a token may be waited for. */
const TIMEOUT_MS = 10_000;
/** No token comes near; an answer that is longer is none. */
const MOST_BYTES = 64 * 1024;
/** What is told of a refusal: OAuth's own code (RFC 6749, 5.2), never its prose, which may quote what was sent. */
const CODE = /^[A-Za-z0-9_.-]{1,60}$/;

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
  readonly proxy?: string;
}

/** Asks for an access token (RFC 6749, 5.1). Throws `upstream_authentication` where none can be had. */
export async function requestToken(request: TokenRequest): Promise<AccessToken> {
  let response: Response;
  try {
    response = await send(request);
  } catch (cause) {
    throw noToken(request, "it could not be reached", cause);
  }
  const answer = await readAnswer(response).catch((cause: unknown) => {
    throw noToken(request, "its answer broke off", cause);
  });
  if (response.status !== 200) throw noToken(request, refusalOf(response.status, answer));
  const token = answer["access_token"];
  const seconds = answer["expires_in"];
  if (typeof token !== "string" || token === "" || !/^[\x21-\x7e]+$/.test(token))
    throw noToken(request, "its answer holds no token");
  return { token, expiresInMs: typeof seconds === "number" && seconds > 0 ? seconds * 1000 : TIMEOUT_MS };
}

/** That no token can be had, and who must mend it. */
export function noToken(
  { provider, setting, url }: Pick<TokenRequest, "provider" | "setting" | "url">,
  why: string,
  cause?: unknown,
): GatewayError {
  const { origin } = new URL(url);
  return new GatewayError("upstream_authentication", {
    message: `${provider}: no access token could be had from ${origin}: ${why}.`,
    mend: `The operator must check \`${setting}\` of this provider; your own key is fine.`,
    errorClass: "auth",
    ...(cause === undefined ? {} : { cause }),
  });
}

function send({ url, headers = {}, form, proxy }: TokenRequest): Promise<Response> {
  return fetch(url, {
    method: form === undefined ? "GET" : "POST",
    headers: { accept: "application/json", ...headers },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(proxy === undefined ? {} : { proxy }),
  });
}

async function readAnswer(response: Response): Promise<{ readonly [name: string]: unknown }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > MOST_BYTES) return {};
    parts.push(part);
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(parts).toString());
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function refusalOf(status: number, answer: { readonly [name: string]: unknown }): string {
  const { error } = answer;
  return typeof error === "string" && CODE.test(error)
    ? `it answered ${status} (${error})`
    : `it answered ${status}`;
}
