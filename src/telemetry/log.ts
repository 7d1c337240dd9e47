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
  /** `fields` must have been redacted where they hold what others wrote. */
  write(level: "info" | "warn" | "error", fields: object, message: string): void;
}

/** The log of a process. */
export interface Logs {
  readonly log: Log;
  readonly calls: CallLog;
  flush(): void;
}

/** JSON lines on standard output, secrets redacted by path and by shape. Written in blocks, off the request path. */
export function openLog(level: LogLevel): Logs {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 8192 });
  const timer = setInterval(() => destination.flush(), 200);
  timer.unref();
  const log = pino(
    {
      level,
      base: null,
      redact: { paths: SECRET_PATHS, censor: "[redacted]" },
      hooks: { streamWrite: redactSecrets },
    },
    destination,
  );
  return { log, calls: callLog(log, destination), flush: () => flushNow(destination) };
}

/**
 * Redaction by path costs more than the rest of a request's accounting together. A call's line has a fixed set of
 * members: whoever makes it redacts by shape those that hold what a client or a provider wrote.
 */
function callLog(log: Log, destination: { write(line: string): void }): CallLog {
  return {
    write(level, fields, message) {
      if (!log.isLevelEnabled(level)) return;
      const line = { level: log.levels.values[level], time: Date.now(), ...fields, msg: message };
      destination.write(`${JSON.stringify(line)}\n`);
    },
  };
}

/** The destination may not have opened yet when a process ends at once; then there is nothing to write. */
function flushNow(destination: { flushSync(): void }): void {
  try {
    destination.flushSync();
  } catch {
    return;
  }
}
