import type { Sampling } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Feature } from "../../model/loss.ts";
import type { Losses } from "../translation/losses.ts";

/** A setting whose value must lie within bounds: https://docs.cohere.com/v2/reference/chat */
interface Bounded {
  readonly member: "topP" | "topK" | "frequencyPenalty" | "presencePenalty";
  readonly name: string;
  readonly feature: Feature;
  readonly least: number;
  readonly most: number;
}

const BOUNDED: readonly Bounded[] = [
  { member: "topP", name: "p", feature: "top-p", least: 0.01, most: 0.99 },
  { member: "topK", name: "k", feature: "top-k", least: 0, most: 500 },
  { member: "frequencyPenalty", name: "frequency_penalty", feature: "frequency-penalty", least: 0, most: 1 },
  { member: "presencePenalty", name: "presence_penalty", feature: "presence-penalty", least: 0, most: 1 },
];

/** How the answer is drawn. A value beyond what Cohere takes is moved to the nearest that it does. */
export function encodeSampling(sampling: Sampling, losses: Losses): JsonObject {
  const { maxOutputTokens, temperature, stop, seed } = sampling;
  const bounded = BOUNDED.map(({ member, name, feature, least, most }): [string, unknown] => {
    const wanted = sampling[member];
    const taken = wanted === undefined ? undefined : Math.min(Math.max(wanted, least), most);
    // The whole probability and nearly all of it are the same to any answer.
    const isSame = taken === wanted || (member === "topP" && wanted === 1);
    if (!isSame) losses.add(feature, `${taken} was sent, the nearest that it takes`);
    return [name, taken];
  });
  const members: [string, unknown][] = [
    ["max_tokens", maxOutputTokens],
    ["temperature", temperature],
    ["stop_sequences", stop],
    ["seed", seed],
    ...bounded,
  ];
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
