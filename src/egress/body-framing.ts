import type { AnswerHead } from "./answer-head.ts";
import { EgressFailure } from "./failure.ts";

/** How a body's end is told: there is none, so many bytes, chunks, or the connection's end. */
export type BodyFraming =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" };

const CHUNKED: BodyFraming = { kind: "chunked" };
const UNTIL_CLOSE: BodyFraming = { kind: "until-close" };
const EMPTY: BodyFraming = { kind: "length", bytes: 0 };

/**
 * Reads the framing from a final answer's head (RFC 9112, 6.3). Stricter than that where readers have differed: both
 * lengths at once, a coding beside `chunked`, chunks in HTTP/1.0 and lengths that differ are `invalid`.
 */
export function framingOf(method: string, head: AnswerHead): BodyFraming {
  const coding = head.get("transfer-encoding");
  const length = head.get("content-length");
  if (coding !== undefined && length !== undefined)
    throw invalidFraming("both a length and a transfer coding");
  if (method === "HEAD" || head.status === 204 || head.status === 304) return EMPTY;
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked" || head.minor === 0)
      throw invalidFraming("an unknown transfer coding");
    return CHUNKED;
  }
  return length === undefined ? UNTIL_CLOSE : { kind: "length", bytes: lengthOf(length) };
}

/** Whether the connection may serve another request after this answer (RFC 9112, 9.3). */
export function keepsAlive(head: AnswerHead): boolean {
  const options = head.get("connection")?.toLowerCase();
  if (options === undefined || options === "keep-alive") return head.minor === 1 || options !== undefined;
  const named = options.split(",").map((option) => option.trim());
  return !named.includes("close") && (head.minor === 1 || named.includes("keep-alive"));
}

/** How long the server says it keeps an idle connection, in milliseconds (`Keep-Alive: timeout=5`). */
export function keepAliveHintMs(head: AnswerHead): number | undefined {
  const parameters = head.get("keep-alive");
  if (parameters === undefined) return undefined;
  const seconds = /(?:^|[,; ])timeout="?(\d{1,6})/i.exec(parameters)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** The same length said twice is one length (RFC 9112, 6.3, 5). */
function lengthOf(value: string): number {
  const [first = "", ...others] = value.includes(",") ? value.split(",").map((one) => one.trim()) : [value];
  const length = Number(first);
  const isLength = /^\d{1,16}$/.test(first) && Number.isSafeInteger(length);
  if (!isLength || others.some((other) => other !== first)) throw invalidFraming("no length");
  return length;
}

/** A body whose end can't be told for sure. */
export function invalidFraming(what: string): EgressFailure {
  return new EgressFailure(
    "invalid",
    "INVALID_BODY",
    `the answer's body is not framed as HTTP/1.1 does: ${what}`,
  );
}
