import { INPUT_TOKENS, OUTPUT_TOKENS, short, textOf } from "../conversations.ts";
import { type Finding, failed, type Probe, type ProbeContext } from "../probe.ts";

const QUESTION = short("Count from 1 to 20, separated by commas.");

/** A stream: text as it comes, an end that says that it is one, and the usage. */
export const stream: Probe = {
  name: "stream",
  features: [],
  question: QUESTION,
  bound: () => ({ input: INPUT_TOKENS, output: OUTPUT_TOKENS }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure, answer, attempt } = await context.ask(QUESTION, { stream: true });
    if (failure !== undefined) return failed(failure);
    if (textOf(answer) === "") return { status: "fail", said: "the stream has no text" };
    if (answer.usage === undefined)
      return { status: "fail", said: "no usage is reported: streams are charged by estimate" };
    const firstMs = Math.round(attempt?.firstTokenMs ?? 0);
    return { status: "pass", said: `first token after ${firstMs} ms, complete, usage reported` };
  },
};
