/** Notices the end of a JSON object whose text comes in fragments; each character is looked at once. */
export class JsonObjectEnd {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isWhole = false;

  /** True once the object has been closed. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  read(text: string): void {
    for (let at = 0; at < text.length && !this.#isWhole; at++) this.#step(text[at]);
  }

  #step(character: string | undefined): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInString) {
      this.#isEscaped = character === "\\";
      this.#isInString = character !== '"';
    } else if (character === '"') this.#isInString = true;
    else if (character === "{" || character === "[") this.#depth++;
    else if (character === "}" || character === "]") this.#isWhole = --this.#depth === 0;
  }
}
