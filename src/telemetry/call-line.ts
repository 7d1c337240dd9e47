import type { Receipt } from "../model/dialect.ts";
import { formatDollars } from "../model/money.ts";
import type { CallFacts } from "./call-facts.ts";
import { redactSecrets } from "./redact.ts";

/** What clients name, they could name at any length; a log line keeps this much of it. */
const MAX_NAME_CHARACTERS = 200;
/** Names come again and again; a client that makes up new ones only empties this. */
const MAX_REMEMBERED = 1000;

/**
 * The log line of a finished call, without its closing newline. Field names follow OpenTelemetry's GenAI conventions
 * where they exist. Put together by hand: JSON.stringify of an object made for the purpose took four times as long, and
 * this is once a call. Members that others wrote go through `quoted`; the rest are numbers and words of our own.
 */
export function callLine(facts: CallFacts, level: number, timeMs: number): string {
  const { request, closing, receipt, failure, content } = facts;
  let line = `{"level":${level},"time":${timeMs},"request_id":"${request.requestId}"`;
  line += `,"project":${quoted(request.project)},"key_id":${quoted(request.keyId)},"dialect":"${request.dialect}"`;
  line += `,"operation":"${request.operation}","model":${quoted(request.requestedModel)}`;
  if (receipt !== undefined) line += `,"target":${quoted(`${receipt.provider}/${receipt.model}`)}`;
  line += `,"stream":${request.stream},"outcome":"${closing.outcome}","status":${closing.status}`;
  if (failure !== undefined) {
    line += `,"code":"${failure.code}","error":${JSON.stringify(redactSecrets(failure.message))}`;
  }
  line += `,"attempts":${closing.attempts}`;
  if (closing.replayOf !== undefined) line += `,"replay_of":"${closing.replayOf}"`;
  if (receipt !== undefined) line += receiptMembers(receipt);
  if (closing.firstTokenMs !== undefined) line += `,"first_token_ms":${rounded(closing.firstTokenMs)}`;
  line += `,"total_ms":${rounded(closing.totalMs)}`;
  if (content !== undefined) line += `,"content":${JSON.stringify(redactedContent(content))}`;
  if (failure?.cause !== undefined) line += `,"cause":${JSON.stringify(describe(failure.cause))}`;
  return `${line},"msg":"call"}`;
}

/** What lies beneath an error, with its stack, for the log alone. */
export function describe(cause: unknown): string {
  return redactSecrets(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
}

/** A name that a client chose, short enough for a line and without secrets. */
export function said(name: string): string {
  return redactSecrets(name.slice(0, MAX_NAME_CHARACTERS));
}

function receiptMembers({ usage, cost }: Receipt): string {
  const { inputTokens, cachedInputTokens, outputTokens, source } = usage;
  const members = `,"input_tokens":${inputTokens},"cached_tokens":${cachedInputTokens},"output_tokens":${outputTokens},"usage":"${source}"`;
  return cost === undefined ? members : `${members},"cost_usd":"${formatDollars(cost)}"`;
}

const remembered = new Map<string, string>();

/** A name as a JSON string, shortened and redacted. */
function quoted(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  const text = JSON.stringify(said(name));
  remembered.set(name, text);
  return text;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function redactedContent({ request, answer }: NonNullable<CallFacts["content"]>): object {
  return { request: redactSecrets(request), answer: redactSecrets(answer) };
}
