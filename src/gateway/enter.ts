import { GatewayError } from "../model/gateway-error.ts";
import { roughTokens } from "../model/rough-tokens.ts";
import type { Choice } from "../routing/plan.ts";
import type { Ticket } from "../routing/target-state.ts";
import type { LiveCall } from "./live-call.ts";

const RETRY_AFTER_MS = 1000;

/**
 * A place with a target. Gives a promise only where its credential carries as many calls as it may: then the call waits
 * for its turn. Throws `overloaded` where too many wait already, or for too long.
 */
export function enter(call: LiveCall, { state, target }: Choice): Ticket | Promise<Ticket> {
  const tokens = roughTokens(call.request.bodyBytes);
  return state.enter(tokens) ?? waitForPlace(call, { state, provider: target.upstream.provider, tokens });
}

interface Place {
  readonly state: Choice["state"];
  readonly provider: string;
  readonly tokens: number;
}

async function waitForPlace(call: LiveCall, { state, provider, tokens }: Place): Promise<Ticket> {
  const { credential } = state;
  const { length, waitMs } = call.snapshot.routing.queue;
  if (credential.waiting >= length) throw noPlace(provider);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isHeld = false;
  const leave = credential.lineUp(call.caller.project, () => {
    isHeld = true;
    resolve();
  });
  const timer = setTimeout(() => reject(noPlace(provider)), waitMs);
  try {
    await call.guard.until(promise);
  } catch (failure) {
    leave();
    // The place came together with the failure.
    if (isHeld) credential.leave();
    throw failure;
  } finally {
    clearTimeout(timer);
  }
  return state.begin(tokens);
}

function noPlace(provider: string): GatewayError {
  return new GatewayError("overloaded", {
    message: `${provider} has as many calls as its key may carry, and as many wait as may.`,
    mend: `Try again later, or raise \`providers.${provider}.max_in_flight\` or \`routing.queue\`.`,
    retryAfterMs: RETRY_AFTER_MS,
    errorClass: "overloaded",
  });
}
