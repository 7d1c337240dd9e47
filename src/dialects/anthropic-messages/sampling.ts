import type { Sampling } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Writable } from "../../model/writable.ts";
import { numberMember } from "../json/members.ts";
import type { Losses } from "../translation/losses.ts";

const NUMBERS = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["topK", "top_k"],
] as const;

/** The least `top_p` that goes together with thinking (.../docs/en/build-with-claude/extended-thinking). */
const LEAST_TOP_P_WITH_THINKING = 0.95;

/** The sampling members of a request that have a canonical form as they stand; others are left to the extensions. */
export function decodeSampling(body: JsonObject, maxOutputTokens: number | undefined): Sampling {
  const sampling: Writable<Sampling> = {};
  for (const [canonical, wire] of NUMBERS) {
    const value = numberMember(body, wire);
    if (value !== undefined) sampling[canonical] = value;
  }
  const stop = decodeStop(body["stop_sequences"]);
  if (stop !== undefined) sampling.stop = stop;
  if (maxOutputTokens !== undefined) sampling.maxOutputTokens = maxOutputTokens;
  return sampling;
}

/** True for the members whose value `decodeSampling` takes over. */
export function isSamplingMember(name: string, body: JsonObject): boolean {
  if (name === "stop_sequences") return body[name] === null || decodeStop(body[name]) !== undefined;
  const isNumber = NUMBERS.some(([, wire]) => wire === name);
  return isNumber && (body[name] === null || numberMember(body, name) !== undefined);
}

/** The same, to send; without the bound on the output. `isThinking`: what thinking does not go together with. */
export function encodeSampling(
  sampling: Sampling,
  { temperatureOrTopP }: Quirks,
  isThinking: boolean,
  losses: Losses,
): JsonObject {
  const { temperature, topP, topK } = isThinking ? withThinking(sampling, losses) : sampling;
  const isBoth = temperatureOrTopP === true && temperature !== undefined && topP !== undefined;
  if (isBoth && topP !== 1) losses.add("top-p", "left out: it is not taken together with a temperature");
  const stop = encodeStop(sampling.stop, losses);
  const members: [string, unknown][] = [
    ["temperature", temperature],
    ["top_p", isBoth ? undefined : topP],
    ["top_k", topK],
    ["stop_sequences", stop],
  ];
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function withThinking({ temperature, topP, topK }: Sampling, losses: Losses): Sampling {
  if (temperature !== undefined && temperature !== 1)
    losses.add("temperature", "left out: it is not taken while the model thinks");
  if (topK !== undefined) losses.add("top-k", "left out: it is not taken while the model thinks");
  if (topP === undefined) return {};
  if (topP >= LEAST_TOP_P_WITH_THINKING) return { topP };
  losses.add("top-p", `${LEAST_TOP_P_WITH_THINKING} was sent, the least it takes while the model thinks`);
  return { topP: LEAST_TOP_P_WITH_THINKING };
}

/** A blank sequence is refused. */
function encodeStop(stop: readonly string[] | undefined, losses: Losses): readonly string[] | undefined {
  const said = stop?.filter((sequence) => sequence.trim() !== "");
  if (said === undefined) return undefined;
  if (said.length < (stop?.length ?? 0)) losses.add("stop", "blank sequences were left out");
  return said.length === 0 ? undefined : said;
}

function decodeStop(stop: unknown): readonly string[] | undefined {
  return Array.isArray(stop) && stop.every((one) => typeof one === "string") ? stop : undefined;
}
