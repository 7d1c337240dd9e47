import type { Feature } from "../../model/loss.ts";
import type { FamilyQuirks, Quirks } from "../../model/quirks.ts";
import type { Modality } from "../../model/snapshot.ts";
import { CONTINUATION_QUIRKS, type ContinuationWay } from "../../providers/continuations.ts";
import type { ProviderSettings, WrittenModel } from "../configuration/provider-section.ts";

/** What a request needs where it brings something else than text. */
const FEATURES_OF: { readonly [M in Modality]: readonly Feature[] } = {
  text: [],
  image: ["image-url", "image-base64"],
  audio: ["audio"],
  video: ["video"],
  document: ["document-url", "document-base64"],
};

/** What the configuration says that a provider's models can and can't, on top of what is built in. */
export function writtenQuirks(settings: ProviderSettings | undefined): readonly FamilyQuirks[] {
  if (settings === undefined) return [];
  const families = settings.capabilities.map(({ models, lacks, has, continues }): FamilyQuirks => {
    return { ...(models === undefined ? {} : { models }), lacks, has, ...continuing(continues) };
  });
  return [...(settings.models ?? []).flatMap(quirksOfModel), ...families];
}

function continuing(way: ContinuationWay | "no" | undefined): Quirks {
  if (way === undefined) return {};
  return way === "no" ? { continues: "no" } : CONTINUATION_QUIRKS[way];
}

function quirksOfModel(written: WrittenModel): readonly FamilyQuirks[] {
  if (typeof written === "string") return [];
  const { name, output_limit: outputLimit, input } = written;
  if (outputLimit === undefined && input === undefined) return [];
  return [
    {
      models: [name],
      ...(outputLimit === undefined ? {} : { outputLimit }),
      ...(input === undefined ? {} : { lacks: missing(input) }),
    },
  ];
}

/** What is listed as taken need not be had: whether an image may be an address is for what is built in to say. */
function missing(input: readonly Modality[]): readonly Feature[] {
  const modalities = Object.entries(FEATURES_OF) as [Modality, readonly Feature[]][];
  return modalities.flatMap(([modality, features]) => (input.includes(modality) ? [] : features));
}
