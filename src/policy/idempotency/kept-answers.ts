import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { AnswerDatabase, AnswerRow } from "../../storage/answer-database.ts";
import type { AnswerSeal } from "./answer-seal.ts";
import { type KeptAnswer, readAnswer, writeAnswer } from "./kept-answer.ts";

/** How long a claim stands, with its answer. */
const KEPT_MS = 24 * 3_600_000;
const RETRY_AFTER_MS = 1_000;
const EXPIRY_PAUSE_MS = 600_000;
/** Answers on their way take no more memory than this, all together. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;

/** A request that is to be carried out once. */
export interface OnceOrder {
  readonly caller: Caller;
  /** As the client sent it. */
  readonly idempotencyKey: string;
  readonly requestId: string;
  /** All that makes the request what it is: path, query, body. */
  readonly request: readonly (string | Uint8Array)[];
}

/** Either the right to carry it out, or what it was answered with before. */
export type OnceClaim =
  | { readonly kind: "claimed"; readonly id: string }
  | { readonly kind: "answered"; readonly answer: KeptAnswer };

/**
 * Answers by idempotency key, each key for itself within one virtual key (and one browser token) of one project. A claim
 * is written before the call is made, so that a process that is killed in the middle leaves one without an answer.
 */
export class KeptAnswers {
  readonly #database: AnswerDatabase;
  readonly #seal: AnswerSeal;
  /** The most bytes that one answer may have. */
  readonly maxAnswerBytes: number;
  /** Claims whose calls this process is carrying out. */
  readonly #running = new Set<string>();
  #heldBytes = 0;
  #expiredAtMs = 0;

  constructor(database: AnswerDatabase, seal: AnswerSeal, maxAnswerBytes: number) {
    this.#database = database;
    this.#seal = seal;
    this.maxAnswerBytes = maxAnswerBytes;
  }

  /**
   * Claims a request. Throws `idempotency_key_reused`, `idempotency_in_progress`, `idempotency_answer_lost`, and
   * `store_unavailable` where claims can't be written.
   */
  claim({ caller, idempotencyKey, requestId, request }: OnceOrder, nowMs: number): OnceClaim {
    const { project, keyId, token } = caller;
    const [id, ...olderIds] = this.#seal.namesOf("claim", project, keyId, token?.id ?? "", idempotencyKey);
    const fingerprints = this.#seal.namesOf("request", ...request);
    const row =
      this.#find(olderIds, nowMs) ??
      this.#insert({
        id,
        fingerprint: fingerprints[0],
        request_id: requestId,
        created_at_ms: nowMs,
        expires_at_ms: nowMs + KEPT_MS,
      });
    if (row === undefined) {
      this.#running.add(id);
      return { kind: "claimed", id };
    }
    if (!fingerprints.includes(row.fingerprint)) throw new GatewayError("idempotency_key_reused");
    if (this.#running.has(row.id))
      throw new GatewayError("idempotency_in_progress", { retryAfterMs: RETRY_AFTER_MS });
    return { kind: "answered", answer: this.#read(row) };
  }

  /** The call was answered, and that is its answer from now on. */
  keep(id: string, answer: KeptAnswer): void {
    this.#running.delete(id);
    const bytes = writeAnswer(answer);
    if (bytes.byteLength > this.maxAnswerBytes) this.#database.drop(id);
    else this.#database.keep(id, this.#seal.seal(bytes, id));
  }

  /** The call was answered with more than is kept. */
  drop(id: string): void {
    this.#running.delete(id);
    this.#database.drop(id);
  }

  /** The call failed in a way that may be tried again: the same request is new again. */
  release(id: string): void {
    this.#running.delete(id);
    this.#database.release(id);
  }

  /** Takes room for a part of an answer on its way; false where there is none. */
  hold(bytes: number): boolean {
    if (this.#heldBytes + bytes > MAX_HELD_BYTES) return false;
    this.#heldBytes += bytes;
    return true;
  }

  /** Gives room back. */
  letGo(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  close(): void {
    this.#database.close();
  }

  /** A claim that was made under the master key before. */
  #find(ids: readonly string[], nowMs: number): AnswerRow | undefined {
    return usable(() => {
      for (const id of ids) {
        const row = this.#database.find(id, nowMs);
        if (row !== undefined) return row;
      }
      return undefined;
    });
  }

  #insert(claim: Parameters<AnswerDatabase["claim"]>[0]): AnswerRow | undefined {
    return usable(() => {
      if (claim.created_at_ms - this.#expiredAtMs > EXPIRY_PAUSE_MS) {
        this.#expiredAtMs = claim.created_at_ms;
        this.#database.expire(claim.created_at_ms);
      }
      return this.#database.claim(claim);
    });
  }

  #read({ id, state, answer, request_id }: AnswerRow): KeptAnswer {
    const opened = answer === null ? undefined : this.#seal.open(answer, id);
    if (opened !== undefined) return readAnswer(opened);
    throw new GatewayError("idempotency_answer_lost", {
      message:
        state === "open"
          ? `The gateway ended during the first call (${request_id}): whether the provider carried it out is not known.`
          : `The first call (${request_id}) was carried out, and its answer was too large to be kept.`,
    });
  }
}

function usable<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    throw new GatewayError("store_unavailable", {
      message: "Idempotency-Key can't be heeded: the file of answers can't be read or written.",
      mend: "The operator must make room on, or mend, the disk that holds the data folder. Without the header the call is made.",
      cause,
    });
  }
}
