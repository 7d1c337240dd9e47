import type { RecordedRows } from "../../ledger/requests/recorded-calls.ts";
import { routingOfRow } from "../../ledger/stored-routing.ts";
import { usageOfRow } from "../../ledger/usage-of-row.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { CODE_OF_CLASS } from "../../model/error-class.ts";
import { ERRORS, type ErrorCode } from "../../model/error-table.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { OPERATIONS, type Operation } from "../../model/operation.ts";
import type { RoutedCall, RoutingRecord } from "../../model/routing-record.ts";
import { targetName } from "../../model/target-name.ts";
import type { Usage } from "../../model/usage.ts";
import { storedTags } from "../../policy/identity/tags.ts";
import type { AttemptRow } from "../../storage/schema.ts";

/** A call upstream as it went. */
export interface RecordedAttempt {
  readonly ordinal: number;
  readonly provider: string;
  readonly model: string;
  readonly target: string;
  readonly startedAtMs: number;
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
  readonly failure: GatewayError | undefined;
  readonly usage: Usage;
  readonly serviceTier: string | undefined;
  /** Whether it went on with an answer that another had broken off. */
  readonly isContinuation: boolean;
  /** In nano-dollars; undefined where it has no price. */
  readonly cost: number | undefined;
}

/** A request as the ledger has it, as far as its way can hang on it. */
export interface RecordedCall {
  readonly id: string;
  /** When its first target was chosen, as nearly as is known. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly project: string;
  readonly keyId: string;
  readonly operation: Operation;
  readonly dialect: string;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly endUser: string | undefined;
  /** The key's, when the call was made. */
  readonly tags: { readonly [name: string]: string };
  readonly bodyBytes: number;
  readonly route: string | undefined;
  readonly arm: string | undefined;
  readonly routing: RoutingRecord | undefined;
  /** What it was refused with, or failed with. */
  readonly errorCode: string | undefined;
  readonly attempts: readonly RecordedAttempt[];
  /** Copies of it that were made beside, whose answers nobody got. */
  readonly copies: readonly RecordedAttempt[];
}

const NO_TAGS: RecordedCall["tags"] = Object.freeze({});

/** Reads a call from its rows. Undefined where it is of an operation that this version doesn't know. */
export function recordedCall({ request, attempts }: RecordedRows): RecordedCall | undefined {
  const operation = OPERATIONS.find((known) => known === request.operation);
  if (operation === undefined) return undefined;
  const routing = routingOfRow(request);
  const ended = attempts.filter(({ outcome }) => outcome !== null);
  const fine = new Map(routing?.calls?.map((call) => [call.ordinal, call]));
  const atMs = routing?.atMs ?? attempts.find(isForClient)?.started_at_ms ?? request.received_at_ms;
  return {
    id: request.id,
    atMs,
    receivedAtMs: request.received_at_ms,
    project: request.project,
    keyId: request.key_id,
    operation,
    dialect: request.dialect,
    requestedModel: request.requested_model,
    stream: request.stream === 1,
    endUser: request.end_user ?? undefined,
    tags: request.tags === null ? NO_TAGS : (storedTags(request.tags) ?? NO_TAGS),
    bodyBytes: attempts[0]?.body_bytes ?? 0,
    route: request.route ?? undefined,
    arm: request.arm ?? undefined,
    routing,
    errorCode: request.error_code ?? undefined,
    attempts: ended.filter(isForClient).map((row) => recordedAttempt(row, atMs, fine.get(row.ordinal))),
    copies: ended.filter((row) => !isForClient(row)).map((row) => recordedAttempt(row, atMs, undefined)),
  };
}

function isForClient({ purpose }: AttemptRow): boolean {
  return purpose === null || purpose === "continuation";
}

function recordedAttempt(row: AttemptRow, atMs: number, fine: RoutedCall | undefined): RecordedAttempt {
  return {
    ordinal: row.ordinal,
    provider: row.provider,
    model: row.model,
    target: targetName(row.provider, row.model),
    startedAtMs: fine === undefined ? row.started_at_ms : atMs + fine.afterMs,
    firstTokenMs: fine === undefined ? (row.first_token_ms ?? undefined) : fine.firstTokenMs,
    totalMs: fine?.totalMs ?? row.total_ms ?? 0,
    failure: failureOf(row, fine?.retryAfterMs),
    usage: usageOfRow(row),
    serviceTier: row.service_tier ?? undefined,
    isContinuation: row.purpose === "continuation",
    cost: row.cost_nanodollars ?? undefined,
  };
}

/** An answer that a budget cut short was none of its target's failures. */
function failureOf(row: AttemptRow, retryAfterMs: number | undefined): GatewayError | undefined {
  if (row.outcome === "ok" || row.outcome === "blocked") return undefined;
  const errorClass = isErrorClass(row.error_class) ? row.error_class : undefined;
  const code = isErrorCode(row.error_code) ? row.error_code : "internal";
  return new GatewayError(code, {
    ...(errorClass === undefined ? {} : { errorClass }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function isErrorClass(text: string | null): text is ErrorClass {
  return text !== null && Object.hasOwn(CODE_OF_CLASS, text);
}

function isErrorCode(text: string | null): text is ErrorCode {
  return text !== null && Object.hasOwn(ERRORS, text);
}
