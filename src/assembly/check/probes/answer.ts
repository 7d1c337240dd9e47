import { INPUT_TOKENS, OUTPUT_TOKENS, short, textOf } from "../conversations.ts";
import { type Finding, failed, type Probe, type ProbeContext } from "../probe.ts";

const QUESTION = short("What is the capital of France? Answer with one word.");

/** A whole answer: text, a reason why it ended, and its usage. */
export const answer: Probe = {
  name: "answer",
  features: [],
  question: QUESTION,
  bound: () => ({ input: INPUT_TOKENS, output: OUTPUT_TOKENS }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure, answer: given } = await context.ask(QUESTION);
    if (failure !== undefined) return failed(failure);
    if (textOf(given) === "") return { status: "fail", said: "the answer has no text" };
    if (given.usage === undefined)
      return { status: "fail", said: "no usage is reported: calls are charged by estimate" };
    const { inputTokens, outputTokens } = given.usage;
    return { status: "pass", said: `${inputTokens} tokens in, ${outputTokens} out` };
  },
};
