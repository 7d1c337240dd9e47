import type { Conversation } from "../../../model/conversation.ts";
import type { Feature } from "../../../model/loss.ts";
import { INPUT_TOKENS, OUTPUT_TOKENS, short } from "../conversations.ts";
import { type Finding, failed, type Manner, type Probe, type ProbeContext } from "../probe.ts";

const TEXT = "Answer with the one word: ready";

/** Each parameter by itself, as a conversation has it. */
const PARAMETERS: { readonly [F in Feature]?: Partial<Conversation> } = {
  temperature: { sampling: { temperature: 0.5 } },
  "top-p": { sampling: { topP: 0.9 } },
  seed: { sampling: { seed: 7 } },
  stop: { sampling: { stop: ["###"] } },
  "frequency-penalty": { sampling: { frequencyPenalty: 0.1 } },
  "presence-penalty": { sampling: { presencePenalty: 0.1 } },
};

const END_USER: Manner = { endUser: "check-user-1" };

const ALL = short(TEXT, {
  sampling: Object.assign({}, ...Object.values(PARAMETERS).map(({ sampling }) => sampling)),
});

/** The optional parameters, all at once; where that is refused, each by itself. */
export const parameters: Probe = {
  name: "parameters",
  features: [],
  question: ALL,
  bound: () => {
    const calls = Object.keys(PARAMETERS).length + 2;
    return { input: calls * INPUT_TOKENS, output: calls * OUTPUT_TOKENS };
  },
  async run(context: ProbeContext): Promise<Finding> {
    const { failure } = await context.ask(ALL, END_USER);
    if (failure === undefined) return { status: "pass", said: "all that are said to be taken are" };
    if (failure.errorClass !== "caller") return failed(failure);
    const lacks = await refused(context);
    return lacks.length === 0
      ? { status: "fail", said: `refused together, each alone is taken: ${failure.message}` }
      : { status: "fail", said: `refused: ${lacks.join(", ")} (${failure.message})`, lacks };
  },
};

async function refused(context: ProbeContext): Promise<readonly Feature[]> {
  const lacks: Feature[] = [];
  for (const [feature, rest] of Object.entries(PARAMETERS) as [Feature, Partial<Conversation>][]) {
    const { failure } = await context.ask(short(TEXT, rest));
    if (failure?.errorClass === "caller") lacks.push(feature);
  }
  const { failure } = await context.ask(short(TEXT), END_USER);
  return failure?.errorClass === "caller" ? [...lacks, "end-user"] : lacks;
}
