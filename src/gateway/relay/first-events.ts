import { GatewayError } from "../../model/gateway-error.ts";
import type { CallGuard } from "../call-guard.ts";
import { interrupted } from "../read-answer.ts";
import type { BegunStream } from "./client-stream.ts";
import { emptyStream } from "./passthrough.ts";
import { type Read, type Reader, readerOf } from "./reader.ts";
import type { Relay } from "./relay.ts";

/**
 * Reads a stream until its first meaningful event, so that an answer which fails at once is never begun with a
 * success. Throws the failure if there is one; whatever came before it has reached nobody.
 */
export async function firstEvents(
  response: Response,
  relay: Relay,
  provider: string,
  guard: CallGuard,
): Promise<BegunStream> {
  const reader = readerOf(response);
  if (reader === undefined) throw emptyStream(provider);
  const parts: Uint8Array[] = [];
  while (relay.state === "preamble") {
    const { done, value } = await readNext(reader, guard);
    const bytes = done ? relay.end() : relay.push(value);
    if (bytes !== undefined) parts.push(bytes);
    if (done && relay.state === "preamble") throw emptyStream(provider);
  }
  // A stream that begins and fails within one read has still reached nobody.
  if (relay.state === "failed") throw relay.failure ?? emptyStream(provider);
  return { reader, relay, first: joined(parts) };
}

async function readNext(reader: Reader, guard: CallGuard): Promise<Read> {
  guard.reading();
  try {
    return await reader.read();
  } catch (thrown) {
    throw guard.failure ?? (thrown instanceof GatewayError ? thrown : interrupted(guard.provider, thrown));
  } finally {
    guard.resting();
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array | undefined {
  if (parts.length <= 1) return parts[0];
  return Buffer.concat(parts);
}
