import type { Sampling } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Writable } from "../../model/writable.ts";
import { numberMember } from "../json/members.ts";

const NUMBERS = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["topK", "top_k"],
  ["seed", "seed"],
  ["frequencyPenalty", "frequency_penalty"],
  ["presencePenalty", "presence_penalty"],
] as const;

/** The sampling members of a request that have a canonical form as they stand; others are left to the extensions. */
export function decodeSampling(body: JsonObject, maxOutputTokens: number | undefined): Sampling {
  const sampling: Writable<Sampling> = {};
  for (const [canonical, wire] of NUMBERS) {
    const value = numberMember(body, wire);
    if (value !== undefined) sampling[canonical] = value;
  }
  const stop = decodeStop(body["stop"]);
  if (stop !== undefined) sampling.stop = stop;
  if (maxOutputTokens !== undefined) sampling.maxOutputTokens = maxOutputTokens;
  return sampling;
}

/** The same, to send; without the bound on the output, whose member depends on the provider in more than its name. */
export function encodeSampling(sampling: Sampling, { seedMember = "seed" }: Quirks): JsonObject {
  const members: [string, unknown][] = NUMBERS.map(([canonical, wire]) => [
    canonical === "seed" ? seedMember : wire,
    sampling[canonical],
  ]);
  members.push(["stop", sampling.stop]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

/** True for the members whose value `decodeSampling` takes over. */
export function isSamplingMember(name: string, body: JsonObject): boolean {
  if (name === "stop") return body[name] === null || decodeStop(body[name]) !== undefined;
  const isNumber = NUMBERS.some(([, wire]) => wire === name);
  return isNumber && (body[name] === null || numberMember(body, name) !== undefined);
}

function decodeStop(stop: unknown): readonly string[] | undefined {
  if (typeof stop === "string") return [stop];
  return Array.isArray(stop) && stop.every((one) => typeof one === "string") ? stop : undefined;
}
