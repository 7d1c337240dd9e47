import { asGatewayError, type GatewayError } from "../../model/gateway-error.ts";
import type { SignersWay } from "../../model/snapshot.ts";

/** A proof is renewed so long before it ends, while it still serves; a short-lived one in its last quarter. */
const RENEW_BEFORE_MS = 300_000;
const LAST_QUARTER = 0.75;
/** From then on it serves no more: a call may take a moment to arrive. */
const SPENT_BEFORE_MS = 20_000;
const LAST_TENTH = 0.9;
/** How soon after a failure the next try may be, so that an endpoint that is down isn't asked at every call. */
const AFTER_FAILURE_MS = 1_000;

/** A proof, and for how long it holds from now on. */
export interface FetchedProof<Proof> {
  readonly proof: Proof;
  readonly expiresInMs: number;
}

interface HeldProof<Proof> {
  readonly proof: Proof;
  readonly renewAtMs: number;
  readonly spentAtMs: number;
}

/**
 * A proof of who calls that holds for a while: an access token, temporary keys. It is fetched when it is first needed, by
 * one request for all calls that wait, and renewed before it ends, while calls go on with the old one.
 */
export class RenewedProof<Proof> {
  readonly #fetchProof: (send: SignersWay) => Promise<FetchedProof<Proof>>;
  readonly #nowMs: () => number;
  #held: HeldProof<Proof> | undefined;
  #renewal: Promise<HeldProof<Proof>> | undefined;
  #failure: { readonly error: GatewayError; readonly untilMs: number } | undefined;

  constructor(fetchProof: (send: SignersWay) => Promise<FetchedProof<Proof>>, nowMs: () => number) {
    this.#fetchProof = fetchProof;
    this.#nowMs = nowMs;
  }

  /** The proof that holds. Throws `upstream_authentication` where none can be had. */
  async get(send: SignersWay): Promise<Proof> {
    const nowMs = this.#nowMs();
    const held = this.#held;
    if (held === undefined || nowMs >= held.spentAtMs) return (await this.#renew(send)).proof;
    if (nowMs >= held.renewAtMs) {
      // Nobody waits for this one; should it fail, a later call tries again.
      this.#renew(send).catch(() => {});
    }
    return held.proof;
  }

  #renew(send: SignersWay): Promise<HeldProof<Proof>> {
    if (this.#failure !== undefined && this.#nowMs() < this.#failure.untilMs)
      return Promise.reject(this.#failure.error);
    this.#renewal ??= this.#fetch(send).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #fetch(send: SignersWay): Promise<HeldProof<Proof>> {
    try {
      this.#held = heldFrom(await this.#fetchProof(send), this.#nowMs());
      this.#failure = undefined;
      return this.#held;
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#failure = { error, untilMs: this.#nowMs() + AFTER_FAILURE_MS };
      throw error;
    }
  }
}

function heldFrom<Proof>({ proof, expiresInMs }: FetchedProof<Proof>, nowMs: number): HeldProof<Proof> {
  return {
    proof,
    renewAtMs: nowMs + Math.max(expiresInMs - RENEW_BEFORE_MS, expiresInMs * LAST_QUARTER),
    spentAtMs: nowMs + Math.max(expiresInMs - SPENT_BEFORE_MS, expiresInMs * LAST_TENTH),
  };
}
