import pino from "pino";
import { redactSecrets } from "./redact.ts";

/** Members that never reach the log, wherever a mistake may put them. */
const SECRET_PATHS = [
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "key",
  "credential",
  "secret",
  "headers",
].flatMap((name) => [`["${name}"]`, `*["${name}"]`]);

export type Log = pino.Logger;
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Where the lines of finished calls go: the same place and form as the log's own, made for once a request. */
export interface CallLog {
  /**
   * Adds a line, unless the level is off. `line` makes it, without its newline, from the level's number and the time;
   * what others wrote must be redacted in it.
   */
  write(level: "info" | "warn" | "error", line: (level: number, timeMs: number) => string): void;
}

/** The log of a process. */
export interface Logs {
  readonly log: Log;
  readonly calls: CallLog;
  flush(): void;
}

const FLUSH_MS = 200;
/** Calls' lines are handed on by blocks of this size: one hand-over a line cost more than making the line. */
const BLOCK_BYTES = 64 * 1024;

/** JSON lines on standard output, secrets redacted by path and by shape. Written in blocks, off the request path. */
export function openLog(level: LogLevel): Logs {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 8192 });
  const log = pino(
    {
      level,
      base: null,
      redact: { paths: SECRET_PATHS, censor: "[redacted]" },
      hooks: { streamWrite: redactSecrets },
    },
    destination,
  );
  const calls = new BlockedCallLog(log, destination);
  const timer = setInterval(() => {
    calls.handOn();
    destination.flush();
  }, FLUSH_MS);
  timer.unref();
  return {
    log,
    calls,
    flush() {
      calls.handOn();
      flushNow(destination);
    },
  };
}

/**
 * Redaction by path costs more than the rest of a request's accounting together. A call's line has a fixed set of
 * members: whoever makes it redacts by shape those that hold what a client or a provider wrote.
 */
class BlockedCallLog implements CallLog {
  readonly #log: Log;
  readonly #destination: { write(lines: string): void };
  /** Lines are encoded as they come, while their pieces are in the processor's caches. */
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #length = 0;

  constructor(log: Log, destination: { write(lines: string): void }) {
    this.#log = log;
    this.#destination = destination;
  }

  write(level: "info" | "warn" | "error", line: (level: number, timeMs: number) => string): void {
    if (!this.#log.isLevelEnabled(level)) return;
    const text = `${line(this.#log.levels.values[level] ?? 0, Date.now())}\n`;
    // A UTF-16 unit makes three bytes at most.
    if (3 * text.length > BLOCK_BYTES - this.#length) this.handOn();
    if (3 * text.length > BLOCK_BYTES) this.#destination.write(text);
    else this.#length += this.#block.write(text, this.#length);
  }

  /** Hands on what has come together. */
  handOn(): void {
    const text = this.#block.toString("utf8", 0, this.#length);
    this.#length = 0;
    if (text !== "") this.#destination.write(text);
  }
}

/** The destination may not have opened yet when a process ends at once; then there is nothing to write. */
function flushNow(destination: { flushSync(): void }): void {
  try {
    destination.flushSync();
  } catch {
    return;
  }
}
