import type { Conversation, Message, Sampling, Untranslatable } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import { numberMember, textMember, withoutMembers } from "../json/members.ts";

/** What an answer is bounded by where nothing is said (https://platform.openai.com/docs/api-reference/completions). */
const USUAL_MAX_TOKENS = 16;

const NUMBERS = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["seed", "seed"],
  ["frequencyPenalty", "frequency_penalty"],
  ["presencePenalty", "presence_penalty"],
] as const;

/** Members that are taken over whole, whatever they hold; `echo` is carried out here. */
const TAKEN: ReadonlySet<string> = new Set([
  "model",
  "prompt",
  "stream",
  "stream_options",
  "max_tokens",
  "user",
  "stop",
  "n",
  "logprobs",
  "echo",
  ...NUMBERS.map(([, wire]) => wire),
]);

/** Members that say nothing by this value. */
const SILENT: readonly unknown[] = [null, ""];

/** The prompt as the one thing that a user says, for models that only converse. */
export function decodeConversation(body: JsonObject): Conversation {
  const extension = extensionOf(body);
  const untranslatable = untranslatableOf(body);
  const choices = numberMember(body, "n");
  const alternatives = numberMember(body, "logprobs");
  return {
    messages: messagesOf(body),
    tools: [],
    sampling: decodeSampling(body),
    ...(choices !== undefined && { choices }),
    ...(alternatives !== undefined && { logProbabilities: { alternatives } }),
    ...(untranslatable && { untranslatable }),
    extensions: Object.keys(extension).length === 0 ? {} : { "openai-completions": extension },
  };
}

/** The prompt, where it is one text. */
export function promptOf({ prompt }: JsonObject): string | undefined {
  const [only, ...others] = Array.isArray(prompt) ? prompt : [prompt];
  return others.length === 0 && typeof only === "string" ? only : undefined;
}

function messagesOf(body: JsonObject): readonly Message[] {
  const text = promptOf(body) ?? "";
  return text === "" ? [] : [{ role: "user", content: [{ kind: "text", text }] }];
}

function decodeSampling(body: JsonObject): Sampling {
  const { stop } = body;
  const numbers = NUMBERS.map(([canonical, wire]) => [canonical, numberMember(body, wire)]);
  const stops = typeof stop === "string" ? [stop] : stop;
  return {
    ...Object.fromEntries(numbers.filter(([, value]) => value !== undefined)),
    ...(Array.isArray(stops) && stops.every((one) => typeof one === "string") && { stop: stops }),
    maxOutputTokens: numberMember(body, "max_tokens") ?? USUAL_MAX_TOKENS,
  };
}

function extensionOf(body: JsonObject): JsonObject {
  const rest = Object.entries(withoutMembers(body, TAKEN)).filter(([name, value]) => {
    // The best of as many as are wanted are all of them.
    const isUsual = name === "best_of" && value === (body["n"] ?? 1);
    return !isUsual && !SILENT.includes(value);
  });
  return Object.fromEntries(rest);
}

/** What a model that converses can't be asked for. */
function untranslatableOf(body: JsonObject): Untranslatable | undefined {
  if (textMember(body, "suffix") !== undefined) {
    return untranslatable(
      "suffix",
      "The provider of this model can't fill in the middle of a text.",
      "Leave `suffix` out, or use a model that serves /v1/completions itself.",
    );
  }
  const prompt = promptOf(body);
  if (prompt !== undefined && prompt !== "") return undefined;
  const isEmpty = prompt === "" || body["prompt"] === undefined || body["prompt"] === null;
  return untranslatable(
    "prompt",
    isEmpty
      ? "`prompt` is empty, and the provider of this model must be asked something."
      : "The provider of this model takes one prompt at a time, as text.",
    isEmpty ? "Send `prompt`, a text." : "Send `prompt` as one text: a call for each, and no token ids.",
  );
}

function untranslatable(field: string, message: string, mend: string): Untranslatable {
  return { dialect: "openai-completions", field, message, mend };
}
