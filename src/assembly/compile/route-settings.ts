import type { RouteSettings, TimeoutOverrides } from "../../model/route-settings.ts";
import type { WrittenRoute } from "../configuration/route-section.ts";

/** What a route says beside its targets. */
export function compileRouteSettings(written: WrittenRoute): RouteSettings {
  const { retries, hedge } = written;
  const timeouts = compileOverrides(written.timeouts);
  return Object.freeze({
    retries: Object.freeze({
      maxAttempts: retries.max_attempts,
      backoffMs: retries.backoff_ms,
      maxWaitMs: retries.max_wait_ms,
      refusals: retries.refusals,
      continueStreams: retries.continue_streams,
    }),
    ...(hedge === undefined
      ? {}
      : {
          hedge: Object.freeze({
            percent: hedge.percent,
            ...(hedge.after_ms === undefined ? {} : { afterMs: hedge.after_ms }),
          }),
        }),
    ...(timeouts === undefined ? {} : { timeouts }),
  });
}

function compileOverrides(written: WrittenRoute["timeouts"]): TimeoutOverrides | undefined {
  const {
    connect_ms: connectMs,
    first_byte_ms: firstByteMs,
    between_bytes_ms: betweenBytesMs,
    total_ms: totalMs,
  } = written;
  const overrides = {
    ...(connectMs === undefined ? {} : { connectMs }),
    ...(firstByteMs === undefined ? {} : { firstByteMs }),
    ...(betweenBytesMs === undefined ? {} : { betweenBytesMs }),
    ...(totalMs === undefined ? {} : { totalMs }),
  };
  return Object.keys(overrides).length === 0 ? undefined : Object.freeze(overrides);
}
