import type {
  AttemptClosing,
  AttemptOpening,
  Outcome,
  RequestClosing,
  RequestOpening,
} from "../model/attempt.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { NO_USAGE, type Usage } from "../model/usage.ts";
import type { StoredSheet } from "./ledger.ts";
import { type StoredRouting, storedRouting } from "./stored-routing.ts";

/** A request's end as it is kept. */
export type StoredClosing = Omit<RequestClosing, "routing"> & { readonly routing?: StoredRouting };

/**
 * One line of the journal. A request's end says who asked for what only where no attempt has said so before: nothing
 * is written twice on the way of a call.
 */
export type JournalRecord =
  | { readonly kind: "open"; readonly request: RequestOpening; readonly attempt: AttemptOpening }
  | { readonly kind: "close"; readonly closing: AttemptClosing }
  | { readonly kind: "finish"; readonly request?: RequestOpening; readonly closing: StoredClosing }
  | { readonly kind: "price-sheet"; readonly sheet: StoredSheet };

/** The line that opens an attempt, its newline included. */
export function openLine(request: RequestOpening, attempt: AttemptOpening): string {
  const { requestId, ordinal, startedAtMs, bodyBytes } = attempt;
  let line = `{"kind":"open","request":${requestMembers(request)},"attempt":{"attemptId":${quoted(attempt.attemptId)}`;
  line += `,"requestId":${quoted(requestId)},"ordinal":${ordinal},"startedAtMs":${startedAtMs}`;
  line += `,"provider":${quoted(attempt.provider)},"model":${quoted(attempt.model)},"bodyBytes":${bodyBytes}`;
  if (attempt.markup !== undefined) line += `,"markup":${quoted(attempt.markup)}`;
  if (attempt.purpose !== undefined) line += `,"purpose":"${attempt.purpose}"`;
  return `${line}}}\n`;
}

/** The line that ends an attempt, its newline included. Counts of nothing are left out. */
export function closeLine(closing: AttemptClosing): string {
  const { upstreamStatus, errorClass, errorCode, finishReason, serviceTier, cost, firstTokenMs } = closing;
  let line = `{"kind":"close","closing":{"attemptId":${quoted(closing.attemptId)},"outcome":"${closing.outcome}"`;
  if (upstreamStatus !== undefined) line += `,"upstreamStatus":${upstreamStatus}`;
  if (errorClass !== undefined) line += `,"errorClass":"${errorClass}"`;
  if (errorCode !== undefined) line += `,"errorCode":${quoted(errorCode)}`;
  if (finishReason !== undefined) line += `,"finishReason":${quoted(finishReason)}`;
  if (serviceTier !== undefined) line += `,"serviceTier":${quoted(serviceTier)}`;
  line += `,"usage":${usageMembers(closing.usage)}`;
  if (cost !== undefined) line += `,"cost":${cost}`;
  if (closing.billed !== undefined) line += `,"billed":${closing.billed}`;
  if (closing.cacheSavings !== undefined) line += `,"cacheSavings":${closing.cacheSavings}`;
  if (closing.priceSheet !== undefined) line += `,"priceSheet":${quoted(closing.priceSheet)}`;
  line += `,"priceBookVersion":${quoted(closing.priceBookVersion)}`;
  if (firstTokenMs !== undefined) line += `,"firstTokenMs":${whole(firstTokenMs)}`;
  return `${line},"totalMs":${whole(closing.totalMs)},"answerBytes":${closing.answerBytes}}}\n`;
}

/** The line that ends a request, its newline included. */
export function finishLine(request: RequestOpening, closing: RequestClosing): string {
  const { errorCode, firstTokenMs } = closing;
  let line = `{"kind":"finish"`;
  if (closing.attempts === 0) line += `,"request":${requestMembers(request)}`;
  line += `,"closing":{"requestId":${quoted(closing.requestId)},"outcome":"${closing.outcome}"`;
  line += `,"status":${closing.status},"attempts":${closing.attempts}`;
  if (errorCode !== undefined) line += `,"errorCode":${quoted(errorCode)}`;
  if (firstTokenMs !== undefined) line += `,"firstTokenMs":${whole(firstTokenMs)}`;
  if (closing.warnings !== undefined) line += `,"warnings":${JSON.stringify(closing.warnings)}`;
  if (closing.route !== undefined) line += `,"route":${quoted(closing.route)}`;
  if (closing.arm !== undefined) line += `,"arm":${quoted(closing.arm)}`;
  if (closing.routing !== undefined) line += `,"routing":${JSON.stringify(storedRouting(closing.routing))}`;
  if (closing.replayOf !== undefined) line += `,"replayOf":${quoted(closing.replayOf)}`;
  return `${line},"totalMs":${whole(closing.totalMs)}}}\n`;
}

function requestMembers(request: RequestOpening): string {
  const { receivedAtMs, stream, endUser, tokenId, tags } = request;
  let members = `{"requestId":${quoted(request.requestId)},"receivedAtMs":${receivedAtMs}`;
  members += `,"project":${quoted(request.project)},"keyId":${quoted(request.keyId)}`;
  members += `,"dialect":${quoted(request.dialect)},"operation":${quoted(request.operation)}`;
  members += `,"requestedModel":${quoted(request.requestedModel)},"stream":${stream}`;
  if (endUser !== undefined) members += `,"endUser":${quoted(endUser)}`;
  if (tokenId !== undefined) members += `,"tokenId":${quoted(tokenId)}`;
  return tags === undefined ? `${members}}` : `${members},"tags":${JSON.stringify(tags)}}`;
}

const COUNTS = [
  "inputTokens",
  "cachedInputTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
  "inputAudioTokens",
  "inputImageTokens",
  "outputTokens",
  "reasoningTokens",
  "outputAudioTokens",
  "billedToolCalls",
  "cachedInputAudioTokens",
  "cachedInputImageTokens",
  "inputVideoTokens",
  "outputImageTokens",
  "outputVideoTokens",
] as const satisfies readonly (keyof Usage)[];

function usageMembers(usage: Usage): string {
  let members = `{"source":"${usage.source}"`;
  for (const name of COUNTS) {
    const count = usage[name];
    // Zero is what a missing one means, but where the vendor's word makes a difference.
    if (count !== undefined && (count !== 0 || !(name in NO_USAGE))) members += `,"${name}":${whole(count)}`;
  }
  if (usage.billedTools !== undefined) members += `,"billedTools":${JSON.stringify(usage.billedTools)}`;
  return usage.raw === undefined ? `${members}}` : `${members},"raw":${JSON.stringify(usage.raw)}}`;
}

/** Printable ASCII without quote and backslash stands for itself in JSON; nearly every name is made of it. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * A text in JSON. The lines are put together by hand, three a call: JSON.stringify of nested objects made for the
 * purpose takes three times as long.
 */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The tables take whole numbers, and the many digits of a duration are dear to write. What is no number is null. */
function whole(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null;
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
  if (kind === "close" && isAttemptClosing(closing)) {
    return { kind, closing: { ...closing, usage: { ...NO_USAGE, ...closing.usage } } };
  }
  if (kind === "finish" && isRequestClosing(closing)) {
    if (request === undefined) return { kind, closing };
    if (isRequestOpening(request)) return { kind, request, closing };
  }
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

function isRequestClosing(value: unknown): value is StoredClosing {
  return isJsonObject(value) && typeof value["requestId"] === "string" && OUTCOMES.has(value["outcome"]);
}
