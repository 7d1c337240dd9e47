import { OUTPUT_TOKENS, short } from "../conversations.ts";
import type { Finding, Probe, ProbeContext } from "../probe.ts";

/** A word that every vendor counts as one token, or more. */
const WORD = "hello ";
/** By so much the input is longer than the context, whatever the vendor's way of counting. */
const EXCESS = 1.2;
/** What is sent must fit into a request, and into the patience of whoever waits. */
const MOST_TOKENS = 1_500_000;

/** More input than the context holds is refused as that, so that routing can choose a model with a larger one. */
export const longInput: Probe = {
  name: "long input",
  features: [],
  question: short(""),
  bound: ({ contextWindow }) => {
    const tokens = Math.ceil((contextWindow ?? Number.POSITIVE_INFINITY) * EXCESS);
    return tokens > MOST_TOKENS ? undefined : { input: tokens, output: OUTPUT_TOKENS };
  },
  async run(context: ProbeContext): Promise<Finding> {
    const tokens = this.bound(context)?.input;
    if (tokens === undefined)
      return { status: "skipped", said: "the context window is unknown, or too large" };
    const { failure } = await context.ask(short(WORD.repeat(tokens)));
    if (failure === undefined)
      return {
        status: "fail",
        said: `${tokens} tokens are taken: the context is larger, or the input is cut in silence`,
      };
    if (failure.errorClass === "context_too_long") return { status: "pass", said: "refused as too long" };
    const found = failure.errorClass?.replaceAll("_", " ");
    return { status: "fail", said: `too long an input counts as "${found}": ${failure.message}` };
  },
};
