import type { Answer } from "../egress/answer.ts";
import type { DecodedError, UpstreamFace } from "../model/dialect.ts";
import { CODE_OF_CLASS, type ErrorClass } from "../model/error-class.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { isJsonObject } from "../model/json.ts";
import type { Upstream } from "../model/snapshot.ts";
import { quotesCredential } from "./credential-leak.ts";
import { clampedWait, retryAfterMs } from "./retry-after.ts";

const MAX_QUOTED_CHARACTERS = 500;

/**
 * A provider's refusal as our error. With `verbatim` (client and provider speak the same dialect) its own bytes go to
 * the client, unless they are about the gateway's credential, or quote it.
 */
export function refusal(
  answer: Answer,
  body: Uint8Array,
  upstream: Upstream,
  face: UpstreamFace,
  verbatim: boolean,
): GatewayError {
  const text = new TextDecoder().decode(body);
  const parsed = parseJson(text);
  const decoded = face.decodeError(answer.status, parsed);
  const errorClass = vendorClass(decoded, upstream, answer.status) ?? decoded.errorClass;
  const leaks = quotesCredential(text, upstream);
  const sayable = isJsonObject(parsed) && errorClass !== "auth" && !leaks;
  const contentType = answer.header("content-type") ?? "application/json";
  return upstreamError({ ...decoded, errorClass }, upstream, {
    status: answer.status,
    retryAfterMs:
      clampedWait(decoded.retryAfterMs) ?? retryAfterMs(answer.allHeaders(), errorClass, Date.now()),
    quote: sayable,
    ...(verbatim && sayable ? { answer: { status: answer.status, contentType, body } } : {}),
  });
}

/** A failure that the provider told inside its stream. */
export function streamFailure(decoded: DecodedError, upstream: Upstream): GatewayError {
  const leaks = quotesCredential(decoded.message ?? "", upstream);
  const errorClass = vendorClass(decoded, upstream) ?? decoded.errorClass;
  return upstreamError({ ...decoded, errorClass }, upstream, {
    retryAfterMs: clampedWait(decoded.retryAfterMs),
    quote: errorClass !== "auth" && !leaks,
  });
}

interface Circumstances {
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  readonly quote: boolean;
  readonly answer?: { readonly status: number; readonly contentType: string; readonly body: Uint8Array };
}

function upstreamError(
  decoded: DecodedError,
  upstream: Upstream,
  circumstances: Circumstances,
): GatewayError {
  const code = CODE_OF_CLASS[decoded.errorClass];
  const sentence = `${upstream.provider} refused the call (${decoded.errorClass.replaceAll("_", " ")}).`;
  const quoted = circumstances.quote && decoded.message !== undefined;
  const { status, retryAfterMs, answer } = circumstances;
  return new GatewayError(code, {
    message: quoted ? `${upstream.provider}: ${decoded.message?.slice(0, MAX_QUOTED_CHARACTERS)}` : sentence,
    errorClass: decoded.errorClass,
    ...(status !== undefined && (code === "upstream_refused" || answer !== undefined) ? { status } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(answer === undefined ? {} : { upstream: answer }),
  });
}

/** The provider's own table of codes is more precise than the dialect's general reading. */
function vendorClass(
  { codes = [] }: DecodedError,
  { errorClasses }: Upstream,
  status?: number,
): ErrorClass | undefined {
  const known = [...codes, String(status)].find((code) => Object.hasOwn(errorClasses, code));
  return known === undefined ? undefined : errorClasses[known];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
