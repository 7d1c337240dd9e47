/** The environment: names and what they hold. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its `${NAME}` references replaced. */
export interface Expansion {
  readonly text: string;
  /** The variables that were read, in order. */
  readonly variables: readonly string[];
  /** Variables named without a default that are unset or empty. */
  readonly unset: readonly string[];
  /** True where a `${` doesn't begin a reference. */
  readonly malformed: boolean;
}

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/;

/**
 * Replaces `${NAME}` and `${NAME:-default}`; `$${` stands for a plain `${`. What a variable holds is not looked at
 * again, so that a reference can't arrive from outside. An empty variable counts as unset, as in a shell's `:-`.
 */
export function expandReferences(source: string, environment: Environment): Expansion {
  const variables: string[] = [];
  const unset: string[] = [];
  let text = "";
  let rest = source;
  for (;;) {
    const start = rest.indexOf("${");
    if (start === -1) return { text: text + rest, variables, unset, malformed: false };
    if (rest[start - 1] === "$") {
      text += `${rest.slice(0, start - 1)}\${`;
      rest = rest.slice(start + 2);
      continue;
    }
    text += rest.slice(0, start);
    rest = rest.slice(start);
    const [whole = "", name, fallback] = REFERENCE.exec(rest) ?? [];
    if (name === undefined) {
      // Broken anyway, so nothing is gained by reading on; and each look for a brace that isn't there costs the rest.
      return { text, variables, unset, malformed: true };
    }
    const held = environment[name] || fallback;
    variables.push(name);
    if (held === undefined) unset.push(name);
    text += held ?? "";
    rest = rest.slice(whole.length);
  }
}

/** True for a text that is one reference and nothing else, so that it shows no value itself. */
export function isBareReference(source: string): boolean {
  const match = REFERENCE.exec(source);
  return match !== null && match[0].length === source.length && match[2] === undefined;
}
