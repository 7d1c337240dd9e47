import { asGatewayError, type GatewayError } from "../../model/gateway-error.ts";
import type { RequestSigner, SignableRequest, SignersWay } from "../../model/snapshot.ts";
import type { AccessToken } from "./token-request.ts";

/** A token is renewed so long before it ends, while it still serves; a short-lived one in its last quarter. */
const RENEW_BEFORE_MS = 300_000;
const LAST_QUARTER = 0.75;
/** From then on it serves no more: a call may take a moment to arrive. */
const SPENT_BEFORE_MS = 20_000;
const LAST_TENTH = 0.9;
/** How soon after a failure the next try may be, so that a token endpoint that is down isn't asked at every call. */
const AFTER_FAILURE_MS = 1_000;

interface HeldToken {
  readonly headers: { readonly authorization: string };
  readonly renewAtMs: number;
  readonly spentAtMs: number;
}

/**
 * A signer that sends an access token as a bearer's. The token is fetched when it is first needed, by one request for
 * all calls that wait, and renewed before it ends, while calls go on with the old one.
 */
export class AccessTokenSigner implements RequestSigner {
  readonly #fetchToken: (send: SignersWay) => Promise<AccessToken>;
  readonly #nowMs: () => number;
  #held: HeldToken | undefined;
  #renewal: Promise<HeldToken> | undefined;
  #failure: { readonly error: GatewayError; readonly untilMs: number } | undefined;

  constructor(
    fetchToken: (send: SignersWay) => Promise<AccessToken>,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#fetchToken = fetchToken;
    this.#nowMs = nowMs;
  }

  async sign(_request: SignableRequest, send: SignersWay): Promise<{ readonly [name: string]: string }> {
    const nowMs = this.#nowMs();
    const held = this.#held;
    if (held === undefined || nowMs >= held.spentAtMs) return (await this.#renew(send)).headers;
    if (nowMs >= held.renewAtMs) {
      // Nobody waits for this one; should it fail, a later call tries again.
      this.#renew(send).catch(() => {});
    }
    return held.headers;
  }

  #renew(send: SignersWay): Promise<HeldToken> {
    if (this.#failure !== undefined && this.#nowMs() < this.#failure.untilMs)
      return Promise.reject(this.#failure.error);
    this.#renewal ??= this.#fetch(send).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #fetch(send: SignersWay): Promise<HeldToken> {
    try {
      this.#held = heldFrom(await this.#fetchToken(send), this.#nowMs());
      this.#failure = undefined;
      return this.#held;
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#failure = { error, untilMs: this.#nowMs() + AFTER_FAILURE_MS };
      throw error;
    }
  }
}

function heldFrom({ token, expiresInMs }: AccessToken, nowMs: number): HeldToken {
  return {
    headers: { authorization: `Bearer ${token}` },
    renewAtMs: nowMs + Math.max(expiresInMs - RENEW_BEFORE_MS, expiresInMs * LAST_QUARTER),
    spentAtMs: nowMs + Math.max(expiresInMs - SPENT_BEFORE_MS, expiresInMs * LAST_TENTH),
  };
}
