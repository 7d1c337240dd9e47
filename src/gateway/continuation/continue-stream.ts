import { asGatewayError, type GatewayError } from "../../model/gateway-error.ts";
import type { Target } from "../../model/snapshot.ts";
import type { Choice } from "../../routing/plan.ts";
import { attemptStream, type StreamAnswer } from "../attempt.ts";
import type { LiveCall } from "../live-call.ts";
import type { PlannedRoute } from "../planned-route.ts";
import { canBeAskedInTheMiddle, isContinuable } from "./continuable-request.ts";
import { continuableTarget } from "./continuable-target.ts";
import { continuedCall } from "./continued-call.ts";
import type { HandOver } from "./hand-over.ts";

/** Who goes on with which answer, and why somebody must. */
interface Broken {
  readonly answer: StreamAnswer;
  readonly failure: GatewayError;
  readonly handOver: HandOver;
  /** How much the client had been given of it: what goes on with it goes on with the hand-over, too. */
  readonly characters: number;
}

/**
 * Has another target go on with a stream that broke off after it had begun: the rest of it, or a rejection with the
 * failure that is to be told. Undefined where the answer can't be gone on with, or nobody may: then nothing was done.
 */
export function continueStream(
  call: LiveCall,
  route: PlannedRoute,
  answer: StreamAnswer,
  failure: GatewayError,
): Promise<StreamAnswer> | undefined {
  if (call.guard.failure !== undefined) return undefined;
  // What is dear stands behind what may make it needless: the request is read canonically, the answer said once more.
  const continuable = answer.stream.relay.continuableAnswer();
  if (continuable === undefined || !canBeAsked(call)) return undefined;
  const mayContinue = (target: Target) => continuableTarget(target) !== undefined;
  const choice = route.plan.continued({ choice: answer.choice, failure }, mayContinue);
  if (choice === undefined) return undefined;
  const facts = answer.stream.relay.facts();
  call.breakOff(answer.record, { failure, facts, answerBytes: facts.outputBytes });
  const handOver = continuable.handOver();
  const characters = handOver.soFar.text.length;
  return firstContinuation(call, route, choice, { answer, failure, handOver, characters });
}

/** What can't be read canonically can't be said again. */
function canBeAsked({ request }: LiveCall): boolean {
  if (!isContinuable(request)) return false;
  try {
    return canBeAskedInTheMiddle(request.content());
  } catch {
    return false;
  }
}

async function firstContinuation(
  call: LiveCall,
  { plan, settings }: PlannedRoute,
  first: Choice,
  broken: Broken,
): Promise<StreamAnswer> {
  let choice = first;
  for (;;) {
    if (choice.waitMs > 0) await call.guard.wait(choice.waitMs);
    if (!call.canPayAnother(false)) throw broken.failure;
    try {
      const stream = await attemptStream(call, choice, settings, continuedFor(call, choice, broken));
      note(call, broken, choice);
      return stream;
    } catch (thrown) {
      const next = plan.after([{ choice, failure: asGatewayError(thrown) }]);
      // That the stream broke off is what its client can understand; the record has the rest.
      if (next === undefined) throw broken.failure;
      choice = next;
    }
  }
}

function continuedFor(call: LiveCall, { target }: Choice, { handOver }: Broken) {
  const { request } = call;
  const continued = isContinuable(request) ? continuedCall(call, request, handOver, target) : undefined;
  if (continued === undefined) throw new Error(`${target.name} was chosen to go on with what it can't`);
  return continued;
}

/** The client has its head already: the record says it, and the log. */
function note(call: LiveCall, { answer, failure, characters }: Broken, { target }: Choice): void {
  call.addWarnings([
    `stream continued: ${answer.target.name} broke off after ${characters} characters (${failure.code}), and ${target.name} went on`,
  ]);
  call.parts.telemetry.log.warn(
    {
      request_id: call.incoming.requestId,
      target: answer.target.name,
      continued_by: target.name,
      code: failure.code,
      characters,
    },
    "stream continued by another target",
  );
}
