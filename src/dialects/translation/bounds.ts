import type { ReasoningRequest } from "../../model/conversation.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Feature } from "../../model/loss.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Vendor } from "../../model/vendor.ts";
import { Losses } from "./losses.ts";
import { effortOfRequest } from "./reasoning-effort.ts";

/** What a dialect can say, as its own vendor has it; a provider's quirks may narrow it. */
export interface DialectBounds {
  readonly dialect: DialectId;
  readonly lacks: readonly Feature[];
  /** Whose uploaded files it can name. */
  readonly vendor?: Vendor;
  /** Whose signatures it carries. */
  readonly signatures: readonly Vendor[];
  readonly maxTemperature?: number;
  readonly maxStopSequences?: number;
  /** Beginnings of addresses (`s3://`) from which it reads media itself, though it lacks others. */
  readonly addresses?: readonly string[];
  /** Members of a client's request that it takes under the same name, though no canonical word stands for them. */
  readonly sameMembers?: readonly string[];
  /** The least bound on the output that is taken. */
  readonly minOutputTokens?: number;
}

/** What one request may say: the dialect's bounds, narrowed by the provider's quirks. */
export interface Bounds
  extends Omit<DialectBounds, "lacks">,
    Pick<Quirks, "toolChoices" | "serviceTierWords"> {
  readonly lacks: ReadonlySet<Feature>;
  /** The most tokens that an answer may have. */
  readonly maxOutputTokens?: number;
}

/** Joins a dialect's bounds and a provider's. Some models take less while they reason, as `reasoning` asks them to. */
export function boundsFor(dialect: DialectBounds, quirks: Quirks, reasoning?: ReasoningRequest): Bounds {
  const has = new Set(quirks.has);
  const { maxTemperature = dialect.maxTemperature, maxStopSequences = dialect.maxStopSequences } = quirks;
  const { outputLimit, lacks = [], lacksWhileReasoning = [] } = quirks;
  const lacking = reasons(quirks, reasoning) ? [...lacks, ...lacksWhileReasoning] : lacks;
  const { toolChoices, serviceTierWords } = quirks;
  return {
    ...dialect,
    lacks: new Set([...dialect.lacks.filter((feature) => !has.has(feature)), ...lacking]),
    signatures: quirks.signatures ?? dialect.signatures,
    ...(maxTemperature !== undefined && { maxTemperature }),
    ...(maxStopSequences !== undefined && { maxStopSequences }),
    ...(outputLimit !== undefined && { maxOutputTokens: outputLimit }),
    ...(toolChoices !== undefined && { toolChoices }),
    ...(serviceTierWords !== undefined && { serviceTierWords }),
  };
}

function reasons(quirks: Quirks, reasoning: ReasoningRequest | undefined): boolean {
  const asked = reasoning && effortOfRequest(reasoning, quirks, new Losses());
  return (asked ?? quirks.usualEffort) !== "none";
}
