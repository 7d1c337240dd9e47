import type { Timeouts } from "../../model/snapshot.ts";
import type { Configuration } from "../configuration/schema.ts";

type WrittenTimeouts = Configuration["timeouts"];
type TimeoutOverrides = { readonly [N in keyof WrittenTimeouts]?: number | undefined };

/** The timeouts of a provider: its own where it has them, else the top-level ones. */
export function compileTimeouts(usual: WrittenTimeouts, own: TimeoutOverrides = {}): Timeouts {
  return Object.freeze({
    connectMs: own.connect_ms ?? usual.connect_ms,
    firstByteMs: own.first_byte_ms ?? usual.first_byte_ms,
    betweenBytesMs: own.between_bytes_ms ?? usual.between_bytes_ms,
    totalMs: own.total_ms ?? usual.total_ms,
  });
}
