import { CODE_OF_CLASS } from "../model/error-class.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Upstream } from "../model/snapshot.ts";

/**
 * Whether a text quotes the gateway's credential for a provider, in the open or behind JSON escapes. Some providers
 * repeat the key that they refuse.
 */
export function quotesCredential(text: string, { credential }: Upstream): boolean {
  if (credential === undefined) return false;
  return text.includes(credential) || withoutEscapes(text).includes(credential);
}

/** The error with the table's own sentence where the provider's message quotes the credential. */
export function withoutCredential(error: GatewayError, upstream: Upstream): GatewayError {
  if (!quotesCredential(error.message, upstream)) return error;
  const { errorClass } = error;
  return new GatewayError(errorClass === undefined ? error.code : CODE_OF_CLASS[errorClass], {
    ...(errorClass === undefined ? {} : { errorClass }),
  });
}

/** JSON may write any character as an escape; a credential's are all below 0x80. */
function withoutEscapes(text: string): string {
  return text
    .replaceAll(/\\u00([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll("\\/", "/");
}
