import type { ErrorClass } from "../model/error-class.ts";
import { asGatewayError, GatewayError } from "../model/gateway-error.ts";
import type { Target } from "../model/snapshot.ts";

/**
 * Failures that say nothing about the request, so that another target may do better. What the caller caused would be
 * refused everywhere; a broken gateway or a client that left ends the call.
 */
const ELSEWHERE: ReadonlySet<ErrorClass> = new Set<ErrorClass>([
  "auth",
  "quota",
  "rate_limit",
  "overloaded",
  "server",
  "network",
  "invalid_answer",
]);

/** The first answer that one of the targets gives, in their order, each tried once. Throws the last failure. */
export async function firstAnswer<Answer>(
  targets: Iterable<Target>,
  attempt: (target: Target) => Promise<Answer>,
): Promise<Answer> {
  let failure: GatewayError | undefined;
  for (const target of targets) {
    try {
      return await attempt(target);
    } catch (thrown) {
      failure = asGatewayError(thrown);
      if (!mayDoBetterElsewhere(failure)) throw failure;
    }
  }
  throw failure ?? new GatewayError("unknown_model");
}

function mayDoBetterElsewhere({ code, errorClass }: GatewayError): boolean {
  return code === "cannot_translate" || (errorClass !== undefined && ELSEWHERE.has(errorClass));
}
