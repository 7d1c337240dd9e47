import type { Need } from "../../model/condition.ts";
import type { Feature } from "../../model/loss.ts";
import type { Modality, Target } from "../../model/snapshot.ts";
import type { Filter } from "./filter.ts";

/** What a target must not lack for a need; where there are several words for it, lacking all of them. */
const FEATURES: { readonly [N in Need]?: readonly Feature[] } = {
  tools: ["tools"],
  images: ["image-url", "image-base64"],
  audio: ["audio"],
  video: ["video"],
  documents: ["document-url", "document-base64", "document-text"],
  "json-schema": ["json-schema"],
  "log-probabilities": ["log-probabilities"],
};

const MODALITIES: { readonly [N in Need]?: Modality } = {
  images: "image",
  audio: "audio",
  video: "video",
  documents: "document",
};

/** What the request brings or asks for would be left out there. */
export const capability: Filter = {
  kind: "unfit",
  because({ target }, facts) {
    const lacking = lackingOf(target);
    if (!lacking.some((need) => facts.mayNeed(need))) return undefined;
    const missed = lacking.filter((need) => facts.needs.has(need));
    return missed.length === 0 ? undefined : `it can't do what the request needs: ${missed.join(", ")}`;
  },
};

const known = new WeakMap<Target, readonly Need[]>();

/** What the target is known to lack of all that a request may need. */
export function lackingOf(target: Target): readonly Need[] {
  const remembered = known.get(target);
  if (remembered !== undefined) return remembered;
  const lacking = (Object.keys(FEATURES) as Need[]).filter((need) => lacks(target, need));
  known.set(target, lacking);
  return lacking;
}

function lacks({ quirks, known: model }: Target, need: Need): boolean {
  const modality = MODALITIES[need];
  if (modality !== undefined && model?.input !== undefined && !model.input.includes(modality)) return true;
  const features = FEATURES[need] ?? [];
  return features.length > 0 && features.every((feature) => quirks.lacks?.includes(feature) === true);
}
