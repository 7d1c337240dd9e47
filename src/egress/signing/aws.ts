import { AwsV4Signer } from "aws4fetch";
import { GatewayError } from "../../model/gateway-error.ts";
import type { Authentication } from "../../model/provider.ts";
import type { RequestSigner, SignableRequest, SignersWay } from "../../model/snapshot.ts";
import { type AwsKeys, containerUrlFault, fetchRoleKeys } from "./aws-role.ts";
import { RenewedProof } from "./renewed-proof.ts";
import type { SigningContext, SigningScheme } from "./signing-scheme.ts";

type AwsAuthentication = Extract<Authentication, { scheme: "aws" }>;

const ofMachine = () => true;

/** AWS's signature, version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). */
export const aws: SigningScheme<AwsAuthentication> = Object.freeze({
  fields: Object.freeze({
    access_key_id: { description: "AWS access key id", variables: ["AWS_ACCESS_KEY_ID"] },
    secret_access_key: { description: "AWS secret access key", variables: ["AWS_SECRET_ACCESS_KEY"] },
    session_token: {
      description: "AWS session token, of temporary credentials",
      variables: ["AWS_SESSION_TOKEN"],
    },
    role_arn: {
      description: "ARN of the role that a web identity assumes",
      variables: ["AWS_ROLE_ARN"],
      isOfMachine: ofMachine,
      fault: (value: string) =>
        /^arn:[\w-]+:iam::\d+:role\/\S+$/.test(value) ? undefined : "must be the ARN of a role",
    },
    web_identity_token_file: {
      description: "Path of the file with the web identity's token",
      variables: ["AWS_WEB_IDENTITY_TOKEN_FILE"],
      isOfMachine: ofMachine,
    },
    role_session_name: {
      description: "Name under which the role is assumed",
      variables: ["AWS_ROLE_SESSION_NAME"],
    },
    container_path: {
      description: "Path below which the credentials of an ECS task are had",
      variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
      isOfMachine: ofMachine,
      fault: (value: string) =>
        /^\/[\x21-\x7e]+$/.test(value) ? undefined : "must be a path, beginning with a slash",
    },
    container_url: {
      description: "Address at which the credentials of a container are had",
      variables: ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
      isOfMachine: ofMachine,
      fault: containerUrlFault,
    },
    container_token: {
      description: "Authorization for that address",
      variables: ["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
    },
    container_token_file: {
      description: "Path of the file with the authorization for that address",
      variables: ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
      isOfMachine: ofMachine,
    },
    role: {
      description: "`instance`: that of the machine in AWS's cloud",
      variables: [],
      isOfMachine: ofMachine,
      fault: (value: string) => (value === "instance" ? undefined : "must be `instance`"),
    },
  }),
  // The order of AWS's SDKs.
  ways: [
    { needs: ["access_key_id", "secret_access_key"], takes: ["session_token"] },
    { needs: ["role_arn", "web_identity_token_file"], takes: ["role_session_name"] },
    { needs: ["container_path"], takes: ["container_token", "container_token_file"] },
    { needs: ["container_url"], takes: ["container_token", "container_token_file"] },
    { needs: ["role"] },
  ],
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
  readonly #role: RenewedProof<AwsKeys>;

  constructor(context: SigningContext<AwsAuthentication>, now: () => Date) {
    this.#context = context;
    this.#now = now;
    this.#role = new RenewedProof(
      (send) => fetchRoleKeys(context, () => now().getTime(), send),
      () => now().getTime(),
    );
  }

  async sign(
    { method, url, headers, body }: SignableRequest,
    send: SignersWay,
  ): Promise<{ readonly [name: string]: string }> {
    const { options, authentication } = this.#context;
    const keys = writtenKeys(this.#context) ?? (await this.#role.get(send));
    const datetime = this.#now()
      .toISOString()
      .replace(/[:-]|\.\d{3}/g, "");
    try {
      const signer = new AwsV4Signer({
        method,
        url,
        headers: signable(headers),
        body,
        accessKeyId: keys.accessKeyId,
        secretAccessKey: keys.secretAccessKey,
        ...(keys.sessionToken !== undefined && { sessionToken: keys.sessionToken }),
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

function writtenKeys({ credentials }: Pick<SigningContext, "credentials">): AwsKeys | undefined {
  const {
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    session_token: sessionToken,
  } = credentials;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** Only what belongs to AWS's own protocol is proven beside the host. */
function signable(headers: SignableRequest["headers"]): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase().startsWith("x-amz-")),
  );
}
