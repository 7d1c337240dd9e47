import type { RequestSigner, SignableRequest, SignersWay } from "../../model/snapshot.ts";
import { RenewedProof } from "./renewed-proof.ts";
import type { AccessToken } from "./token-request.ts";

/** A signer that sends an access token as a bearer's, fetched and renewed as a proof is. */
export class AccessTokenSigner implements RequestSigner {
  readonly #headers: RenewedProof<{ readonly authorization: string }>;

  constructor(
    fetchToken: (send: SignersWay) => Promise<AccessToken>,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#headers = new RenewedProof(async (send) => {
      const { token, expiresInMs } = await fetchToken(send);
      return { proof: { authorization: `Bearer ${token}` }, expiresInMs };
    }, nowMs);
  }

  sign(_request: SignableRequest, send: SignersWay): Promise<{ readonly [name: string]: string }> {
    return this.#headers.get(send);
  }
}
