import type { Together } from "../model/route-settings.ts";
import type { RequestFacts } from "./request-facts.ts";

/**
 * What a call has in common with those that shall go the same way; undefined where it has no such thing. Projects are
 * apart from each other, whatever they call their users.
 */
export function togetherKey(together: Together, facts: RequestFacts): string | undefined {
  const own = ownKey(together, facts);
  return own === undefined ? undefined : `${facts.project}\n${own}`;
}

function ownKey(together: Together, facts: RequestFacts): string | undefined {
  switch (together.by) {
    case "key":
      return facts.keyId;
    case "project":
      return "";
    case "end-user":
      return facts.endUser;
    case "conversation":
      return facts.conversation;
    case "header":
      return facts.header(together.name);
    case "tag":
      return Object.hasOwn(facts.tags, together.name) ? facts.tags[together.name] : undefined;
    case "call":
      return undefined;
  }
}
