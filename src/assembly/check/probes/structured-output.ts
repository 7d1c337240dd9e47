import { isJsonObject } from "../../../model/json.ts";
import { INPUT_TOKENS, OUTPUT_TOKENS, short, textOf } from "../conversations.ts";
import { type Finding, failed, type Probe, type ProbeContext } from "../probe.ts";

const QUESTION = short("Which city is the capital of France, and how many rivers flow through it?", {
  responseFormat: {
    kind: "json-schema",
    name: "city",
    schema: {
      type: "object",
      properties: { city: { type: "string" }, rivers: { type: "integer" } },
      required: ["city", "rivers"],
      additionalProperties: false,
    },
    strict: true,
  },
});

/** An answer that keeps to a JSON schema. */
export const structuredOutput: Probe = {
  name: "structured output",
  features: ["json-schema"],
  question: QUESTION,
  bound: () => ({ input: INPUT_TOKENS, output: OUTPUT_TOKENS }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure, answer } = await context.ask(QUESTION);
    if (failure !== undefined) return failed(failure, ["json-schema"]);
    const text = textOf(answer);
    if (fits(text)) return { status: "pass", said: "the answer fits the schema" };
    return { status: "fail", said: `does not fit the schema: ${text.slice(0, 80)}`, lacks: ["json-schema"] };
  },
};

function fits(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) && typeof parsed["city"] === "string" && Number.isInteger(parsed["rivers"]);
  } catch {
    return false;
  }
}
