import type { KnownCaller } from "../policy/identity/key-directory.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Parts } from "./parts.ts";

const NO_HEADERS: { readonly [name: string]: string } = Object.freeze({});

/** How the rate limits over a caller stand, in the headers that its dialect's clients read. */
export function limitHeaders(
  { inbound }: IncomingCall,
  caller: KnownCaller,
  { rates }: Parts,
): { readonly [name: string]: string } {
  const nowMs = Date.now();
  const states = rates.states(caller, nowMs);
  return states.length === 0 ? NO_HEADERS : (inbound.encodeLimits?.(states, nowMs) ?? NO_HEADERS);
}
