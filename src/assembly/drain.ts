import type { Interruptible } from "../gateway/parts.ts";

const POLL_MS = 25;
/** After its call is given up, a stream still needs a moment to send its last event. */
const LAST_WORDS_MS = 1000;

/** Waits for the calls in flight, gives up those that are left at the deadline, and waits for their last words. */
export async function drain(calls: ReadonlySet<Interruptible>, deadlineMs: number): Promise<void> {
  await emptyOrLate(calls, deadlineMs);
  for (const call of calls) call.interrupt();
  await emptyOrLate(calls, LAST_WORDS_MS);
}

async function emptyOrLate(calls: ReadonlySet<Interruptible>, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (calls.size > 0 && performance.now() < endMs) await Bun.sleep(POLL_MS);
}
