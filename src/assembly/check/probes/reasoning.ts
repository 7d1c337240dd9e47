import { INPUT_TOKENS, short } from "../conversations.ts";
import { type Finding, failed, type Probe, type ProbeContext } from "../probe.ts";

const OUTPUT = 2_048;

const QUESTION = short(
  "A bat and a ball cost 1.10 together; the bat costs 1 more than the ball. What does the ball cost?",
  { reasoning: { effort: "low" }, sampling: { maxOutputTokens: OUTPUT } },
);

/** The model is asked to think, and tells that it did. Not every model thinks, but none may refuse to be asked. */
export const reasoning: Probe = {
  name: "reasoning",
  features: ["reasoning-effort"],
  question: QUESTION,
  bound: () => ({ input: INPUT_TOKENS, output: OUTPUT }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure, answer } = await context.ask(QUESTION);
    if (failure !== undefined) return failed(failure, ["reasoning-effort"]);
    const tokens = answer.usage?.reasoningTokens ?? 0;
    const isShown = answer.choices[0]?.blocks.some(({ kind }) => kind === "reasoning") === true;
    if (tokens === 0 && !isShown) return { status: "not-offered", said: "the model answers without" };
    const counted = tokens === 0 ? "not counted apart" : `${tokens} tokens`;
    return { status: "pass", said: `${counted}, ${isShown ? "shown" : "not shown"}` };
  },
};
