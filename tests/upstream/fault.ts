import type { BodySource } from "./body.ts";
import { type Piece, repeatable, takeEvents } from "./piece.ts";
import type { Fault } from "./scenario.ts";

/** How the connection is left: the answer completed, silence, a TCP reset, or a clean TCP close. */
export type Ending = "complete" | "hang" | "reset" | "close";

/** What a fault makes of a body. */
export interface FaultedBody {
  /** Done once the request is read, in place of any answer. */
  readonly insteadOfHeaders?: Exclude<Ending, "complete">;
  readonly contentType: string;
  readonly chunked: boolean;
  /** The events that are sent. */
  readonly events: Iterable<Piece>;
  /** What the content-length of a body that isn't chunked speaks of. */
  readonly declared: Iterable<Piece>;
  /** The body is cut here, wherever the split has put its borders. */
  readonly bytes?: number;
  readonly ending: Ending;
  /** Silence before a reset. */
  readonly endingDelayMs?: number;
}

const ERROR_PAYLOAD = JSON.stringify({
  error: {
    message: "The server had an error while processing your request.",
    type: "server_error",
    code: null,
  },
});
const RESET_AFTER_MS = 25;

export function applyFault(fault: Fault, source: BodySource): FaultedBody {
  const { contentType, chunked, events } = source;
  const intact: FaultedBody = { contentType, chunked, events, declared: events, ending: "complete" };
  const only = (some: Iterable<Piece>): FaultedBody => ({ ...intact, events: some, declared: some });
  const first = (count: number): Iterable<Piece> => repeatable(() => takeEvents(events, count));

  switch (fault.kind) {
    case "none":
      return intact;
    case "hang-before-headers":
      return { ...intact, insteadOfHeaders: "hang" };
    case "reset-before-headers":
      return { ...intact, insteadOfHeaders: "reset" };
    case "close-before-headers":
      return { ...intact, insteadOfHeaders: "close" };
    case "hang-after-headers":
      return { ...intact, events: [], ending: "hang" };
    case "hang-mid-stream":
      return { ...intact, events: first(fault.afterEvents), ending: "hang" };
    case "hang-at-byte":
      return { ...intact, bytes: fault.bytes, ending: "hang" };
    case "reset-at-byte": {
      const endingDelayMs = fault.afterMs ?? RESET_AFTER_MS;
      return { ...intact, bytes: fault.bytes, ending: "reset", endingDelayMs };
    }
    case "end-early":
      return { ...intact, bytes: fault.bytes, ending: "close" };
    case "truncate":
      return only(first(fault.afterEvents));
    case "error-first":
    case "error-mid-stream": {
      const sent = fault.kind === "error-first" ? [] : [...first(fault.afterEvents)];
      const error = source.framer.frame(fault.payload ?? ERROR_PAYLOAD);
      return { ...only([...sent, error]), contentType: source.framer.contentType, chunked: true };
    }
    case "empty-stream":
      return { ...only([]), contentType: source.framer.contentType, chunked: true };
    case "garbage":
      return only([{ bytes: randomBytes(fault.bytes ?? 2_000, fault.seed ?? 1), events: 0 }]);
    case "redirect":
      return { ...only([]), chunked: false };
    default:
      throw new Error(`unknown kind of fault: ${JSON.stringify(fault satisfies never)}`);
  }
}

/** xorshift32: enough noise for a test, and the same for the same seed. */
function randomBytes(count: number, seed: number): Buffer {
  let state = seed | 0 || 1; // xorshift never leaves 0
  return Buffer.from(
    Array.from({ length: count }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 0xff;
    }),
  );
}
