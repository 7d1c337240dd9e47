import { type Caller, nonEmptyText } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { effectivePolicy } from "../document/effective-policy.ts";
import { storedPolicy } from "../document/read-policy.ts";
import { type TokenOrder, USUAL_TOKEN_MS } from "../document/token-order.ts";
import type { KeyDirectory, KnownCaller, SecretStanding } from "./key-directory.ts";
import { tokenCaller } from "./known-caller.ts";
import { mayComeFrom } from "./page-origins.ts";
import { isGenuine, MAX_TOKEN_LENGTH, openToken, sealToken, type TokenClaims } from "./sealed-token.ts";
import { digestOf } from "./secret-key.ts";

/** Tokens whose seal was judged already are remembered, the latest so many; any other costs its judging again. */
const MAX_REMEMBERED = 10_000;

/** A token whose seal is genuine, with the standing of the secret that minted it as it was then. */
interface JudgedToken {
  readonly secretDigest: string;
  readonly standing: SecretStanding;
  readonly caller: KnownCaller;
  readonly expiresAtMs: number;
}

/** The first seals, and what any of them sealed is genuine. */
export type SealingKeys = readonly [Buffer, ...Buffer[]];

/** A token just minted. */
export interface MintedToken {
  readonly token: string;
  readonly claims: TokenClaims;
}

/**
 * Browser tokens. They are sealed, not stored: minting and judging one waits for no store, any number of them takes no
 * room, they outlive a restart, and every process with the same master key takes them. What is given up for that is
 * ending a single one before its time, which is short; with its key, or with the secret that minted it, it ends at once.
 */
export class BrowserTokens {
  readonly #keys: KeyDirectory;
  readonly #sealingKeys: () => SealingKeys;
  readonly #configuredOrigins: ReadonlySet<string>;
  readonly #judged = new Map<string, JudgedToken>();
  #judgedBy: SealingKeys | undefined;

  /** `sealingKeys` gives the same array until the keys change. */
  constructor(keys: KeyDirectory, sealingKeys: () => SealingKeys, configuredOrigins: ReadonlySet<string>) {
    this.#keys = keys;
    this.#sealingKeys = sealingKeys;
    this.#configuredOrigins = configuredOrigins;
  }

  /**
   * The caller behind a token, under the policies of its key as they are now. Throws `invalid_key`, `expired_token`, and
   * what its key would be refused with.
   */
  caller(token: string, nowMs: number): KnownCaller {
    const { standing, caller, expiresAtMs } = this.#judge(token);
    if (expiresAtMs <= nowMs) throw new GatewayError("expired_token");
    refuseFallen(standing, nowMs);
    return caller;
  }

  /**
   * Mints a token with a key's secret. Throws `invalid_request` where it would exceed the key, and says in what;
   * `wrong_kind_of_key` for a secret that is none of a key's.
   */
  mint(secret: string, order: TokenOrder, nowMs: number): MintedToken {
    const secretDigest = digestOf(secret);
    const standing = this.#keys.standing(secretDigest);
    if (standing === undefined) {
      throw new GatewayError("wrong_kind_of_key", {
        message: "A browser token can't mint tokens.",
        mend: "Mint it in your backend, with the virtual key.",
      });
    }
    const { identity } = standing;
    const claims = {
      id: `tok_${Bun.randomUUIDv7()}`,
      key: identity.keyId,
      user: order.end_user,
      policy: order.policy,
      issued: nowMs,
      expires: expiryOf(order, standing, nowMs),
    };
    this.#refuseExcess(claims, identity);
    const token = sealToken(claims, this.#sealingKeys()[0], secretDigest);
    if (token.length > MAX_TOKEN_LENGTH) throw tooLong(token.length);
    return { token, claims };
  }

  #judge(token: string): JudgedToken {
    const sealingKeys = this.#sealingKeys();
    if (sealingKeys !== this.#judgedBy) this.#judged.clear();
    this.#judgedBy = sealingKeys;
    const digest = digestOf(token);
    const known = this.#judged.get(digest);
    // A key that has changed stands otherwise, as another object.
    if (known !== undefined && this.#keys.standing(known.secretDigest) === known.standing) return known;
    const judged = this.#judgeAnew(token, sealingKeys);
    const [oldest] = this.#judged.keys();
    if (known === undefined && this.#judged.size >= MAX_REMEMBERED && oldest !== undefined)
      this.#judged.delete(oldest);
    this.#judged.set(digest, judged);
    return judged;
  }

  #judgeAnew(token: string, sealingKeys: SealingKeys): JudgedToken {
    const sealed = openToken(token);
    if (sealed === undefined) throw notGenuine();
    const { claims } = sealed;
    for (const secretDigest of this.#keys.digestsOfKey(claims.key)) {
      const standing = this.#keys.standing(secretDigest);
      if (standing === undefined) continue;
      if (!sealingKeys.some((key) => isGenuine(sealed, key, secretDigest))) continue;
      const { id, user: endUser, expires: expiresAtMs } = claims;
      const policy = storedPolicy(JSON.stringify(claims.policy));
      const caller = tokenCaller(standing.identity, { id: nonEmptyText(id), endUser, expiresAtMs }, policy);
      return { secretDigest, standing, caller, expiresAtMs };
    }
    throw notGenuine();
  }

  #refuseExcess({ id, policy }: TokenClaims, minter: Caller): void {
    const own = { scope: "token" as const, id, policy: storedPolicy(JSON.stringify(policy)) };
    const [excess] = effectivePolicy([...minter.policies, own]).narrowed.filter(
      ({ scope }) => scope === "token",
    );
    if (excess !== undefined) throw exceeds(`policy.${excess.member}`, excess.sentence);
    const stranger = policy.origins?.find((origin) => !mayComeFrom(origin, minter, this.#configuredOrigins));
    if (stranger === undefined) return;
    throw exceeds(
      "policy.origins",
      `No page of ${stranger} may call.`,
      "Add it to the key's or the project's `origins`, or to `server.cors.origins`.",
    );
  }
}

/** The moment at which an ordered token ends: never after the secret that mints it. */
function expiryOf(
  { expires_in: seconds }: TokenOrder,
  { expiresAtMs }: SecretStanding,
  nowMs: number,
): number {
  if (seconds === undefined) return Math.min(nowMs + USUAL_TOKEN_MS, expiresAtMs);
  const asked = nowMs + seconds * 1000;
  if (asked <= expiresAtMs) return asked;
  throw exceeds(
    "expires_in",
    `The key's secret itself ends at ${new Date(expiresAtMs).toISOString()}.`,
    `Ask for at most ${Math.max(0, Math.floor((expiresAtMs - nowMs) / 1000))} s, or leave \`expires_in\` out.`,
  );
}

function refuseFallen({ refusal, expiresAtMs }: SecretStanding, nowMs: number): void {
  if (refusal !== undefined) {
    throw new GatewayError(refusal, { message: `${REFUSALS[refusal] ?? "Its key opens nothing."}` });
  }
  if (expiresAtMs > nowMs) return;
  throw new GatewayError("expired_token", {
    message: "The secret that minted this browser token has ended.",
  });
}

const REFUSALS: { readonly [code: string]: string } = {
  revoked_key: "The key that minted this browser token was revoked.",
  blocked_key: "The key that minted this browser token is blocked.",
  blocked_project: "The project of this browser token is blocked.",
};

function notGenuine(): GatewayError {
  return new GatewayError("invalid_key", {
    message: "This browser token was not minted here, was changed, or its key's secret was replaced.",
    mend: "Have the backend mint another (POST /v1/tokens).",
  });
}

function exceeds(field: string, sentence: string, mend?: string): GatewayError {
  return new GatewayError("invalid_request", {
    message: `A token can't exceed its key: \`${field}\`: ${sentence}`,
    mend: mend ?? "Ask for no more than the key grants, or leave the member out: it is then as the key's.",
    field,
  });
}

function tooLong(length: number): GatewayError {
  return new GatewayError("invalid_request", {
    message: `The token would have ${length} characters, and one has ${MAX_TOKEN_LENGTH} at most.`,
    mend: "Name fewer models and origins: a pattern such as `openai/*` stands for many.",
    field: "policy",
  });
}
