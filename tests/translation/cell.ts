import type { EncodedRequest, EncodeTarget, UpstreamFace } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { Loss } from "../../src/model/loss.ts";
import type { FeatureProbe } from "./feature-probes.ts";

/** What becomes of a feature on its way to a provider. `silent` must never be. */
export interface Cell {
  readonly kind: "carried" | "adapted" | "left-out" | "refused" | "silent";
  /** What is done instead. */
  readonly done?: string;
}

/** As the tables show it. */
export const MARKS: { readonly [K in Cell["kind"]]: string } = {
  carried: "●",
  adapted: "◐",
  "left-out": "○",
  refused: "✕",
  silent: "SILENT",
};

export const LEGEND =
  "● carried as it is asked · ◐ put otherwise, and said so · ○ left out, and said so · ✕ refused before a call is made";

/** Encodes the probe with the feature and without, and compares. Undefined where the dialect has no such operation. */
export function cellOf(probe: FeatureProbe, face: UpstreamFace, target: EncodeTarget): Cell | undefined {
  const encode = encoderOf(probe, face, target);
  if (encode === undefined) return undefined;
  try {
    return compare(encode(probe.using), encode(probe.without));
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return { kind: "refused", done: thrown.message };
  }
}

type Encode = (request: FeatureProbe["using"]) => EncodedRequest;

function encoderOf(
  { operation }: FeatureProbe,
  face: UpstreamFace,
  target: EncodeTarget,
): Encode | undefined {
  const { chat, embedding } = face.operations;
  if (operation === "chat" && chat?.encodeRequest !== undefined) {
    const { encodeRequest } = chat;
    return (request) => encodeRequest(request as Parameters<typeof encodeRequest>[0], target);
  }
  if (operation === "embedding" && embedding?.encodeRequest !== undefined) {
    const { encodeRequest } = embedding;
    return (request) => encodeRequest(request as Parameters<typeof encodeRequest>[0], target);
  }
  return undefined;
}

function compare(using: EncodedRequest, without: EncodedRequest): Cell {
  const known = new Set(without.losses.map(named));
  const [lost] = using.losses.filter((loss) => !known.has(named(loss)));
  if (lost !== undefined)
    return { kind: lost.done.startsWith("left out") ? "left-out" : "adapted", done: lost.done };
  const isSaid =
    using.body !== without.body || JSON.stringify(using.headers) !== JSON.stringify(without.headers);
  if (isSaid) return { kind: "carried" };
  // What it belongs to is left out already, and named.
  const [whole] = without.losses;
  return whole === undefined
    ? { kind: "silent" }
    : { kind: "left-out", done: `left out with ${whole.feature}` };
}

function named({ feature, field, done }: Loss): string {
  return `${feature} ${field} ${done}`;
}
