/** So many characters alike are no chance. */
const NO_CHANCE = 16;

/**
 * Takes out of a continuation what the client has been given already: what its model was told to go on from, where that
 * comes again, and white space that could not be sent along. Holds text back only as long as it is not known whether it
 * is a repetition.
 */
export class RepeatedBeginning {
  /** What comes again, or may; undefined where nothing does. */
  #repeated: string | undefined;
  /** White space behind it that may come again too; undefined where it doesn't. */
  #space: string | undefined;
  #held = "";

  constructor(repeated: string | undefined, space: string) {
    this.#repeated = repeated;
    this.#space = space === "" ? undefined : space;
  }

  /** What of the text is new. Throws RangeError where it repeats what was given in other words. */
  take(text: string): string {
    if (this.#repeated === undefined && this.#space === undefined) return text;
    this.#held += text;
    return this.#withoutRepeated();
  }

  #withoutRepeated(): string {
    const repeated = this.#repeated;
    if (repeated !== undefined) {
      const alike = charactersAlike(this.#held, repeated);
      if (alike === this.#held.length && alike < repeated.length) return "";
      if (alike < repeated.length && alike > NO_CHANCE)
        throw new RangeError("the continuation repeats its beginning, but not as it was");
      this.#repeated = undefined;
      if (alike < repeated.length) this.#space = undefined;
      else this.#held = this.#held.slice(alike);
    }
    return this.#withoutSpace();
  }

  #withoutSpace(): string {
    const space = this.#space ?? "";
    const alike = charactersAlike(this.#held, space);
    if (alike === this.#held.length && alike < space.length) return "";
    this.#space = undefined;
    const fresh = this.#held.slice(alike);
    this.#held = "";
    return fresh;
  }
}

function charactersAlike(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let alike = 0;
  while (alike < most && one[alike] === other[alike]) alike++;
  return alike;
}
