import type { DialectId } from "../../model/dialect-id.ts";
import type { Feature } from "../../model/loss.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Vendor } from "../../model/vendor.ts";

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
}

/** What one request may say: the dialect's bounds, narrowed by the provider's quirks. */
export interface Bounds
  extends Omit<DialectBounds, "lacks">,
    Pick<Quirks, "toolChoices" | "serviceTierWords"> {
  readonly lacks: ReadonlySet<Feature>;
}

/** Joins a dialect's bounds and a provider's. */
export function boundsFor(dialect: DialectBounds, quirks: Quirks): Bounds {
  const has = new Set(quirks.has);
  const { maxTemperature = dialect.maxTemperature, maxStopSequences = dialect.maxStopSequences } = quirks;
  const { toolChoices, serviceTierWords } = quirks;
  return {
    ...dialect,
    lacks: new Set([...dialect.lacks.filter((feature) => !has.has(feature)), ...(quirks.lacks ?? [])]),
    signatures: quirks.signatures ?? dialect.signatures,
    ...(maxTemperature !== undefined && { maxTemperature }),
    ...(maxStopSequences !== undefined && { maxStopSequences }),
    ...(toolChoices !== undefined && { toolChoices }),
    ...(serviceTierWords !== undefined && { serviceTierWords }),
  };
}
