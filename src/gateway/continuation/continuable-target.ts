import type { Continuation } from "../../model/continuation.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Target, TargetEndpoint } from "../../model/snapshot.ts";

/** A target as it is asked to go on with an answer. */
export interface ContinuableTarget {
  readonly target: Target;
  readonly continuation: Continuation;
}

/** How a target is asked to go on with an answer; undefined where it can't. */
export function continuableTarget(target: Target): ContinuableTarget | undefined {
  const { continues } = target.quirks;
  if (continues === undefined || continues === "no") return undefined;
  const chat = (target.endpoints.chat ?? [])
    .filter(({ dialect }) => continues.dialects.includes(dialect))
    .map((endpoint) => elsewhere(endpoint, target, continues));
  if (chat.length === 0) return undefined;
  return {
    target: { ...target, quirks: quirksFor(target.quirks, continues), endpoints: { chat } },
    continuation: continues,
  };
}

function quirksFor(quirks: Quirks, { members, turnMember }: Continuation): Quirks {
  return {
    ...quirks,
    ...(members === undefined ? {} : { alsoSent: { ...quirks.alsoSent, ...members } }),
    ...(turnMember === undefined ? {} : { prefillMember: turnMember }),
  };
}

/** Never at another origin: the credential is for this one. */
function elsewhere(endpoint: TargetEndpoint, { upstream }: Target, { path }: Continuation): TargetEndpoint {
  if (path === undefined) return endpoint;
  const url = `${upstream.origin}${path}`;
  return { ...endpoint, url, streamUrl: url };
}
