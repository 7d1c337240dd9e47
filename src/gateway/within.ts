import type { CallGuard } from "./call-guard.ts";

/** The promise's value if it comes before the client has been kept in silence for `limitMs`; else undefined. */
export function within<Value>(
  promise: Promise<Value>,
  limitMs: number,
  guard: CallGuard,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    guard.whenQuiet(limitMs, () => {
      guard.whenQuiet(0, () => {});
      // From here on the stream tells of a failure; this race no longer does.
      promise.catch(() => {});
      resolve(undefined);
    });
    promise.then(resolve, reject);
  });
}
