import { INPUT_TOKENS, OUTPUT_TOKENS, short } from "../conversations.ts";
import type { Finding, Probe, ProbeContext } from "../probe.ts";

const UNKNOWN_MODEL = "gatehouse-check-no-such-model";
const QUESTION = short("Answer with the one word: ready");

/** What the caller did wrong is refused as the caller's, so that it is not tried again and again elsewhere. */
export const errorShapes: Probe = {
  name: "error shapes",
  features: [],
  question: QUESTION,
  bound: () => ({ input: INPUT_TOKENS, output: OUTPUT_TOKENS }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure } = await context.ask(QUESTION, { model: UNKNOWN_MODEL });
    if (failure === undefined) return { status: "skipped", said: "a model of any name is answered for" };
    if (failure.errorClass === "caller") {
      return { status: "pass", said: `an unknown model is the caller's error: ${failure.message}` };
    }
    const found = failure.errorClass?.replaceAll("_", " ") ?? failure.code;
    return { status: "fail", said: `an unknown model counts as "${found}": ${failure.message}` };
  },
};
