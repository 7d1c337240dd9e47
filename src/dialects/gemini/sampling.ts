import type { Sampling } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Writable } from "../../model/writable.ts";
import type { Losses } from "../translation/losses.ts";
import { listOf, numberOf } from "./members.ts";

/** Members that have the same name and meaning on both sides. */
const NUMBERS = [
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
] as const;

/** The members of `generationConfig` that are taken over here. */
export const SAMPLING_MEMBERS: readonly string[] = [...NUMBERS, "stopSequences"];

/** The seed is a whole number of 32 bits. */
const SEEDS = 2 ** 31;

/** Reads `generationConfig` (https://ai.google.dev/api/generate-content#generationconfig). */
export function decodeSampling(config: JsonObject): Sampling {
  const sampling: Writable<Sampling> = {};
  for (const name of NUMBERS) {
    const value = numberOf(config, name);
    if (value !== undefined) sampling[name] = value;
  }
  const stop = listOf(config, "stopSequences").filter((one) => typeof one === "string");
  if (stop.length > 0) sampling.stop = stop;
  return sampling;
}

export function encodeSampling(sampling: Sampling, losses: Losses): JsonObject {
  const { stop, seed, ...rest } = sampling;
  return {
    ...rest,
    ...(seed !== undefined && { seed: seedFor(seed, losses) }),
    ...(stop !== undefined && stop.length > 0 && { stopSequences: stop }),
  };
}

/** A larger seed is as good as its rest: the same one gives the same again. */
function seedFor(seed: number, losses: Losses): number {
  if (Number.isInteger(seed) && seed >= -SEEDS && seed < SEEDS) return seed;
  const moved = Math.trunc(seed) % SEEDS;
  losses.add("seed", `${moved} was sent, since it takes 32 bits`);
  return moved;
}
