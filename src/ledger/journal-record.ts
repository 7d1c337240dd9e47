import type {
  AttemptClosing,
  AttemptOpening,
  Outcome,
  RequestClosing,
  RequestOpening,
} from "../model/attempt.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { StoredSheet } from "./ledger.ts";

/** One line of the journal. */
export type JournalRecord =
  | { readonly kind: "open"; readonly request: RequestOpening; readonly attempt: AttemptOpening }
  | { readonly kind: "close"; readonly closing: AttemptClosing }
  | { readonly kind: "finish"; readonly request: RequestOpening; readonly closing: RequestClosing }
  | { readonly kind: "price-sheet"; readonly sheet: StoredSheet };

/** The line that opens an attempt, its newline included. */
export function openLine(request: RequestOpening, attempt: AttemptOpening): string {
  return `${JSON.stringify({ kind: "open", request, attempt })}\n`;
}

/** The line that ends an attempt, its newline included. */
export function closeLine(closing: AttemptClosing): string {
  return `${JSON.stringify({ kind: "close", closing })}\n`;
}

/** The line that ends a request, its newline included. */
export function finishLine(request: RequestOpening, closing: RequestClosing): string {
  return `${JSON.stringify({ kind: "finish", request, closing })}\n`;
}

/** The line that says what a price sheet holds, its newline included. */
export function priceSheetLine({ id, text }: StoredSheet): string {
  return `${JSON.stringify({ kind: "price-sheet", sheet: { id, text } })}\n`;
}

/** Reads a line. Undefined where it is not a record: torn, foreign, or without what identifies it. */
export function parseLine(line: string): JournalRecord | undefined {
  const record = parseJson(line);
  if (!isJsonObject(record)) return undefined;
  const { kind, request, attempt, closing, sheet } = record;
  if (kind === "open" && isRequestOpening(request) && isAttemptOpening(attempt))
    return { kind, request, attempt };
  if (kind === "close" && isAttemptClosing(closing)) return { kind, closing };
  if (kind === "finish" && isRequestOpening(request) && isRequestClosing(closing))
    return { kind, request, closing };
  if (kind === "price-sheet" && isStoredSheet(sheet)) return { kind, sheet };
  return undefined;
}

const OUTCOMES: ReadonlySet<unknown> = new Set<Outcome>([
  "ok",
  "failed",
  "interrupted",
  "cancelled",
  "blocked",
]);
const REQUEST_TEXTS = ["requestId", "project", "keyId", "operation", "dialect", "requestedModel"] as const;
const ATTEMPT_TEXTS = ["attemptId", "requestId", "provider", "model"] as const;

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function hasTexts(fields: JsonObject, names: readonly string[]): boolean {
  for (const name of names) if (typeof fields[name] !== "string") return false;
  return true;
}

function isRequestOpening(value: unknown): value is RequestOpening {
  return isJsonObject(value) && hasTexts(value, REQUEST_TEXTS) && typeof value["receivedAtMs"] === "number";
}

function isAttemptOpening(value: unknown): value is AttemptOpening {
  return isJsonObject(value) && hasTexts(value, ATTEMPT_TEXTS) && typeof value["startedAtMs"] === "number";
}

function isAttemptClosing(value: unknown): value is AttemptClosing {
  return (
    isJsonObject(value) &&
    typeof value["attemptId"] === "string" &&
    OUTCOMES.has(value["outcome"]) &&
    isJsonObject(value["usage"])
  );
}

function isStoredSheet(value: unknown): value is StoredSheet {
  return isJsonObject(value) && hasTexts(value, ["id", "text"]);
}

function isRequestClosing(value: unknown): value is RequestClosing {
  return isJsonObject(value) && typeof value["requestId"] === "string" && OUTCOMES.has(value["outcome"]);
}
