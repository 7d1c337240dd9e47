import { AwsV4Signer } from "aws4fetch";
import { GatewayError } from "../../model/gateway-error.ts";
import type { Authentication } from "../../model/provider.ts";
import type { RequestSigner, SignableRequest } from "../../model/snapshot.ts";
import type { SigningContext, SigningScheme } from "./signing-scheme.ts";

type AwsAuthentication = Extract<Authentication, { scheme: "aws" }>;

/** AWS's signature, version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). */
export const aws: SigningScheme<AwsAuthentication> = Object.freeze({
  fields: Object.freeze({
    access_key_id: { description: "AWS access key id", variables: ["AWS_ACCESS_KEY_ID"] },
    secret_access_key: { description: "AWS secret access key", variables: ["AWS_SECRET_ACCESS_KEY"] },
    session_token: {
      description: "AWS session token, of temporary credentials",
      variables: ["AWS_SESSION_TOKEN"],
      isOptional: true,
    },
  }),
  options: ["region"],
  open: (context: SigningContext<AwsAuthentication>) => new AwsSigner(context, () => new Date()),
});

/**
 * Signs the host, the time and the body. No other header is signed: what a proxy on the way rewrites would break the
 * signature, and proves nothing.
 */
export class AwsSigner implements RequestSigner {
  readonly #context: SigningContext<AwsAuthentication>;
  readonly #now: () => Date;
  /** Keys derived from the secret: one for each day. */
  readonly #keys = new Map<string, ArrayBuffer>();
  #keysOf = "";

  constructor(context: SigningContext<AwsAuthentication>, now: () => Date) {
    this.#context = context;
    this.#now = now;
  }

  async sign({ method, url, headers, body }: SignableRequest): Promise<{ readonly [name: string]: string }> {
    const { credentials, options, authentication } = this.#context;
    const datetime = this.#now()
      .toISOString()
      .replace(/[:-]|\.\d{3}/g, "");
    try {
      const signer = new AwsV4Signer({
        method,
        url,
        headers: signable(headers),
        body,
        accessKeyId: credentials["access_key_id"] ?? "",
        secretAccessKey: credentials["secret_access_key"] ?? "",
        ...(credentials["session_token"] !== undefined && { sessionToken: credentials["session_token"] }),
        service: authentication.service,
        region: options["region"] ?? "",
        cache: this.#keysFor(datetime.slice(0, "YYYYMMDD".length)),
        datetime,
      });
      const signed = await signer.sign();
      return Object.fromEntries(signed.headers);
    } catch (cause) {
      throw new GatewayError("upstream_authentication", {
        message: `A request to ${this.#context.provider} could not be signed.`,
        errorClass: "auth",
        cause,
      });
    }
  }

  #keysFor(day: string): Map<string, ArrayBuffer> {
    if (day !== this.#keysOf) this.#keys.clear();
    this.#keysOf = day;
    return this.#keys;
  }
}

/** Only what belongs to AWS's own protocol is proven beside the host. */
function signable(headers: SignableRequest["headers"]): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase().startsWith("x-amz-")),
  );
}
