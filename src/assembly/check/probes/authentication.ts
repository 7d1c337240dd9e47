import { INPUT_TOKENS, OUTPUT_TOKENS, short, textOf } from "../conversations.ts";
import type { Finding, Probe, ProbeContext } from "../probe.ts";

const QUESTION = short("Answer with the one word: ready");

/** The key is taken, and another one is not: a server that takes any is open to whoever finds it. */
export const authentication: Probe = {
  name: "authentication",
  features: [],
  question: QUESTION,
  bound: () => ({ input: 2 * INPUT_TOKENS, output: 2 * OUTPUT_TOKENS }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure, answer } = await context.ask(QUESTION);
    if (failure !== undefined) return { status: "fail", said: failure.message, fatal: true };
    const said = textOf(answer) === "" ? "the key is taken" : "the key is taken, the model answers";
    if (context.stranger === undefined)
      return { status: "pass", said: `${said}; no key that could be wrong` };
    const { failure: refusal } = await context.askAsStranger(context.stranger, QUESTION);
    if (refusal === undefined) return { status: "fail", said: `${said}, and so is any other key` };
    if (refusal.errorClass === "auth") return { status: "pass", said: `${said}; a wrong key is refused` };
    const found = refusal.errorClass?.replaceAll("_", " ");
    return {
      status: "fail",
      said: `${said}; a wrong key counts as "${found}", not as one: ${refusal.message}`,
    };
  },
};
