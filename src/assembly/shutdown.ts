import type { Interruptible } from "../gateway/parts.ts";

const POLL_MS = 25;
/** After its call is given up, a stream still needs a moment to send its last event. */
const LAST_WORDS_MS = 400;
/** From the deadline to the end of the process: last words, and the rows' way into the tables. */
const CLOSING_MS = 900;

/** What is shut down. */
export interface ShutdownParts {
  readonly server: {
    /** Requests whose answer has not been sent to its end. */
    readonly pendingRequests: number;
    /** Takes no new connections and closes the idle ones; with `true` all of them. Resolves when none is left. */
    stop(closeAll?: boolean): Promise<void>;
  };
  /** Calls whose accounts are not settled. */
  readonly calls: ReadonlySet<Interruptible>;
  /** Copies of calls, for which nobody waits. */
  readonly shadowCalls: ReadonlySet<Interruptible>;
  /** Closes everything, within about so long. */
  close(limitMs: number): Promise<void>;
}

/** How long a shutdown takes at most, beside a second for its end. */
export interface ShutdownTimes {
  /** New calls are still taken for so long. */
  readonly unreadyMs: number;
  /** Then those in flight may go on for so long. */
  readonly drainMs: number;
}

/**
 * Ends a gateway that has said that it isn't ready any more: takes calls for the while that load balancers need to
 * notice, gives up the copies, waits for the calls in flight, gives up those that are left at the deadline, each of which is
 * told, and closes everything. Is through within a second of the deadline: what isn't in the tables by then is in the journal.
 */
export async function shutDown(parts: ShutdownParts, { unreadyMs, drainMs }: ShutdownTimes): Promise<void> {
  if (unreadyMs > 0) await Bun.sleep(unreadyMs);
  const deadlineMs = performance.now() + drainMs;
  void parts.server.stop();
  interrupt(parts.shadowCalls);
  await until(() => isAnswered(parts), deadlineMs);
  interrupt(parts.calls);
  // A call that was still read when the copies were given up may have been copied since.
  interrupt(parts.shadowCalls);
  const isQuiet = () => isAnswered(parts) && parts.shadowCalls.size === 0;
  await until(isQuiet, performance.now() + LAST_WORDS_MS);
  void parts.server.stop(true);
  await parts.close(Math.max(0, deadlineMs + CLOSING_MS - performance.now()));
}

function interrupt(calls: ReadonlySet<Interruptible>): void {
  for (const call of calls) call.interrupt();
}

/** Settled is not yet sent: the runtime still writes what a client takes slowly. */
function isAnswered({ calls, server }: ShutdownParts): boolean {
  return calls.size + server.pendingRequests === 0;
}

async function until(condition: () => boolean, endMs: number): Promise<void> {
  while (!condition() && performance.now() < endMs) await Bun.sleep(POLL_MS);
}

/** Waits for some work, but no longer than so many milliseconds, which may be infinite. */
export async function atMost(work: Promise<unknown>, limitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = limitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(resolve, limitMs);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
