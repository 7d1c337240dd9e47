import type { Egress } from "../egress/egress.ts";
import { type Dialect, PLAIN_FORM } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Upstream } from "../model/snapshot.ts";
import { CallGuard, NOBODY } from "./call-guard.ts";
import { NO_HEADERS } from "./outgoing.ts";
import { readAnswer } from "./read-answer.ts";
import { send } from "./send.ts";
import type { Ticker } from "./ticker.ts";
import { refusal } from "./upstream-failure.ts";

/** What asking takes. */
export interface ModelListParts {
  readonly dialects: ReadonlyMap<DialectId, Dialect>;
  readonly egress: Egress;
  readonly ticker: Ticker;
  /** How long it may take in all, in milliseconds. Absent: as long as the provider's calls. */
  readonly limitMs?: number;
  /** How long a list may be, in bytes, where that is less than answers may be. */
  readonly listBytes?: number;
}

/** What a server says that can't do such a thing at all (RFC 9110, 15.6.2). */
const NOT_IMPLEMENTED = 501;

/**
 * Asks a provider for the list of its models, with its credential: nothing is generated, and nothing costs. Undefined
 * where it is known to have none. Throws what it refuses with, or why it could not be reached.
 */
export async function askModelList(
  upstream: Upstream,
  limitBytes: number,
  { dialects, egress, ticker, limitMs, listBytes = limitBytes }: ModelListParts,
): Promise<Uint8Array | undefined> {
  const { modelList } = upstream;
  const face = modelList && dialects.get(modelList.dialect)?.upstream;
  if (modelList === undefined || face === undefined) return undefined;
  const guard = new CallGuard(ticker, NOBODY);
  try {
    const { timeouts } = upstream;
    const totalMs = Math.min(limitMs ?? timeouts.totalMs, timeouts.totalMs);
    const attempt = guard.openAttempt(upstream, { ...timeouts, totalMs });
    const asking = { url: modelList.url, method: "GET", headers: NO_HEADERS, body: "" } as const;
    const answer = await send(upstream, { ...asking, form: PLAIN_FORM, losses: [] }, attempt, egress);
    if (answer.status === NOT_IMPLEMENTED) {
      attempt.abandon();
      throw noList(upstream);
    }
    const isRefused = answer.status >= 400;
    const bytes = await readAnswer(answer, isRefused ? limitBytes : listBytes, attempt);
    if (isRefused) throw refusal(answer, bytes, upstream, face, false);
    return bytes;
  } finally {
    guard.end();
  }
}

/** A fault of whoever asks, as a 404 would be: nothing is wrong with the provider. */
function noList({ provider }: Upstream): GatewayError {
  return new GatewayError("upstream_refused", {
    message: `${provider} has no list of its models.`,
    status: NOT_IMPLEMENTED,
    errorClass: "caller",
  });
}
